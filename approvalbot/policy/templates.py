"""Templates: `{{ path }}` is a look-up and nothing else, no filters and no expressions.

Two ways to fill one. In a text every value is one line, its invisible characters are shown, it is cut with a visible
mark, and a missing one is a dash; nothing is escaped for Slack or HTML here, that is for the room that knows where the
text goes. In the parameters of an effect or a grant values are raw and typed, and a missing one is a fault: an effect
with a hole in it is not run.

Names come from `names`, a mapping by root such as `{"$input": {...}, "$duration": "1 h"}`, and from the event.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from approvalbot.errors import ApprovalBotError
from approvalbot.events.event import Event
from approvalbot.events.paths import compile_path
from approvalbot.events.values import fan_out, text_of
from approvalbot.plaintext import one_line
from approvalbot.policy.conditions.fields import NameFault, event_field
from approvalbot.policy.conditions.view import View
from approvalbot.policy.faults import Finding, KeyPath
from approvalbot.policy.scopes import Scope

SUMMARY_MOST = 200
FIELD_MOST = 300
"""Characters of one value in a summary and in a field: policy.md section 10."""

LIST_MOST = 10
"""Entries of a list that are shown before `+n`: policy.md section 10."""

MISSING = "—"

NAMED_BY = {"$actor.name": "$actor.id"}
"""What a text says of somebody whose source gives no name: nobody should have to decide about a dash."""
_NOTHING: Mapping[str, Any] = {}
_PLACEHOLDER = re.compile(r"\{\{\s*(.*?)\s*\}\}", re.DOTALL)


class TemplateFault(ApprovalBotError):
    """A parameter that cannot be filled; what needs it is not run."""

    def __init__(self, path: str) -> None:
        super().__init__("parameter_invalid", "{{{{ {path} }}}} has no value, so this is not run.", path=path)
        self.path = path


@dataclass(frozen=True, slots=True)
class TextPart:
    """A piece of a filled text: the author's own words, or an untrusted value (`is_value`)."""

    text: str
    is_value: bool = False


def fill_text(template: str, names: Mapping[str, Any], event: Event | None = None, *, most: int = SUMMARY_MOST) -> str:
    """The template as one plain line; each value has at most `most` characters."""
    return "".join(part.text for part in text_parts(template, names, event, most=most))


def text_parts(
    template: str, names: Mapping[str, Any], event: Event | None = None, *, most: int = SUMMARY_MOST
) -> tuple[TextPart, ...]:
    """The same in pieces, for a surface that shows its author's words and the event's values differently."""
    view = None if event is None else View(event)
    pieces = _PLACEHOLDER.split(template)
    return tuple(
        TextPart(_shown(piece, names, view, most), is_value=True) if index % 2 else TextPart(piece)
        for index, piece in enumerate(pieces)
        if piece
    )


def _shown(path: str, names: Mapping[str, Any], view: View | None, most: int) -> str:
    shown = show_value(terminals_in(path, names, view), most)
    return (
        show_value(terminals_in(NAMED_BY[path], names, view), most) if shown == MISSING and path in NAMED_BY else shown
    )


def field_text(path: str, names: Mapping[str, Any], event: Event | None = None, *, most: int = FIELD_MOST) -> str:
    """One of a message's `fields` as text: the value of a path, not a template."""
    return show_value(terminals_in(path, names, None if event is None else View(event)), most)


def show_value(terminals: list[Any], most: int) -> str:
    """What a path found, as one line of at most `most` characters."""
    values = [value for value in fan_out(terminals) if value is not None and value != ""]
    if not values:
        return MISSING
    text = ", ".join(one_line(text_of(value)) for value in values[:LIST_MOST])
    if len(values) > LIST_MOST:
        text += f", +{len(values) - LIST_MOST}"
    return text if len(text) <= most else text[: most - 1] + "…"


def fill_values(
    value: Any, names: Mapping[str, Any], event: Event | None = None, kept: Mapping[str, Any] = _NOTHING
) -> Any:
    """A `with:` value with its templates filled: a template alone keeps the type of what it names.

    `kept` has values by their whole path, taken from an event that is not at hand any more; they count first.

    Raises:
        TemplateFault: a path has no value.
    """
    view = None if event is None else View(event)
    return _filled(value, lambda path: kept[path] if path in kept else _raw(path, names, view))


def _filled(value: Any, find: Callable[[str], Any]) -> Any:
    if isinstance(value, dict):
        return {key: _filled(inner, find) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_filled(inner, find) for inner in value]
    if not isinstance(value, str) or "{{" not in value:
        return value
    whole = _PLACEHOLDER.fullmatch(value.strip())
    if whole is not None and "{{" not in whole[1]:
        return find(whole[1])
    pieces = _PLACEHOLDER.split(value)
    return "".join(text_of(find(piece)) if index % 2 else piece for index, piece in enumerate(pieces))


def value_of(path: str, event: Event) -> Any:
    """The value that an event has at a path, raw and typed.

    Raises:
        TemplateFault: it has none.
    """
    return _raw(path, {}, View(event))


def terminals_of(path: str, names: Mapping[str, Any], event: Event | None) -> list[Any]:
    """What a path finds in `names`, else in the event; lists are not fanned out."""
    return terminals_in(path, names, None if event is None else View(event))


def terminals_in(path: str, names: Mapping[str, Any], view: View | None) -> list[Any]:
    """The same for several paths of one event: the longest root in `names` goes first, then the event."""
    for end in _root_ends(path):
        root = path[:end]
        if root in names:
            rest = path[end + 1 :]
            return compile_path(rest)(names[root], {}) if rest else [names[root]]
    if view is None:
        return []
    return view.terminals(event_field(path))


def paths_in(value: Any) -> Iterator[str]:
    """Every path that the templates of a value name."""
    if isinstance(value, dict):
        value = list(value.values())
    if isinstance(value, list | tuple):
        for inner in value:
            yield from paths_in(inner)
    elif isinstance(value, str):
        yield from (found[1] for found in _PLACEHOLDER.finditer(value))


def check_template(value: Any, scope: Scope, path: KeyPath) -> Iterator[Finding]:
    """The faults of the templates in a value: brackets that do not close, and names that are not known here."""
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from check_template(inner, scope, (*path, key))
    elif isinstance(value, list | tuple):
        for place, inner in enumerate(value):
            yield from check_template(inner, scope, (*path, place))
    elif isinstance(value, str):
        if "{{" in _PLACEHOLDER.sub("", value):
            yield Finding(path, "a {{ does not close", "write {{ path }}", "bad-path")
        for name in paths_in(value):
            yield from check_path(name, scope, path)


def check_path(name: str, scope: Scope, path: KeyPath) -> Iterator[Finding]:
    """The fault of a name that is not known here, if it is."""
    try:
        scope.check(name)
    except NameFault as fault:
        yield Finding(path, fault.problem, fault.hint, "bad-path")


def _raw(path: str, names: Mapping[str, Any], view: View | None) -> Any:
    found = [value for value in terminals_in(path, names, view) if value is not None]
    if not found:
        raise TemplateFault(path)
    return found[0] if len(found) == 1 else found


def _root_ends(path: str) -> Iterator[int]:
    if not path.startswith("$"):
        return
    end = len(path)
    while end > 0:
        yield end
        end = path.rfind(".", 0, end)
