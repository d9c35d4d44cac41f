"""A wish for access, checked against its entitlement: inputs, time and reason. Who may ask is the caller's to know."""

import re
from collections.abc import Mapping
from datetime import date

from approvalbot.errors import AccessRefused
from approvalbot.policy.conditions.regexes import compile_regex
from approvalbot.policy.durations import show_duration
from approvalbot.policy.entitlement import Entitlement, Input
from approvalbot.policy.faults import EvaluationFault

_USER = re.compile(r"[UW][A-Z0-9]{2,20}")
"""A Slack user id, as the form's menu of people gives it."""

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def check_wish(
    terms: Entitlement,
    *,
    duration_s: int,
    reason: str,
    inputs: Mapping[str, str],
    requestable: bool = True,
) -> None:
    """Do nothing for a wish that may become a request. `requestable` says whether the person may ask at all.

    Raises:
        AccessRefused: `not_requestable`, `input_invalid`, `duration_too_long` or `reason_too_short`; the first of them.
    """
    if not requestable:
        raise AccessRefused(
            "not_requestable", "You are not among the people who may ask for {title}.", title=terms.title
        )
    known = {one.id: one for one in terms.inputs}
    for name in inputs:
        if name not in known:
            hint = f"It takes {', '.join(known)}." if known else "It takes none."
            raise AccessRefused(
                "input_invalid", "{title} has no input {name}.", hint=hint, title=terms.title, name=name
            )
    for one in terms.inputs:
        check_input(one, inputs.get(one.id, ""))
    if duration_s > terms.duration.max_s:
        raise AccessRefused(
            "duration_too_long",
            "At most {most} for {title}; choose less.",
            most=show_duration(terms.duration.max_s),
            title=terms.title,
        )
    check_reason(terms, reason)


def check_input(one: Input, value: str) -> None:
    """Do nothing for a value that an input takes; an empty one counts as not given.

    Raises:
        AccessRefused: `input_invalid`, with what the input takes.
    """
    if not value.strip():
        if one.required:
            raise _bad(one, "{label} is required.")
        return
    if len(value) > one.max_length:
        raise _bad(
            one, "{label} has {count} characters; at most {most} are taken.", count=len(value), most=one.max_length
        )
    if one.type == "select" and value not in {option.value for option in one.options}:
        labels = ", ".join(option.label for option in one.options[:10])
        raise _bad(one, "{label}: {value} is not on the list.", hint=f"Choose one of {labels}.", value=value)
    if one.type == "date" and not _is_date(value):
        raise _bad(one, "{label}: {value} is no date.", hint="Write it as 2026-12-31.", value=value)
    if one.type == "user" and not _USER.fullmatch(value):
        raise _bad(one, "{label}: {value} is nobody of this workspace.", hint="Choose a person.", value=value)
    if one.pattern is not None and not _fits(one.pattern, value):
        raise _bad(
            one, "{label}: {value} does not have the form it needs.", hint="It must match {pattern}.", value=value
        )


def _fits(pattern: str, value: str) -> bool:
    try:
        return compile_regex(pattern, whole=True).search(value)
    except EvaluationFault:  # too long to tell, so it does not
        return False


def check_reason(terms: Entitlement, reason: str) -> None:
    """Do nothing for a reason that is long enough and not too long.

    Raises:
        AccessRefused: `reason_too_short`, or `input_invalid` for one that is too long.
    """
    length, rule = len(reason.strip()), terms.reason
    if rule.required and length < max(rule.min_length, 1):
        raise AccessRefused(
            "reason_too_short",
            "{title} needs a reason of at least {least} characters; this one has {count}.",
            hint="Say what you will do and why now.",
            title=terms.title,
            least=max(rule.min_length, 1),
            count=length,
        )
    if length > rule.max_length:
        sentence = "The reason has {count} characters; at most {most} are taken."
        raise AccessRefused("input_invalid", sentence, count=length, most=rule.max_length)


def _bad(one: Input, sentence: str, *, hint: str = "", **facts: object) -> AccessRefused:
    return AccessRefused(
        "input_invalid", sentence, hint=hint, input=one.id, label=one.label, pattern=one.pattern, **facts
    )


def not_a_member(one: Input, value: str) -> AccessRefused:
    """The refusal of a person who is deactivated, a guest, a bot or of another company."""
    sentence = "{label}: {value} is no active, full member of this workspace."
    return _bad(one, sentence, hint="Choose another person.", value=value)


def _is_date(value: str) -> bool:
    # Python reads other forms of a date too; whoever gets the value should meet one.
    if not _DATE.fullmatch(value):
        return False
    try:
        date.fromisoformat(value)
    except ValueError:
        return False
    return True
