"""The pages to read, each for the role that it names, and the forms on them."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.routing import BaseRoute, Route

from approvalbot.dashboard.deliveries import DeliveryPages
from approvalbot.dashboard.door import Endpoint
from approvalbot.dashboard.explaining import ExplainPages
from approvalbot.dashboard.insight import InsightPages
from approvalbot.dashboard.people import PeoplePages
from approvalbot.dashboard.policies import PolicyPages
from approvalbot.dashboard.sources import SourcePages
from approvalbot.dashboard.system import SystemPage
from approvalbot.dashboard.trail_pages import TrailPages


@dataclass(frozen=True, slots=True)
class ReadingPages:
    """Everything that people look up here. `/people` and `/system` show everybody what is theirs."""

    policies: PolicyPages
    explain: ExplainPages
    insight: InsightPages
    trail: TrailPages
    deliveries: DeliveryPages
    sources: SourcePages
    people: PeoplePages
    system: SystemPage

    def routes(self, page: Callable[..., Endpoint]) -> list[BaseRoute]:
        """The routes. `page` lets a handler be called through the door, by whoever has the role beside it."""
        return [
            Route("/policies", page(self.policies.show, "viewer"), methods=["GET"]),
            Route("/policies/{key:path}", page(self.policies.one, "viewer"), methods=["GET"]),
            Route("/explain", page(self.explain.form, "auditor"), methods=["GET"]),
            Route("/explain", page(self.explain.explain, "auditor"), methods=["POST"]),
            Route("/insight", page(self.insight.show, "viewer"), methods=["GET"]),
            Route("/trail", page(self.trail.show, "auditor"), methods=["GET"]),
            Route("/trail/verify", page(self.trail.verify, "auditor"), methods=["POST"]),
            Route("/trail/export", page(self.trail.export, "auditor"), methods=["POST"]),
            Route("/deliveries", page(self.deliveries.show, "admin"), methods=["GET"]),
            Route("/deliveries/resend", page(self.deliveries.resend, "admin"), methods=["POST"]),
            Route("/sources", page(self.sources.show, "admin"), methods=["GET"]),
            Route("/people", page(self.people.show), methods=["GET"]),
            Route("/people/sessions/end", page(self.people.end_sessions, "admin"), methods=["POST"]),
            Route("/people/{id}", page(self.people.one), methods=["GET"]),
            Route("/system", page(self.system.show), methods=["GET"]),
        ]
