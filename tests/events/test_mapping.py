from importlib.resources import files
from pathlib import Path

import pytest
import yaml

from approvalbot.events.expressions import FIRST_SCALAR, OUTCOME_TRANSFORMS, TEXT_TRANSFORMS
from approvalbot.events.mapping import FIELDS, MappingFaults, load_tables, read_tables
from approvalbot.events.normalise import BadEvent, RawEvent, unwrap
from tests.events.makers import T0, event_of

TEXTS = "email, first_scalar, host, lower, session_email"
OUTCOMES = "bool, email, fail_if_present, first_scalar, host, http, lower, session_email, zero_ok"


def test_every_table_of_the_reference_ships() -> None:
    assert set(load_tables()) == {
        "aws.cloudtrail",
        "github.webhook",
        "github.audit",
        "okta.system_log",
        "gcp.audit",
        "azure.activity",
        "kubernetes.audit",
        "teleport",
        "vault",
        "google.workspace",
        "slack.audit",
        "falco",
        "cloudevents",
        "generic",
    }


def test_a_user_adds_a_mapping_in_yaml_alone(tmp_path: Path) -> None:
    (tmp_path / "ours.yaml").write_text(
        'vault.ours:\n  detect: {all: [op]}\n  id: ["{req.id}/{op}"]\n  action: [op]\n  actor.id: [who.login]\n'
        "  outcome: [ok|bool]\n",
        encoding="utf-8",
    )

    tables = load_tables(tmp_path)

    assert "vault.ours" in tables
    assert "aws.cloudtrail" in tables
    assert load_tables(tmp_path / "ours.yaml")["vault.ours"].detect == ("op",)


def test_the_faults_of_a_mapping_are_all_told_with_their_places() -> None:
    body = (
        b"ours:\n  actor.nmae: [x]\n  action: 7\n  id: ['a[x]', '{a']\n  outcome: [x|yes]\n  reason: [x|upper]\n"
        b"empty: {}\n"
    )

    with pytest.raises(MappingFaults) as caught:
        read_tables({"m.yaml": body, "n.yaml": b"a: 1\na: 2"})

    told = str(caught.value).splitlines()
    assert told == [
        "m.yaml:2:3 'actor.nmae' is no field of an event; did you mean actor.name?",
        "m.yaml:4:7 ours.id: 'a[x]': [x] is not understood; write [], [0] or [type=User]",
        "m.yaml:3:11 ours.action: a row is a list of texts, not '7'; write [path]",
        f"m.yaml:6:11 ours.reason: |upper is no transform here; known are {TEXTS}",
        f"m.yaml:5:12 ours.outcome: |yes is no transform here; known are {OUTCOMES}",
        "m.yaml:7:8 the table 'empty' has no rows; write action: [op]",
        "n.yaml:2:1 the key 'a' stands twice, first in line 1; keep one; most readers would silently take the last",
    ]


def test_names_of_the_delivery_cannot_be_forged_by_the_event() -> None:
    event = event_of(
        {"auditID": "a", "stage": "s", "verb": "get", "_cluster": "forged"}, "kubernetes.audit", _cluster="prod-1"
    )

    assert event.source.tenant == "prod-1"


def test_a_missing_time_is_null_and_a_webhook_takes_its_arrival() -> None:
    assert event_of({"action": "x"}).time is None
    assert event_of({"action": "x"}, "github.webhook").time == T0


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ("t: {asserted: yes}", "m.yaml:1:15 t.asserted: it is a boolean; write true or false"),
        ("t: {split: [a, b]}", "m.yaml:1:12 t.split: it is one list of the event; write one, such as events[]"),
        ("t: {split: {a: b}}", "m.yaml:1:12 t.split: a row is a list of texts, not"),
        ("t: {time: [when|lower]}", "m.yaml:1:11 t.time: 'when|lower': this row takes paths alone"),
        ("t: {links: ['=x']}", "m.yaml:1:12 t.links: '=x': this row takes paths alone"),
        ("t: {detect: {any: [a]}}", "m.yaml:1:13 t.detect: a row is a list of texts, not"),
        ("t: {detect: [a..b]}", "m.yaml:1:13 t.detect: 'a..b' has an empty step"),
        ("t: {unwrap: ['a|gunzip']}", "m.yaml:1:13 t.unwrap: |gunzip is no transform of unwrap; known is base64json"),
        ("t: {id: ['']}", "m.yaml:1:9 t.id: a row is a list of texts, not"),
        ("t: {id: ['{a}{']}", "m.yaml:1:9 t.id: '{a}{' has a brace that does not close; a join is written {a}:{b}"),
        ("t: [a]", "m.yaml:1:4 the table 't' has no rows"),
        ("- t", "m.yaml:1:1 a mapping file is a map of tables by name"),
        ("t: {id: &a [x]}", "m.yaml:1:9 the anchor &a is not read; write the value out"),
    ],
)
def test_what_a_table_cannot_say_is_refused_at_its_place(body: str, says: str) -> None:
    with pytest.raises(MappingFaults) as caught:
        read_tables({"m.yaml": body.encode()})

    assert str(caught.value).startswith(says)


