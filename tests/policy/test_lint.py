"""Every lint: what it says of a document that has the slip, and that it keeps quiet of one that has not."""

from datetime import date
from typing import Any

import pytest
import yaml

from approvalbot.policy.actions import Action
from approvalbot.policy.folder import Folder
from approvalbot.policy.lint.finding import Lint
from approvalbot.policy.lint.running import Knowledge, fails, lint_folder
from approvalbot.policy.parse import load_written
from tests.policy.makers import SOURCES, entitlement_document, policy_document

TODAY = date(2026, 3, 3)
TWO_LEVELS = [
    {"name": "first", "approvers": [{"usergroup": "@team"}], "timeout": "20m"},
    {"name": "second", "approvers": [{"usergroup": "@leads"}], "timeout": "20m"},
]
TESTS = [
    {"name": "yes", "event": {"action": "deploy"}, "expect": "match"},
    {"name": "no", "event": {"action": "dance"}, "expect": "no_match"},
]
PEOPLE = """
version: 1
kind: Identities
id: people
owner: o
people: [{id: ann, name: Ann, emails: [ann@x.com], slack: U0ANN}, {id: bob, name: Bob}, {id: cat, name: Cat}]
roles: {lead: [ann], board: [ann], crew: [bob, cat]}
"""


def lints(*documents: Any, known: Knowledge | None = None, sources: str = SOURCES, **files: str) -> list[Lint]:
    held = {"sources.yaml": sources.encode()}
    for number, document in enumerate(documents):
        text = document if isinstance(document, str) else yaml.safe_dump(document, sort_keys=False)
        held[f"policy-{number}.yaml"] = text.encode()
    held |= {name.replace("__", "/") + ".yaml": body.encode() for name, body in files.items()}
    return lint_folder(load_written(Folder.of(held)), known or Knowledge(today=TODAY))


def names(*documents: Any, **how: Any) -> set[str]:
    return {one.name for one in lints(*documents, **how)}


def policy(**changes: Any) -> dict[str, Any]:
    """A policy that no lint says anything of."""
    return policy_document(**{"tests": TESTS, "approval": {"levels": TWO_LEVELS}, **changes})


def approval(**changes: Any) -> dict[str, Any]:
    return {"approval": {"levels": TWO_LEVELS, **changes}}


def level(*approvers: dict[str, str], timeout: str = "30m") -> dict[str, Any]:
    return {"name": "l", "approvers": list(approvers), "timeout": timeout}


AWS = {"source": "aws.cloudtrail", "tests": None}
UNDO = [{"action": "okta.revoke_admin_role", "with": {"user": "{{ target }}"}}]


def undo(only_if: dict[str, Any]) -> list[dict[str, Any]]:
    return [{**UNDO[0], "only_if": only_if}]


def test_a_clean_policy_is_left_alone() -> None:
    assert lints(policy()) == []


