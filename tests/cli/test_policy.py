"""`policy check`, `lint`, `test` and `schema`, as an author and a pipeline run them."""

import os
import pty
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from tests.cli.conftest import Cli

ROOT = Path(__file__).parent.parent.parent
POLICIES = ROOT / "policies"
BROKEN = ROOT / "tests" / "policy" / "broken"

GOOD = """
version: 1
id: deploys
owner: team-platform
title: Production deploy
request: gate
severity: low
source: tool
match: {action: deploy}
approval:
  levels: [{name: owners, approvers: [{usergroup: '@owners'}], timeout: 10m}]
fixtures: {groups: {'@owners': [bob]}}
tests:
  - {name: a deploy waits, event: {action: deploy}, expect: match}
  - {name: a dance does not, event: {action: dance}, expect: no_match}
---
version: 1
kind: Sources
id: sources
owner: team-platform
sources: [{name: tool, mapping: generic, auth: {type: bearer, secret: env:TOOL}, may_wait: true}]
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with one good policy, to be changed."""
    made = tmp_path / "policies"
    made.mkdir()
    (made / "deploys.yaml").write_text(GOOD, encoding="utf-8")
    return made


def change(folder: Path, old: str, new: str) -> None:
    text = (folder / "deploys.yaml").read_text(encoding="utf-8")
    assert old in text
    (folder / "deploys.yaml").write_text(text.replace(old, new), encoding="utf-8")


def test_the_shipped_policies_are_checked_and_all_their_tests_pass(cli: Cli) -> None:
    checked, tested = cli("policy", "check", POLICIES, "--strict"), cli("policy", "test", POLICIES)

    assert (checked.code, checked.out) == (0, "ok: 5 policies, 1 pack, 1 entitlement, 5 sources\n")
    assert tested.code == 0
    assert tested.out == "46 tests of 14 documents passed\n"
    assert (checked.err, tested.err) == ("", "")


def test_every_test_of_the_shipped_policies_is_judged_whole(cli: Cli) -> None:
    told = cli("policy", "test", POLICIES, "--json").json()

    assert told["ok"] is True
    assert [one for one in told["tests"] if one["left_out"] or not one["ok"]] == []


def test_the_example_policies_pass_with_their_presses_and_their_time(cli: Cli, shared: Path) -> None:
    ran = cli("policy", "test", shared / "policies", "--json")

    assert ran.code == 0
    assert len(ran.json()["tests"]) >= 60
    assert [one for one in ran.json()["tests"] if one["left_out"]] == []


def test_every_example_file_is_in_order_and_has_tests_that_hold(cli: Cli, shared: Path) -> None:
    files = sorted((shared / "policies").glob("*.yaml"))

    assert len(files) >= 8
    for file in files:
        checked, tested = cli("policy", "check", file, "--json"), cli("policy", "test", file, "--json")
        assert (file.name, checked.code, checked.json()["faults"]) == (file.name, 0, [])
        assert (file.name, tested.code) == (file.name, 0)
        assert len(tested.json()["tests"]) >= 3


def test_a_fault_is_told_with_its_place_and_what_to_write(cli: Cli, folder: Path) -> None:
    change(folder, "timeout: 10m", "timeout: 10 minutes")

    plain, document = cli("policy", "check", folder), cli("policy", "check", folder, "--json")

    assert (plain.code, document.code) == (1, 1)
    assert "deploys.yaml:11:" in plain.out
    (fault,) = document.json()["faults"]
    assert set(fault) == {"code", "severity", "file", "line", "column", "path", "message", "hint"}
    assert (fault["file"], fault["line"], fault["path"]) == ("deploys.yaml", 11, "approval.levels[0].timeout")
    assert document.json()["ok"] is False
    assert document.json()["digest"] is None


