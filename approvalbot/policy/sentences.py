"""What pydantic finds wrong with a document, in plain sentences at the right place of the file."""

import difflib
import re
from collections.abc import Callable, Iterator, Mapping
from typing import Annotated, Any, Union, get_args, get_origin

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from approvalbot.policy.faults import Finding, KeyPath, guess, parted, quoted

_EXAMPLES = {
    "version": "version: 1",
    "id": "id: my-policy",
    "owner": "owner: team-security, the person or group told when this breaks",
    "title": "title: what an approver reads first",
    "request": "request: gate (a caller waits) or request: review (it already happened)",
    "severity": "severity: info, low, medium, high or critical",
    "source": "source: the name of a source in a Sources document",
    "approval": "approval: {levels: [{name: on-call, approvers: [{usergroup: '@team'}], timeout: 30m}]}",
    "levels": "levels: [{name: on-call, approvers: [{usergroup: '@team'}], timeout: 30m}]",
    "approvers": "approvers: [{usergroup: '@team'}]",
    "timeout": "timeout: 30m",
    "name": "name: a short name",
    "requestable_by": "requestable_by: [{usergroup: '@engineers'}]",
    "duration": "duration: {default: 1h, max: 4h}",
    "grant": "grant: {provider: webhook, with: {…}}",
    "auth": "auth: {type: bearer, secret: env:NAME}",
    "mapping": "mapping: the name of a mapping table, such as aws.cloudtrail",
    "tz": "tz: Europe/Paris",
    "include": "include: ['sigma/rules/**/*.yml']",
}


def findings_of(model: type[BaseModel], document: Any, fault: ValidationError) -> Iterator[Finding]:
    """Every fault of a validation, once."""
    told: set[Finding] = set()
    for error in fault.errors(include_url=False):
        finding = _finding(model, document, error)
        # A union reports each of its branches; at one place they say the same thing.
        if finding is not None and finding not in told:
            told.add(finding)
            yield finding


def _finding(model: type[BaseModel], document: Any, error: ErrorDetails) -> Finding | None:
    path, value = _written_path(document, error)
    kind, context = error["type"], error.get("ctx", {})
    if kind == "too_short" and len(value) >= context["min_length"]:
        return None  # its entries have faults of their own, which are told
    if kind == "extra_forbidden":
        return _unknown_key(model, path)
    if kind == "missing":
        key = str(error["loc"][-1])
        return Finding((*path, key), f"{key} is missing", f"add {_EXAMPLES.get(key, key + ': …')}", "missing-key")
    if kind == "named":
        return _told(path, context["told"], context["name"])
    if kind in {"value_error", "assertion_error"}:
        return _told(path, str(context.get("error", error["msg"])))
    say = _SENTENCES.get(kind)
    problem, hint = say(value, context) if say else (f"{quoted(value)}: {error['msg'].lower()}", "")
    if kind == "too_short" and not value:
        problem, hint = "the list is empty", _EMPTY.get(str(path[-1]) if path else "", "name at least one")
    return Finding(path, problem, hint)


def _unknown_key(model: type[BaseModel], path: KeyPath) -> Finding:
    """A key that does not belong here; perhaps it was meant for a block next to it."""
    key, block = str(path[-1]), _annotation_at(model, path[:-1])
    known = [name for one in _models(block) for name in keys_of(one)]
    for one in _models(block):
        for name, field in one.model_fields.items():
            for inner in _models(field.annotation):
                near = difflib.get_close_matches(key, keys_of(inner), 1, cutoff=0.8)
                if near and not difflib.get_close_matches(key, known, 1):
                    return Finding(
                        path,
                        f"{key} is no key here",
                        f"did you mean {near[0]}, under {field.alias or name}?",
                        "unknown-key",
                    )
    return Finding(path, f"{key} is no key here", guess(key, known), "unknown-key")


def _told(path: KeyPath, told: str, name: str = "invalid") -> Finding:
    """A block's own sentence: `key.path: what is wrong; what to write`, where the key path may be left out."""
    about = _KEY_PATH.match(told)
    steps = _STEP.findall(about[1]) if about else []
    problem, hint = parted(told[about.end() :] if about else told)
    return Finding((*path, *(int(place) if place else key for key, place in steps)), problem, hint, name)


def _written_path(document: Any, error: ErrorDetails) -> tuple[KeyPath, Any]:
    """The part of an error's location that the author wrote: pydantic adds the names of union branches and fields."""
    path: list[str | int] = []
    value = document
    location = error["loc"][:-1] if error["type"] == "missing" else error["loc"]
    for step in location:
        if (isinstance(value, dict) and step in value) or (
            isinstance(value, list) and isinstance(step, int) and step < len(value)
        ):
            path.append(step)
            value = value[step]  # type: ignore[index]
    return tuple(path), value


_KEY_PATH = re.compile(r"([a-z_]+(?:\.[\w-]+|\[[0-9]+\])*): ")
_STEP = re.compile(r"([\w-]+)|\[([0-9]+)\]")


_EMPTY = {
    "approvers": "an empty list approves nobody; name somebody, such as {usergroup: '@team'}",
    "levels": "an approval needs at least one level",
    "source": "name a source of a Sources document",
}


_SPELT_OUT = {"yes": "true", "on": "true", "no": "false", "off": "false", "1": "true", "0": "false"}


