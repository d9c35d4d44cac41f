"""What is not as it should be, said on every page; and the page that says how everything is."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager

import orjson
import pytest
from redis import Redis

from approvalbot.dashboard.recognising import QUIET_S, Recognition
from approvalbot.errors import MoveRefused
from approvalbot.flow.ports import Member
from approvalbot.store import keys
from approvalbot.store.budget import Budgets
from approvalbot.wiring.trail import make_keeping
from tests.bot import Bot
from tests.dashboard.conftest import Browser, Open
from tests.dashboard.test_admin_pages import dead_letter
from tests.dashboard.test_policies import plain
from tests.dashboard.test_requests import asked

READING = ("/", "/?show=settled", "/policies", "/insight", "/trail", "/deliveries", "/sources", "/people", "/system")


@contextmanager
def no_writes(redis: Redis) -> Iterator[None]:
    """Redis that answers and takes no writes, as when a disk is full or a replica was promoted away."""
    redis.config_set("min-replicas-to-write", 1)
    try:
        yield
    finally:
        redis.config_set("min-replicas-to-write", 0)


@contextmanager
def slack_silent(bot: Bot) -> Iterator[None]:
    """Slack that answers nothing, and what it said of people is older than it may be."""
    with bot.hands("CAT") as cat:
        cat.fault("error", "*", times=None, error="internal_error")
        age_people(bot.house.redis)
        try:
            yield
        finally:
            cat.clear_faults()


def age_people(redis: Redis) -> None:
    for key in redis.scan_iter("ab:people:*"):
        held = orjson.loads(redis.get(key) or b"{}")
        redis.set(key, orjson.dumps({**held, "at": held["at"] - 600}), keepttl=True)


def notices_of(browser: Browser, path: str = "/") -> str:
    page = browser.get(path).text
    start = page.find('<aside class="notices"')
    return plain(page[start : page.find("</aside>", start)]) if start >= 0 else ""


def test_a_page_says_that_no_worker_was_seen_until_one_is(of_roles: Bot, browser_of: Open, redis: Redis) -> None:
    eve = browser_of("U0EVE")
    assert "No worker was ever seen." in notices_of(eve)

    redis.set(keys.AUDITOR, str(time.time() - 200))
    late = notices_of(eve)
    redis.set(keys.AUDITOR, str(time.time()))

    assert "No worker was seen for 3 min 20 s." in late
    assert notices_of(eve) == ""


def test_the_system_page_counts_the_policies_that_their_own_page_lists(of_roles: Bot, browser_of: Open) -> None:
    browser = browser_of("U0CAT")

    listed = re.search(r"In force: (\d+) polic", browser.get("/policies").text)

    assert listed is not None
    assert f"{listed[1]} in force, set" in browser.get("/system").text


def test_a_page_says_that_slack_limits_posts_while_it_does(of_roles: Bot, browser_of: Open, redis: Redis) -> None:
    redis.set(keys.AUDITOR, str(time.time()))
    eve = browser_of("U0EVE")
    Budgets(redis).freeze("channel:C0DEPLOYS", 30)

    assert "Slack is limiting posts" in notices_of(eve)
    assert of_roles.http.get("/readyz").status_code == 200
    assert of_roles.http.get("/readyz").json()["checks"]["slack_posts"] == {"ok": False, "needed": False, "frozen": 1}

    redis.delete(keys.FROZEN)
    assert notices_of(eve) == ""


def test_policies_that_do_not_load_are_said_on_every_page_with_file_and_line(of_roles: Bot, browser_of: Open) -> None:
    dan, eve = browser_of("U0DAN"), browser_of("U0EVE")
    file = of_roles.house.settings.approvalbot_policies / "all.yaml"
    whole = file.read_text(encoding="utf-8")
    file.write_text(whole.replace("severity: critical", "severity: worst"), encoding="utf-8")
    of_roles.house.keeper.reload()

    told, short = notices_of(dan, "/policies"), notices_of(eve)

    assert re.search(r"The policies were changed and do not load; the set before decides\. all\.yaml:\d+:\d+", told)
    assert "do not load" in short
    assert "all.yaml" not in short
    assert re.search(r"look Policies .* all\.yaml:\d+:\d+", plain(dan.get("/system").text))
    file.write_text(whole, encoding="utf-8")
    of_roles.house.keeper.reload()
    assert "do not load" not in notices_of(dan)


def test_pages_are_read_and_nothing_is_decided_while_redis_takes_no_writes(
    of_roles: Bot, browser_of: Open, redis: Redis
) -> None:
    name = asked(of_roles)
    cat, bob = browser_of("U0CAT"), browser_of("U0BOB")
    form = bob.forms(f"/requests/{name}")[f"/requests/{name}/decide#approve"]

    with no_writes(redis):
        answers = {path: cat.get(path) for path in (*READING, f"/requests/{name}")}
        refused = bob.post(f"/requests/{name}/decide", form)
        exported = cat.post("/trail/export", {**cat.forms("/trail")["/trail/export#"], "format": "csv"})

    assert {path: answer.status_code for path, answer in answers.items()} == dict.fromkeys(answers, 200)
    assert all("Redis takes no writes." in answer.text for answer in answers.values())
    assert "none of the replicas that it must write to" in answers["/"].text
    assert (refused.status_code, exported.status_code) == (503, 503)
    assert "nothing was recorded" in refused.text
    assert of_roles.request(name).state.value == "pending"
    assert "Redis takes no writes" not in cat.get("/").text, "and it is well again at once"


def test_a_redis_that_does_not_answer_is_a_page_in_words(of_roles: Bot, browser_of: Open, redis: Redis) -> None:
    cat = browser_of("U0CAT")
    redis.client_pause(2600)

    answer = cat.get("/policies")

    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert "Our storage did not answer; nothing was recorded." in answer.text
    assert "Traceback" not in answer.text
    assert "Sign out" not in answer.text, "nobody knows whose page it is"


def test_pages_are_read_while_slack_is_silent_and_nothing_is_done(of_roles: Bot, browser_of: Open) -> None:
    name = asked(of_roles)
    cat, bob = browser_of("U0CAT"), browser_of("U0BOB")
    with bot_form(bob, name) as form, slack_silent(of_roles):
        answers = {path: cat.get(path) for path in (*READING, f"/requests/{name}")}
        decided = bob.post(f"/requests/{name}/decide", form)
        ended = cat.post("/people/sessions/end", {**cat.forms("/people")["/people/sessions/end#"], "person": "eve"})

    assert {path: answer.status_code for path, answer in answers.items()} == dict.fromkeys(answers, 200)
    assert all("Slack does not answer." in answer.text for answer in answers.values())
    assert decided.status_code == 503
    assert (ended.status_code, "Nothing was done." in ended.text) == (503, True)
    assert of_roles.request(name).state.value == "pending"


@contextmanager
def bot_form(browser: Browser, name: str) -> Iterator[dict[str, str]]:
    """The form of an approval, as it was before anything went wrong."""
    yield browser.forms(f"/requests/{name}")[f"/requests/{name}/decide#approve"]


def test_whoever_slack_never_named_is_not_let_in_while_it_is_silent(
    of_roles: Bot, browser_of: Open, redis: Redis
) -> None:
    eve = browser_of("U0EVE")
    with slack_silent(of_roles):
        of_roles.house.people.forget("user:U0EVE")

        answer = eve.get("/")

    assert answer.status_code == 503
    assert eve.get("/").status_code == 200


def test_somebody_whom_slack_does_not_know_any_more_is_forgotten(of_roles: Bot, browser_of: Open) -> None:
    eve = browser_of("U0EVE")
    with of_roles.hands("CAT") as cat:
        cat.fault("error", "users.info", times=None, error="user_not_found")
        age_people(of_roles.house.redis)
        answer = eve.get("/")
        cat.clear_faults()

    assert answer.status_code == 503
    assert of_roles.house.people.last_known("U0EVE") is None


@pytest.mark.parametrize(
    "member",
    [
        None,
        Member("U1", "T1", "Ann", active=False),
        Member("U1", "T1", "Ann", full=False),
        Member("U1", "T1", "Bot", person=False),
    ],
)
def test_only_who_was_a_full_active_member_is_remembered(member: Member | None) -> None:
    with pytest.raises(MoveRefused):
        Recognition(silence, lambda _: member).member("U1")


def silence(slack: str) -> Member:
    raise MoveRefused("membership_unknown", "Slack did not confirm {slack}.", slack=slack)


def test_a_silent_slack_is_not_asked_again_for_every_page() -> None:
    now_s, questions, ann = 100.0, [], Member("U1", "T1", "Ann")

    def ask(slack: str) -> Member:
        questions.append(slack)
        return silence(slack)

    recognition = Recognition(ask, lambda _: ann, lambda: now_s)
    found = {recognition.member("U1") for _ in range(5)}
    asked_at_first = len(questions)
    now_s += QUIET_S
    recognition.member("U1")

    assert found == {(ann, False)}
    assert (asked_at_first, len(questions)) == (1, 2)


def test_the_system_page_has_a_short_form_for_all_and_figures_for_admins(
    of_roles: Bot, browser_of: Open, redis: Redis
) -> None:
    redis.set(keys.AUDITOR, str(time.time()))
    asked(of_roles)
    make_keeping(of_roles.house).round(of_roles.house.requests.now())

    short, long = (plain(browser_of(user).get("/system").text) for user in ("U0EVE", "U0CAT"))

    assert "All is well" in short
    assert "Admins see the figures behind it." in short
    assert "Valkey" not in short
    for told in (
        "Slack answers for workspace T0ACME in",
        "Effects none is overdue",
        "Deliveries none was given up",
        "Checkpoint 0 min old, seals",
        "Requests that wait 1",
        "Jobs in approvalbot-effects 0",
        "Server Valkey",
        "Append-only file on",
    ):
        assert told in long


def test_the_system_page_says_what_needs_a_person(of_roles: Bot, browser_of: Open, redis: Redis) -> None:
    dead_letter(redis)
    of_roles.deploy()
    redis.zadd(keys.OUTBOX, dict.fromkeys(of_roles.carrier.effects, 1.0))
    cat = browser_of("U0CAT")
    with slack_silent(of_roles):
        words = plain(cat.get("/system").text)

    assert "Something needs a person" in words
    assert "look Deliveries given up: 1" in words
    assert "look Slack Slack did not do auth.test: internal_error." in words
    assert "s overdue" in words
