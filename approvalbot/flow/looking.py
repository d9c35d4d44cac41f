"""Looking: somebody who may decide says that they are at it, keeps at it, or stops."""

from typing import Literal

from approvalbot.flow.attending import by_member, seen_as
from approvalbot.flow.ports import Journey
from approvalbot.request.case import Case
from approvalbot.request.moves import Claim, Release

How = Literal["look", "take_over", "keep"]


def claim(journey: Journey, request_id: str, slack: str, how: How = "look") -> Case:
    """Claim a request for the person with that Slack id; gives the case as it then is.

    Raises:
        MoveRefused: they may not decide it, somebody else looks (`take_over` takes it from them), or they looked often
            enough; the trail has it.
        NotFound: there is no such request.
        Unavailable: nothing was recorded.
    """
    return by_member(
        journey,
        request_id,
        slack,
        "claim",
        lambda case, member, person: Claim(seen_as(journey, case, member, person), how),
    )


def release(journey: Journey, request_id: str, slack: str) -> Case:
    """Stop looking.

    Raises:
        MoveRefused: they do not look; the trail has it.
    """
    return by_member(journey, request_id, slack, "release", lambda _case, _member, person: Release(person))
