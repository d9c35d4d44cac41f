"""What this room needs remembered, by whatever remembers it. All of it is shared by every process."""

from collections.abc import Mapping
from contextlib import AbstractContextManager
from typing import Protocol

from approvalbot.request.posting import Posting


class Notes(Protocol):
    """What was looked up, kept for a while. Every method may raise `Unavailable`."""

    def remember(self, what: str, value: str, answer: str, *, keep_s: int) -> None:
        """Keep a text under `value` for a while."""

    def recall(self, what: str, value: str) -> str | None:
        """The text kept under `value`, or None."""

    def forget(self, what: str, value: str) -> None:
        """Drop what was kept."""


class Memory(Notes, Protocol):
    """Short-lived marks. Every method may raise `Unavailable`."""

    def first_time(self, what: str, value: str, *, keep_s: int) -> bool:
        """Whether `value` is seen for the first time in `keep_s` seconds; from now on it is not."""

    def hold(self, what: str, value: str, token: str, *, for_s: float) -> bool:
        """Take a lock for a time; False when somebody else has it."""

    def release(self, what: str, value: str, token: str) -> None:
        """Give a lock back, if it is still ours."""

    def holding(self, what: str, value: str, *, for_s: float) -> AbstractContextManager[bool]:
        """Hold a lock while something is done; gives False, and holds nothing, while somebody else has it."""


class HomeMarks(Protocol):
    """Whose home tab is kept up to date. Every method may raise `Unavailable`."""

    def opened(self, slack: str) -> None:
        """Somebody opened their tab; what is drawn now has everything that changed before."""


class OnCall(Protocol):
    """Who is on call, at the vendors that know."""

    def on_call(self, name: str) -> frozenset[str] | None:
        """The e-mails of those on call now; None: no such provider or schedule.

        Raises:
            MoveRefused: code `membership_unknown`, nobody says now.
        """


class Postings(Protocol):
    """Where the messages of a request stand, by what each is for."""

    def all(self, request_id: str) -> dict[str, Posting]:
        """What was posted, by purpose."""

    def put(self, request_id: str, purpose: str, posting: Posting) -> None:
        """Record one posting."""

    def put_all(self, purpose: str, postings: Mapping[str, Posting], *, only_new: bool = False) -> None:
        """Record one message that stands for many requests: for each by its id, what it shows of it."""

    def drop(self, request_id: str, purpose: str) -> None:
        """Forget one posting: its message or its channel is gone."""


class Joined(Protocol):
    """The storm that a request waits in. Once it is `opened`, a digest stands for the request."""

    @property
    def storm(self) -> str: ...

    @property
    def opened(self) -> bool: ...


class Digests(Protocol):
    """The storms of every channel, and the one message that stands for each."""

    def join(self, channel: str, request_id: str, ends_ms: int) -> Joined:
        """Wait in the channel's storm, or in a new one."""

    def may_be_a_card(self, channel: str, request_id: str) -> bool:
        """Whether a request may have a card of its own; a yes takes it out of what waits."""

    def requests(self, storm: str) -> list[str]:
        """Everything that a storm's digest stands for, what ends soonest first."""

    def message(self, storm: str) -> Posting:
        """Where the digest stands; an empty posting before it was posted."""

    def put(self, storm: str, message: Posting) -> None:
        """Record where the digest stands, or that it is being posted."""
