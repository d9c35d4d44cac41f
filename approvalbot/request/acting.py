"""What became of an action: done, put off, or given up. The decision stands in any case; only the card and the trail
learn of it, and the owner where a person is needed.
"""

from approvalbot.request import settling
from approvalbot.request.change import Change, Here, Terms
from approvalbot.request.effects import Alarm, Effect, Note
from approvalbot.request.reports import ActionDelayed, ActionDone, ActionFailed
from approvalbot.request.request import Acted, Request
from approvalbot.request.trail import Draft

PAGE_AFTER = 3
"""Failed attempts at an action before the owner hears of it: by the schedule of deliveries that is five minutes after
the decision. What was to be undone still stands then."""


def done(here: Here, _terms: Terms, move: ActionDone) -> Change:
    """It is done. Said once, however often it is reported."""
    held = acted_of(here.request, move.key)
    if held is None or held.state == "done":
        return here.nothing()
    detail = {"effect": move.key, "action": held.action, "answer": move.answer}
    ready = held.model_copy(update={"state": "done", "fault": "", "answer": move.answer})
    return _reported(here, ready, "action_done", detail, [])


def delayed(here: Here, _terms: Terms, move: ActionDelayed) -> Change:
    """It did not work yet and is tried again."""
    held = acted_of(here.request, move.key)
    if held is None or held.state != "started":
        return here.nothing()
    detail = {"effect": move.key, "action": held.action, "fault": move.fault, "attempt": str(move.attempt)}
    waiting = held.model_copy(update={"fault": move.fault})
    request = _with(here.request, waiting)
    more: list[Effect] = [Alarm(what="action_delayed", detail=detail)] if move.attempt == PAGE_AFTER else []
    return here.becomes(request, [Draft("action_delayed", detail=detail)], [*settling.redraw(), *more])


def failed(here: Here, _terms: Terms, move: ActionFailed) -> Change:
    """It is given up: the owner must do it by hand."""
    held = acted_of(here.request, move.key)
    if held is None or held.state != "started":
        return here.nothing()
    detail = {"effect": move.key, "action": held.action, "fault": move.fault}
    given_up = held.model_copy(update={"state": "failed", "fault": move.fault})
    return _reported(here, given_up, "action_failed", detail, [Alarm(what="action_failed", detail=detail)])


def acted_of(request: Request, key: str) -> Acted | None:
    """How an action stands, by its key."""
    return next((one for one in request.acted if one.key == key), None)


def _reported(here: Here, now: Acted, what: str, detail: dict[str, str], more: list[Effect]) -> Change:
    note = Note(entry=here.request.trail_count + 1, what=what, detail=detail)
    effects: list[Effect] = [*settling.redraw(), note, *more]
    return here.becomes(_with(here.request, now), [Draft(what, detail=detail)], effects)


def _with(request: Request, now: Acted) -> Request:
    acted = tuple(now if one.key == now.key else one for one in request.acted)
    return request.model_copy(update={"acted": acted})
