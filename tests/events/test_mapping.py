from pathlib import Path

import pytest

from approvalbot.events.mapping import MappingFaults, load_tables, read_tables
from tests.events.makers import T0, event_of


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
        "m.yaml:3:11 ours.action: a row is a list of texts, not '7'",
        "m.yaml:6:11 ours.reason: |upper is no transform here; known are email, first_scalar, lower, session_email",
        "m.yaml:5:12 ours.outcome: |yes is no transform here; known are email, first_scalar, lower, session_email",
        "m.yaml:7:8 the table 'empty' has no rows",
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
