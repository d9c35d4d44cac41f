"""Access that its holder keeps only while they belong to the groups that may ask for it.

Their groups are looked at every few minutes, and at once when Slack reports a change. Leaving ends the access. Not
knowing ends nothing: the look is repeated, and somebody hears of it when that goes on.
"""

from datetime import timedelta

from approvalbot.request.change import Change, Here, Terms
from approvalbot.request.effects import Alarm, CheckMember, Effect
from approvalbot.request.grants import CHECK_S, ending
from approvalbot.request.held import grant_of, next_due
from approvalbot.request.moves import Recheck
from approvalbot.request.reports import Left, MembershipRead, MembershipUnread
from approvalbot.request.request import GrantState, Request
from approvalbot.request.trail import Draft

UNREAD_S = 60
"""Seconds until the next look when Slack did not say."""

ALARM_AFTER = 10
"""Looks in a row that were in vain before somebody hears of it: ten minutes, which outlasts most outages of Slack."""


def look(here: Here) -> Change:
    """It is time to look. No entry: a week of access would fill the trail with looks that found all well."""
    grant = grant_of(here.request).model_copy(update={"check_at": here.now + timedelta(seconds=CHECK_S)})
    return here.becomes(_with(here, grant), [], [CheckMember()])


def recheck(here: Here, _terms: Terms, _move: Recheck) -> Change:
    """Slack reports a change that may concern the holder."""
    grant = grant_of(here.request)
    return here.nothing() if grant.check_at is None else look(here)


def left(here: Here, terms: Terms, move: Left) -> Change:
    """The holder is not in the groups any more: their access ends now."""
    grant = grant_of(here.request)
    return here.nothing() if grant.ending or grant.check_at is None else ending(here, terms, move.why)


def read(here: Here, _terms: Terms, _move: MembershipRead) -> Change:
    """The holder still belongs."""
    grant = grant_of(here.request)
    if not grant.unread:
        return here.nothing()
    return here.becomes(_with(here, grant.model_copy(update={"unread": 0})), [Draft("membership_read")], [])


def unread(here: Here, _terms: Terms, move: MembershipUnread) -> Change:
    """Nobody could say. Look again soon; after a while somebody has to see to it."""
    grant = grant_of(here.request)
    if grant.ending or grant.check_at is None:
        return here.nothing()
    count = grant.unread + 1
    grant = grant.model_copy(update={"unread": count, "check_at": here.now + timedelta(seconds=UNREAD_S)})
    detail = {"fault": move.fault[:300], "looks": str(count)}
    drafts = [Draft("membership_unread", detail=detail)] if count in {1, ALARM_AFTER} else []
    effects: list[Effect] = [Alarm(what="membership_unread", detail=detail)] if count == ALARM_AFTER else []
    return here.becomes(_with(here, grant), drafts, effects)


def _with(here: Here, grant: GrantState) -> Request:
    return here.request.model_copy(update={"grant": grant, "due_at": next_due(grant)})
