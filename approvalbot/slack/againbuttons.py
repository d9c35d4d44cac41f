"""The button that asks for access once more, pure: after a no, silence or an end, and for more than was given."""

from approvalbot.request.case import Case
from approvalbot.slack.lesswords import less_of
from approvalbot.slack.text import Block, button
from approvalbot.slack.values import Values

AGAIN = "request.again"

LOST_THE_RIGHT = {"left_group", "deactivated"}
"""Why access ended of people who may ask for it no longer: the button could only be refused."""


def again_buttons(case: Case, what: str, values: Values) -> list[Block]:
    """What the message about `what` offers whoever asked; more time for a grant is asked for on the grant itself."""
    request = case.request
    if request.kind != "access" or request.extends:
        return []
    labels = {"denied": "Ask again with changes", "expired": "Ask again", "ended": "Ask again"}
    if request.grant is not None and request.grant.ending in LOST_THE_RIGHT:
        return []
    label = "Ask for more" if what == "active" and less_of(case) is not None else labels.get(what, "")
    value = values.write(request.id, request.content)
    return [button(label, AGAIN, value, f"{label}, for request {request.short_id}")] if label else []
