"""A script that holds a replay's lines against Sigma's own converter finds the same rules in the same events."""

from pathlib import Path

import orjson

from approvalbot.policy.envelopes import Delivered
from approvalbot.policy.folder import Folder
from approvalbot.policy.parse import load_policies
from tests.events.makers import T0, samples
from tests.policy.test_replay import rows


def test_real_events_are_judged_as_sigmas_own_converter_says(shared: Path) -> None:
    sources = {"AWS.CloudTrail": "aws.cloudtrail", "GitHub.Audit": "github.audit", "Okta.SystemLog": "okta.system_log"}
    policies = load_policies(Folder.of(sigma_folder(shared)))
    rules = {str(one.policy.rule.id) for one in policies.compiled if one.policy.rule}
    known = [one for one in samples(shared) if one["log_type"] in sources]
    expected = {
        one["id"]: one
        for one in map(orjson.loads, (shared / "events" / "sigma_expected.jsonl").read_bytes().splitlines())
    }

    envelopes = [{"source": sources[one["log_type"]], "event": one["event"]} for one in known]
    found = rows(policies, *envelopes, how=Delivered(T0))

    compared = 0
    for sample, row in zip(known, found, strict=True):
        told = expected.get(sample["id"])
        if told is not None and "error" not in row:
            compared += 1
            wanted = {rule for rule in told["sigma_expected"] if rule in rules} - set(told["disputed"])
            got = {key.partition("/")[2] for key in row["policies"]} - set(told["disputed"])
            assert got == wanted, sample["id"]
    assert compared >= 40


def sigma_folder(shared: Path) -> dict[str, bytes]:
    """Packs of all the reference rules, each for the source that delivers its logsource."""
    root = shared / "policies"
    held = {str(path.relative_to(root)): path.read_bytes() for path in (root / "sigma").rglob("*") if path.is_file()}
    level = {"name": "on-call", "approvers": [{"usergroup": "@team"}], "timeout": "30m"}
    names = {"application/github": "github.audit", "cloud/aws": "aws.cloudtrail", "identity/okta": "okta.system_log"}
    for number, (folder, source) in enumerate(names.items()):
        pack = {
            "version": 1,
            "kind": "SigmaPack",
            "id": f"pack-{number}",
            "title": folder,
            "owner": "me",
            "source": source,
            "include": [f"sigma/rules/{folder}/**/*.yml"],
            "severity_from": "level",
            "approval": {"levels": [level]},
        }
        held[f"pack-{number}.yaml"] = orjson.dumps(pack)
    listed = [{"name": name, "mapping": name, "auth": {"type": "bearer", "secret": "env:K"}} for name in names.values()]
    held["sources.yaml"] = orjson.dumps(
        {"version": 1, "kind": "Sources", "id": "sources", "owner": "me", "sources": listed}
    )
    return held
