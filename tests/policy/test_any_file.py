"""Anything at all, given to the loader, either loads or is told in faults: no bytes and no YAML end in a traceback."""

from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from approvalbot.policy.faults import PolicyFaults
from approvalbot.policy.folder import Folder
from approvalbot.policy.parse import load_policies
from tests.policy.makers import SOURCES, entitlement_document, policy_document


def load_whatever(body: bytes, name: str = "any.yaml") -> None:
    """Loading either works or says what is wrong; nothing else may come out of it."""
    told: PolicyFaults | None = None
    try:
        load_policies(Folder.of({name: body, "sources.yaml": SOURCES.encode()}))
    except PolicyFaults as refused:
        told = refused
    if told is not None:
        assert told.faults
        assert all(fault.line >= 1 and fault.column >= 1 and str(fault) for fault in told.faults)


PLACES = ["any.yaml", "mappings/any.yaml", "sigma/lists.yaml"]


@settings(deadline=None)
@given(st.binary(max_size=400), st.sampled_from(PLACES))
def test_no_bytes_get_anything_but_faults_out_of_the_loader(body: bytes, name: str) -> None:
    load_whatever(body, name)


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
KEYS = [
    "version",
    "id",
    "kind",
    "owner",
    "title",
    "match",
    "approval",
    "levels",
    "approvers",
    "tests",
    "event",
    "sources",
]
trees = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)
)


@settings(deadline=None)
@given(trees)
def test_no_yaml_gets_anything_but_faults_out_of_the_loader(tree: Any) -> None:
    load_whatever(yaml.safe_dump(tree, allow_unicode=True).encode("utf-8", "surrogatepass"))


CALENDAR = {
    "version": 1,
    "kind": "Calendar",
    "id": "hours",
    "owner": "o",
    "tz": "UTC",
    "weekly": {"mon-fri": ["08:00-19:00"]},
    "holidays": ["2026-12-25"],
    "spans": [{"from": "2026-12-18T18:00", "to": "2026-12-19T08:00"}],
}
IDENTITIES = {
    "version": 1,
    "kind": "Identities",
    "id": "people",
    "owner": "o",
    "people": [{"id": "ann", "name": "Ann", "emails": ["ann@x.com"], "aws": "ann"}],
    "roles": {"lead": ["ann"]},
}
WHOLE: list[dict[str, Any]] = [
    policy_document(
        during={"calendar": "hours", "is": "inside"},
        correlate={"type": "event_count", "timespan": "5m", "condition": {"gte": 2}, "group_by": ["$actor.id"]},
        dedupe={"key": ["$id"], "window": "2h"},
        message={"summary": "{{ $actor.id }}", "fields": ["$id"]},
        on_deny=[{"callback": {"to": "siem"}}],
        tests=[{"event": {"action": "deploy"}, "expect": "match", "votes": [{"by": "ann", "press": "approve"}]}],
        fixtures={"groups": {"@team": ["ann"]}},
    ),
    entitlement_document(inputs=[{"id": "t", "label": "T", "type": "select", "options": ["a"]}]),
    CALENDAR,
    IDENTITIES,
    yaml.safe_load(SOURCES.replace("id: sources", "id: more").replace("name: ", "name: x")),
]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value inside a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(one for key, child in inner for one in places(child, (*path, key)))]


SPOTS = [(document, path) for document in range(len(WHOLE)) for path in places(WHOLE[document]) if path]


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """The document with another value at a path."""
    if not path:
        return new
    if isinstance(value, dict):
        return {key: put(child, path[1:], new) if key == path[0] else child for key, child in value.items()}
    return [put(child, path[1:], new) if place == path[0] else child for place, child in enumerate(value)]


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(SPOTS), trees)
def test_a_whole_document_with_anything_in_one_place_gets_nothing_but_faults(
    spot: tuple[int, tuple[Any, ...]], tree: Any
) -> None:
    document, path = spot
    spoilt = put(WHOLE[document], path, tree)
    load_whatever(yaml.safe_dump(spoilt, allow_unicode=True).encode("utf-8", "surrogatepass"))


TABLES = {
    "ours.log": {
        "id": ["n", "{a}/{b}"],
        "action": ["op|lower"],
        "unwrap": ["x[]"],
        "split": "y[]",
        "detect": {"all": ["n"]},
        "actor.groups": ["g[]"],
        "asserted": True,
    }
}
SURPRISES: list[Any] = [None, True, -1, 10**30, 1e300, "", " ", "{{", "{{ x }}", [], {}, [[]], [{}], {"": ""}, "\ud83d"]


@pytest.mark.parametrize(("document", "name"), [*((one, "any.yaml") for one in WHOLE), (TABLES, "mappings/any.yaml")])
def test_every_place_of_a_document_takes_every_surprise(document: dict[str, Any], name: str) -> None:
    for path in places(document)[1:]:
        for surprise in SURPRISES:
            text = yaml.safe_dump(put(document, path, surprise), allow_unicode=True)
            load_whatever(text.encode("utf-8", "surrogatepass"), name)
