"""More time for a grant: asked for, agreed to by the provider, and only then true.

Theory. An extension is *open* from the asking until its provider has answered, and *given* after the provider's yes.
Asking changes no end. The provider's yes writes the new end and its deadline in one change. A no, an answer that does
not come in time, and an end that begins meanwhile leave the old end in force. A yes that comes after the end began has
opened access again, so that is ended once more.

Where the entitlement asks people, the extension is a request of its own. Its approval hands it on to the grant
(`AskExtension`), and the grant reports back what became of it.
"""

from datetime import timedelta

from approvalbot.errors import MoveRefused
from approvalbot.policy.entitlement import Entitlement
from approvalbot.request import settling
from approvalbot.request.change import Change, Here, Terms
from approvalbot.request.effects import Answer, Effect, ExtendGrant, Tell
from approvalbot.request.grants import end_once_more, note
from approvalbot.request.held import extension_named, grant_of, next_due, open_extension
from approvalbot.request.moves import Extend
from approvalbot.request.refusals import no_more_time, not_yours, too_much_time
from approvalbot.request.reports import ExtendFailed, ExtensionGiven, ExtensionRefused, GrantExtended
from approvalbot.request.request import Extension, Request, State
from approvalbot.request.trail import Draft


def extend(here: Here, terms: Terms, move: Extend) -> Change:
    """Ask for more time. The old end stays in force until the provider has agreed to the new one.

    Raises:
        MoveRefused: not by this person, not any more, not so long; each with its own sentence.
    """
    grant = grant_of(here.request)
    if extension_named(grant, move.key) is not None:
        return here.nothing()
    if fault := _refusal(here.request, move):
        raise fault
    ends_at = grant.ends_at or here.now
    within_s = terms.grant.start_within_s if isinstance(terms, Entitlement) else 0
    asked = Extension(
        key=move.key,
        by=move.by,
        until=ends_at + timedelta(seconds=move.extra_s),
        give_up_at=min(here.now + timedelta(seconds=within_s), ends_at),
        request=move.request,
    )
    grant = grant.model_copy(update={"extensions": (*grant.extensions, asked)})
    request = here.request.model_copy(update={"grant": grant, "due_at": next_due(grant)})
    detail = {"until": asked.until.isoformat(), "reason": move.reason, "request": move.request}
    draft = Draft("extension_asked", move.by, {name: value for name, value in detail.items() if value})
    effects = [ExtendGrant(key=move.key, request=move.request), *settling.redraw()]
    return here.becomes(request, [draft], effects, valid_until=ends_at)


def _refusal(request: Request, move: Extend) -> MoveRefused | None:
    """Why there is no more time, or None. The order is the order in which a person should learn of it."""
    grant, rule, requester = grant_of(request), move.rule, request.requester
    if not move.owner and (requester is None or not requester.is_same(move.by)):
        return not_yours(requester or "the requester")
    if grant.ending:
        return no_more_time("This access is being ended; it cannot be extended.")
    if rule is None or (rule.approval == "same" and not move.request):
        return no_more_time("This access cannot be extended.")
    if open_extension(grant) is not None:
        return MoveRefused("already_open", "This access is being extended already. You hear from me either way.")
    if len(grant.extensions) >= rule.max_times:
        often = "once" if rule.max_times == 1 else f"{rule.max_times} times"
        return no_more_time(f"This access can be extended {often}, and that has been used.")
    if not 0 < move.extra_s <= rule.by_s:
        return too_much_time(rule.by_s)
    return None


def extended(here: Here, terms: Terms, move: GrantExtended) -> Change:
    """The provider agreed: the new end and its deadline are written together."""
    grant = grant_of(here.request)
    asked = extension_named(grant, move.key)
    if asked is not None and asked.given:
        return here.nothing()
    if grant.ending:
        return end_once_more(here, here.request, Draft("grant_extended_late", detail={"key": move.key}))
    if asked is None:
        # It was given up before the provider agreed. The old end is in force, and access is taken back then.
        return here.becomes(here.request, [Draft("grant_extended_late", detail={"key": move.key})], [])
    given = tuple(one.model_copy(update={"given": True}) if one.key == move.key else one for one in grant.extensions)
    longer = grant.model_copy(update={"ends_at": asked.until, "extensions": given, "warned": False})
    request = here.request.model_copy(update={"grant": longer, "due_at": next_due(longer)})
    detail = {"ends_at": asked.until.isoformat(), **({"request": asked.request} if asked.request else {})}
    effects: list[Effect] = [*settling.redraw(), note(here, "extended", detail), Tell(what="extended")]
    told = [one for one in settling.answers(request, terms, State.ACTIVE) if isinstance(one, Answer)]
    draft = Draft("extended", asked.by, detail)
    return here.becomes(request, [draft], [*effects, *told], valid_until=grant.ends_at)


def extended_too_late(here: Here, _terms: Terms, move: GrantExtended) -> Change:
    """The provider agreed to more time for access that has ended or failed: end it once more."""
    return end_once_more(here, here.request, Draft("grant_extended_late", detail={"key": move.key}))


def extend_failed(here: Here, _terms: Terms, move: ExtendFailed) -> Change:
    """The provider will not extend. Nothing changes but that its holder knows."""
    asked = extension_named(grant_of(here.request), move.key)
    return here.nothing() if asked is None or asked.given else _fell(here, asked, move.fault)


def gave_up(here: Here, asked: Extension) -> Change:
    """The provider did not answer in time."""
    return _fell(here, asked, "the provider did not agree in time")


def _fell(here: Here, asked: Extension, fault: str) -> Change:
    grant = grant_of(here.request)
    left = tuple(one for one in grant.extensions if one.key != asked.key)
    grant = grant.model_copy(update={"extensions": left, "fault": fault[:300]})
    request = here.request.model_copy(update={"grant": grant, "due_at": next_due(grant)})
    detail = {"fault": fault[:300], "until": asked.until.isoformat()}
    # Where a request asked for it, that one tells its holder.
    told: list[Effect] = [] if asked.request else [Tell(what="extend_failed")]
    effects = [*settling.redraw(), note(here, "extend_failed", detail), *told]
    return here.becomes(request, [Draft("extend_failed", asked.by, detail)], effects)


def given(here: Here, _terms: Terms, move: ExtensionGiven) -> Change:
    """The request that asked for an extension has what it asked for: the grant it is for ends later."""
    if grant_of(here.request).ends_at is not None:
        return here.nothing()
    grant = grant_of(here.request).model_copy(update={"started_at": here.now, "ends_at": move.ends_at})
    request = here.request.model_copy(update={"grant": grant, "due_at": None})
    detail = {"ends_at": move.ends_at.isoformat()}
    effects: list[Effect] = [*settling.redraw(), note(here, "extended", detail)]
    return here.becomes(request, [Draft("extension_given", detail=detail)], effects)


def not_given(here: Here, terms: Terms, move: ExtensionRefused) -> Change:
    """The request that asked for an extension was approved, and the grant was not extended all the same."""
    grant = grant_of(here.request).model_copy(update={"fault": move.fault[:300], "closed": True})
    request = here.request.model_copy(update={"state": State.FAILED, "grant": grant, "due_at": None})
    detail = {"fault": move.fault[:300]}
    effects: list[Effect] = [*settling.redraw(), note(here, "failed", detail), Tell(what="failed")]
    told = settling.answers(request, terms, State.FAILED)
    return here.becomes(request, [Draft("failed", detail=detail)], [*effects, *told])
