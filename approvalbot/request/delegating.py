"""Delegating: when a vote may fill the seat of somebody who is away, and when it may not. Pure.

Theory. A delegate brings no authority of their own: they fill the seat of the one they stand in for, or none. So

- one human is one vote, whoever they stand in for, and a seat that was left to a delegate is filled once;
- nobody passes on what they could not do themselves: whoever is barred leaves no seat, and takes none;
- nothing is passed on twice: only the absent person's own entries are seats, never those that were left to them;
- whoever may vote anyway votes as themselves.

Who may be whose delegate under the policy, and that neither is gone, is looked up by `flow/delegating.py` at the press.
"""

from dataclasses import replace

from approvalbot.request.moves import CastVote, Hindered
from approvalbot.request.quorum import Bench
from approvalbot.request.request import Absence, Delegated, Request, Vote


def taken_on(request: Request, move: CastVote, bench: Bench) -> CastVote:
    """The press with those seats of absent people that it may fill, and with why not where none is left."""
    if not move.delegated:
        return move
    if move.by.key in move.bars:
        return replace(move, delegated=())
    own = bench.seats(move.choice) & move.entries
    if own and not bench.distinct:
        return replace(move, delegated=())
    kept, hindered = [], move.hindered
    for one in move.delegated:
        if one.by.is_same(move.by):
            continue
        if one.by.key in move.bars:
            hindered = Hindered("barred", one.by)
        elif any(vote.by.is_same(one.by) for vote in request.votes):
            hindered = Hindered("voted", one.by)
        elif entries := frozenset(one.entries) - move.entries:
            kept.append(Delegated(by=one.by, entries=tuple(sorted(entries))))
    return replace(move, delegated=tuple(kept), hindered=hindered)


def adds_a_seat(move: CastVote, earlier: Vote) -> bool:
    """Whether a second press of somebody may fill the seat of an absent person that their first could not."""
    return bool(frozenset[str]().union(*(one.entries for one in move.delegated)) - earlier.seats)


def told_absence(absence: Absence) -> str:
    """One absence in the words of the trail."""
    delegate = f", {absence.delegate.name} stands in" if absence.delegate else ""
    return f"{absence.person.name} until {absence.until:%Y-%m-%dT%H:%MZ}{delegate}"
