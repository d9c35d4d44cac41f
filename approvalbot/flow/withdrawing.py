"""Withdrawing: whoever asked takes the question back."""

from approvalbot.flow.advance import advance
from approvalbot.flow.members import full_member, person_of
from approvalbot.flow.ports import Journey
from approvalbot.flow.refusing import in_the_trail
from approvalbot.request.case import Case
from approvalbot.request.moves import Withdraw


def withdraw(journey: Journey, request_id: str, slack: str) -> Case:
    """Take a request back.

    Raises:
        MoveRefused: it is not theirs, or it is settled; the trail has it.
        NotFound: there is no such request.
        Unavailable: nothing was recorded.
    """
    with in_the_trail(journey, request_id, slack, "withdraw"):
        by = person_of(full_member(journey.people, slack), journey.policies().identities)
        return advance(journey, request_id, Withdraw(by))[0]