def _wrong_kind(wanted: str) -> Callable[[Any, Mapping[str, Any]], tuple[str, str]]:
    def say(value: Any, _: Mapping[str, Any]) -> tuple[str, str]:
        if wanted == "a text" and isinstance(value, int | float) and not isinstance(value, bool):
            return f"{quoted(value)} is a number where a text belongs", f"write it in quotes: '{value}'"
        if wanted == "a text" and isinstance(value, bool):
            return f"{quoted(value)} is a boolean where a text belongs", f"write it in quotes: '{quoted(value)}'"
        if wanted == "a whole number" and isinstance(value, str) and value.isdigit():
            return f"{quoted(value)} is a text where a number belongs", f"write {int(value)} without quotes"
        if wanted == "true or false" and str(value).casefold() in _SPELT_OUT:
            return f"{quoted(value)} is not true or false", f"write {_SPELT_OUT[str(value).casefold()]}"
        if wanted == "a list" and isinstance(value, str):
            return f"{quoted(value)} is not a list", f"write [{value}]"
        hint = {
            "true or false": "write true or false",
            "a list": "write [a, b]",
            "a map": "write {key: value}",
            "a text": "write a text",
            "a whole number": "write a number such as 10",
        }
        return f"{quoted(value)} is not {wanted}", hint.get(wanted, "")

    return say


def _expected(value: Any, context: Mapping[str, Any]) -> tuple[str, str]:
    words = str(context["expected"]).replace(" or ", ", ").replace("'", "").split(", ")
    return f"{quoted(value)} is not understood here", guess(str(value), words, f"write {_either(words)}")


def _either(words: list[str]) -> str:
    return words[0] if len(words) == 1 else f"{', '.join(words[:-1])} or {words[-1]}"


def _pattern(value: Any, context: Mapping[str, Any]) -> tuple[str, str]:
    pattern = str(context["pattern"])
    meaning = {
        r"^[a-z0-9][a-z0-9-]{1,62}$": "write 2 to 63 lower-case letters, digits and hyphens, such as aws-admin",
        r"^https://[^\s<>|]+$": "write a link that starts with https://",
        r"^[a-z0-9][a-z0-9._-]{0,62}$": "write lower-case letters, digits, dots, hyphens and underscores",
        r"^[a-z][a-z0-9_]{0,30}$": "write lower-case letters, digits and underscores, such as ticket_id",
        r"^_[a-z_]+$": "write an underscore and lower-case letters, such as _cluster",
        r"^(https?://[^\s{}]+|env:[A-Za-z_][A-Za-z0-9_]*)$": "write an https address without a template, or env:NAME",
    }
    return f"{quoted(value)} does not have the form it needs", meaning.get(pattern, f"it must match {pattern}")


_SENTENCES: Mapping[str, Callable[[Any, Mapping[str, Any]], tuple[str, str]]] = {
    "string_type": _wrong_kind("a text"),
    "int_type": _wrong_kind("a whole number"),
    "bool_type": _wrong_kind("true or false"),
    "dict_type": _wrong_kind("a map"),
    "model_type": _wrong_kind("a map"),
    "model_attributes_type": _wrong_kind("a map"),
    "tuple_type": _wrong_kind("a list"),
    "list_type": _wrong_kind("a list"),
    "literal_error": _expected,
    "string_pattern_mismatch": _pattern,
    "string_too_long": lambda value, c: (
        f"{quoted(value)} has {len(value)} characters",
        f"write at most {c['max_length']}",
    ),
    "string_too_short": lambda value, c: (
        "the text is empty" if not value else f"{quoted(value)} is too short",
        "write something" if c["min_length"] == 1 else f"write at least {c['min_length']} characters",
    ),
    "too_long": lambda _, c: (f"the list has {c['actual_length']} entries", f"write at most {c['max_length']}"),
    "too_short": lambda _, c: (f"the list has {c['actual_length']} entries", f"write at least {c['min_length']}"),
    "greater_than_equal": lambda value, c: (f"{quoted(value)} is too small", f"write {c['ge']} or more"),
    "less_than_equal": lambda value, c: (f"{quoted(value)} is too large", f"write {c['le']} or less"),
}


def _annotation_at(model: type[BaseModel], path: KeyPath) -> Any:
    """The type of what stands at `path`."""
    found: Any = model
    for step in path:
        found = _inside(found, step)
    return found


def keys_of(block: type[BaseModel]) -> list[str]:
    """The keys of a block, as they are written."""
    written: tuple[str, ...] = getattr(block, "KEYS", ())
    return list(written) or [field.alias or name for name, field in block.model_fields.items()]


def _inside(annotation: Any, step: str | int) -> Any:
    if isinstance(step, int):
        arguments = [one for one in _flat(annotation) if get_origin(one) in {tuple, list}]
        return get_args(arguments[0])[0] if arguments else None
    for block in _models(annotation):
        for name, field in block.model_fields.items():
            if step in {field.alias, name}:
                return field.annotation
    maps = [one for one in _flat(annotation) if get_origin(one) is dict]
    return get_args(maps[0])[1] if maps else None


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    for one in _flat(annotation):
        if isinstance(one, type) and issubclass(one, BaseModel):
            yield one


def _flat(annotation: Any) -> Iterator[Any]:
    origin = get_origin(annotation)
    if origin is Annotated:
        yield from _flat(get_args(annotation)[0])
    elif origin is Union or str(origin) == "<class 'types.UnionType'>":
        for branch in get_args(annotation):
            yield from _flat(branch)
    else:
        yield annotation
