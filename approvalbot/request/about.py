"""What a request is about, in the words its card shows, and the event itself for whoever wants all of it.

Written once when the request opens and never changed: approvers decide on what they saw. Every text is plain and
untrusted; the surfaces escape it.
"""

from datetime import datetime
from typing import Any

from pydantic import Field

from approvalbot.events.digests import digest_of
from approvalbot.request.request import Person, Stored


class Line(Stored):
    """One field of the card: one line of text. `must_show` means that it is never cut."""

    label: str
    value: str
    must_show: bool = False


class Before(Stored):
    """How the newest requests like this one ended, as it stood when this one opened.

    `settled` of them are over, `approved` by people; `last_by` approved the last of those at `last_at`. `nth` counts
    what the same person or account asked for within a day, this one included.
    """

    settled: int = 0
    approved: int = 0
    last_by: Person | None = None
    last_at: datetime | None = None
    nth: int = 0


class About(Stored):
    """The card's facts. `claimed_by` names the source when only it vouches for who the actor is.

    `before` is no part of what is asked, so it has no part in the digest either.

    `event` is the event as delivered, `facts` its normalised values (`events/facts.py`); secrets in both are hidden.
    """

    title: str
    severity: str
    who: str = ""
    who_id: str = ""
    action: str = ""
    resource: str = ""
    happened_at: datetime | None = None
    summary: str = ""
    lines: tuple[Line, ...] = ()
    matched: tuple[Line, ...] = ()
    caller: str = ""
    claimed_by: str = ""
    credit: str = ""
    runbook: str = ""
    origin: str = ""
    event: dict[str, Any] = Field(default_factory=dict)
    facts: dict[str, Any] = Field(default_factory=dict)
    banners: tuple[str, ...] = ()
    before: Before | None = None

    @property
    def digest(self) -> str:
        """SHA-256 of everything the card shows: two requests with one digest ask the same question."""
        shown = self.model_dump(mode="json", exclude={"event", "facts", "happened_at", "before"})
        if not self.banners:
            # As before there were any: an open card keeps its digest.
            del shown["banners"]
        return digest_of(shown)