def test_every_broken_file_is_told_at_once(cli: Cli) -> None:
    expected = [line.partition("] ")[2] for line in (BROKEN / "faults.txt").read_text(encoding="utf-8").splitlines()]

    ran, told = cli("policy", "check", BROKEN), cli("policy", "check", BROKEN, "--json").json()

    assert (ran.code, ran.err) == (1, "")
    assert ran.out.splitlines() == [f"{len(expected)} faults in the policies:", *expected]
    assert told["ok"] is False
    assert len(told["faults"]) == len(expected) >= 130
    assert all(one["message"] and one["hint"] and one["line"] >= 1 and one["column"] >= 1 for one in told["faults"])


def test_a_good_folder_is_one_document_too(cli: Cli, folder: Path) -> None:
    ran = cli("policy", "check", folder, "--json")

    assert ran.code == 0
    assert ran.json()["faults"] == ran.json()["lints"] == []
    assert len(ran.json()["digest"]) == 64


def test_a_warning_fails_only_where_it_is_asked_to(cli: Cli, folder: Path) -> None:
    change(folder, "request: gate", "mode: monitor\nrequest: gate")

    assert cli("policy", "check", folder).code == cli("policy", "lint", folder).code == 0
    strict = cli("policy", "check", folder, "--strict", "--json")
    assert strict.code == cli("policy", "lint", folder, "--strict").code == 1
    assert [one["code"] for one in strict.json()["lints"]] == ["monitor-gate"]
    told = cli("policy", "check", folder).out
    assert "deploys.yaml:6:1 mode: warning: a gate in monitor" in told
    assert told.endswith("ok: 1 policy, 1 source; 1 warning\n")


def test_what_the_author_allows_is_told_by_lint_alone_and_fails_nothing(cli: Cli, folder: Path) -> None:
    change(folder, "request: gate", "mode: monitor  # lint: allow monitor-gate because we watch first\nrequest: gate")

    lint = cli("policy", "lint", folder, "--strict")

    assert lint.code == 0
    assert "[monitor-gate] (allowed: we watch first)" in lint.out
    assert lint.out.endswith("1 allowed\n")
    assert "monitor" not in cli("policy", "check", folder, "--strict").out.splitlines()[0]


def test_an_error_cannot_be_allowed(cli: Cli, folder: Path) -> None:
    change(folder, "may_wait: true", "may_wait: false")
    change(folder, "source: tool", "source: tool  # lint: allow gate-cannot-wait because I say so")

    ran = cli("policy", "check", folder)

    assert ran.code == 1
    assert "error: tool neither waits" in ran.out
    assert ran.err == "not good enough: 1 error\n"


def test_lint_of_a_folder_that_does_not_load_names_its_faults(cli: Cli, folder: Path) -> None:
    change(folder, "severity: low", "severity: lowest")

    ran = cli("policy", "lint", folder, "--json")

    assert ran.code == 1
    assert [one["severity"] for one in ran.json()["lints"]] == ["error"]


def test_one_file_is_told_of_itself_alone(cli: Cli, folder: Path) -> None:
    change(folder, "request: gate", "mode: monitor\nrequest: gate")
    other = (
        GOOD.split("---", maxsplit=1)[0].replace("id: deploys", "id: more").replace("{action: deploy}\n", "{a: 1}\n")
    )
    (folder / "more.yaml").write_text(other.replace("event: {action: deploy}", "event: {a: 1}"), encoding="utf-8")

    lints = cli("policy", "lint", folder / "more.yaml", "--json").json()["lints"]
    tests = cli("policy", "test", folder / "more.yaml", "--json").json()["tests"]

    assert [one["file"] for one in lints if one["code"] == "monitor-gate"] == []
    assert {one["document"] for one in tests} == {"more"}


def test_a_failed_test_says_what_was_expected_and_what_came(cli: Cli, folder: Path) -> None:
    change(folder, "event: {action: dance}", "event: {action: deploy}")

    plain, document = cli("policy", "test", folder), cli("policy", "test", folder, "--json")

    assert (plain.code, document.code) == (1, 1)
    assert plain.out.splitlines() == [
        "✗ deploys.yaml:15 deploys: a dance does not",
        "    expect: expected no_match, got match",
        "      ✓ action = deploy",
        "1 of 2 tests failed",
    ]
    assert [one["ok"] for one in document.json()["tests"]] == [True, False]
    assert document.json()["tests"][1]["differences"] == [
        {"what": "expect", "expected": "no_match", "got": "match", "because": ["  ✓ action = deploy"]}
    ]