SLIPS: list[tuple[str, dict[str, Any]]] = [
    ("empty-match", {"match": {"not": {"$outcome": "no-such-outcome"}}}),
    ("empty-match", {"match": {"any": [{"a": "x"}, {"not": {"a": "x"}}]}}),
    ("contradiction", {"match": {"a": "x", "not": {"a": "x"}}}),
    ("contradiction", {"match": {"a|exists": False, "all": [{"a": "x"}]}}),
    ("contradiction", {"match": {"$action": "deploy", "all": [{"$action": ["dance", "sing"]}]}}),
    ("contradiction", {"match": {"action": "deploy", "$source.name": "nobody"}}),
    ("contradiction", {"match": {"any": [{"$outcome": "maybe"}, {"$source.name": "nobody"}]}}),
    ("not-without-exists", {"match": {"not": {"action": "dance"}}}),
    ("not-without-exists", {"match": {"action|neq": "dance"}}),
    ("not-without-exists", {"match": {"action": [None, "dance"]}}),
    ("not-without-exists", {"match": {"any": [{"action": "deploy"}, {"not": {"action": "dance"}}]}}),
    ("null-in-list", {"match": {"action": ["deploy", None], "b": "x"}}),
    ("single-all", {"match": {"action|all": ["deploy"]}}),
    ("double-wildcard", {"match": {"action|contains": "*deploy"}}),
    ("double-wildcard", {"match": {"action|startswith": "deploy*"}}),
    ("double-wildcard", {"match": {"action": "dep**oy"}}),
    ("broad-contains", {"match": {"action|contains": "dep"}}),
    ("broad-contains", {"match": {"action": "*dep*"}}),
    ("unindexed", {"match": {"action|re": "^(deploy|dance)"}}),
    ("unindexed", {"match": {"a|gt": 3}}),
    ("no-tests", {"tests": None}),
    ("no-negative-test", {"tests": TESTS[:1]}),
    ("single-level", {"severity": "high", "approval": {"levels": TWO_LEVELS[:1]}}),
    ("long-timeout", {"approval": {"levels": [level({"usergroup": "@a"}, timeout="25h")]}}),
    ("long-timeout", {"request": "gate", "approval": {"levels": [level({"usergroup": "@a"}, timeout="1h")]}}),
    ("unmapped-allowed", approval(unmapped_actor="allow", unsafe=True)),
    ("monitor-gate", {"request": "gate", "mode": "monitor"}),
    ("gate-cannot-wait", {**AWS, "request": "gate", "match": {"eventName": "x", "eventSource": "y"}}),
    ("failed-call-included", {"on_deny": UNDO}),
    ("undo-without-params", {"on_deny": UNDO, "match": {"action": "deploy", "$outcome": "unknown"}}),
    ("undo-without-params", {"on_deny": undo({"action": ["deploy", "dance"]})}),
    ("dedupe-missing-tenant", {"dedupe": {"key": ["$actor.id"]}}),
    ("dedupe-null", {"dedupe": {"key": ["$id", "$source.tenant"]}}),
    ("action-without-source", {**AWS, "match": {"eventName": "CreateUser"}}),
    ("action-without-source", {**AWS, "match": {"eventName": "CreateUser", "not": {"eventSource": "x"}}}),
    ("action-without-source", {"source": "github.webhook", "tests": None, "match": {"action": "deleted"}}),
    ("unknown-field", {"source": "github.webhook", "tests": None, "match": {"$header.x-other": "a"}}),
    ("unknown-role", {"approval": {"levels": [level({"role": "nobody"}, {"usergroup": "@a"})]}}),
    ("quorum-unreachable", {"approval": {"quorum": 2, "levels": [level({"user": "ann@x.com"})]}}),
    ("quorum-unreachable", {"approval": {"quorum": 2, "levels": [level({"user": "ann@x.com"}, {"role": "lead"})]}}),
    ("quorum-unreachable", {"approval": {"quorum": 2, "levels": [level({"user": "U0ANN"}, {"role": "lead"})]}}),
    ("quorum-unreachable", {"approval": {"deny_quorum": 2, "levels": [level({"role": "lead"})]}}),
    ("quorum-unreachable", approval(quorum=3, from_distinct_groups=True)),
    (
        "quorum-unreachable",
        {
            "approval": {
                "quorum": 3,
                "from_distinct_groups": True,
                "levels": [level({"role": "lead"}, {"role": "board"}, {"role": "crew"})],
            }
        },
    ),
    (
        "quorum-unreachable",
        {"approval": {"schedule": [{"otherwise": True, "quorum": 4}], "levels": [level({"role": "crew"})]}},
    ),
]


@pytest.mark.parametrize(("name", "changes"), SLIPS, ids=[f"{name}-{place}" for place, (name, _) in enumerate(SLIPS)])
def test_a_slip_is_found(name: str, changes: dict[str, Any]) -> None:
    assert name in names(policy(**changes), PEOPLE)


