"""`outbox`: what is still to be said or sent, what was given up, and sending that again."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Annotated, Any

import typer

from approvalbot.cli.output import emit, err, say
from approvalbot.errors import NotFound
from approvalbot.events.times import show_time
from approvalbot.plaintext import one_line
from approvalbot.request.effects import Effect, request_of
from approvalbot.settings import load_settings
from approvalbot.store.connection import connect
from approvalbot.store.outbox import DeadLetter, Outbox, Waiting
from approvalbot.wiring.address import redis_address

app = typer.Typer(help="Effects: what waits to be said or sent, and what was given up.", no_args_is_help=True)

AsJson = Annotated[bool, typer.Option("--json", help="One JSON document.")]


@app.command("list")
def show(
    most: Annotated[int, typer.Option(min=1, max=100_000, help="How many, the next ones first.")] = 100,
    json: AsJson = False,
) -> None:
    """List the effects that are still to be performed."""
    with _outbox() as outbox:
        found, total = outbox.soonest(most), outbox.waiting()
    if json:
        emit({"total": total, "waiting": [_waiting(one) for one in found]})
        return
    for one in found:
        tried = f", tried {one.attempts} times" if one.attempts else ""
        say(f"{one.id}  {_what(one.effect)}  next at {show_time(one.due_at)}{tried}")
    if not found:
        err.print("nothing waits", style="green")
    elif total > len(found):
        err.print(f"{total - len(found)} more; --most shows them", style="yellow")


@app.command()
def dead(json: AsJson = False) -> None:
    """List the deliveries that were given up, and why."""
    with _outbox() as outbox:
        found = outbox.dead_letters()
    if json:
        emit({"total": len(found), "dead": [_dead(one) for one in found]})
        return
    for one in found:
        say(f"{one.id}  {_what(one.effect)}  {one_line(one.fault)}")
    if not found:
        err.print("nothing was given up", style="green")


@app.command()
def resend(
    effect_id: Annotated[str, typer.Argument(metavar="[ID]", help="The effect, as `outbox dead` names it.")] = "",
    everything: Annotated[bool, typer.Option("--all", help="All that was given up.")] = False,
    json: AsJson = False,
) -> None:
    """Send what was given up again, from the beginning of its schedule."""
    if bool(effect_id) == everything:
        raise typer.BadParameter("name one effect, or write --all")
    with _outbox() as outbox:
        wanted = [one.id for one in outbox.dead_letters()] if everything else [effect_id]
        sent = [one for one in wanted if outbox.revive(one)]
    if effect_id and not sent:
        raise NotFound("not_found", "No effect {id} was given up.", hint="approvalbot outbox dead", id=effect_id)
    if json:
        emit({"resent": sent})
    else:
        say(f"to be sent again: {', '.join(sent) or 'nothing'}")


@contextmanager
def _outbox() -> Iterator[Outbox]:
    with redis_address(load_settings()) as url, closing(connect(url)) as redis:
        yield Outbox(redis)


def _what(effect: Effect) -> str:
    """An effect in a few words: its kind, and whom or what it is for."""
    facts = [str(value) for name in ("to", "event", "what", "action") if (value := getattr(effect, name, ""))]
    return one_line(" ".join([effect.kind, *facts]))


def _waiting(one: Waiting) -> dict[str, Any]:
    due = {"due_at": show_time(one.due_at), "attempts": one.attempts}
    return {"id": one.id, "request": request_of(one.id), **due, "effect": one.effect.model_dump(mode="json")}


def _dead(one: DeadLetter) -> dict[str, Any]:
    return {
        "id": one.id,
        "request": request_of(one.id),
        "fault": one.fault,
        "effect": one.effect.model_dump(mode="json"),
    }
