"""Approving with less: what may be granted instead of all that was asked, and what several approvers grant together.

Theory. A choice is a shorter time, a narrower scope, or both; never more than was asked. Scopes are ordered by the
policy. What settles is the shortest time and the narrowest scope that any approving vote names, so the order of the
votes does not matter and nobody is taken to have agreed to more than they said.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from approvalbot.policy.durations import show_duration
from approvalbot.policy.entitlement import CHOICES_S, Entitlement
from approvalbot.policy.narrower import NarrowerScope
from approvalbot.request.change import Terms
from approvalbot.request.request import Less, Request, Vote


@dataclass(frozen=True, slots=True)
class Choices:
    """What an approver may grant instead: times in seconds, rising and each shorter than asked; scopes, wide first.

    `asked` is what the whole scope is called.
    """

    durations_s: tuple[int, ...] = ()
    scopes: tuple[NarrowerScope, ...] = ()
    asked: str = ""

    @property
    def are_none(self) -> bool:
        """Whether there is nothing but the whole to approve."""
        return not self.durations_s and not self.scopes

    def hold(self, less: Less) -> bool:
        """Whether somebody may grant this: less in at least one way, and each way on the list."""
        names = {one.id for one in self.scopes}
        return bool(less.duration_s or less.scope) and (
            less.duration_s in {0, *self.durations_s} and (not less.scope or less.scope in names)
        )

    def within(self, other: "Choices") -> "Choices":
        """Those of these choices that another version of the policy offers too, and means the same by."""
        return Choices(
            tuple(one for one in self.durations_s if one in other.durations_s),
            tuple(one for one in self.scopes if one in other.scopes),
            self.asked,
        )


NONE = Choices()


def choices_of(request: Request, terms: Terms) -> Choices:
    """What these terms offer instead of what the request asks. What has already happened cannot be had with less."""
    if request.kind == "review" or (request.kind == "gate" and not request.accepts_less):
        return NONE
    narrower = terms.narrower
    scopes, asked = (narrower.scopes, narrower.asked) if narrower else ((), "")
    if not isinstance(terms, Entitlement) or request.wish is None:
        return Choices((), scopes, asked)
    # More time for a grant keeps the scope that the grant has.
    offered = CHOICES_S if request.extends else terms.duration.offered_s
    shorter = tuple(one for one in offered if one < request.wish.duration_s)
    return Choices(shorter, () if request.extends else scopes, asked)


def settled_less(request: Request, terms: Terms, approving: Iterable[Vote]) -> Less | None:
    """What approving votes grant together: the shortest time and the narrowest scope that any of them names."""
    granted = [vote.less for vote in approving if vote.less is not None]
    if not granted:
        return None
    durations = [one.duration_s for one in granted if one.duration_s]
    place_of = terms.narrower.place_of if terms.narrower else bool
    scope = max((one.scope for one in granted), key=place_of)
    chosen = terms.narrower.named(scope) if terms.narrower else None
    return Less(
        duration_s=min(durations, default=0),
        scope=scope,
        label=chosen.label if chosen else "",
        # An entitlement's parameters are its provider's business; a gate's are what its caller has to know.
        terms=dict(chosen.with_) if chosen and request.kind == "gate" else {},
    )


def granted_s(request: Request) -> int:
    """For how many seconds access is given: as asked, or the shorter time that was approved."""
    less = request.decision.less if request.decision else None
    asked_s = request.wish.duration_s if request.wish else 0
    return less.duration_s if less is not None and less.duration_s else asked_s


def granted_scope(request: Request, terms: Terms) -> NarrowerScope | None:
    """The narrower scope that was approved; None where it is all that was asked."""
    less = request.decision.less if request.decision else None
    return terms.narrower.named(less.scope) if less is not None and less.scope and terms.narrower else None


def less_in_words(request: Request, terms: Terms, less: Less) -> str:
    """`1 h instead of 4 h, read-only instead of admin`: plain text, of what the policy and we say ourselves."""
    parts = []
    if less.duration_s and request.wish is not None:
        parts.append(f"{show_duration(less.duration_s)} instead of {show_duration(request.wish.duration_s)}")
    chosen = terms.narrower.named(less.scope) if terms.narrower and less.scope else None
    if chosen is not None and terms.narrower is not None:
        parts.append(f"{chosen.label} instead of {terms.narrower.asked}")
    return ", ".join(parts)
