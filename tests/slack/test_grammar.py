"""What is typed after `/access`: each verb is documented, and moments are read in the typer's own time zone."""

from datetime import UTC, datetime

import pytest

from approvalbot.errors import BadInput
from approvalbot.slack.grammar import HELP, Typed, read_command
from approvalbot.slack.moments import read_moment
from tests.docs_pages import read, sections

NOW = datetime(2026, 12, 23, 22, 30, tzinfo=UTC)


def test_every_verb_is_documented_and_no_other() -> None:
    rows = [
        line for line in sections(read("docs/slack-experience.md"), 2)["`/access`"].splitlines() if "`/access " in line
    ]

    documented = {row.split("`/access ", 1)[1].split()[0].strip("`") for row in rows if row.startswith("| `/access ")}

    assert documented == set(HELP)


@pytest.mark.parametrize(
    ("text", "tz", "until"),
    [
        ("2h", "UTC", "2026-12-24T00:30"),
        ("1h30m", "UTC", "2026-12-24T00:00"),
        ("17:30", "UTC", "2026-12-24T17:30"),
        ("17:30", "America/New_York", "2026-12-23T22:30:00+00:00"),
        ("18:00", "America/New_York", "2026-12-23T23:00"),
        ("2026-12-27", "Europe/Paris", "2026-12-26T23:00"),
        ("2026-12-27 09:00", "Asia/Kolkata", "2026-12-27T03:30"),
        ("2026-12-27T09:00", "No/Where", "2026-12-27T09:00"),
    ],
)
def test_a_moment_is_read_in_the_typer_s_own_time_zone(text: str, tz: str, until: str) -> None:
    wanted = datetime.fromisoformat(until).replace(tzinfo=UTC)
    if wanted == NOW:
        wanted = datetime(2026, 12, 24, 22, 30, tzinfo=UTC)  # it is that time now: the next one is tomorrow's

    assert read_moment(text, NOW, tz) == wanted


@pytest.mark.parametrize(
    "text", ["", " ", "25:00", "2026-13-01", "2026-12-20", "soon", "0m", "09:00 tomorrow", "1:2:3"]
)
def test_what_is_no_moment_to_come_is_refused_with_what_to_write(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_moment(text, NOW, "UTC")

    assert caught.value.code == "command_unknown"


@pytest.mark.parametrize("tz", ["America/Los_Angeles", "UTC", "Pacific/Kiritimati"])
@pytest.mark.parametrize("text", ["9999-12-31 23:59", "9999-12-31", "0001-01-01 00:00"])
def test_the_first_and_the_last_day_of_all_break_nothing(text: str, tz: str) -> None:
    try:
        found = read_moment(text, NOW, tz)
    except BadInput:
        return

    assert found.tzinfo is UTC


@pytest.mark.parametrize(
    ("text", "typed"),
    [
        ("away", Typed("away")),
        ("AWAY OFF", Typed("away", "off")),
        ("away until 2h", Typed("away", "2h")),
        ("away until 2026-12-27 09:00 delegate <@U0CAT|cat>", Typed("away", "2026-12-27 09:00", person="U0CAT")),
        ("away until 2h because of <b>", Typed("away", "2h", reason="of <b>")),
        ("away until 2h delegate <@W0CAT> because x", Typed("away", "2h", reason="x", person="W0CAT")),
        ("mute <@U0EVE>", Typed("mute", person="U0EVE")),
        ("mute <@U0EVE|eve> for 1d", Typed("mute", duration_s=86_400, person="U0EVE")),
        ("unmute <@U0EVE>", Typed("unmute", person="U0EVE")),
    ],
)
def test_being_away_and_muting_are_read(text: str, typed: Typed) -> None:
    assert read_command(text) == typed


@pytest.mark.parametrize(
    "text",
    [
        "away until",
        "away till 2h",
        "away until 2h delegate",
        "away until 2h delegate @cat",
        "away until 2h delegate <!channel>",
        "away until 2h delegate <@U0CAT> and <@U0DAN>",
        "mute <!subteam^S0SEC>",
        "mute <@U0EVE> for",
        "unmute <@U0EVE> for 2h",
    ],
)
def test_what_is_not_understood_is_refused_and_not_guessed(text: str) -> None:
    with pytest.raises(BadInput):
        read_command(text)
