"""What `policy check` and `policy lint` say to a pipeline: GitHub's annotations and SARIF."""

import re
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Cli
from tests.cli.test_policy import BROKEN, GOOD, POLICIES

WATCHED = "request: gate\nmode: monitor"


@pytest.fixture
def folder(cli: Cli) -> Path:
    """A folder below the one where the pipeline runs, with the same warnings in two files."""
    made = Path.cwd() / "deploy, 100%" / "policies"
    made.mkdir(parents=True)
    text = GOOD.replace("request: gate", WATCHED).replace("severity: low", "severity: high")
    other = text.split("---", maxsplit=1)[0].replace("id: deploys", "id: more")
    (made / "deploys.yaml").write_text(text, encoding="utf-8")
    (made / "more.yaml").write_text(other.replace("{action: deploy}", "{action: more}"), encoding="utf-8")
    return made


def sarif(cli: Cli, *arguments: object) -> dict[str, Any]:
    document = cli("policy", *arguments, "--format", "sarif").json()
    assert (document["version"], len(document["runs"])) == ("2.1.0", 1)
    run: dict[str, Any] = document["runs"][0]
    return run


@pytest.mark.parametrize("command", ["check", "lint"])
def test_github_gets_one_annotation_for_each_finding_beside_its_line(cli: Cli, folder: Path, command: str) -> None:
    ran = cli("policy", command, folder, "--format", "github")

    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines()[0] == (
        "::warning file=deploy%2C 100%25/policies/deploys.yaml,line=7,col=1,title=monitor-gate::"
        "a gate in monitor answers no_match at once, which is never a yes"
    )
    assert all(
        re.match(r"::(error|warning|notice) file=[^:]+,line=\d+,col=\d+,title=[a-z-]+::.", line)
        for line in ran.out.splitlines()
    )


def test_one_file_is_annotated_by_the_same_path(cli: Cli, folder: Path) -> None:
    whole = cli("policy", "lint", folder, "--format", "github").out.splitlines()
    alone = cli("policy", "lint", folder / "more.yaml", "--format", "github").out.splitlines()

    assert alone == [line for line in whole if "/more.yaml" in line]
    assert alone


def test_what_does_not_load_is_an_error_in_every_form(cli: Cli) -> None:
    github = cli("policy", "check", BROKEN, "--format", "github")
    run = sarif(cli, "check", BROKEN)

    assert github.code == 1
    assert len(github.out.splitlines()) == len(run["results"]) >= 55
    assert {one["level"] for one in run["results"]} == {"error"}
    assert "::error file=" in github.out


def test_sarif_names_rule_place_and_level(cli: Cli, folder: Path) -> None:
    run = sarif(cli, "lint", folder)
    names = [one["id"] for one in run["tool"]["driver"]["rules"]]
    first = next(one for one in run["results"] if one["ruleId"] == "monitor-gate")

    assert run["tool"]["driver"]["name"] == "approvalbot"
    assert names == sorted(set(names))
    assert all(names[one["ruleIndex"]] == one["ruleId"] for one in run["results"])
    assert (first["level"], first["suppressions"]) == ("warning", [])
    assert first["locations"] == [
        {
            "physicalLocation": {
                "artifactLocation": {"uri": "deploy%2C%20100%25/policies/deploys.yaml", "uriBaseId": "%SRCROOT%"},
                "region": {"startLine": 7, "startColumn": 1},
            }
        }
    ]


def test_what_an_author_allows_is_suppressed_in_sarif_and_no_annotation(cli: Cli, folder: Path) -> None:
    path = folder / "deploys.yaml"
    allowed = "mode: monitor  # lint: allow monitor-gate because we watch first"
    path.write_text(path.read_text(encoding="utf-8").replace("mode: monitor", allowed), encoding="utf-8")

    run = sarif(cli, "lint", path)
    github = cli("policy", "lint", path, "--format", "github").out
    found = next(one for one in run["results"] if one["ruleId"] == "monitor-gate")

    assert found["suppressions"] == [{"kind": "inSource", "justification": "we watch first"}]
    assert "monitor-gate" not in github


def test_a_clean_folder_says_nothing_to_github_and_an_empty_run_to_a_scanner(cli: Cli) -> None:
    ran = cli("policy", "check", POLICIES, "--strict", "--format", "github")

    assert (ran.code, ran.out) == (0, "")
    assert sarif(cli, "check", POLICIES)["results"] == []


def test_json_is_a_form_too_and_an_unknown_one_is_refused(cli: Cli) -> None:
    assert cli("policy", "check", POLICIES, "--format", "json").out == cli("policy", "check", POLICIES, "--json").out
    assert cli("policy", "lint", POLICIES, "--format", "json").out == cli("policy", "lint", POLICIES, "--json").out

    ran = cli("policy", "check", POLICIES, "--format", "xml")

    assert (ran.code, ran.out) == (3, "")
    assert "'text', 'json', 'github', 'sarif'" in ran.err


def test_words_between_colons_stay_words(cli: Cli, folder: Path) -> None:
    path = folder / "deploys.yaml"
    path.write_text(path.read_text(encoding="utf-8").replace("high", "':fire:'"), encoding="utf-8")

    assert '":fire:" is not understood here' in cli("policy", "check", folder).out
