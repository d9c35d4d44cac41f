"""Links in Redis: accounts tied to people besides the identity document, and the presses and proposals that wait."""

from collections.abc import Sequence
from dataclasses import asdict

import orjson
from redis import Redis

from approvalbot.request.links import KEPT_S, Account, Link, Proposal
from approvalbot.store import keys
from approvalbot.store.raw import answering, raw, text


class LinkStore:
    """What the flow's port `Links` asks for, shared by every process."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis

    def all(self) -> Sequence[Link]:
        """Every link that stands."""
        with answering():
            held = self._redis.hgetall(keys.LINKS)
        return tuple(_link(orjson.loads(raw(one))) for one in held.values())

    def add(self, link: Link) -> None:
        """Let a link stand; it replaces one of the same account."""
        with answering():
            self._redis.hset(keys.LINKS, link.account.key, orjson.dumps(asdict(link)))

    def remove(self, account: Account) -> bool:
        """Take a link back; gives whether it stood."""
        with answering():
            return bool(self._redis.hdel(keys.LINKS, account.key))

    def keep(self, account: Account, press: str) -> None:
        """Keep a press that waits for the account's link; the same person's earlier one on the same request goes."""
        said = orjson.loads(press)
        key = keys.kept_for(account.key)
        with answering():
            pipe = self._redis.pipeline()
            pipe.hset(key, _presser(said["request_id"], said["slack"]), f"{self._now_ms()} {press}")
            # The key lasts as long as its newest press; each of them counts for its own time only.
            pipe.expire(key, KEPT_S)
            pipe.execute()

    def forget(self, account: Account, request_id: str, slack: str) -> None:
        """Let go of what somebody pressed on a request, if it waits for the account's link."""
        with answering():
            self._redis.hdel(keys.kept_for(account.key), _presser(request_id, slack))

    def take(self, account: Account) -> Sequence[str]:
        """The presses that wait for the account's link; each is given once."""
        key = keys.kept_for(account.key)
        with answering():
            pipe = self._redis.pipeline()
            pipe.hgetall(key)
            pipe.delete(key)
            held, _ = pipe.execute()
            since = self._now_ms() - KEPT_S * 1000
        kept = (text(one).partition(" ") for one in held.values())
        return tuple(press for at, _, press in kept if int(at) > since)

    def propose(self, proposal: Proposal) -> None:
        """Keep a proposal, in place of an earlier one on the same request."""
        with answering():
            self._redis.set(keys.proposed_on(proposal.request_id), orjson.dumps(asdict(proposal)), ex=KEPT_S)

    def proposed(self, request_id: str) -> Proposal | None:
        """The proposal on a request, if one stands."""
        with answering():
            held = self._redis.get(keys.proposed_on(request_id))
        if held is None:
            return None
        said = orjson.loads(raw(held))
        return Proposal(**{**said, "account": Account(**said["account"])})

    def drop(self, request_id: str) -> bool:
        """Take the proposal away; gives whether it was there, so that it is confirmed or refused once."""
        with answering():
            return bool(self._redis.delete(keys.proposed_on(request_id)))

    def _now_ms(self) -> int:
        seconds, micros = self._redis.time()
        return int(seconds) * 1000 + int(micros) // 1000


def _link(said: dict[str, object]) -> Link:
    account = said.pop("account")
    return Link(account=Account(**account), **said)  # type: ignore[arg-type]


def _presser(request_id: str, slack: str) -> str:
    return f"{request_id} {slack}"
