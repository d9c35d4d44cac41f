"""Pressing and choosing: block_actions, from a message, a modal or the Home tab."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from approvalbot.workspace.blockkit.places import Place
from approvalbot.workspace.blockkit.values import STATE, option_of, state_value
from approvalbot.workspace.deliveries.acting import channel_of, check_installed, open_view, place_of, seen_message
from approvalbot.workspace.deliveries.choosing import filled, offers_of
from approvalbot.workspace.deliveries.deliver import deliver
from approvalbot.workspace.deliveries.link import Delivery
from approvalbot.workspace.deliveries.outcome import Outcome, outcome_of
from approvalbot.workspace.deliveries.payloads import envelope, message_place, trigger, view_place
from approvalbot.workspace.errors import Json, Unable
from approvalbot.workspace.state.cast import Person
from approvalbot.workspace.state.messages import Message
from approvalbot.workspace.workspace import Workspace

BUTTONS = frozenset({"button", "icon_button"})


@dataclass(frozen=True, slots=True)
class Press:
    """What somebody pressed. `value` is the plain value that was chosen, for menus and inputs.

    `values` are the inputs on the same surface as they stand on the screen, by block_id and action_id. `confirmed`
    says that the confirm dialog was accepted.
    """

    action_id: str
    block_id: str | None = None
    value: Any = None
    values: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    confirmed: bool = False


async def press_in_message(workspace: Workspace, person: Person, channel_id: str, ts: str, press: Press) -> Outcome:
    """Press something in a message that the person sees."""
    channel = channel_of(workspace, person, channel_id)
    message = seen_message(workspace, person, channel, ts)
    blocks = [*message.blocks, *(block for one in message.attachments for block in one.get("blocks", ()))]
    place = place_of(blocks, press.action_id, press.block_id)
    if channel.is_archived:
        raise Unable(f"#{channel.name} is archived: nothing in it can be pressed")
    if confirm := _unconfirmed(place, press):
        return Outcome(needs_confirm=confirm, delivered=False)
    values = filled(workspace, person, blocks, {}, _given(place, press))
    payload = envelope(workspace, "block_actions", person)
    payload |= message_place(workspace, message, channel, person)
    payload["container"] |= _attachment(message, place)
    payload["state"] = {"values": values}
    payload["trigger_id"] = trigger(workspace, person, "block_actions", channel=channel.id)
    return await _send(workspace, person, payload, place, press)


async def press_in_view(
    workspace: Workspace, person: Person, view_id: str | None, press: Press, *, home: bool = False
) -> Outcome:
    """Press something in the modal on top of the person's stack, or in their Home tab."""
    view = open_view(workspace, person, view_id, home=home)
    place = place_of(view.blocks, press.action_id, press.block_id)
    if confirm := _unconfirmed(place, press):
        return Outcome(needs_confirm=confirm, delivered=False)
    values = filled(workspace, person, view.blocks, view.state, _given(place, press))
    view = workspace.views.change(view, state=values)
    if place.block["type"] == "input" and not place.block.get("dispatch_action"):
        return Outcome(delivered=False)
    payload = envelope(workspace, "block_actions", person) | view_place(workspace, view)
    payload["trigger_id"] = trigger(workspace, person, "block_actions", view)
    return await _send(workspace, person, payload, place, press)


async def _send(workspace: Workspace, person: Person, payload: Json, place: Place, press: Press) -> Outcome:
    check_installed(workspace)
    element = place.element
    if element["type"] == "workflow_button":
        raise Unable("a workflow button starts a workflow; the app hears nothing of it")
    payload["actions"] = [action_of(workspace, person, place, press)]
    workspace.last_press_s = workspace.clock.now_s()
    reply, entry = await deliver(workspace, Delivery("interactive", "block_actions", payload), person.id)
    failure = entry.failure if reply.failure else ""
    return outcome_of(entry, failure, opens=element.get("url") if element["type"] in BUTTONS else None)


def action_of(workspace: Workspace, person: Person, place: Place, press: Press) -> Json:
    """The item of `actions[]`: the element's ids and what it says now."""
    element = place.element
    kind = element["type"]
    action: Json = {
        "action_id": place.action_id,
        "block_id": place.block_id,
        "type": kind,
        "action_ts": f"{workspace.clock.now_s():.6f}",
    }
    if kind in BUTTONS:
        kept = ("text", "value", "style", "url", "accessibility_label")
        return action | {key: element[key] for key in kept if key in element}
    if kind == "feedback_buttons":
        return action | _feedback(element, press.value)
    if kind == "overflow":
        return action | {"selected_option": option_of(element, press.value, {})}
    chosen = state_value(element, press.value, offers_of(workspace, person))
    initial = {key: element[key] for key in element if key.startswith("initial_")}
    return action | initial | chosen


def _feedback(element: Json, value: Any) -> Json:
    for name in ("positive_button", "negative_button"):
        if element[name]["value"] == value:
            return {"text": element[name]["text"], "value": value}
    raise Unable(f"{value!r} is neither of the two feedback buttons", status=404)


def _attachment(message: Message, place: Place) -> Json:
    """What the container adds for a block inside an attachment: its number, counted from 1."""
    for number, attachment in enumerate(message.attachments, start=1):
        if any(one.get("block_id") == place.block_id for one in attachment.get("blocks", ())):
            return {"attachment_id": number}
    return {}


def _given(place: Place, press: Press) -> Mapping[str, Mapping[str, Any]]:
    """The values on the screen, what was chosen just now among them."""
    if place.element["type"] not in STATE:
        return press.values
    own = {**press.values.get(place.block_id, {}), place.action_id: press.value}
    return {**press.values, place.block_id: own}


def _unconfirmed(place: Place, press: Press) -> Json | None:
    confirm: Json | None = place.element.get("confirm")
    return None if press.confirmed else confirm
