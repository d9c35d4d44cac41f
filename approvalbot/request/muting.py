"""Muting: somebody is not told one by one of what another asks. Pure.

A mute changes what one person is told, and nothing else: neither who may decide, nor when the next step opens.
"""

from collections.abc import Iterable
from datetime import datetime

from approvalbot.request.request import Person, Request, Stored


class Mute(Stored):
    """Whom somebody does not want to be told of, and until when."""

    person: Person
    until: datetime


def is_muted(request: Request, mutes: Iterable[Mute]) -> bool:
    """Whether a request comes from somebody who is muted: who asked, or whose doing it is about."""
    return any(_is_of(request, mute.person) for mute in mutes)


def _is_of(request: Request, person: Person) -> bool:
    if request.requester is not None and request.requester.is_same(person):
        return True
    return any(
        bar.role != "excluded" and (bar.person == person.key or (bar.system, bar.account) == ("slack", person.slack))
        for bar in request.bars
    )
