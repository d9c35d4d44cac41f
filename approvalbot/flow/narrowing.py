"""Narrowing: what may be approved with less, now: the request's policy, that of today, and whoever waits must agree."""

from approvalbot.flow.today import current_of
from approvalbot.policy.policyset import PolicySet
from approvalbot.request.case import Case
from approvalbot.request.less import NONE, Choices, choices_of
from approvalbot.request.request import Request


def choices_now(policies: PolicySet, case: Case) -> Choices:
    """What somebody could approve instead of all that is asked; none where that would not be understood."""
    if not is_heard(policies, case.request):
        return NONE
    choices = choices_of(case.request, case.terms)
    current = current_of(policies, case)
    # A policy that is deleted or off tightens nothing: the request stands on the one that it was opened under.
    return choices if current is None else choices.within(choices_of(case.request, current))


def is_heard(policies: PolicySet, request: Request) -> bool:
    """Whether whoever waits knows an approval with less from a whole one. Access has nobody waiting but its provider,
    who is told what to give.
    """
    return request.kind == "access" or accepts_less(policies, request.source)


def accepts_less(policies: PolicySet, source: str) -> bool:
    """Whether a source says that its callers understand an approval with less."""
    known = policies.sources.get(source)
    return known is not None and "less" in known.accepts
