"""A policy that breaks while the bot runs is said wherever somebody looks, to its owner first, and so is its end."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from approvalbot.policy.owners import owner_at
from approvalbot.wiring.house import build
from approvalbot.wiring.webside import make_asgi
from approvalbot.workspace.hands import Hands
from tests.bot import Bot
from tests.journeys.test_budget import thaw
from tests.journeys.test_presses import card_of
from tests.policy.makers import policy_document

ALARMS = "#general"
END = "load again"


def break_file(bot: Bot, owner: str, name: str = "broken") -> Path:
    path = bot.house.settings.approvalbot_policies / f"{name}.yaml"
    path.write_text(yaml.safe_dump(policy_document(id=name, owner=owner, source="deploy-tool", bananas=7)))
    return path


def said(hands: Hands, channel: str) -> list[str]:
    return [one.words for one in hands.messages(channel) if "do not load" in one.words or END in one.words]


def said_directly(hands: Hands) -> list[str]:
    return [one.words for one in hands.direct_messages() if "do not load" in one.words or END in one.words]


@pytest.fixture
def bob(bot: Bot) -> Iterator[Hands]:
    with bot.hands("BOB") as hands:
        yield hands


def test_a_broken_file_is_said_in_four_places_and_open_requests_go_on(
    bot: Bot, bob: Hands, capsys: pytest.CaptureFixture[str]
) -> None:
    asked = bot.deploy().json()
    bot.settle()
    card = card_of(bot, bob)
    path = break_file(bot, "#deploys")

    bot.house.keeper.reload()

    assert "policies not reloaded; the set before stays in force" in capsys.readouterr().out
    ready = bot.http.get("/readyz")
    policies = ready.json()["checks"]["policies"]
    assert (ready.status_code, policies["ok"]) == (200, False)
    assert policies["fault"].startswith("broken.yaml:")
    assert "approvalbot_policies_broken 1.0" in bot.http.get("/metrics").text
    (told,) = said(bob, "#deploys")
    assert "the set before stays in force" in told
    assert "Owner: #deploys" in told
    assert "bananas: bananas is no key here" in told
    assert said(bob, ALARMS) == []

    assert bob.press(card.channel, card.ts, "request.approve").ok
    assert bot.request(asked["id"]).allowed
    assert bot.deploy(id="deploy-2").status_code == 202

    path.unlink()
    bot.house.keeper.reload()

    assert said(bob, "#deploys")[1:] == [
        ":white_check_mark: The policies load again, and are in force as they stand now."
    ]
    assert bot.http.get("/readyz").json()["checks"]["policies"]["ok"] is True
    assert "approvalbot_policies_broken 0.0" in bot.http.get("/metrics").text


@pytest.mark.parametrize(
    ("owner", "channel", "people"),
    [
        ("#deploys", "#deploys", ()),
        ("deploys", "#deploys", ()),
        ("C0DEPLOYS", ALARMS, ()),
        ("#no-bot", ALARMS, ()),
        ("#nowhere", ALARMS, ()),
        ("team-platform", ALARMS, ()),
        ("", ALARMS, ()),
        ("zed@example.com", ALARMS, ()),
        ("bob", "", ("BOB",)),
        ("BOB@example.com", "", ("BOB",)),
        ("gus@example.com", ALARMS, ()),
        ("@service-owners", "", ("BOB", "DAN")),
        ("service-owners", "", ("BOB", "DAN")),
        ("@empty", ALARMS, ()),
    ],
)
def test_an_owner_is_a_channel_a_person_or_a_group_and_the_alarm_channel_where_nobody_is_known(
    bot: Bot, bob: Hands, owner: str, channel: str, people: tuple[str, ...]
) -> None:
    break_file(bot, owner)

    bot.house.keeper.reload()

    assert {name: len(said(bob, name)) for name in ("#deploys", ALARMS)} == {
        name: int(name == channel) for name in ("#deploys", ALARMS)
    }
    for name in ("ANN", "BOB", "DAN"):
        with bot.hands(name) as hands:
            assert len(said_directly(hands)) == (name in people), name


def test_a_role_of_the_identities_owns_too(bot: Bot) -> None:
    folder = bot.house.settings.approvalbot_policies
    everything = (folder / "all.yaml").read_text()
    (folder / "all.yaml").write_text(everything.replace("id: people\n", "id: people\nroles: {stewards: [dan]}\n"))
    bot.house.keeper.reload()
    break_file(bot, "stewards")

    bot.house.keeper.reload()

    with bot.hands("DAN") as dan:
        assert len(said_directly(dan)) == 1


def test_every_owner_is_told_of_their_own_faults_and_a_list_ends(bot: Bot, bob: Hands) -> None:
    folder = bot.house.settings.approvalbot_policies
    many = "".join(f"wrong{number}: <!channel>\n" for number in range(9))
    (folder / "a.yaml").write_text(f"version: 1\nid: a\nowner: '#deploys'\n{many}")
    break_file(bot, "#access-requests", "b")

    bot.house.keeper.reload()

    (first,), (second,) = said(bob, "#deploys"), said(bob, "#access-requests")
    assert "b.yaml" not in first
    assert "a.yaml" not in second
    assert "more; approvalbot policy check names them all" in first.replace("`", "")
    assert len(first.splitlines()) == 7


@contextmanager
def another_process(bot: Bot) -> Iterator[Bot]:
    """A second web process, as far as Redis, Slack and the policies tell."""
    house = build(bot.house.settings, bot.house.redis_url, for_presses=True)
    make_asgi(house)
    yield replace(bot, house=house)


def test_several_web_processes_tell_once(bot: Bot, bob: Hands) -> None:
    with another_process(bot) as other:
        path = break_file(bot, "#deploys")
        for one in (bot, other, bot):
            one.house.keeper.reload()
        assert len(said(bob, "#deploys")) == 1

        path.unlink()
        for one in (other, bot, other):
            one.house.keeper.reload()
        assert len(said(bob, "#deploys")) == 2

        break_file(bot, "#deploys")
        for one in (other, bot):
            one.house.keeper.reload()
        assert ["do not load" in one for one in said(bob, "#deploys")] == [True, False, True]


def test_another_fault_is_told_again_and_the_same_is_not(bot: Bot, bob: Hands) -> None:
    path = break_file(bot, "#deploys")
    bot.house.keeper.reload()
    bot.house.keeper.reload()
    path.write_text(path.read_text().replace("bananas", "oranges"))

    bot.house.keeper.reload()

    assert ["bananas" in one for one in said(bob, "#deploys")] == [True, False]


def test_a_restart_on_mended_files_says_that_it_is_over(bot: Bot, bob: Hands) -> None:
    path = break_file(bot, "#deploys")
    bot.house.keeper.reload()
    path.unlink()

    with another_process(bot) as restarted:
        restarted.house.keeper.look()
        restarted.house.keeper.look()

    assert ["do not load" in one for one in said(bob, "#deploys")] == [True, False]


def test_a_process_that_started_before_the_break_does_not_say_that_it_is_over(bot: Bot, bob: Hands) -> None:
    with another_process(bot) as late:
        break_file(bot, "#deploys")
        bot.house.keeper.reload()

        late.house.keeper.look()
        late.house.keeper.look()

    assert ["do not load" in one for one in said(bob, "#deploys")] == [True]


def test_while_slack_is_away_nothing_is_lost(bot: Bot, bob: Hands) -> None:
    now = [0.0]
    bot.house.keeper._now_s = lambda: now[0]
    break_file(bot, "#deploys")
    bob.fault("rate_limited", "chat.postMessage", times=1, retry_after="30")

    bot.house.keeper.reload()
    assert bot.http.get("/readyz").json()["checks"]["policies"]["ok"] is False
    bot.house.keeper.look()
    assert said(bob, "#deploys") == []

    now[0] += 31
    thaw(bot)
    bot.house.keeper.look()
    bot.house.keeper.look()
    assert len(said(bob, "#deploys")) == 1


def test_files_that_grow_slice_by_slice_under_load_are_in_force_whole_or_not_at_all(bot: Bot) -> None:
    """Threat 48: every answer comes from a set that somebody wrote in full."""
    bot.house.keeper.watch()
    path = bot.house.settings.approvalbot_policies / "all.yaml"
    documents = list(yaml.safe_load_all(path.read_text()))
    for document in documents:
        document["description"] = "another set"
    whole = yaml.safe_dump_all(documents, sort_keys=False)
    digest = bot.house.policies.digest
    written = threading.Event()

    def write_in_slices() -> None:
        with path.open("w") as slow:
            for start in range(0, len(whole), 200):
                slow.write(whole[start : start + 200])
                slow.flush()
                written.wait(0.05)
        written.set()

    writer = threading.Thread(target=write_in_slices)
    writer.start()
    answers, seen, number = set[str](), list[tuple[bool, int, str]](), 0
    while not (written.is_set() and bot.house.policies.digest != digest):
        number += 1
        assert number < 20_000
        answers.add(str(bot.deploy(id=f"deploy-{number}").json()["status"]))
        policies = bot.http.get("/readyz").json()["checks"]["policies"]
        seen.append((policies["ok"], policies["count"], policies["digest"]))
    writer.join()

    assert number > 20
    assert answers == {"pending"}
    assert set(seen) <= {(True, 5, digest[:12]), (True, 5, bot.house.policies.digest[:12])}


PLACES = [
    (b"version: 1\nowner: ann\n", 1, "ann"),
    (b"{version: 1, owner: ann}\n", 1, "ann"),
    (b"owner: ann\n---\nowner: bob\n", 1, "ann"),
    (b"owner: ann\n---\nowner: bob\n", 3, "bob"),
    (b"# a word before\n\nowner: ann\n", 1, "ann"),
    (b"owner: [ann]\n", 1, ""),
    (b"- owner: ann\n", 1, ""),
    (b"", 1, ""),
    (b"owner: ann\n\ttab: 1\n", 2, "ann"),
    (b"\ttab: 1\nowner: 'team, a' # words\n", 1, "team, a"),
    (b"a: [\nowner: ann\n--- # two\nowner: bob\nb: [\n", 1, "ann"),
    (b"a: [\nowner: ann\r\n--- # two\r\nowner: bob\r\nb: [\r\n", 4, "bob"),
    (b"a: [\n  owner: nested\n", 1, ""),
    (b"owner: \xff\n", 1, "\N{REPLACEMENT CHARACTER}"),
    (b"a: [\nowner: ann\n", 900, "ann"),
]


@pytest.mark.parametrize(("body", "line", "owner"), PLACES)
def test_an_owner_is_found_in_what_can_be_read_and_in_what_can_not(body: bytes, line: int, owner: str) -> None:
    assert owner_at(body, line) == owner
