"""On-call approvers as they are written: the providers, and entries that nobody can answer for."""

from typing import Any

import pytest
import yaml

from approvalbot.policy.folder import Folder
from approvalbot.policy.lint.running import Knowledge, lint_folder
from approvalbot.policy.parse import load_policies, load_written
from approvalbot.policy.seats import filled_by_event
from tests.events.makers import event_of
from tests.policy.makers import SOURCES, entitlement_document, faults_of, load, policy_document

PROVIDERS = SOURCES.rstrip() + "\noncall: [{name: pagerduty, type: pagerduty, token: env:PD}]\n"


def levels(*approvers: dict[str, Any]) -> dict[str, Any]:
    return {"levels": [{"name": "on-call", "approvers": list(approvers), "timeout": "30m"}]}


def told(oncall: str) -> str:
    sources = f"version: 1\nkind: Sources\nid: src\nowner: o\noncall: {oncall}\n"
    return "\n".join(str(fault) for fault in faults_of(sources=sources))


def test_a_provider_is_found_by_its_name() -> None:
    held = load(sources=PROVIDERS).oncall

    assert held["pagerduty"].type == "pagerduty"
    assert held["pagerduty"].url is None


@pytest.mark.parametrize(
    ("oncall", "words"),
    [
        ("[{name: rota, type: grafana, token: env:G}]", "type grafana needs one; add the OnCall API address"),
        (
            "[{name: rota, type: opsgenie, token: env:O, stack: 'https://a.example'}]",
            "it belongs to type grafana, not to opsgenie",
        ),
        ("[{name: rota, type: pagerduty}]", "token is missing"),
        ("[{name: rota, type: pagerduty, token: plain}]", "a secret is named, never written"),
        ("[{name: rota, type: victorops, token: env:V}]", "oncall[0].type"),
        ("[{name: a/b, type: pagerduty, token: env:P}]", "oncall[0].name"),
        (
            "[{name: r, type: pagerduty, token: env:P}, {name: r, type: pagerduty, token: env:P}]",
            "oncall[1].name: r stands twice",
        ),
    ],
)
def test_a_provider_that_cannot_be_is_named(oncall: str, words: str) -> None:
    assert words in told(oncall)


def test_a_name_that_two_documents_give_is_a_fault() -> None:
    more = "version: 1\nkind: Sources\nid: more\nowner: o\noncall: [{name: pagerduty, type: opsgenie, token: env:O}]\n"

    assert "the on-call provider pagerduty stands twice" in str(faults_of(more, sources=PROVIDERS)[0])


def lints(sources: str, *documents: dict[str, Any]) -> list[str]:
    files = {f"p{number}.yaml": yaml.safe_dump(one).encode() for number, one in enumerate(documents)}
    loaded = load_written(Folder.of({"sources.yaml": sources.encode(), **files}))
    return [str(one) for one in lint_folder(loaded, Knowledge()) if one.name == "unknown-oncall"]


def test_an_entry_without_its_provider_is_a_warning_at_its_place() -> None:
    entry, other = {"oncall": "pagerduty/sre"}, {"oncall": "opsgenie/sre"}
    policy = policy_document(approval=levels(entry, other))
    entitlement = entitlement_document(requestable_by=[other], approval=levels(entry))

    found = lints(PROVIDERS, policy, entitlement)

    assert len(found) == 2
    assert "approval.levels[0].approvers[1].oncall: warning: opsgenie is no on-call provider" in found[0]
    assert "requestable_by[0].oncall: warning: opsgenie is no on-call provider" in found[1]


def test_an_entry_without_a_schedule_is_a_warning() -> None:
    (found,) = lints(PROVIDERS, policy_document(approval=levels({"oncall": "pagerduty"})))

    assert "it names no schedule" in found


def test_the_example_policies_load_without_any_provider(shared: Any) -> None:
    assert load_policies(shared / "policies").oncall == {}


@pytest.mark.parametrize(
    ("team", "seat"),
    [
        ("sre", "oncall:pagerduty/sre"),
        ("dba", "oncall:-"),
        ("sre/x", "oncall:-"),
        ("../sre", "oncall:-"),
        ("", "oncall:-"),
    ],
)
def test_an_event_names_a_schedule_only_from_the_list(team: str, seat: str) -> None:
    entry = {"oncall": "pagerduty/{{ team }}", "allow": ["pagerduty/sre*"]}
    policies = load(policy_document(approval=levels(entry)), sources=PROVIDERS)

    filled = filled_by_event(
        policies.policies[0], event_of({"action": "deploy", "team": team}), policies.identities, "emails"
    )

    assert filled == {"oncall:pagerduty/{{ team }}": seat}
