"""Effects: what the world must now be told, as values. They are saved with the state; performing one twice is safe.

An effect's id is `request:version:index`, so that it names the commit that caused it. It travels to receivers as the
idempotency key. What the store schedules by itself for a request has a word in place of the version.
"""

from datetime import datetime
from typing import Annotated, Literal

from pydantic import Field, TypeAdapter

from approvalbot.request.request import Stored

Word = Literal[
    "asked",
    "approved",
    "denied",
    "expired",
    "withdrawn",
    "active",
    "ending",
    "ended",
    "failed",
    "extended",
    "extend_failed",
]


class Announce(Stored):
    """Look up the people of a level and tell them: the card itself, or a call in the card's thread."""

    kind: Literal["announce"] = "announce"
    level: int


class TellPeople(Stored):
    """Post the card to each of these people: they stand in for somebody who went away meanwhile."""

    kind: Literal["tell_people"] = "tell_people"
    people: tuple[str, ...]


class Remind(Stored):
    """Say in the thread that the question is still open, and what comes next."""

    kind: Literal["remind"] = "remind"
    level: int
    nth: int


class Refresh(Stored):
    """Draw the card anew everywhere it was posted. Only the newest state is ever drawn."""

    kind: Literal["refresh"] = "refresh"


class Note(Stored):
    """One line in the card's thread: the trail entry numbered `entry`, in words."""

    kind: Literal["note"] = "note"
    entry: int
    what: str
    detail: dict[str, str] = Field(default_factory=dict)


class Tell(Stored):
    """A direct message to the requester."""

    kind: Literal["tell"] = "tell"
    what: Word


class Answer(Stored):
    """Send the answer, signed, to a destination of the configuration. `event` is the outgoing type."""

    kind: Literal["answer"] = "answer"
    to: str
    event: str
    status: str = ""
    effect_index: int = -1


class Act(Stored):
    """Run a named action of the document: the effect whose key is `key`. The effect's id is its idempotency key."""

    kind: Literal["act"] = "act"
    action: str
    key: str


class AskLooker(Stored):
    """Ask whoever claimed it, in private, whether they still look. `until` names the turn that is about to end."""

    kind: Literal["ask_looker"] = "ask_looker"
    person: str
    until: datetime


class PutQuestion(Stored):
    """Put a question, by its place among the request's, to whoever can answer it: in the thread, and by message."""

    kind: Literal["put_question"] = "put_question"
    nth: int


class TellAnswer(Stored):
    """Say the answer to a question in the thread and to whoever asked it."""

    kind: Literal["tell_answer"] = "tell_answer"
    nth: int


class StartGrant(Stored):
    """Give the access that was approved."""

    kind: Literal["start_grant"] = "start_grant"


class EndGrant(Stored):
    """Take the access back. Each `round` is an end of its own to the provider; see `GrantState.end_round`."""

    kind: Literal["end_grant"] = "end_grant"
    attempt: int = 0
    round: int = 0


class AskExtension(Stored):
    """Hand an approved extension on to the grant that it is for."""

    kind: Literal["ask_extension"] = "ask_extension"


class ExtendGrant(Stored):
    """Tell the provider the new end of a grant. `request` is the request that asked for it, if one did."""

    kind: Literal["extend_grant"] = "extend_grant"
    key: str
    request: str = ""


class CheckMember(Stored):
    """Look whether the holder still belongs to the groups that may ask for what they hold."""

    kind: Literal["check_member"] = "check_member"


class Page(Stored):
    """Call whomever the entitlement names for an end that fails: its owner, a group, a person or a channel.

    `urgent` pages again although the same entitlement paged a short while ago.
    """

    kind: Literal["page"] = "page"
    what: str
    to: str
    detail: dict[str, str] = Field(default_factory=dict)
    urgent: bool = False


class TellRepeats(Stored):
    """Say on the card how many events asked the same since it was last said: once for all that came meanwhile."""

    kind: Literal["tell_repeats"] = "tell_repeats"


class Alarm(Stored):
    """Tell the policy's owner that something needs a person."""

    kind: Literal["alarm"] = "alarm"
    what: str
    detail: dict[str, str] = Field(default_factory=dict)


Effect = (
    Announce
    | Remind
    | Refresh
    | Note
    | Tell
    | Answer
    | StartGrant
    | EndGrant
    | AskExtension
    | ExtendGrant
    | CheckMember
    | Page
    | TellRepeats
    | Alarm
    | Act
    | AskLooker
    | PutQuestion
    | TellAnswer
    | TellPeople
)

EFFECT: TypeAdapter[Effect] = TypeAdapter(Annotated[Effect, Field(discriminator="kind")])
"""Reads an effect back from the outbox."""


def effect_id(request_id: str, version: int, index: int) -> str:
    """The name of an effect, unique for ever."""
    return f"{request_id}:{version}:{index}"


def request_of(effect: str) -> str:
    """The request that an effect id belongs to."""
    return effect.split(":", 1)[0]
