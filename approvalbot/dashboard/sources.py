"""The senders of events: how each proves itself, what it may do, and how much it sends."""

from collections import Counter
from dataclasses import dataclass

from redis import Redis
from starlette.responses import Response

from approvalbot.dashboard.door import Door, Visit
from approvalbot.policy.environment import Destination, Source
from approvalbot.store.received import Lately, received_lately

PROOFS = {
    "standard_webhooks": "Standard Webhooks signature",
    "bearer": "bearer key",
    "header": "key in a header",
    "hmac": "HMAC signature",
    "github": "GitHub's signature",
    "okta": "Okta event hook",
    "oidc": "OpenID Connect token",
    "mtls": "client certificate",
    "sns": "Amazon SNS signature",
    "none": "nothing: open to everybody",
}


@dataclass(frozen=True, slots=True)
class SourceRow:
    """One source, with what it sent lately."""

    source: Source
    proof: str
    lately: Lately
    policies: int

    @property
    def rate(self) -> str:
        """How many events it sends, over the last day, by the unit that gives a number to read."""
        for unit, length_s in (("s", 1), ("min", 60), ("h", 3600)):
            number = self.lately.last_day * length_s / 86_400
            if number >= 1:
                return f"{number:,.0f}/{unit}" if number >= 10 else f"{number:.1f}/{unit}"
        return f"{self.lately.last_day}/d" if self.lately.last_day else "none"


@dataclass(frozen=True, slots=True)
class SourcePages:
    """Sources and destinations for admins. Secrets are names here, as they are in the policies."""

    door: Door
    redis: Redis

    def show(self, visit: Visit) -> Response:
        """`GET /sources`."""
        policies = self.door.journey.policies()
        names = sorted(policies.sources)
        lately = received_lately(self.redis, names, self.door.journey.requests.now())
        asking = Counter(name for one in policies.compiled for name in one.policy.source)
        rows = [
            SourceRow(source, PROOFS.get(source.auth.type, source.auth.type), lately[name], asking[name])
            for name in names
            if (source := policies.sources[name])
        ]
        destinations: list[Destination] = sorted(policies.destinations.values(), key=lambda one: one.name)
        return self.door.render.page(
            "sources.html", visit.viewer, title="Sources", rows=rows, destinations=destinations
        )
