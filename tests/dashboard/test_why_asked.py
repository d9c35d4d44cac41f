"""Why a request was asked, on its page: the policy's conditions one by one, as long as they still read so."""

from tests.bot import Bot
from tests.dashboard.conftest import Open
from tests.dashboard.test_requests import asked
from tests.journeys.test_attacks_identity import edit

TREE = "Condition by condition"


def test_the_page_says_condition_by_condition_why_it_was_asked(dashboard: Bot, browser_of: Open) -> None:
    name = asked(dashboard)

    page = browser_of("U0BOB").get(f"/requests/{name}").text

    tree = page.partition(TREE)[2].partition("</pre>")[0]
    assert "target.environment" in tree
    assert "deploy.requested" in tree


def test_a_policy_that_reads_otherwise_by_now_is_not_why_it_was_asked(dashboard: Bot, browser_of: Open) -> None:
    name = asked(dashboard)
    edit(dashboard, "prod-deploy-gate", {"match": {"target.environment": "staging"}})

    page = browser_of("U0BOB").get(f"/requests/{name}").text

    assert TREE not in page
    assert "Why this asked" in page, "what matched then stands still"


def test_a_vote_on_a_review_is_not_said_to_approve_or_deny(dashboard: Bot, browser_of: Open) -> None:
    name = dashboard.aws_escalation()
    dashboard.settle()
    with dashboard.hands("BOB") as bob:
        card = [one for one in bob.messages("#aws-approvals") if not one.only_you][-1]
        assert bob.press(card.channel, card.ts, "request.approve", confirmed=True).ok
    dashboard.settle()

    votes = browser_of("U0CAT").get(f"/requests/{name}").text.partition('aria-label="Votes"')[2].partition("</ul>")[0]

    assert "Bob Bell</b> acknowledged" in votes
