"""A posting: one Slack message of ours that stands for a request."""

from approvalbot.request.request import Stored


class Posting(Stored):
    """Where a message stands and what it shows.

    `version` is the request's version when it was last drawn. `sending` is set before the call that posts it: found set
    by a later attempt, it means that nobody knows whether the message is there. `late_s` is by how many seconds it came
    late; 0 when it came in time.
    """

    channel: str = ""
    ts: str = ""
    version: int = 0
    sending: bool = False
    repeat: bool = False
    person: str = ""
    late_s: int = 0

    @property
    def is_posted(self) -> bool:
        """Whether we know where it stands."""
        return bool(self.ts)
