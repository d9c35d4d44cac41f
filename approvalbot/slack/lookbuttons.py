"""The buttons of a claim, pure: on the card for everybody, and in private for whoever looks."""

from approvalbot.policy.durations import show_duration
from approvalbot.request.case import Case
from approvalbot.request.looking import MOST_TURNS
from approvalbot.slack.text import Block, button, safe, section, when
from approvalbot.slack.values import Values

CLAIM, TAKE_OVER, KEEP, RELEASE = "request.claim", "request.take_over", "request.keep", "request.release"


def look_button(case: Case, value: str) -> list[Block]:
    """To say that one looks, or to take over from whoever does; none where the policy knows no claims."""
    if not case.terms.approval.claim_s:
        return []
    request = case.request
    if request.claim is None:
        return [button("I'm looking", CLAIM, value, f"Say that you look at request {request.short_id}")]
    label = f"Take request {request.short_id} over from {request.claim.by.name}"
    return [button("Take over", TAKE_OVER, value, label)]


def looker_blocks(case: Case, values: Values, text: str) -> list[Block]:
    """What whoever looks is told in private: with a button to keep it, as long as they may, and one to let it go."""
    request, claim = case.request, case.request.claim
    if claim is None:
        return [section(text)]
    value, name = values.write(request.id, request.content), f"request {request.short_id}"
    made = []
    if request.looked.get(claim.by.key, 0) < MOST_TURNS:
        length = show_duration(case.terms.approval.claim_s)
        made.append(button(f"Keep {length}", KEEP, value, f"Keep looking at {name} for {length}"))
    made.append(button("Release", RELEASE, value, f"Stop looking at {name}"))
    return [section(text), {"type": "actions", "elements": made}]


def still_looking(case: Case) -> str:
    """The question to whoever looks, a minute before it ends."""
    claim = case.request.claim
    left = f"1 min left, until {when(claim.until)}: " if claim is not None else ""
    return f"Still looking? {left}*{safe(case.about.title, 120)}*"
