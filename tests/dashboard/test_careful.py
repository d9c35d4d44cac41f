"""What the page says of repeats and of policies that could not be evaluated: as the card does."""

from tests.bot import Bot
from tests.dashboard.conftest import Open
from tests.journeys.test_dedupe import put, review, token
from tests.journeys.test_fail_safe import DURING, ENDED, OWNERS


def test_the_page_counts_the_events_that_asked_the_same(dashboard: Bot, browser_of: Open) -> None:
    put(dashboard, review())
    name = token(dashboard, 1)["id"]
    dashboard.settle()
    assert "of the same" not in browser_of("U0BOB").get(f"/requests/{name}").text
    token(dashboard, 2)
    dashboard.settle()

    page = browser_of("U0BOB").get(f"/requests/{name}").text

    assert "2 of the same since" in page
    assert "1 more of the same, 1 besides the first" in page


def test_the_owner_of_a_policy_that_could_not_be_evaluated_decides_on_the_page_too(
    dashboard: Bot, browser_of: Open
) -> None:
    put(dashboard, ENDED, review(owner=OWNERS, dedupe=None, during=DURING))
    name = token(dashboard, 1)["id"]
    dashboard.settle()

    bob, cat, dan = (browser_of(user) for user in ("U0BOB", "U0CAT", "U0DAN"))
    page = bob.get(f"/requests/{name}").text
    assert f"Two people of @{OWNERS}, who owns the policy" in page
    assert "undoes nothing here" in page
    assert "only its owner can approve it" in page, "there is no button for whom it would refuse"
    assert cat.decide(name, "approve").status_code == 303
    assert "<b>1 of 2</b>" in dan.get(f"/requests/{name}").text
    assert dan.decide(name, "approve").status_code == 303
    assert dashboard.request(name).allowed
