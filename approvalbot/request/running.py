"""A running grant whose time for something has come: its end, a warning, a wait that is over, a look at its holder."""

from approvalbot.request import belonging, extending
from approvalbot.request.change import Change, Here, Terms
from approvalbot.request.effects import Tell
from approvalbot.request.grants import ending, try_again
from approvalbot.request.held import grant_of, next_due, open_extension, warn_at
from approvalbot.request.moves import Wake
from approvalbot.request.trail import Draft


def wake_active(here: Here, terms: Terms, _move: Wake) -> Change:
    """End at the end, warn before it, try again while ending fails. The end comes before anything else."""
    request, grant = here.request, grant_of(here.request)
    if request.due_at is None or here.now < request.due_at:
        return here.nothing()
    if grant.ending:
        return try_again(here, terms)
    if grant.ends_at is not None and here.now >= grant.ends_at:
        return ending(here, terms, "duration")
    asked = open_extension(grant)
    if asked is not None and here.now >= asked.give_up_at:
        return extending.gave_up(here, asked)
    if grant.check_at is not None and here.now >= grant.check_at:
        return belonging.look(here)
    return _warned(here)


def _warned(here: Here) -> Change:
    grant = grant_of(here.request)
    at = warn_at(grant)
    if grant.warned or at is None or here.now < at:
        return here.nothing()
    grant = grant.model_copy(update={"warned": True})
    warned = here.request.model_copy(update={"grant": grant, "due_at": next_due(grant)})
    return here.becomes(warned, [Draft("warned")], [Tell(what="ending")], valid_from=here.request.due_at)
