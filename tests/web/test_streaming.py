"""`GET /v1/requests/{id}/events`: the steps of a request as server-sent events."""

from tests.bot import Bot
from tests.cli.test_callers import approve


def read(bot: Bot, name: str, **headers: str) -> list[dict[str, str]]:
    """The events of a stream that has come to its end."""
    found = []
    with bot.http.stream("GET", f"/v1/requests/{name}/events", headers={**bot.bearer(), **headers}) as stream:
        assert stream.headers["content-type"].startswith("text/event-stream")
        for block in "\n".join(stream.iter_lines()).split("\n\n"):
            fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line and line[0] != ":")
            if "event" in fields:
                found.append(fields)
    return found


def denied(bot: Bot) -> str:
    name = str(bot.deploy().json()["id"])
    bot.settle()
    with bot.hands("BOB") as bob:
        card = [one for one in bob.messages("#deploys") if not one.only_you][-1]
        bob.press(card.channel, card.ts, "request.deny")
        bob.submit({"reason_code": {"reason_code": "not_now"}})
    bot.settle()
    return name


def test_every_step_comes_in_order_and_then_the_end(bot: Bot) -> None:
    name = denied(bot)

    events = read(bot, name)

    assert [one["event"] for one in events][:4] == ["opened", "level_asked", "voted", "denied"]
    assert events[-1]["event"] == "end"
    assert [int(one["id"]) for one in events[:-1]] == list(range(1, len(events)))
    assert '"status":"denied"' in events[-1]["data"]


def test_a_reader_that_was_cut_off_goes_on_where_it_was(bot: Bot) -> None:
    name = denied(bot)

    events = read(bot, name, **{"last-event-id": "3"})

    assert events[0]["event"] == "denied"
    assert read(bot, name, **{"last-event-id": "nonsense"})[0]["event"] == "opened"


def test_a_step_comes_while_the_reader_waits(bot: Bot) -> None:
    name = str(bot.deploy().json()["id"])
    bot.settle()

    with bot.http.stream("GET", f"/v1/requests/{name}/events", headers=bot.bearer()) as stream:
        lines = stream.iter_lines()
        assert [next(line for line in lines if line.startswith("event")) for _ in range(2)][-1] == "event: level_asked"
        approve(bot)
        assert next(line for line in lines if line.startswith("event")) == "event: voted"


def test_a_stream_tells_only_its_own_source(bot: Bot) -> None:
    name = denied(bot)

    assert bot.http.get(f"/v1/requests/{name}/events").status_code == 401
    assert bot.http.get(f"/v1/requests/{'A' * 20}/events", headers=bot.bearer()).status_code == 404
