"""Explaining an event: which policies would ask about it, and why or why not. Nothing is received, nobody asked."""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

from approvalbot.dashboard.door import Door, Visit
from approvalbot.dashboard.policies import policy_path
from approvalbot.errors import BadInput
from approvalbot.events.event import Event
from approvalbot.flow.excluding import event_asked_about
from approvalbot.policy.conditions.view import View
from approvalbot.policy.deliveries import events_in
from approvalbot.policy.envelopes import Delivered
from approvalbot.policy.explain import Explanation, explain, explain_tree
from approvalbot.policy.explain_text import tree_lines, verdict_text
from approvalbot.policy.people import may_send
from approvalbot.policy.policyset import PolicySet
from approvalbot.request.case import Case

MOST_EVENTS = 5
MOST_SHOWN = 100
"""Policies explained for one event: a page of more is one that nobody reads. Those that match come first."""


@dataclass(frozen=True, slots=True)
class Told:
    """What is said of one policy."""

    explanation: Explanation
    path: str
    verdict: str
    tree: str


@dataclass(frozen=True, slots=True)
class EventTold:
    """What is said of one event. `elsewhere` are policies of other sources, `left` those of this one not shown."""

    event: Event
    refused: bool
    told: Sequence[Told]
    elsewhere: int
    left: int


@dataclass(frozen=True, slots=True)
class ExplainPages:
    """A form for an event, and what it comes to."""

    door: Door

    def form(self, visit: Visit) -> Response:
        """`GET /explain`."""
        return self._page(visit)

    def explain(self, visit: Visit) -> Response:
        """`POST /explain`: it changes nothing; it is a POST since an event has no place in an address."""
        try:
            found = self._explained(visit.form.get("event", ""), visit.form.get("source", ""))
        except BadInput as fault:
            return self._page(visit, refused=fault.text(), status=fault.status)
        return self._page(visit, found=found)

    def _explained(self, written: str, source: str) -> list[EventTold]:
        policies = self.door.journey.policies()
        delivered = Delivered(self.door.journey.requests.now(), source)
        found = events_in(policies, written.encode(), delivered) if written.strip() else iter(())
        events = list(itertools.islice(found, MOST_EVENTS))
        if not events:
            raise BadInput("event_invalid", "There is no event.", hint="Paste one as JSON.")
        return [_told(policies, event) for event in events]

    def _page(self, visit: Visit, *, found: Sequence[EventTold] = (), refused: str = "", status: int = 200) -> Response:
        return self.door.render.page(
            "explain.html",
            visit.viewer,
            status,
            title="Explain an event",
            crumbs=[("/policies", "Policies")],
            sources=sorted(self.door.journey.policies().sources),
            kept={name: visit.form.get(name, "") for name in ("event", "source")},
            found=found,
            refused=refused,
        )


def why_asked(policies: PolicySet, case: Case) -> str:
    """Leaf by leaf why the policy of a request matched its event, as far as that is kept: secrets in it are hidden.

    Empty for a wish, and once the policy reads otherwise: what it says now is not why it asked.
    """
    compiled = next((one for one in policies.compiled if one.policy.key == case.request.policy_id), None)
    if compiled is None or compiled.policy.digest != case.request.policy_digest or not case.about.event:
        return ""
    return "\n".join(tree_lines(explain_tree(compiled.tree, View(event_asked_about(case.about)))))


def _told(policies: PolicySet, event: Event) -> EventTold:
    of_source = [one for one in policies.compiled if event.source_name in one.policy.source]
    matching = {match.policy.key for match in policies.matcher.match(event)}
    first = sorted(of_source, key=lambda one: one.policy.key not in matching)[:MOST_SHOWN]
    explained = [explain(policies, one, event, event.received_at) for one in first]
    explained.sort(key=lambda one: (not one.match, not one.error))
    return EventTold(
        event=event,
        refused=not may_send(policies.sources[event.source_name], event),
        told=[
            Told(one, policy_path(one.policy, ""), verdict_text(one), "\n".join(tree_lines(one.tree)))
            for one in explained
        ],
        elsewhere=len(policies.compiled) - len(of_source),
        left=len(of_source) - len(first),
    )
