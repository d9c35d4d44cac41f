"""Modals: submitting one, what the bot's answer does to the stack, and closing."""

from collections.abc import Mapping
from typing import Any

from approvalbot.workspace.api.shapes import view_shape
from approvalbot.workspace.api.views import changed_view, checked_view, fresh
from approvalbot.workspace.blockkit.values import missing_or_wrong, stateful
from approvalbot.workspace.deliveries.acting import check_installed, open_view
from approvalbot.workspace.deliveries.choosing import filled
from approvalbot.workspace.deliveries.deliver import deliver
from approvalbot.workspace.deliveries.link import Delivery, Reply
from approvalbot.workspace.deliveries.outcome import Outcome, outcome_of, refusal_sentence
from approvalbot.workspace.deliveries.payloads import envelope, trigger
from approvalbot.workspace.errors import Json, Refusal, Unable
from approvalbot.workspace.state.cast import Person
from approvalbot.workspace.state.traffic import Entry
from approvalbot.workspace.state.views import STACK_LIMIT, View
from approvalbot.workspace.workspace import Workspace

TROUBLE = "We had some trouble connecting. Try again?"


async def submit(
    workspace: Workspace, person: Person, view_id: str | None, given: Mapping[str, Mapping[str, Any]]
) -> Outcome:
    """Submit the modal on top with plain values for its inputs.

    What Slack's client itself would refuse (an empty required field, a number out of bounds) is refused here too,
    without a delivery.
    """
    check_installed(workspace)
    view = open_view(workspace, person, view_id)
    if view.body.get("submit") is None:
        raise Unable("this form has no submit button")
    if view.body.get("submit_disabled"):
        raise Unable("the app has switched the submit button off")
    values = filled(workspace, person, view.blocks, view.state, given)
    view = workspace.views.change(view, state=values)
    if wrong := missing_or_wrong(view.blocks, values):
        return Outcome(errors=wrong, delivered=False)
    payload = envelope(workspace, "view_submission", person)
    payload["trigger_id"] = trigger(workspace, person, "view_submission", view)
    payload["view"] = view_shape(workspace.directory, view)
    payload["response_urls"] = _response_urls(workspace, person, view)
    workspace.last_press_s = workspace.clock.now_s()
    reply, entry = await deliver(workspace, Delivery("interactive", "view_submission", payload), person.id)
    outcome = _apply(workspace, view, reply, entry)
    workspace.hub.tell(f"modal:{person.id}")
    return outcome


def _response_urls(workspace: Workspace, person: Person, view: View) -> list[Json]:
    """A response_url into each conversation that was chosen in a select with `response_url_enabled`."""
    urls = []
    for place in stateful(view.blocks):
        held = view.state[place.block_id][place.action_id]
        channel = held.get("selected_conversation") or held.get("selected_channel")
        if place.element.get("response_url_enabled") and channel:
            url = workspace.origin + workspace.response_urls.make(channel, person.id)
            ids = {"block_id": place.block_id, "action_id": place.action_id, "channel_id": channel}
            urls.append({**ids, "response_url": url})
    return urls


def _apply(workspace: Workspace, view: View, reply: Reply, entry: Entry) -> Outcome:
    """Do to the stack what the bot's answer says. An answer that Slack does not understand leaves the modal open."""
    if reply.failure:
        return outcome_of(entry, TROUBLE)
    if not reply.body.strip():
        workspace.views.close(view)
        return outcome_of(entry)
    answer = reply.json()
    if answer is None:
        return outcome_of(entry, f"{TROUBLE} (the answer is not a JSON object)")
    try:
        return _obey(workspace, view, answer, entry)
    except Refusal as refusal:
        return outcome_of(entry, f"{TROUBLE} ({refusal_sentence(refusal)})")


def _obey(workspace: Workspace, view: View, answer: Json, entry: Entry) -> Outcome:
    match answer.get("response_action"):
        case None if not answer:
            workspace.views.close(view)
        case "clear":
            workspace.views.close_all(view.user)
        case "errors":
            return outcome_of(entry, errors=_input_errors(view, answer))
        case "update":
            body = checked_view(workspace, answer.get("view"), "modal", replaces=view)
            if workspace.views.find(view.id) is not None:
                changed_view(workspace, view, body)
        case "push":
            if len(workspace.views.stacks.get(view.user, [])) >= STACK_LIMIT:
                raise Refusal("push_limit_reached")
            body = checked_view(workspace, answer.get("view"), "modal")
            if workspace.views.top(view.user) is not None:
                fresh(workspace, workspace.views.push(view.user, body))
        case other:
            return outcome_of(entry, f"{TROUBLE} (response_action {other!r} is not one)")
    return outcome_of(entry)


def _input_errors(view: View, answer: Json) -> dict[str, str]:
    """The sentences beside the inputs.

    Raises:
        Refusal: there are none, or one names a block that is no input of the view; Slack shows neither.
    """
    errors = answer.get("errors")
    inputs = {block["block_id"] for block in view.blocks if block["type"] == "input"}
    if not isinstance(errors, dict) or not errors or not errors.keys() <= inputs:
        raise Refusal("errors must name input blocks of the view")
    return {str(key): str(value) for key, value in errors.items()}


async def close(workspace: Workspace, person: Person, view_id: str | None, *, whole: bool = False) -> Outcome:
    """Close the modal on top; `whole` closes the stack, as the corner button of a stacked modal does.

    A modal with `clear_on_close` takes the whole stack with it. Each closed one with `notify_on_close` tells the bot.
    """
    view = open_view(workspace, person, view_id)
    clears = whole or bool(view.body.get("clear_on_close"))
    closed = workspace.views.close_all(person.id) if clears else workspace.views.close(view)
    workspace.hub.tell(f"modal:{person.id}")
    outcome = Outcome(delivered=False)
    for one in closed:
        if one.body.get("notify_on_close") and workspace.installed:
            payload = envelope(workspace, "view_closed", person)
            payload["view"] = view_shape(workspace.directory, one)
            payload["is_cleared"] = clears
            _, entry = await deliver(workspace, Delivery("interactive", "view_closed", payload), person.id)
            outcome = outcome_of(entry)
    return outcome
