"""Time that passes for what the store forgets by itself: every key with an end is brought nearer to it."""

from redis import Redis


def time_passes(redis: Redis, seconds: float) -> None:
    """Let so many seconds pass for every key that has an end; what would be over by then is gone."""
    for key in redis.keys("ab:*"):
        left_ms = int(redis.pttl(key))
        if left_ms > seconds * 1000:
            redis.pexpire(key, left_ms - int(seconds * 1000))
        elif left_ms >= 0:
            redis.delete(key)
