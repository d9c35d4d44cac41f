"""A trail with something in it, and what keeps it, for the tests of this folder."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from redis import Redis

from approvalbot.answers.signing import SigningKey, key_set
from approvalbot.audit.retention import Retention
from approvalbot.audit.sealing import Sealer
from approvalbot.policy.documents import Policy
from approvalbot.request.lifecycle import step
from approvalbot.request.trail import Draft
from approvalbot.store.chains import Chains
from approvalbot.store.checkpoints import CheckpointStore
from approvalbot.store.requests import RequestStore
from approvalbot.store.trail import TrailStore
from tests.request.makers import ANN, vote
from tests.store.test_requests import open_one

ORIGIN = "https://bot.example.com"
KEY = SigningKey(b"c" * 32)
KEYS = key_set(KEY)


@dataclass
class Trail:
    """Everything around one trail."""

    redis: Redis
    trail: TrailStore = field(init=False)
    checkpoints: CheckpointStore = field(init=False)
    requests: RequestStore = field(init=False)
    chains: Chains = field(init=False)
    sealer: Sealer = field(init=False)
    retention: Retention = field(init=False)

    def __post_init__(self) -> None:
        self.trail, self.checkpoints = TrailStore(self.redis), CheckpointStore(self.redis)
        self.requests, self.chains = RequestStore(self.redis, Policy.model_validate), Chains(self.redis)
        self.sealer = Sealer(self.trail, self.checkpoints, KEY, ORIGIN)
        self.retention = Retention(self.trail, self.checkpoints, self.requests, self.chains)

    def ask(self, name: str, *, settle: bool = True) -> str:
        """Open a request, and approve it."""
        request_id = name * 20
        open_one(self.requests, request_id=request_id)
        if settle:
            self.approve(request_id)
        return request_id

    def approve(self, request_id: str) -> None:
        case, now = self.requests.load(request_id)
        assert self.requests.commit(step(case.request, case.terms, vote(ANN), now))

    def note(self, name: str = "policies", **detail: str) -> None:
        assert self.chains.append(name, [Draft("noted", detail=detail)])

    def seal(self, at: datetime | None = None) -> int:
        made = self.sealer.seal(at or self.requests.now())
        assert made is not None
        return made.number


def days_ago(days: int) -> datetime:
    return datetime.now(UTC) - timedelta(days=days)
