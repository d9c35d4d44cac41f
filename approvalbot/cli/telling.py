"""How the tour tells and checks its steps: a chapter, a step, and what must be so."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

from approvalbot.cli.output import say
from approvalbot.workspace.hands import Hands, Message, NothingHappened, Outcome

Found = TypeVar("Found")

PATIENCE_S = 20
"""Seconds for anything to happen. The tour's own deadlines are a few seconds long."""


class Broken(Exception):
    """A step that did not hold."""


def chapter(title: str) -> None:
    """A heading of the transcript."""
    say(f"\n{title}", "bold")


@contextmanager
def step(text: str) -> Iterator[None]:
    """One step: printed once it held."""
    try:
        yield
    except (NothingHappened, AssertionError, StopIteration, KeyError, IndexError) as fault:
        raise Broken(f"{text}: {type(fault).__name__} {fault}") from fault
    say(f"  ✓ {text}", "green")


def same(found: object, wanted: object) -> None:
    """What was found is what was wanted."""
    if found != wanted:
        raise Broken(f"expected {wanted!r}, found {found!r}")


def shows(message: Message, *texts: str) -> None:
    """A message holds these words, whatever their case."""
    words = message.words.lower()
    missing = [text for text in texts if text.lower() not in words]
    if missing:
        raise Broken(f"the card does not show {missing}:\n{message.words}")


def pressed(outcome: Outcome) -> None:
    """A press or a form was answered as Slack wants it."""
    if not outcome.ok:
        raise Broken(f"the press failed: {outcome}")


def private(hands: Hands, card: Message, text: str) -> None:
    """Somebody was told something that only they see."""
    wait(
        hands,
        lambda: any(text in one.words.lower() for one in hands.only_you(card.channel)),
        f"a private answer with “{text}”",
    )


def wait(hands: Hands, look: Callable[[], Found | None], what: str) -> Found:
    """Wait until something is so."""
    try:
        found = hands.wait_for(look, timeout_s=PATIENCE_S)
    except NothingHappened as fault:
        raise Broken(f"waited {PATIENCE_S} s for {what}") from fault
    if found is None:
        raise Broken(f"no {what}")
    return found


def last(messages: list[Message], text: str) -> Message | None:
    """The newest message that holds a text and that everybody sees."""
    return next((one for one in reversed(messages) if text in one.words and not one.only_you), None)
