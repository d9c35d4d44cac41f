"""Where the card of a request stands in Slack, and which posts have an unknown outcome.

A post cannot be made idempotent in Slack, so each has a purpose (`card:C0AWS`, `escalation:1`), and a purpose is marked
*sending* before the call and *posted* after it. Found as *sending* by a later attempt, its outcome is unknown: it is
posted once more, marked as a repeat.
"""

from collections.abc import Mapping

from redis import Redis

from approvalbot.request.posting import Posting
from approvalbot.store import keys
from approvalbot.store.raw import answering, raw, text


class PostingStore:
    """The postings of every request."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis

    def all(self, request_id: str) -> dict[str, Posting]:
        """What was posted, by purpose."""
        with answering():
            found = self._redis.hgetall(keys.postings(request_id))
        return {text(purpose): Posting.model_validate_json(raw(stored)) for purpose, stored in found.items()}

    def put(self, request_id: str, purpose: str, posting: Posting) -> None:
        """Record one posting."""
        with answering():
            self._redis.hset(keys.postings(request_id), purpose, posting.model_dump_json(exclude_defaults=True))

    def put_all(self, purpose: str, postings: Mapping[str, Posting], *, only_new: bool = False) -> None:
        """Record one message that stands for many requests: for each by its id, what it shows of it."""
        with answering():
            pipe = self._redis.pipeline(transaction=False)
            put = pipe.hsetnx if only_new else pipe.hset
            for request_id, posting in postings.items():
                put(keys.postings(request_id), purpose, posting.model_dump_json(exclude_defaults=True))
            pipe.execute()

    def drop(self, request_id: str, purpose: str) -> None:
        """Forget one posting: its message or its channel is gone."""
        with answering():
            self._redis.hdel(keys.postings(request_id), purpose)