def test_a_name_that_holds_a_line_break_is_told_like_any_other() -> None:
    with pytest.raises(MappingFaults) as caught:
        read_tables({"m:1.yaml": b'"a\\nb": {action: 7}'})

    (fault,) = caught.value.faults
    assert (fault.file, fault.line, fault.column, fault.hint) == ("m:1.yaml", 1, 18, "write [path]")


def test_one_table_in_two_files_is_refused_and_a_shipped_one_is_replaced(tmp_path: Path) -> None:
    with pytest.raises(MappingFaults, match=r"b\.yaml:2:1 the table 'ours' stands in a\.yaml too; keep one"):
        read_tables({"a.yaml": b"ours: {id: [a]}", "b.yaml": b"other: {id: [a]}\nours: {id: [b]}"})

    (tmp_path / "own.yaml").write_text("teleport: {id: [a]}", encoding="utf-8")
    assert load_tables(tmp_path)["teleport"].detect == ()


def test_what_detects_an_event_may_lie_deeper() -> None:
    table = read_tables({"m.yaml": b"t: {detect: {all: [kind, meta.id]}, id: [meta.id]}"})["t"]

    found = unwrap(table, [{"kind": "x", "meta": {"id": 1}}, {"kind": "x"}, {"Kind": "x", "Meta": {"ID": 2}}])

    assert [isinstance(one, RawEvent) for one in found] == [True, False, True]
    assert isinstance(found[1], BadEvent)
    assert found[1].reason == "it has no meta.id, so it is no event of the mapping t"


def test_a_transform_in_a_join_reads_its_header_too() -> None:
    table = read_tables({"m.yaml": b"t: {id: ['{_headers.X-Id|lower}/{n}']}"})["t"]

    assert table.headers == {"x-id"}
    assert not table.id_from_headers, "the event has a part in it"


# Where the shipped tables differ from the reference on purpose.
OWN_ROWS = {
    ("aws.cloudtrail", "resource.id"): "a sign-in is to a console; its only other text is how it ended",
    ("azure.activity", "id"): "one correlationId is shared by many events",
    ("azure.activity", "time"): "Event Grid has the time in its envelope",
    ("azure.activity", "actor.id"): "Event Grid has the claims at the top",
    ("azure.activity", "actor.email"): "a claim may be an e-mail",
    ("azure.activity", "actor.ip"): "a claim may be the address",
    ("okta.system_log", "source.tenant"): "a hook names its organisation in the envelope; the Host header is ours",
    ("teleport", "actor.ip"): "the port is no part of an address",
    ("google.workspace", "actor.id"): "the Reports API lists its parameters",
    ("google.workspace", "resource.id"): "the same",
}


def test_every_row_of_the_reference_is_shipped(shared: Path) -> None:
    wanted = yaml.safe_load((shared / "mapping.yaml").read_text(encoding="utf-8"))
    folder = files("approvalbot.events") / "tables"
    shipped = {
        name: rows
        for item in folder.iterdir()
        if item.name.endswith(".yaml")
        for name, rows in yaml.safe_load(item.read_text(encoding="utf-8")).items()
    }

    other = {(name, key) for name, rows in wanted.items() for key, row in rows.items() if shipped[name].get(key) != row}

    assert other == set(OWN_ROWS)
    for name, key in other:
        assert shipped[name][key], "a row that differs is there all the same"


def test_the_reference_describes_every_field_transform_and_key_of_a_mapping() -> None:
    page = (Path(__file__).parent.parent.parent / "docs" / "policy-reference.md").read_text(encoding="utf-8")
    section = page[page.index("### Mappings") : page.index("## Identities")]
    transforms = (*TEXT_TRANSFORMS, *OUTCOME_TRANSFORMS, FIRST_SCALAR)

    lacking = [name for name in (*FIELDS, *transforms) if f"`{name}`" not in section]

    assert lacking == []
