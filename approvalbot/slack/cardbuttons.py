"""The buttons of a card, pure: what can be done about an open question, and the way to everything there is to know."""

from approvalbot.plaintext import cut, one_line
from approvalbot.request.case import Case
from approvalbot.request.less import choices_of
from approvalbot.slack.banners import SEVERE
from approvalbot.slack.lookbuttons import look_button
from approvalbot.slack.questionwords import ask_option
from approvalbot.slack.text import Block, button, confirm, overflow
from approvalbot.slack.values import Values, option_value
from approvalbot.slack.words import Labels, labels_of

APPROVE, DENY, LESS, DETAILS = "request.approve", "request.deny", "request.less", "request.details"
PAGE = "request.page"
"""Approve where a passkey is wanted: it opens the request's page, for a press in Slack proves only a session."""
MORE = "request.more"
"""The menu behind the buttons. Each of its options says in its value which action it is, and carries what a button's
value would.
"""
ACTIONS_BLOCK = "request.actions"


def pending_buttons(case: Case, values: Values) -> list[Block]:
    """What can be done about an open question, from the card."""
    value = values.write(case.request.id, case.request.content)
    return [
        *decide_buttons(case, values),
        *look_button(case, value),
        overflow(MORE, [(text, option_value(action, value)) for action, text in _menu(case)]),
    ]


def decide_buttons(case: Case, values: Values) -> list[Block]:
    """Yes and no: on the card, and on the home tab of whoever was asked."""
    labels, value = labels_of(case), values.write(case.request.id, case.request.content)
    name = f"request {case.request.short_id}, {case.about.title}"
    return [
        _approve(case, values, labels, value, f"{labels.approve} {name}"),
        button(labels.deny, DENY, value, f"{labels.denying} {name}", style="danger"),
    ]


def _menu(case: Case) -> list[tuple[str, str]]:
    """What else can be done about an open question: the action, and its words. Slack takes five."""
    less = [] if choices_of(case.request, case.terms).are_none else [(LESS, "Approve with less…")]
    return [*less, *ask_option(case), (DETAILS, "Full details")]


def _approve(case: Case, values: Values, labels: Labels, value: str, name: str) -> Block:
    page = values.page(case.request.id)
    if case.terms.approval.assurance == "step_up" and page:
        return button(f"{labels.approve} with passkey…", PAGE, value, name, style="primary", url=page)
    return button(labels.approve, APPROVE, value, name, style="primary", confirm=_confirm(case, labels))


def details_button(case: Case, values: Values) -> Block:
    """Everything there is to know, in a form."""
    value = values.write(case.request.id, case.request.content)
    return button("Details", DETAILS, value, f"Details of request {case.request.short_id}")


def _confirm(case: Case, labels: Labels) -> Block | None:
    """High and critical ask once more, repeating what on what (ux.md section 2)."""
    approval = case.terms.approval
    if case.about.severity not in SEVERE or approval.reason.approve == "required" or approval.confirm is not None:
        return None
    about = case.about
    what = cut(one_line(about.summary or f"{about.who}: {about.action} on {about.resource}"), 280)
    return confirm(f"{labels.approve} this?", what, labels.approve)