SOUND: list[tuple[str, dict[str, Any]]] = [
    ("empty-match", {"match": {"action": "deploy", "not": {"$outcome": "failure"}}}),
    ("contradiction", {"match": {"a": "x", "all": [{"a": "y"}]}}),
    ("contradiction", {"match": {"a|exists": True, "all": [{"a": None}]}}),
    ("contradiction", {"match": {"$action": ["deploy", "dance"], "all": [{"$action": "DEPLOY"}]}}),
    ("contradiction", {"match": {"$action": "dep*", "all": [{"$action": "deploy"}]}}),
    ("not-without-exists", {"match": {"action|exists": True, "not": {"action": "dance"}}}),
    ("not-without-exists", {"match": {"action|neq": "dance", "b": "x"}}),
    ("double-wildcard", {"match": {"action": r"deploy\**"}}),
    ("double-wildcard", {"match": {"action|endswith": "deploy*"}}),
    ("double-wildcard", {"match": {"action|endswith": r"deploy\*"}}),
    ("double-wildcard", {"match": {"action|re": "^(deploy)*.*"}}),
    ("double-wildcard", {"match": {"action|contains": "*", "b": "x"}}),
    ("broad-contains", {"match": {"action|startswith": "dep"}}),
    ("unindexed", {"match": {"action|re": "^deploy", "b": "x"}}),
    ("no-negative-test", {"tests": [TESTS[0], {"event": {"action": "deploy"}, "opens": []}]}),
    ("long-timeout", {"approval": {"levels": [level({"usergroup": "@a"}, timeout="24h")]}}),
    ("gate-cannot-wait", {"request": "gate"}),
    ("failed-call-included", {"on_deny": UNDO, "match": {"action": "deploy", "errorCode|exists": False}}),
    ("undo-without-params", {"on_deny": undo({"action": "dance"})}),
    ("undo-without-params", {"on_deny": undo({"$source.name": ["aws.cloudtrail"]})}),
    ("dedupe-missing-tenant", {"dedupe": {"key": ["$id"]}}),
    ("action-without-source", {**AWS, "match": {"eventName": "CreateUser", "eventSource": "iam.amazonaws.com"}}),
    ("action-without-source", {**AWS, "match": {"eventSource": "x", "any": [{"eventName": "A"}, {"eventName": "B"}]}}),
    (
        "action-without-source",
        {"source": "github.webhook", "tests": None, "match": {"action": "deleted", "$header.X-GitHub-Event": "team"}},
    ),
    ("unknown-field", {"source": "github.webhook", "tests": None, "match": {"$header.x-github-event": "a"}}),
    ("quorum-unreachable", {"approval": {"quorum": 2, "levels": [level({"user": "ann@x.com"}, {"role": "crew"})]}}),
    ("quorum-unreachable", {"approval": {"quorum": 9, "levels": [level({"channel_members": "#deploys"})]}}),
    (
        "quorum-unreachable",
        {
            "approval": {
                "quorum": 2,
                "from_distinct_groups": True,
                "levels": [level({"role": "lead"}, {"role": "board"}, {"role": "crew"})],
            }
        },
    ),
]


@pytest.mark.parametrize(("name", "changes"), SOUND, ids=[f"{name}-{place}" for place, (name, _) in enumerate(SOUND)])
def test_what_is_no_slip_is_left_alone(name: str, changes: dict[str, Any]) -> None:
    assert name not in names(policy(**changes), PEOPLE)


@pytest.mark.parametrize(("severity", "expected"), [("low", "warning"), ("high", "error"), ("critical", "error")])
def test_missing_tests_weigh_as_much_as_what_is_at_stake(severity: str, expected: str) -> None:
    found = [one for one in lints(policy(severity=severity, tests=None)) if one.name == "no-tests"]

    assert [one.severity for one in found] == [expected]


def test_two_policies_with_one_condition_both_ask() -> None:
    assert "shadowed" in names(policy(), policy(id="again"))
    assert "shadowed" not in names(policy(), policy(id="again", match={"action": "dance"}))
    assert "shadowed" not in names(policy(), policy(id="again", mode="off"))


def test_day_and_night_are_two_halves_and_no_shadow() -> None:
    hours = "version: 1\nkind: Calendar\nid: hours\nowner: o\ntz: UTC\nweekly: {mon-fri: ['08:00-19:00']}\n"
    day = policy(during={"calendar": "hours", "is": "inside"})
    night = policy(id="night", during={"calendar": "hours", "is": "outside"})

    assert "shadowed" not in names(day, night, hours)