def test_a_folder_without_tests_says_so(cli: Cli, tmp_path: Path) -> None:
    ran = cli("policy", "test", tmp_path)

    assert (ran.code, ran.out) == (0, "there are no tests; write some under `tests:` in a policy\n")


@pytest.mark.parametrize("name", ["lost.yaml", "mappings/lost.yaml", "sigma/rules/lost.yml"])
def test_a_link_that_leads_nowhere_is_a_fault_like_any_other(cli: Cli, folder: Path, name: str) -> None:
    link = folder / name
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(folder / "nowhere")
    change(folder, "severity: low", "severity: lowest")
    pack = "version: 1\nkind: SigmaPack\nid: p\nowner: o\ntitle: t\nseverity: low\ninclude: sigma/rules/*.yml\n"
    if name.startswith("sigma"):
        approval = "approval: {levels: [{name: a, approvers: [{usergroup: '@x'}], timeout: 10m}]}\n"
        (folder / "pack.yaml").write_text(pack.replace("id: p", "id: packed") + approval, encoding="utf-8")

    faults = cli("policy", "check", folder, "--json").json()["faults"]

    assert {(one["file"], one["code"]) for one in faults} >= {(name, "unreadable"), ("deploys.yaml", "invalid")}
    told = next(one for one in faults if one["code"] == "unreadable")
    assert told["message"] == "the file cannot be read: No such file or directory"


def test_a_file_that_is_no_policy_is_said_to_be_none(cli: Cli, folder: Path) -> None:
    (folder / "notes.txt").write_text("words", encoding="utf-8")

    ran = cli("policy", "check", folder / "notes.txt")

    assert ran.code == 1
    assert "this is no policy file; name a folder, or a .yaml file in it" in ran.out


@pytest.mark.parametrize("command", ["check", "lint", "test"])
def test_a_folder_that_is_not_there_fails(cli: Cli, command: str) -> None:
    plain, document = cli("policy", command, "nowhere"), cli("policy", command, "nowhere", "--json")

    assert (plain.code, document.code) == (1, 1)
    assert "there is no such file or folder" in plain.out
    assert document.json()["ok"] is False


@pytest.mark.parametrize("command", ["check", "test"])
def test_a_broken_folder_is_a_document_of_faults(cli: Cli, command: str) -> None:
    ran = cli("policy", command, BROKEN, "--json")

    assert ran.code == 1
    assert len(ran.json()["faults"]) >= 55


@pytest.mark.parametrize("options", [(), ("--mappings",)])
def test_the_schema_is_a_schema(cli: Cli, options: tuple[str, ...]) -> None:
    ran = cli("policy", "schema", *options)

    assert ran.code == 0
    jsonschema.Draft202012Validator.check_schema(ran.json())


def test_a_long_run_shows_a_bar_on_a_terminal_alone(folder: Path) -> None:
    test = "  - {name: a dance does not, event: {action: dance}, expect: no_match}\n"
    change(folder, test, test * 400)
    command = [sys.executable, "-m", "approvalbot", "policy", "test", str(folder)]
    environment = {**os.environ, "PYTHONPATH": str(ROOT), "TERM": "xterm", "COLUMNS": "100"}

    def bar(stderr: int) -> None:
        subprocess.run(command, env=environment, stdout=subprocess.DEVNULL, stderr=stderr, check=True)  # noqa: S603 - ours

    reader, writer = pty.openpty()
    try:
        bar(writer)
        assert b"401/401" in os.read(reader, 65536)
    finally:
        os.close(writer)
        os.close(reader)
    (folder / "told").touch()
    with (folder / "told").open("wb") as quiet:
        bar(quiet.fileno())
    assert (folder / "told").read_bytes() == b""
