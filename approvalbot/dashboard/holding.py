"""Access that runs, on the page of its request: until when, and its end and more time for it, by the rules of Slack."""

import secrets
from dataclasses import dataclass
from typing import Any

from approvalbot.dashboard.door import Door, Visit
from approvalbot.dashboard.holdings import ENDED_BECAUSE, Held, drift_of, standing_of
from approvalbot.dashboard.memberships import Memberships
from approvalbot.dashboard.words import whom
from approvalbot.errors import BadInput, MoveRefused
from approvalbot.flow.ending import end_access
from approvalbot.flow.extending import MoreTime, more_time, weigh_more_time
from approvalbot.flow.foretelling import foretell
from approvalbot.policy.entitlement import Entitlement, Extend
from approvalbot.request.case import Case
from approvalbot.request.held import grant_of, may_be_ended, may_be_extended, may_be_open, open_extension
from approvalbot.request.request import Person, Request, State

NOTE_MOST = 500
LONGEST_KEY = 40


@dataclass(frozen=True, slots=True)
class Buttons:
    """What somebody may do about access: `end` is what its button says, empty without one; `why` asks for a reason."""

    end: str = ""
    why: bool = False
    more: bool = False


@dataclass(frozen=True, slots=True)
class Holding:
    """Shows access that was given, ends it, and asks for more time."""

    door: Door

    def buttons(self, visit: Visit, request: Request, members: Memberships) -> Buttons:
        """What is offered to a reader. What could only be refused is not; whoever presses is looked up anew."""
        viewer = visit.viewer
        own = request.requester is not None and request.requester.is_same(viewer.person)
        current = self.door.journey.policies().entitlements.get(request.policy_id)
        owner = current is not None and members.owns(current)
        if viewer.unconfirmed or not (own or owner):
            return Buttons()
        terms = self.door.journey.requests.load(request.id)[0].terms
        return Buttons(
            end=_end_word(request, freely=own and may_be_ended(request, terms), owner=owner),
            why=not own,
            more=may_be_extended(request, terms),
        )

    def part(self, visit: Visit, case: Case) -> dict[str, Any] | None:
        """What the page of a request says of its access; None where it gives none."""
        journey = self.door.journey
        now, members = journey.requests.now(), Memberships(journey, visit.viewer)
        standing = standing_of(case.request, now)
        if standing is None or not isinstance(case.terms, Entitlement):
            return None
        there = standing not in {"failed", "ended"}
        held = Held(
            case.request, standing, drift_of(case.request, journey.policies(), members.may_ask) if there else ()
        )
        buttons = self.buttons(visit, case.request, members)
        grant, requester = grant_of(case.request), case.request.requester
        own = requester is not None and requester.is_same(visit.viewer.person)
        return {
            "held": held,
            "grant": grant,
            "provider": case.terms.grant.provider,
            "because": ENDED_BECAUSE.get(grant.ending, ""),
            "asked": open_extension(grant),
            "times": sum(one.given for one in grant.extensions),
            "how_to_use": case.terms.grant.how_to_use if own and standing in {"active", "soon"} else "",
            "buttons": buttons,
            "more": self._more(visit, case, members) if buttons.more else None,
            "key": secrets.token_urlsafe(12),
        }

    def end(self, visit: Visit, case: Case) -> Case:
        """`POST /requests/{id}/end`: by the very function that a press in Slack calls."""
        reason = visit.form.get("reason", "").strip()
        if len(reason) > NOTE_MOST:
            raise BadInput("parameter_invalid", f"A reason has at most {NOTE_MOST} characters.")
        return end_access(self.door.journey, case.request.id, visit.viewer.member.slack, reason)

    def extend(self, visit: Visit, case: Case) -> Case:
        """`POST /requests/{id}/extend`; gives the request that asks for it, where somebody has to approve."""
        extra_s, key = visit.form.get("duration", ""), visit.form.get("key", "")
        if not extra_s.isascii() or not extra_s.isdigit() or len(extra_s) > 9:
            raise BadInput("parameter_invalid", "The form does not say how much longer.", hint="Open the page again.")
        wanted = MoreTime(
            request_id=case.request.id,
            slack=visit.viewer.member.slack,
            key=form_key(visit, key),
            extra_s=int(extra_s),
            reason=visit.form.get("reason", ""),
        )
        return more_time(self.door.journey, wanted)

    def _more(self, visit: Visit, case: Case, members: Memberships) -> dict[str, Any]:
        """How much more time can be asked for, or why none can."""
        journey = self.door.journey
        terms = journey.policies().entitlements.get(case.request.policy_id)
        try:
            _, rule = weigh_more_time(journey, case.request.id, visit.viewer.member.slack)
        except MoveRefused as fault:
            return {"why_not": fault.text()}
        if terms is None:
            return {"why_not": "No policy gives this any more."}
        return {
            "why_not": "",
            "choices": rule.offered_s,
            "wanted": rule.by_s,
            "reason": terms.reason,
            "follows": _what_follows(case, terms, rule, members),
            "asks": rule.approval == "same",
        }


def form_key(visit: Visit, written: str) -> str:
    """The name of a form, so that sending it twice does it once: its own key, and whose it is.

    Raises:
        BadInput: it is none that a page of ours makes.
    """
    if not 8 <= len(written) <= LONGEST_KEY or not written.isascii() or not written.isprintable():
        raise BadInput("parameter_invalid", "The form has no key of its own.", hint="Open the page again.")
    return f"dashboard {visit.viewer.person.key} {written}"


def _end_word(request: Request, *, freely: bool, owner: bool) -> str:
    running = request.state is State.ACTIVE and not grant_of(request).ending
    if may_be_open(request):
        return "End again"
    return "End now" if running and (freely or owner) else ""


def _what_follows(case: Case, terms: Entitlement, rule: Extend, members: Memberships) -> str:
    """The words of the form in Slack (`slack/grantforms.py`)."""
    times = f"Extension {len(grant_of(case.request).extensions) + 1} of {rule.max_times}."
    if rule.approval == "none":
        return f"{times} Nobody needs to approve it."
    holder = case.request.requester or Person(key="nobody", name="nobody")
    return f"{times} {whom(foretell(members.members, terms, holder))} The old end holds until they approve."
