"""`audit show` and `audit verify`: every step is shown, and one that was changed is found."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest
from redis import Redis

from approvalbot.store import keys
from tests.bot import KEY, Bot
from tests.cli.conftest import Cli
from tests.cli.test_callers import approve, deny

Entries = list[tuple[bytes, dict[bytes, bytes]]]


@pytest.fixture
def kept(bot: Bot, cli: Cli, valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> Bot:
    """A bot whose trail has two settled requests, one approved and one denied."""
    monkeypatch.setenv("REDIS_URL", valkey_url)
    bot.deploy()
    approve(bot)
    bot.deploy(id="deploy-2", sha="badc0de")
    deny(bot)
    bot.settle()
    return bot


def entries_of(bot: Bot) -> Entries:
    found: Any = bot.house.redis.xrange(keys.TRAIL)
    return list(found)


def forge(bot: Bot, change: Callable[[Entries], Entries]) -> None:
    """Write the trail anew, as somebody with the keys of the store could."""
    entries = change(entries_of(bot))
    bot.house.redis.delete(keys.TRAIL)
    for name, fields in entries:
        bot.house.redis.xadd(keys.TRAIL, fields, id=name)  # type: ignore[arg-type]


def edited(entries: Entries) -> Entries:
    """The reason of the denial reads otherwise."""
    place = next(place for place, (_, fields) in enumerate(entries) if b"freeze" in fields[b"entry"])
    name, fields = entries[place]
    entries[place] = (name, {**fields, b"entry": fields[b"entry"].replace(b"freeze", b"fr33ze")})
    return entries


def removed(entries: Entries) -> Entries:
    """A step is missing, and the numbers show the gap."""
    return [*entries[:3], *entries[4:]]


def closed_up(entries: Entries) -> Entries:
    """A step is missing, and the numbers were closed over it."""
    left = removed(entries)
    return [(f"{number}-0".encode(), fields) for number, (_, fields) in enumerate(left, start=1)]


def cut(entries: Entries) -> Entries:
    """The last steps are missing."""
    return entries[:-2]


def inserted(entries: Entries) -> Entries:
    """A copy of a step stands once more in between."""
    return [*entries[:3], (b"3-1", entries[2][1]), *entries[3:]]


def invented(entries: Entries) -> Entries:
    """A step that nobody took follows the last."""
    name, fields = entries[-1]
    entry = {**orjson.loads(fields[b"entry"]), "what": "approved", "n": 99}
    number = int(name.split(b"-")[0]) + 1
    return [*entries, (f"{number}-0".encode(), {**fields, b"entry": orjson.dumps(entry)})]


def reordered(entries: Entries) -> Entries:
    """Two steps changed places."""
    entries[3], entries[4] = (entries[3][0], entries[4][1]), (entries[4][0], entries[3][1])
    return entries


def test_an_untouched_trail_verifies(kept: Bot, cli: Cli) -> None:
    plain, document = cli("audit", "verify"), cli("audit", "verify", "--json")
    count = len(entries_of(kept))

    assert (plain.code, document.code) == (0, 0)
    assert plain.out == f"verified: {count} entries of 2 requests, unbroken\n"
    assert document.json() == {
        "ok": True,
        "entries": count,
        "requests": 2,
        "checkpoints": 0,
        "signatures": True,
        "faults": [],
    }
    assert plain.err == document.err == "", "the bar is for a terminal alone"


def test_an_empty_trail_verifies(redis: Redis, cli: Cli, valkey_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REDIS_URL", valkey_url)

    assert cli("audit", "verify").out == "verified: 0 entries of 0 requests, unbroken\n"
    shown = cli("audit", "show")
    assert (shown.code, shown.out, shown.err) == (0, "", "nothing there\n")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (edited, "its content does not have its hash"),
        (removed, "an entry was removed or inserted before it"),
        (closed_up, "it does not follow the entry before it"),
        (cut, "the end was cut"),
        (inserted, "expected number 4"),
        (invented, "it does not continue its request's chain"),
        (reordered, "it does not follow the entry before it"),
    ],
)
def test_a_trail_that_somebody_changed_is_found(
    kept: Bot, cli: Cli, change: Callable[[Entries], Entries], told: str
) -> None:
    forge(kept, change)

    plain, document = cli("audit", "verify"), cli("audit", "verify", "--json")

    assert (plain.code, document.code) == (1, 1)
    assert told in plain.out
    assert "BROKEN: " in plain.out
    assert document.json()["ok"] is False
    assert any(told in fault for fault in document.json()["faults"])


def test_a_trail_that_is_gone_is_found(kept: Bot, cli: Cli) -> None:
    kept.house.redis.delete(keys.TRAIL)

    ran = cli("audit", "verify")

    assert ran.code == 1
    assert "the end was cut" in ran.out


def test_the_trail_is_shown_step_by_step(kept: Bot, cli: Cli) -> None:
    plain, document = cli("audit", "show"), cli("audit", "show", "--json")
    steps = [one["what"] for one in document.json()]

    assert plain.code == document.code == 0
    assert len(plain.out.splitlines()) == len(steps) == len(entries_of(kept))
    assert steps[:5] == ["policies_in_force", "opened", "level_asked", "voted", "approved"]
    assert [one["number"] for one in document.json()] == list(range(1, len(steps) + 1))
    assert "denied by Bob Bell" in plain.out
    assert "reason=freeze" in plain.out


def test_one_request_is_shown_by_the_letters_on_its_card(kept: Bot, cli: Cli) -> None:
    name = kept.names("ab:in:denied")[0]

    short, whole = cli("audit", "show", name[:6].lower(), "--json").json(), cli("audit", "show", name, "--json").json()

    assert short == whole
    assert {one["request"] for one in whole} == {name}
    assert "denied" in [one["what"] for one in whole]


def test_the_last_steps_alone_may_be_shown(kept: Bot, cli: Cli) -> None:
    shown = cli("audit", "show", "--last", "2", "--json").json()

    assert [one["number"] for one in shown] == [len(entries_of(kept)) - 1, len(entries_of(kept))]


def test_what_somebody_wrote_cannot_draw_on_the_terminal(
    bot: Bot, cli: Cli, valkey_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REDIS_URL", valkey_url)
    asked = bot.deploy().json()
    bot.settle()
    with bot.hands("BOB") as bob:
        card = [one for one in bob.messages("#deploys") if not one.only_you][-1]
        bob.press(card.channel, card.ts, "request.deny")
        note = {"note": "no\x1b[2J\nverified: all \u202eis well"}
        assert bob.submit({"reason_code": {"reason_code": "not_now"}, "note": note}).ok

    source = ("--url", str(bot.http.base_url), "--source", "deploy-tool", "--key", KEY)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    for shown in (cli("audit", "show").out, cli("wait", asked["id"], *source).err):
        assert "is well" in shown
        assert "\x1b" not in shown
        assert "\u202e" not in shown
        assert not any(line.startswith("verified") for line in shown.splitlines())
