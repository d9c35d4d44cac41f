"""A posting: one Slack message of ours that stands for a request."""

from approvalbot.request.request import Stored


class Posting(Stored):
    """Where a message stands and what it shows.

    `version` is the request's version when it was last drawn. `sending` is set before the call that posts it: found set
    by a later attempt, it means that nobody knows whether the message is there.
    """

    channel: str = ""
    ts: str = ""
    version: int = 0
    sending: bool = False
    repeat: bool = False
    person: str = ""

    @property
    def is_posted(self) -> bool:
        """Whether we know where it stands."""
        return bool(self.ts)
