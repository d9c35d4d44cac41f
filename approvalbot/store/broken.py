"""What the owners of broken policies were told, shared by every process: one of several says it, and one that it ended.

The marks have no end of their own: they go when the policies load again, or when a process starts on ones that do.
"""

from redis import Redis

from approvalbot.store import keys
from approvalbot.store.raw import answering, text

_CLAIM = """
if redis.call('HGET', KEYS[1], ARGV[1]) == ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[2])
return 1
"""


class BrokenPolicies:
    """By owner, the digest of what they were told. Every method may raise `Unavailable`."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis
        self._claim = redis.register_script(_CLAIM)

    def claim(self, owner: str, digest: str) -> bool:
        """Whether this is new to the owner; from now on it is not, and whoever got the yes says it."""
        with answering():
            return bool(self._claim(keys=[keys.BROKEN_POLICIES], args=[owner, digest]))

    def forget(self, owner: str) -> None:
        """What was claimed was not said."""
        with answering():
            self._redis.hdel(keys.BROKEN_POLICIES, owner)

    def owners(self) -> list[str]:
        """Whoever was told of a fault and not yet of its end."""
        with answering():
            return sorted(text(owner) for owner in self._redis.hkeys(keys.BROKEN_POLICIES))

    def end(self, owner: str) -> bool:
        """Take an owner off; of several processes that ask at once, one gets the yes and says that it ended."""
        with answering():
            return bool(self._redis.hdel(keys.BROKEN_POLICIES, owner))
