"""Whether somebody has a say in a request at all: not barred, and of a group that is asked by now."""

from approvalbot.errors import MoveRefused
from approvalbot.policy.approval import Approval
from approvalbot.request import refusals
from approvalbot.request.delegating import taken_on
from approvalbot.request.moves import CastVote
from approvalbot.request.quorum import Bench, bench_of, is_barred
from approvalbot.request.request import Request


def outsider(request: Request, approval: Approval, move: CastVote, bench: Bench) -> MoveRefused | None:
    """Why a press of this person counts for nothing here, or None, in the order in which they should learn of it."""
    if is_barred(move.by.key, move, bench):
        return refusals.barred(request, approval, move.bars[move.by.key], linked=move.linked)
    if not bench.seats(move.choice) & move.seats:
        owned = bench.approving is not None and bool(bench.opened & move.seats)
        return refusals.not_the_owner(move.owner) if owned else refusals.not_an_approver(request, approval, move)
    return None


def no_say(request: Request, approval: Approval, seen: CastVote) -> MoveRefused | None:
    """Why somebody may not even deny, or None: whoever may say no may also look and ask."""
    actor_known = (request.actor_known or seen.actor_known) and not seen.stranger_excluded
    bench = bench_of(request, approval, seen.today, actor_known=actor_known, owner=seen.owner)
    return outsider(request, approval, taken_on(request, seen, bench), bench)
