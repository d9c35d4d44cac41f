"""What people put into inputs: from the plain values of a page or a test to the shapes of `state.values`.

A plain value is a text for text inputs, dates, users and single selects (the option's `value`), a list of those for
everything that takes several, and None for "left empty".
"""

import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from approvalbot.workspace.blockkit.elements import LATEST_TIME_S
from approvalbot.workspace.blockkit.places import Place, interactive
from approvalbot.workspace.blockkit.rules import is_date
from approvalbot.workspace.errors import Json, Unable

Offers = Mapping[str, list[Json]]
"""Options that the bot suggested for external selects, by action_id."""

TEXTS = frozenset({"plain_text_input", "email_text_input", "url_text_input", "number_input"})
ONE_OPTION = frozenset({"static_select", "external_select", "radio_buttons"})
MANY_OPTIONS = frozenset({"multi_static_select", "multi_external_select", "checkboxes"})

STATE: Mapping[str, tuple[str, str, bool]] = {
    **dict.fromkeys(TEXTS, ("value", "initial_value", False)),
    **dict.fromkeys(ONE_OPTION, ("selected_option", "initial_option", False)),
    **dict.fromkeys(MANY_OPTIONS, ("selected_options", "initial_options", True)),
    "users_select": ("selected_user", "initial_user", False),
    "conversations_select": ("selected_conversation", "initial_conversation", False),
    "channels_select": ("selected_channel", "initial_channel", False),
    "multi_users_select": ("selected_users", "initial_users", True),
    "multi_conversations_select": ("selected_conversations", "initial_conversations", True),
    "multi_channels_select": ("selected_channels", "initial_channels", True),
    "datepicker": ("selected_date", "initial_date", False),
    "timepicker": ("selected_time", "initial_time", False),
    "datetimepicker": ("selected_date_time", "initial_date_time", False),
    "rich_text_input": ("rich_text_value", "initial_value", False),
    "file_input": ("files", "initial_files", True),
}
"""For each element with a state: where its value stands in the state, where it starts from, whether it is a list."""

REQUIRED = "Please complete this required field."


def stateful(blocks: Iterable[Json]) -> list[Place]:
    """The elements whose value is part of `state.values`: everything but buttons and menus that only act."""
    return [place for place in interactive(blocks) if place.element["type"] in STATE]


def state_values(
    blocks: list[Json],
    before: Mapping[str, Json],
    given: Mapping[str, Mapping[str, Any]],
    offers: Offers,
    *,
    here: str | None = None,
) -> dict[str, Json]:
    """The `state.values` of blocks: what was given now, else what stood there before, else the initial value.

    `here` is the conversation the person was looking at, for selects that start from it.

    Raises:
        Unable: a value was given for an input that is not there, or one that the input cannot hold.
    """
    places = stateful(blocks)
    known = {(place.block_id, place.action_id) for place in places}
    for block_id, actions in given.items():
        for action_id in actions:
            if (block_id, action_id) not in known:
                raise Unable(f"there is no input {action_id!r} in block {block_id!r}", status=404)
    values: dict[str, Json] = {}
    for place in places:
        own = given.get(place.block_id, {})
        held = before.get(place.block_id, {}).get(place.action_id)
        if place.action_id in own:
            held = state_value(place.element, own[place.action_id], offers)
        if held is None or held["type"] != place.element["type"]:
            held = initial_value(place.element, here)
        values.setdefault(place.block_id, {})[place.action_id] = held
    return values


def initial_value(element: Json, here: str | None = None) -> Json:
    """The state of an element that nobody touched; null or an empty list where it starts empty."""
    field, initial, is_list = STATE[element["type"]]
    if here is not None and element.get("default_to_current_conversation") and initial not in element:
        return {"type": element["type"], field: [here] if is_list else here}
    return {"type": element["type"], field: element.get(initial, [] if is_list else None)}


def state_value(element: Json, plain: Any, offers: Offers) -> Json:
    """The state of an element that holds a plain value.

    Raises:
        Unable: the value is not one that the page would let anybody choose.
    """
    kind = element["type"]
    field, _, is_list = STATE[kind]
    if kind == "file_input":
        raise Unable("the local workspace has no files to choose from")
    if is_list:
        chosen = _several(element, plain)
        return {
            "type": kind,
            field: [option_of(element, one, offers) for one in chosen] if kind in MANY_OPTIONS else chosen,
        }
    if plain is None or plain == "":
        return {"type": kind, field: None}
    if kind in ONE_OPTION:
        return {"type": kind, field: option_of(element, plain, offers)}
    if not FORMS.get(kind, _is_text)(plain):
        raise Unable(f"{plain!r} is nothing that {element['action_id']!r} could hold", status=400)
    return {"type": kind, field: _rich_text(plain) if kind == "rich_text_input" else plain}


