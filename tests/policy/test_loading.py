import time
from pathlib import Path
from typing import Any

import pytest

from approvalbot.policy.calendar import Calendar
from approvalbot.policy.documents import Policy
from approvalbot.policy.entitlement import Entitlement
from approvalbot.policy.faults import PolicyFaults
from approvalbot.policy.folder import Folder
from approvalbot.policy.parse import load_policies
from approvalbot.policy.providers import PROVIDERS
from approvalbot.policy.snapshots import from_snapshot, snapshot
from tests.policy.makers import APPROVAL, SOURCES, entitlement_document, faults_of, load, policy_document

CALENDAR = "version: 1\nkind: Calendar\nid: hours\nowner: o\ntz: Europe/Paris\nweekly: {mon-fri: ['08:00-19:00']}\n"


def test_the_example_policies_load(shared: Path) -> None:
    policies = load_policies(shared / "policies")

    assert len(policies.policies) == 5
    assert len(policies.packs) == 1
    assert set(policies.entitlements) == {"aws-prod-admin"}
    assert set(policies.calendars) == {"business-hours", "change-freeze"}
    assert policies.identities.lookup("github", "Ann-Old") == "ann"
    assert str(policies.policies[0].place) == "aws-admin-escalation.yaml:1"
    assert not policies.notes


def test_a_folder_without_documents_is_an_empty_set() -> None:
    policies = load_policies(Folder.of({}))

    assert policies.compiled == ()
    assert policies.identities.lookup("slack", "U0") is None


def test_a_path_that_does_not_exist_says_so(tmp_path: Path) -> None:
    with pytest.raises(PolicyFaults, match="there is no such file or folder"):
        load_policies(tmp_path / "nowhere")


def test_one_file_is_loaded_with_its_neighbours(tmp_path: Path) -> None:
    (tmp_path / "calendar.yaml").write_text(CALENDAR, encoding="utf-8")
    (tmp_path / ".hidden.yaml").write_text("not: [valid", encoding="utf-8")
    (tmp_path / "link").symlink_to(tmp_path, target_is_directory=True)

    policies = load_policies(tmp_path / "calendar.yaml")

    assert set(policies.calendars) == {"hours"}


def test_what_a_document_says_is_kept_word_for_word() -> None:
    document = policy_document(dedupe={"window": "2h"}, message={"summary": "{{ $actor.id }}"})

    policies = load(document)

    (policy,) = policies.policies
    assert policy.document == document
    assert policy.key == "a-policy"
    assert len(policy.digest) == 64


@pytest.mark.parametrize(
    ("limits", "told"),
    [
        ({}, "limits has open, per_actor or both"),
        ({"open": 0}, "limits.open"),
        ({"open": True}, "limits.open"),
        ({"per_actor": "3"}, "limits.per_actor"),
        ({"per_person": 3}, "known are open, per_actor"),
    ],
)
def test_a_limit_is_a_whole_number_of_at_least_one(limits: dict[str, Any], told: str) -> None:
    (fault,) = faults_of(policy_document(limits=limits))

    assert told in str(fault)


@pytest.mark.parametrize(
    ("document", "names", "told"),
    [
        (policy_document, ["$actor.nickname"], "did you mean"),
        (policy_document, ["$rule.id"], "no name here"),
        (entitlement_document, ["reviewer"], "an entitlement has none"),
    ],
)
def test_an_exclusion_that_names_nothing_is_a_fault(document: Any, names: list[str], told: str) -> None:
    written = document(approval={**APPROVAL, "exclude": names})

    (fault,) = faults_of(written)

    assert fault.path == ("approval", "exclude", 0)
    assert told in str(fault)


def test_a_digest_changes_with_the_document_and_not_with_its_file_or_the_order_of_keys() -> None:
    first = load(policy_document()).policies[0]
    turned = load(dict(reversed(list(policy_document().items())))).policies[0]
    other = load(policy_document(title="Another")).policies[0]

    assert first.digest == turned.digest != other.digest
    assert load(policy_document()).digest == load(policy_document()).digest
    assert load(policy_document()).digest != load(policy_document(title="Another")).digest


@pytest.mark.parametrize("document", [policy_document(), entitlement_document()])
def test_a_snapshot_gives_the_same_policy_back(document: dict[str, Any]) -> None:
    policies = load(document)
    terms: Policy | Entitlement = policies.policies[0] if policies.policies else policies.entitlements["prod-admin"]

    again = from_snapshot(snapshot(terms))

    assert again == terms
    assert again.digest == terms.digest
    assert again.place == terms.place
    with pytest.raises(ValueError, match="format 99"):
        from_snapshot({**snapshot(terms), "format": 99})


