"""`policy import-sigma`: what can be used is copied unchanged and watched first; what cannot is named, with why."""

from pathlib import Path
from typing import Any

import pytest
import yaml

from approvalbot.policy.parse import load_policies
from tests.cli.conftest import Cli

SOURCES = """
version: 1
kind: Sources
id: sources
owner: team-platform
sources:
  - {name: trail, mapping: aws.cloudtrail, auth: {type: bearer, secret: env:A}}
  - {name: okta, mapping: okta.system_log, auth: {type: bearer, secret: env:B}}
"""
LICENCE = "Detection Rule License 1.1, in full\n"


def rule(number: int = 1, **changes: Any) -> dict[str, Any]:
    made = {
        "title": f"Rule {number}",
        "id": f"{number:08}-2222-4333-8444-555555555555",
        "status": "test",
        "level": "high",
        "author": "Ann Ames",
        "logsource": {"product": "aws", "service": "cloudtrail"},
        "detection": {
            "selection": {"eventSource": "iam.amazonaws.com", "eventName|startswith": f"Make{number}*It"},
            "filter": {"errorCode": None, "userIdentity.type": "Root"},
            "condition": "selection and not filter",
        },
        **changes,
    }
    return {key: value for key, value in made.items() if value is not None}


OKTA = {"product": "okta", "service": "okta"}
RULES = {
    "rules/cloud/aws/one.yml": rule(1),
    "rules/cloud/aws/two.yml": rule(2, level="low"),
    "rules/identity/okta/three.yml": rule(3, logsource=OKTA, detection={"s": {"eventType": "a"}, "condition": "s"}),
}


@pytest.fixture
def sigma(tmp_path: Path) -> Path:
    """A checkout of rules with its licence."""
    made = tmp_path / "checkout"
    put(made, RULES)
    (made / "LICENSE").write_text(LICENCE, encoding="utf-8")
    return made


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "policies"
    made.mkdir()
    (made / "sources.yaml").write_text(SOURCES, encoding="utf-8")
    return made


def put(root: Path, rules: dict[str, Any]) -> None:
    for name, body in rules.items():
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(body if isinstance(body, str) else yaml.safe_dump(body, sort_keys=False), encoding="utf-8")


def held(root: Path) -> dict[str, bytes]:
    return {str(path.relative_to(root)): path.read_bytes() for path in sorted(root.rglob("*")) if path.is_file()}


def test_rules_are_copied_unchanged_with_their_licence_and_packs_that_watch(
    cli: Cli, sigma: Path, folder: Path
) -> None:
    ran = cli("policy", "import-sigma", sigma, "--into", folder)

    assert (ran.code, ran.err) == (0, "")
    assert ran.out.splitlines() == [
        "3 rules can be used: 2 aws/cloudtrail, 1 okta/okta; 2 high, 1 low",
        "6 files written, 0 there already",
        "sigma-aws-cloudtrail.yaml written: mode monitor; look at its owner and approvers",
        "sigma-okta-okta.yaml written: mode monitor; look at its owner and approvers",
        "licence: sigma/LICENSE",
    ]
    files = held(folder)
    assert {name: files[f"sigma/{name}"] for name in RULES} == {name: held(sigma)[name] for name in RULES}
    assert files["sigma/LICENSE"] == LICENCE.encode()
    packs = {pack.id: pack for pack in load_policies(folder).packs}
    assert {name: (pack.mode, pack.source) for name, pack in packs.items()} == {
        "sigma-aws-cloudtrail": ("monitor", ("trail",)),
        "sigma-okta-okta": ("monitor", ("okta",)),
    }
    assert len(load_policies(folder).compiled) == 3


def test_what_was_imported_passes_its_check_and_its_own_tests(cli: Cli, sigma: Path, folder: Path) -> None:
    cli("policy", "import-sigma", sigma, "--into", folder)

    assert cli("policy", "check", folder).code == 0
    assert cli("policy", "test", folder).out == "4 tests of 2 documents passed\n"