def option_of(element: Json, plain: Any, offers: Offers) -> Json:
    """The option with a `value`, as Slack repeats it in payloads: text, value and description.

    Raises:
        Unable: no such option is offered.
    """
    offered = [*element.get("options", ())]
    for group in element.get("option_groups", ()):
        offered.extend(group["options"])
    if "external" in element["type"]:
        initial = [element["initial_option"]] if "initial_option" in element else element.get("initial_options", [])
        offered = [*offers.get(element["action_id"], ()), *initial]
    for option in offered:
        if option["value"] == plain:
            found: Json = option
            return found
    raise Unable(f"{plain!r} is not one of the options of {element['action_id']!r}", status=404)


def missing_or_wrong(blocks: list[Json], values: Mapping[str, Json]) -> dict[str, str]:
    """What Slack's own client would refuse before anything is sent: block_id to sentence."""
    wrong: dict[str, str] = {}
    for block in blocks:
        if block["type"] != "input":
            continue
        element = block["element"]
        value = values[block["block_id"]][element["action_id"]]
        held = next((value[key] for key in value if key != "type"), None)
        if held in (None, "", []):
            if not block.get("optional"):
                wrong[block["block_id"]] = REQUIRED
        elif element["type"] in RULES and (sentence := RULES[element["type"]](element, str(held))):
            wrong[block["block_id"]] = sentence
    return wrong


def _text_fault(element: Json, held: str) -> str:
    if len(held) < element.get("min_length", 0):
        return f"Must be at least {element['min_length']} characters."
    if len(held) > element.get("max_length", 3000):
        return f"Must be at most {element.get('max_length', 3000)} characters."
    return ""


def _number_fault(element: Json, held: str) -> str:
    pattern = r"-?\d+(\.\d+)?" if element["is_decimal_allowed"] else r"-?\d+"
    if not re.fullmatch(pattern, held):
        return "Must be a number."
    if "min_value" in element and float(held) < float(element["min_value"]):
        return f"Must be at least {element['min_value']}."
    if "max_value" in element and float(held) > float(element["max_value"]):
        return f"Must be at most {element['max_value']}."
    return ""


def _email_fault(_element: Json, held: str) -> str:
    return "" if re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", held) else "Must be an e-mail address."


def _url_fault(_element: Json, held: str) -> str:
    return "" if re.fullmatch(r"https?://[^\s]+", held) else "Must be a web address."


RULES: Mapping[str, Callable[[Json, str], str]] = {
    "plain_text_input": _text_fault,
    "number_input": _number_fault,
    "email_text_input": _email_fault,
    "url_text_input": _url_fault,
}


def _several(element: Json, plain: Any) -> list[str]:
    """What was chosen where several may be, each once.

    Raises:
        Unable: it is no list of texts, or longer than the element allows.
    """
    chosen = [] if plain is None else list(plain) if isinstance(plain, list | tuple) else [plain]
    if not all(isinstance(one, str) and one for one in chosen) or len(set(chosen)) != len(chosen):
        raise Unable(f"{element['action_id']!r} holds different texts, not {plain!r}", status=400)
    most = element.get("max_selected_items", len(chosen))
    if len(chosen) > most:
        raise Unable(f"no more than {most} can be chosen in {element['action_id']!r}", status=400)
    return chosen


def _is_text(plain: Any) -> bool:
    return isinstance(plain, str)


def _is_date(plain: Any) -> bool:
    return isinstance(plain, str) and is_date(plain)


def _is_time(plain: Any) -> bool:
    return isinstance(plain, str) and re.fullmatch(r"([01][0-9]|2[0-3]):[0-5][0-9]", plain) is not None


def _is_moment(plain: Any) -> bool:
    return isinstance(plain, int) and not isinstance(plain, bool) and 10**9 <= plain <= LATEST_TIME_S


FORMS: Mapping[str, Callable[[Any], bool]] = {
    "datepicker": _is_date,
    "timepicker": _is_time,
    "datetimepicker": _is_moment,
}
"""What an element that holds one value lets in; the others let in texts."""


def _rich_text(plain: Any) -> Json:
    section = {"type": "rich_text_section", "elements": [{"type": "text", "text": str(plain)}]}
    return {"type": "rich_text", "elements": [section]}