def test_the_snapshot_of_a_sigma_rule_keeps_rule_and_credit(shared: Path) -> None:
    policies = load_policies(shared / "policies")
    one = next(one.policy for one in policies.compiled if one.policy.pack)

    again = from_snapshot(snapshot(one))

    assert isinstance(again, Policy)
    assert again.rule == one.rule
    assert again.key == one.key
    assert again.digest == one.digest
    assert again.rule is not None
    assert "SigmaHQ, DRL 1.1" in again.rule.text


def test_the_version_in_force_is_found_by_its_key(shared: Path) -> None:
    policies = load_policies(shared / "policies")
    packed = next(one.policy for one in policies.compiled if one.policy.pack)

    assert policies.current("aws-admin-escalation", "review") is policies.policies[0]
    assert policies.current(packed.key, "review") is packed
    assert isinstance(policies.current("aws-prod-admin", "access"), Entitlement)
    assert policies.current("aws-prod-admin", "review") is None
    assert policies.current("gone", "gate") is None


def test_a_broken_sources_document_is_one_fault_and_not_one_of_every_policy() -> None:
    found = faults_of(
        policy_document(),
        policy_document(id="another"),
        sources="version: 1\nkind: Sources\nid: src\nowner: o\nsources: [{name: generic, mapping: generic}]\n",
    )

    assert [str(fault) for fault in found] == [
        "sources.yaml:5:11 sources[0].auth: auth is missing; add auth: {type: bearer, secret: env:NAME}"
    ]


def test_a_user_mapping_below_the_folder_is_used() -> None:
    policies = load(
        policy_document(source="ours"),
        sources="version: 1\nkind: Sources\nid: src\nowner: o\nsources:\n"
        "  - {name: ours, mapping: ours.log, auth: {type: bearer, secret: env:X}}\n",
        mappings__ours="ours.log: {id: [n], action: [op]}\n",
    )

    assert policies.table_of("ours").name == "ours.log"


def test_an_ics_file_beside_a_calendar_is_expanded() -> None:
    policies = load(
        CALENDAR + "ics: holidays.ics\n",
        holidays_ics="BEGIN:VCALENDAR\nBEGIN:VEVENT\nDTSTART;VALUE=DATE:20260501\nEND:VEVENT\nEND:VCALENDAR\n",
    )

    assert [day.isoformat() for day in policies.calendars["hours"].holidays] == ["2026-05-01"]
    assert isinstance(policies.documents[0], Calendar)


def test_what_kind_of_grant_provider_there_is_can_be_checked() -> None:
    held = Folder.of({"e.yaml": str(entitlement_document()).encode(), "sources.yaml": SOURCES.encode()})

    with pytest.raises(PolicyFaults, match="webhook is no provider here; did you mean webhooks"):
        load_policies(held, providers={"webhooks": PROVIDERS["webhook"]})
    assert load_policies(held).entitlements


def test_loading_ten_thousand_policies_gives_their_faults_in_a_text_that_ends() -> None:
    text = "---\n".join(f"version: 1\nid: p-{number}\n" for number in range(300))

    with pytest.raises(PolicyFaults) as caught:
        load(text)

    assert len(caught.value.faults) > 1000
    assert len(str(caught.value).splitlines()) == 102


def test_a_large_folder_loads_in_time_that_grows_with_it() -> None:
    text = "---\n".join(
        f"version: 1\nid: p-{number}\nowner: o\ntitle: t\nrequest: review\nseverity: low\nsource: generic\n"
        f"match: {{action: do-{number}}}\n"
        "approval: {levels: [{name: a, approvers: [{usergroup: '@x'}], timeout: 10m}]}\n"
        for number in range(500)
    )
    started = time.perf_counter()

    policies = load(text)

    assert len(policies.matcher.plans["generic"].compiled) == 500
    assert time.perf_counter() - started < 2
    assert APPROVAL


def test_a_fault_is_one_line_and_draws_nothing_on_a_terminal() -> None:
    (fault,) = faults_of(policy_document(**{"\x1b[31mbananas\nb.yaml:1:1: fine": "\u202e"}))

    assert str(fault).splitlines() == [str(fault)]
    assert "\\u001b[31mbananas ⏎ b.yaml:1:1: fine is no key here" in str(fault)
    assert fault.to_json()["path"] == "\x1b[31mbananas\nb.yaml:1:1: fine"
