"""The JSON Schema takes what loading takes, and marks most slips while somebody types."""

import json
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from approvalbot.events.schema import mapping_schema
from approvalbot.events.yamlreader import read_yaml
from approvalbot.policy.parse import KINDS
from approvalbot.policy.schema import policy_schema
from tests.policy.makers import entitlement_document, policy_document

ROOT = Path(__file__).parent.parent.parent
SHIPPED = sorted([*(ROOT / "policies").glob("*.yaml"), *(ROOT / "tests" / "policies").glob("*.yaml")])
KEPT = ROOT / "policies" / "policy.schema.json"
TOUR = sorted((ROOT / "approvalbot" / "cli" / "tour_policies").glob("*.yaml"))
BROKEN = sorted((ROOT / "tests" / "policy" / "broken").glob("*.yaml"))


@pytest.fixture(scope="module")
def schema() -> jsonschema.Draft202012Validator:
    made = policy_schema()
    jsonschema.Draft202012Validator.check_schema(made)
    return jsonschema.Draft202012Validator(made)


def faults(schema: jsonschema.Draft202012Validator, document: Any) -> list[str]:
    return [fault.message for fault in schema.iter_errors(document)]


def test_the_schema_beside_the_policies_is_the_newest(request: pytest.FixtureRequest) -> None:
    newest = json.dumps(policy_schema(), indent=2, ensure_ascii=False) + "\n"
    if request.config.getoption("--renew-golden"):
        KEPT.write_text(newest, encoding="utf-8")

    assert KEPT.read_text(encoding="utf-8") == newest, (
        "write it anew: approvalbot policy schema > policies/policy.schema.json"
    )


@pytest.mark.parametrize("path", sorted((ROOT / "policies").glob("*.yaml")), ids=lambda path: path.name)
def test_every_shipped_policy_tells_editors_where_its_schema_is(path: Path) -> None:
    found = re.fullmatch(r"# yaml-language-server: \$schema=(\S+)", path.read_text(encoding="utf-8").splitlines()[0])

    assert found
    assert path.parent / found[1] == KEPT


@pytest.mark.parametrize("path", [*SHIPPED, *TOUR], ids=lambda path: path.name)
def test_every_policy_of_ours_is_valid(schema: jsonschema.Draft202012Validator, path: Path) -> None:
    documents = [one.value for one in read_yaml(path.read_bytes()).documents]

    assert documents
    assert [faults(schema, one) for one in documents] == [[] for _ in documents]


def test_every_example_policy_is_valid(schema: jsonschema.Draft202012Validator, shared: Path) -> None:
    for path in sorted((shared / "policies").glob("*.yaml")):
        for document in read_yaml(path.read_bytes()).documents:
            assert faults(schema, document.value) == [], path.name


def test_half_of_the_broken_files_are_marked_while_typing(schema: jsonschema.Draft202012Validator) -> None:
    marked = [
        path.name
        for path in BROKEN
        if (read := read_yaml(path.read_bytes())).faults or any(faults(schema, one.value) for one in read.documents)
    ]

    assert len(marked) >= len(BROKEN) // 2
    assert {"unknown-key.yaml", "no-condition.yaml", "bad-duration.yaml", "approver-typo.yaml"} <= set(marked)