@pytest.mark.parametrize(
    ("written", "says"),
    [("1234567890123456", True), ("'1234567890123456'", False), ("123456789012345", False), ("0123456", True)],
)
def test_a_number_that_would_lose_digits_is_to_be_quoted(written: str, says: bool) -> None:
    text = yaml.safe_dump(policy(match={"account": "PLACE", "action": "deploy"})).replace("PLACE", written)

    assert ("untyped-number" in names(text)) is says


def test_a_policy_that_watches_for_long_is_remembered() -> None:
    text = yaml.safe_dump(policy(mode="monitor"))

    def found(since: str) -> bool:
        return "monitor-forgotten" in names(text.replace("mode: monitor", f"mode: monitor  # {since}"))

    assert found("since 2026-01-31")
    assert not found("since 2026-02-01")
    assert not found("since 2026-99-99")
    assert not found("for now")


@pytest.mark.parametrize(("until", "says"), [("2026-05-02", True), ("2026-05-03", False), ("2025-01-01", True)])
def test_a_calendar_that_ends_soon_is_mentioned(until: str, says: bool) -> None:
    calendar = "version: 1\nkind: Calendar\nid: hours\nowner: o\ntz: UTC\nweekly: {mon: ['08:00-09:00']}\n"
    calendar += f"valid_until: {until}\n"

    assert ("calendar-expiring" in names(calendar)) is says


def test_a_field_that_no_known_event_has_is_most_likely_a_slip() -> None:
    known = Knowledge(today=TODAY, samples={"generic": [{"action": "x", "target": {"environment": "y"}}]})
    slip = policy(match={"target.enviroment": "prod", "action": "deploy"})

    told = [one.message for one in lints(slip, known=known)]

    assert told == ["target.enviroment stands in none of 1 known events of generic"]
    assert lints(policy(match={"TARGET.environment": "prod", "$actor.id": "x"}), known=known) == []


def test_an_effect_may_not_go_where_the_event_says() -> None:
    actions = {"tool.call": Action(frozenset({"url"}), urls=frozenset({"url"}))}
    document = policy(on_approve=[{"action": "tool.call", "with": {"url": "{{ callback_url }}"}}])
    held = {"sources.yaml": SOURCES.encode(), "p.yaml": yaml.safe_dump(document).encode()}

    loaded = load_written(Folder.of(held), actions=actions)

    found = {one.name for one in lint_folder(loaded, Knowledge(actions=actions))}
    assert found == {"unscoped-callback-host", "provider-missing"}


def test_an_allowance_stands_on_its_line_with_its_reason_and_names_one_lint() -> None:
    allowed = "# lint: allow monitor-gate because a # lint: allow monitor-forgotten because b c"
    line = f"mode: monitor  # since 2026-01-01 {allowed}"
    text = yaml.safe_dump(policy(request="gate", mode="monitor")).replace("mode: monitor", line)

    found = {one.name: one.allowed for one in lints(text)}

    assert found == {"monitor-gate": "a", "monitor-forgotten": "b c"}
    assert not fails(lints(text), strict=True)


@pytest.mark.parametrize(
    "comment", ["# lint: allow monitor-gate", "# lint: allow no-tests because x", "# monitor-gate"]
)
def test_an_allowance_without_a_reason_or_of_another_lint_allows_nothing(comment: str) -> None:
    text = yaml.safe_dump(policy(request="gate", mode="monitor")).replace("mode: monitor", f"mode: monitor  {comment}")

    assert fails(lints(text), strict=True)
    assert not fails(lints(text))


def test_findings_come_worst_first_and_each_once() -> None:
    document = policy(severity="high", tests=None, match={"any": [{"not": {"a": "x"}}, {"not": {"b": "x"}}]})

    found = lints(document)

    assert [one.severity for one in found] == sorted((one.severity for one in found), key=["error", "warning"].index)
    assert len({(one.name, one.path, one.message) for one in found}) == len(found)


def test_an_entitlement_is_linted_as_well() -> None:
    assert {"no-tests", "single-level"} <= names(entitlement_document(severity="high"))


def test_what_a_placeholder_stands_for_is_known_to_the_lints() -> None:
    document = policy(match={"action|expand": "%deploys%", "not": {"action|expand": "%deploys%"}})

    assert "contradiction" in names(document, sigma__lists="deploys: [deploy, rollout]\n")
