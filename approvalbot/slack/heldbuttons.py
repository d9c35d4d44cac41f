"""The buttons of running access: more time, and the end of it. Only those are offered that could do something."""

from approvalbot.request.case import Case
from approvalbot.request.change import Terms
from approvalbot.request.held import may_be_ended, may_be_extended, may_be_open
from approvalbot.request.request import Request, State
from approvalbot.slack.text import Block, button
from approvalbot.slack.values import Values

END_NOW, EXTEND = "grant.end", "grant.extend"


def card_buttons(case: Case, values: Values) -> list[Block]:
    """On a card, which everybody of the channel sees: an owner may end what its holder may not."""
    request = case.request
    running = request.state is State.ACTIVE and request.grant is not None and not request.grant.ending
    return _buttons(request, case.terms, values, end=running)


def holder_buttons(request: Request, terms: Terms, values: Values) -> list[Block]:
    """In the messages and on the home tab of whoever holds it."""
    return _buttons(request, terms, values, end=may_be_ended(request, terms))


def _buttons(request: Request, terms: Terms, values: Values, *, end: bool) -> list[Block]:
    value, name = values.write(request.id, request.content), f"the access of request {request.short_id}"
    made = []
    if may_be_extended(request, terms):
        made.append(button("Extend…", EXTEND, value, f"Extend {name}"))
    if end:
        made.append(button("End now", END_NOW, value, f"End {name}"))
    if may_be_open(request):
        made.append(button("End again", END_NOW, value, f"Try once more to end {name}"))
    return made