@pytest.mark.parametrize(
    "changes",
    [
        {"source": ["generic", "other"]},
        {"kind": "Policy"},
        {"match": None, "sigma": {"file": "sigma/a.yml"}},
        {"during": {"calendar": "hours", "is": "inside"}},
        {"on_deny": [{"callback": {"to": "siem"}}, {"action": "x", "with": {"a": 1}}]},
        {"tests": [{"event": {}, "expect": "match", "votes": [{"by": "ann", "press": "approve", "after": "1m"}]}]},
        {"dedupe": {"key": ["$id"], "window": "2h"}},
        {"limits": {"open": 50, "per_actor": 3}},
        {"limits": {"per_actor": 1}},
    ],
)
def test_every_way_of_writing_is_valid(schema: jsonschema.Draft202012Validator, changes: dict[str, Any]) -> None:
    assert faults(schema, policy_document(**changes)) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"source": []},
        {"source": 3},
        {"kind": "policy"},
        {"match": None},
        {"approval": {"levels": [{"name": "a", "approvers": [{"usergroup": "@a", "user": "b"}], "timeout": "1m"}]}},
        {"approval": {"levels": [{"name": "a", "approvers": [{"allow": ["@a"]}], "timeout": "1m"}]}},
        {"dedupe": {"window": "2 h"}},
        {"dedupe": {"window": "0h"}},
        {"limits": {"open": 0}},
        {"limits": {"open": "5"}},
        {"limits": {"per_person": 5}},
        {"on_deny": [{"with": {}}]},
        {"tests": [{"expect": "match"}]},
        {"tests": [{"event": {}, "events": [], "expect": "match"}]},
        {"severity": "High"},
        {"surprise": 1},
    ],
)
def test_a_slip_is_marked(schema: jsonschema.Draft202012Validator, changes: dict[str, Any]) -> None:
    assert faults(schema, policy_document(**changes)) != []


@pytest.mark.parametrize("key", ["level", "status", "tags"])
def test_the_selection_of_a_pack_may_be_one_word(schema: jsonschema.Draft202012Validator, key: str) -> None:
    pack = {
        **{key: value for key, value in policy_document().items() if key in {"version", "id", "owner", "approval"}},
        "kind": "SigmaPack",
        "title": "t",
        "include": "sigma/*.yml",
        "source": "aws",
        "severity_from": "level",
        "select": {key: "high" if key == "level" else "stable"},
    }

    assert faults(schema, pack) == []
    assert faults(schema, {**pack, "select": {key: 3}}) != []
    assert faults(schema, {**pack, "severity": "low"}) != []


def test_a_calendar_is_written_as_people_write_it(schema: jsonschema.Draft202012Validator) -> None:
    calendar = {"version": 1, "kind": "Calendar", "id": "hours", "owner": "o", "tz": "Europe/Paris"}

    assert faults(schema, {**calendar, "weekly": {"mon-fri": ["08:00-19:00"], "sat": "09:00-12:00"}}) == []
    spans = [{"from": "2026-12-18T18:00", "to": "2026-12-19T08:00"}]
    assert faults(schema, {**calendar, "holidays": ["2026-12-25"], "spans": spans}) == []
    assert faults(schema, {**calendar, "weekly": {"sat": "9-12"}}) != []
    assert faults(schema, {**calendar, "holidays": ["25.12."]}) != []


def test_an_entitlement_is_valid(schema: jsonschema.Draft202012Validator) -> None:
    options = [
        {"id": "database", "label": "Database", "type": "select", "options": ["a", {"value": "b", "label": "B"}]}
    ]

    assert faults(schema, entitlement_document(inputs=options)) == []
    assert faults(schema, entitlement_document(duration={"default": "1h"})) != []


def test_every_kind_has_its_own_tests_and_a_description() -> None:
    made = policy_schema()["$defs"]

    for kind in KINDS:
        assert made[kind]["properties"]["tests"]["items"]["$ref"].startswith("#/$defs/"), kind
        assert made[kind]["description"], kind
        assert "\n" not in made[kind]["description"]


def test_mapping_files_have_a_schema_that_ours_meet_and_a_slip_does_not() -> None:
    made = mapping_schema()
    jsonschema.Draft202012Validator.check_schema(made)
    schema = jsonschema.Draft202012Validator(made)

    for path in (ROOT / "approvalbot" / "events" / "tables").glob("*.yaml"):
        for document in read_yaml(path.read_bytes()).documents:
            assert faults(schema, document.value) == [], path.name
    assert faults(schema, {"ours": {"id": "a", "detect": ["a"]}}) == []
    slips: tuple[dict[str, Any], ...] = (
        {"actor.nmae": ["a"]},
        {"id": 7},
        {"id": []},
        {"asserted": "yes"},
        {"detect": {"any": ["a"]}},
        {},
    )
    assert all(faults(schema, {"ours": slip}) for slip in slips)