def test_importing_again_changes_nothing(cli: Cli, sigma: Path, folder: Path) -> None:
    cli("policy", "import-sigma", sigma, "--into", folder)
    before = held(folder)

    again = cli("policy", "import-sigma", sigma, "--into", folder)

    assert again.code == 0
    assert "0 files written, 4 there already\n" in again.out
    assert held(folder) == before


def test_a_pack_that_its_author_changed_and_moved_still_covers_its_rules(cli: Cli, sigma: Path, folder: Path) -> None:
    cli("policy", "import-sigma", sigma, "--into", folder)
    text = (folder / "sigma-aws-cloudtrail.yaml").read_text(encoding="utf-8")
    (folder / "sigma-aws-cloudtrail.yaml").unlink()
    (folder / "ours.yaml").write_text(text.replace("id: sigma-aws-cloudtrail", "id: ours"), encoding="utf-8")
    put(sigma, {"rules/cloud/aws/four.yml": rule(4)})

    again = cli("policy", "import-sigma", sigma, "--into", folder, "--json").json()

    assert again["written"] == ["sigma/rules/cloud/aws/four.yml"]
    assert again["packs"] == {}


def test_a_file_that_differs_is_kept_unless_it_is_forced(cli: Cli, sigma: Path, folder: Path) -> None:
    cli("policy", "import-sigma", sigma, "--into", folder)
    mine = folder / "sigma/rules/cloud/aws/one.yml"
    mine.write_text(mine.read_text(encoding="utf-8") + "# mine\n", encoding="utf-8")
    put(sigma, {"rules/cloud/aws/one.yml": rule(1, level="medium")})

    kept = cli("policy", "import-sigma", sigma, "--into", folder)
    assert kept.code == 1
    assert "kept: sigma/rules/cloud/aws/one.yml is there and differs; --force overwrites it\n" in kept.out
    assert mine.read_text(encoding="utf-8").endswith("# mine\n")

    forced = cli("policy", "import-sigma", sigma, "--into", folder, "--force")
    assert forced.code == 0
    assert yaml.safe_load(mine.read_text(encoding="utf-8"))["level"] == "medium"


def test_a_dry_run_prints_the_packs_and_writes_nothing(cli: Cli, sigma: Path, folder: Path) -> None:
    ran = cli("policy", "import-sigma", sigma, "--into", folder, "--dry-run")

    assert ran.code == 0
    assert "# sigma-aws-cloudtrail.yaml\n# Written by `approvalbot policy import-sigma`." in ran.out
    assert "mode: monitor  # since 20" in ran.out
    assert "6 files would be written" in ran.out
    assert list(held(folder)) == ["sources.yaml"]


@pytest.mark.parametrize(
    ("body", "why"),
    [
        (rule(9, detection={"s": {"a|re": "(?=x)"}, "condition": "s"}), "look-around at character 1"),
        (rule(9, detection={"s": {"a|unheard": "x"}, "condition": "s"}), "unheard"),
        (rule(9, detection={"s": {"a": "x"}, "condition": "s | count() > 5"}), "count()"),
        (rule(9, detection={"s": {"a": "x"}, "condition": "s", "timeframe": "5m"}), "timeframe is not read"),
        (
            rule(9, detection={"s": {"a|expand": "%admins%"}, "condition": "s"}),
            "add admins: [values] to sigma/lists.yaml",
        ),
        (rule(9, author=None), "it names no author, whom every message must name"),
        (rule(9, level=None), "its level is missing, and the pack takes its severity from it"),
        (rule(9, id=None), "it has no id"),
        (rule(1), "the rule 00000001-2222-4333-8444-555555555555 lies in sigma/rules/cloud/aws/one.yml already"),
        (
            rule(9, logsource={"product": "windows"}),
            "no source of the folder delivers windows; no mapping is known for it",
        ),
        (
            rule(9, logsource={"product": "github", "service": "audit"}),
            "no source of the folder delivers github/audit; add a source with mapping github.audit",
        ),
        ("title: no rule\n", "this is no Sigma rule"),
        ("a: &x 1\n", "the anchor &x is not read"),
        ({"title": "f", "filter": {"rules": "any", "s": {"a": "b"}, "condition": "not s"}}, "a filter is not imported"),
    ],
)
def test_a_rule_that_cannot_be_used_is_left_out_by_name_and_the_others_are_not(
    cli: Cli, sigma: Path, folder: Path, body: Any, why: str
) -> None:
    put(sigma, {"rules/cloud/aws/zzz.yml": body})

    ran = cli("policy", "import-sigma", sigma, "--into", folder)

    told = next(line for line in ran.out.splitlines() if line.startswith("left out: "))
    assert ran.code == 1
    assert "sigma/rules/cloud/aws/zzz.yml" in told
    assert why in told
    assert "3 rules can be used" in ran.out
    assert not (folder / "sigma/rules/cloud/aws/zzz.yml").exists()


