"""views.*: opening, pushing and changing modals, publishing Home tabs; and blocks.validate."""

from typing import Any

from approvalbot.workspace.api.call import Call, Method, Methods
from approvalbot.workspace.api.shapes import view_shape
from approvalbot.workspace.blockkit.places import with_ids
from approvalbot.workspace.blockkit.validate import VIEW_BYTES, validate_message, validate_view, view_bytes
from approvalbot.workspace.blockkit.values import state_values
from approvalbot.workspace.errors import Json, Refusal, argument_fault
from approvalbot.workspace.state.triggers import Trigger
from approvalbot.workspace.state.views import STACK_LIMIT, View
from approvalbot.workspace.workspace import Workspace


def checked_view(workspace: Workspace, view: Any, kind: str, *, replaces: View | None = None) -> Json:
    """A view's body with all ids, checked as Slack checks it. `replaces` may keep its own external_id.

    Raises:
        Refusal: `invalid_arguments` with every fault, `view_too_large` or `duplicate_external_id`.
    """
    faults = validate_view(view)
    if faults:
        messages = [fault.line().replace("[json-pointer:", "[json-pointer:/view") for fault in faults]
        raise Refusal(
            "invalid_arguments",
            errors=[fault.shown() for fault in faults],
            response_metadata={"messages": messages},
        )
    if view["type"] != kind:
        raise argument_fault(f"expected a view of type {kind} [json-pointer:/view/type]")
    if view_bytes(view) > VIEW_BYTES:
        raise Refusal("view_too_large")
    if external_id := view.get("external_id"):
        other = workspace.views.find_external(external_id)
        if other is not None and (replaces is None or other.id != replaces.id):
            raise Refusal("duplicate_external_id")
    return {**view, "blocks": with_ids(view["blocks"])}


def _given_view(call: Call) -> Any:
    try:
        view = call.arguments.decoded("view")
    except (ValueError, RecursionError):
        raise argument_fault("view is not valid JSON [json-pointer:/view]") from None
    if view is None:
        raise argument_fault("missing required field: view")
    return view


def _trigger(call: Call) -> Trigger:
    key = call.arguments.text("trigger_id") or call.arguments.text("interactivity_pointer")
    if not key:
        raise argument_fault("missing required field: trigger_id")
    return call.workspace.triggers.use(key)


def views_open(call: Call) -> Json:
    """Open a modal for the person whose trigger it is."""
    body = checked_view(call.workspace, _given_view(call), "modal")
    trigger = _trigger(call)
    opened = call.workspace.views.open(trigger.user, body)
    return show(call.workspace, fresh(call.workspace, opened, here=trigger.channel))


def views_push(call: Call) -> Json:
    """Open a modal over the one whose button made the trigger."""
    views = call.workspace.views
    body = checked_view(call.workspace, _given_view(call), "modal")
    trigger = _trigger(call)
    stack = views.stacks.get(trigger.user, [])
    if not stack or trigger.from_view is None:
        raise Refusal("not_found")
    if len(stack) >= STACK_LIMIT:
        raise Refusal("push_limit_reached")
    return show(call.workspace, fresh(call.workspace, views.push(trigger.user, body)))


def views_update(call: Call) -> Json:
    """Change a view that is still open. With `hash`, only when nobody changed it meanwhile."""
    view = _open_view(call)
    _check_hash(call, view)
    body = checked_view(call.workspace, _given_view(call), view.type, replaces=view)
    return show(call.workspace, changed_view(call.workspace, view, body))


def _open_view(call: Call) -> View:
    views = call.workspace.views
    view_id, external_id = call.arguments.text("view_id"), call.arguments.text("external_id")
    if not (view_id or external_id):
        raise argument_fault("missing required field: view_id")
    view = views.find(view_id) if view_id else views.find_external(external_id)
    if view is None:
        raise Refusal("not_found")
    return view


def _check_hash(call: Call, view: View | None) -> None:
    given = call.arguments.text("hash")
    if given and (view is None or given != view.hash):
        raise Refusal("hash_conflict")


def views_publish(call: Call) -> Json:
    """Set a person's Home tab."""
    workspace = call.workspace
    if not workspace.config.home_tab:
        raise Refusal("not_enabled")
    user = call.arguments.needed("user_id")
    person = workspace.directory.people.get(user)
    if person is None or person.is_bot or not workspace.directory.app_sees_person(person):
        raise argument_fault("user_id is not a user of this workspace [json-pointer:/user_id]")
    held = workspace.views.homes.get(user)
    _check_hash(call, held)
    body = checked_view(workspace, _given_view(call), "home", replaces=held)
    return show(workspace, fresh(workspace, workspace.views.publish(user, body)))


def fresh(workspace: Workspace, view: View, *, here: str | None = None) -> View:
    """A view just opened, with the state that its inputs start in. `here` is where its person was."""
    return workspace.views.change(view, here=here, state=state_values(view.blocks, {}, {}, {}, here=here))


def changed_view(workspace: Workspace, view: View, body: Json) -> View:
    """A view with a new body; inputs that keep their block_id and action_id keep what was put in, as on Slack."""
    state = state_values(body["blocks"], view.state, {}, {}, here=view.here)
    return workspace.views.change(view, body=body, state=state)


def show(workspace: Workspace, view: View) -> Json:
    """The answer with a view, after telling the page that it changed."""
    workspace.hub.tell(f"{view.type}:{view.user}")
    return {"view": view_shape(workspace.directory, view)}


def blocks_validate(call: Call) -> Json:
    """Check blocks, a message or a view without sending anything."""
    given = [name for name in ("blocks", "message", "view") if name in call.arguments]
    if len(given) != 1:
        raise argument_fault("provide exactly one of blocks, view, or message")
    name = given[0]
    try:
        value = call.arguments.decoded(name)
    except (ValueError, RecursionError):
        raise argument_fault(f"{name} is not valid JSON") from None
    if name == "message":
        if not isinstance(value, dict):
            raise argument_fault("message must be an object")
        value = value.get("blocks", [])
    faults = validate_view(value) if name == "view" else validate_message(value)
    if faults:
        lines = [fault.line() for fault in faults]
        shown = [fault.shown() for fault in faults]
        raise Refusal(f"invalid_{name}", errors=shown, response_metadata={"messages": lines})
    return {}


METHODS: Methods = {
    "views.open": Method(views_open, tier=4),
    "views.push": Method(views_push, tier=4),
    "views.update": Method(views_update, tier=4),
    "views.publish": Method(views_publish, tier=4),
    "blocks.validate": Method(blocks_validate, tokens=()),
}
