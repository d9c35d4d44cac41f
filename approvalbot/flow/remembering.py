"""What is remembered of people and of the past, as protocols beside those of `flow/ports.py`."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from approvalbot.request.about import About, Before
from approvalbot.request.muting import Mute
from approvalbot.request.request import Absence, Person


class Absences(Protocol):
    """Who is away, until when, and who stands in. Every method may raise `Unavailable`."""

    def of(self, people: Iterable[str]) -> Mapping[str, Absence]:
        """Those of these people (by Slack id) who are away now."""

    def stood_in_for_by(self, slack: str) -> Sequence[Absence]:
        """The absences that name somebody to stand in, those that end soonest first."""

    def waits_for(self, slack: str, most: int) -> Sequence[str]:
        """The newest open requests that somebody was asked to decide."""

    def begin(self, absence: Absence) -> None:
        """Somebody is away from now on; it replaces what they said before, and stands in the trail."""

    def end(self, person: Person) -> bool:
        """Somebody is back; gives whether they were away."""


class Homes(Protocol):
    """The home tabs that are kept up to date. It may raise `Unavailable`."""

    def changed(self, people: Iterable[str]) -> None:
        """Something that these people's tabs show has changed."""


class Mutes(Protocol):
    """Whom people do not want to be told of. Every method may raise `Unavailable`."""

    def of(self, people: Iterable[str]) -> Mapping[str, Sequence[Mute]]:
        """Whom each of these people (by Slack id) has muted now; only those who have muted somebody."""

    def begin(self, by: Person, mute: Mute) -> None:
        """Somebody mutes another from now on; it stands in the trail."""

    def end(self, by: Person, muted: Person) -> bool:
        """Somebody wants to hear of another again; gives whether they had muted them."""


class Past(Protocol):
    """What is remembered of settled requests. Every method may raise `Unavailable`."""

    def before(self, policy_id: str, about: About, now: datetime) -> Before:
        """How requests like this ended, and how many the same account asked lately."""

    def usual_s(self, policy_id: str) -> float | None:
        """How many seconds people usually took to decide a policy's requests; None where too few did to tell."""
