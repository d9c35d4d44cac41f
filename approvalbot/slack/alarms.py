"""Alarms about a policy rather than about one of its requests: a storm of events must not become a storm of these."""

from approvalbot.request.case import Case
from approvalbot.slack.ports import Memory

WARN_AGAIN_S = 3600
"""Seconds before the same warning is said again."""

OF_POLICIES = ("policy_error",)


def is_news(memory: Memory, case: Case, what: str, key: str) -> bool:
    """Whether an alarm is to be said: one about a policy once an hour, every other always.

    `key` names the effect: the one that was first stays the first when it is tried again.
    """
    if what not in OF_POLICIES:
        return True
    policy = f"{what} {case.terms.id}"
    return memory.hold("alarmed", policy, key, for_s=WARN_AGAIN_S) or memory.recall("alarmed", policy) == key
