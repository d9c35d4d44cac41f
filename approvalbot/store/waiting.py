"""What waits for whom, and who decided what: an index for each person, which the commit itself keeps.

Whom a level reached is told by one move, and only a settlement takes a request from everybody's list again. So a list
is exact, however many requests are open, and reading it costs as much as it is long.
"""

from collections.abc import Iterable, Mapping

from approvalbot.request.change import Change
from approvalbot.request.request import State
from approvalbot.store import keys
from approvalbot.store.past import KEEP, Extra

AWAY = ("approver_away", "approver_back")


def of_step(change: Change) -> list[Extra]:
    """What a commit changes in people's lists."""
    request = change.request
    if request.state is State.PENDING and any(entry.what == "level_asked" for entry in change.entries):
        return [("ZADD", keys.waits_for(person), request.id) for person in request.asked[-1].people]
    if (details := [entry.detail for entry in change.entries if entry.what in AWAY]) and not change.settles:
        return _moved(details[0], request.id)
    if not change.settles:
        return []
    everybody = dict.fromkeys(person for asked in request.asked for person in asked.people)
    voters = (vote.by.slack for vote in request.votes)
    return [*(("ZREM", keys.waits_for(person), request.id) for person in everybody), *_decided(voters, request.id)]


def _moved(detail: Mapping[str, str], request_id: str) -> list[Extra]:
    """Who stands in from now on gets it in their list, who no longer does loses it."""
    adds: list[Extra] = [("ZADD", keys.waits_for(one), request_id) for one in detail.get("called", "").split()]
    return [*adds, *(("ZREM", keys.waits_for(one), request_id) for one in detail.get("released", "").split())]


def _decided(voters: Iterable[str | None], request_id: str) -> list[Extra]:
    return [(KEEP, keys.decided_by(voter), request_id) for voter in voters if voter]