def test_one_file_and_a_source_of_ones_own(cli: Cli, sigma: Path, folder: Path, tmp_path: Path) -> None:
    put(tmp_path / "loose", {"mine.yml": rule(7, logsource={"product": "github", "service": "audit"})})

    told = cli(
        *("policy", "import-sigma", tmp_path / "loose" / "mine.yml", "--into", folder, "--source", "trail", "--json"),
        *("--owner", "team-blue", "--approver", "user:ann@example.com"),
    ).json()

    (pack,) = told["packs"].values()
    assert told["written"] == ["sigma/rules/mine.yml", "sigma-github-audit.yaml"]
    assert told["licence"] is None
    assert (pack["source"], pack["owner"]) == (["trail"], "team-blue")
    assert pack["approval"]["levels"][0]["approvers"] == [{"user": "ann@example.com"}]
    assert told["by_logsource"] == {"github/audit": 1}


def test_a_rule_that_lies_there_is_in_the_tests_of_its_pack(cli: Cli, sigma: Path, folder: Path) -> None:
    same = {"selection": {"eventSource": "iam.amazonaws.com"}, "condition": "selection"}
    put(folder / "sigma", {"rules/cloud/aws/before.yml": rule(5, detection=same)})

    ran = cli("policy", "import-sigma", sigma, "--into", folder)

    assert ran.code == 0
    assert cli("policy", "test", folder).code == 0


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--into", "nowhere"], "There is no folder nowhere."),
        (["--source", "nobody"], "There is no source nobody in this folder. Known are trail, okta."),
        (["--approver", "security"], "write kind:name, such as usergroup:@security"),
    ],
)
def test_what_cannot_be_is_one_clear_sentence(
    cli: Cli, sigma: Path, folder: Path, arguments: list[str], told: str
) -> None:
    ran = cli("policy", "import-sigma", sigma, "--into", folder, *arguments)

    assert (ran.code, ran.out) == (3, "")
    assert told in ran.err


def test_paths_that_hold_no_rules_are_said_to(cli: Cli, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()

    empty = cli("policy", "import-sigma", tmp_path / "empty", "--into", folder)
    missing = cli("policy", "import-sigma", tmp_path / "nowhere.yml", "--into", folder)

    assert (empty.code, missing.code) == (3, 3)
    assert "No .yml or .yaml file lies there" in empty.err
    assert "nowhere.yml cannot be read: No such file or directory." in missing.err


def test_a_link_out_of_the_folder_is_not_written_through(cli: Cli, sigma: Path, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (folder / "sigma").symlink_to(tmp_path / "elsewhere")

    ran = cli("policy", "import-sigma", sigma, "--into", folder)

    assert (ran.code, ran.out) == (3, "")
    assert "is a link to somewhere else" in ran.err
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_the_reference_rules_are_all_imported(cli: Cli, shared: Path, tmp_path: Path) -> None:
    into = tmp_path / "into"
    into.mkdir()
    (into / "environment.yaml").write_bytes((shared / "policies" / "environment.yaml").read_bytes())

    told = cli("policy", "import-sigma", shared / "policies" / "sigma" / "rules", "--into", into, "--json").json()

    assert (told["ok"], told["rules"], told["left_out"]) == (True, 93, [])
    assert told["by_logsource"] == {"aws/cloudtrail": 57, "github/audit": 15, "okta/okta": 21}
    assert told["licence"] == "sigma/LICENSE.DRL-1.1.md"
    assert cli("policy", "check", into).code == 0
    assert cli("policy", "test", into).code == 0
