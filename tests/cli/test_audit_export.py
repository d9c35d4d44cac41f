"""`audit export`, `ship`, `prune`, `checkpoints`, and `verify` of a file, as an auditor uses them."""

import csv
import re
from pathlib import Path

import orjson
import pytest

from approvalbot.answers.signing import key_set
from approvalbot.wiring.trail import make_keeping
from tests.bot import Bot
from tests.cli.conftest import Cli
from tests.cli.test_audit import entries_of, kept  # noqa: F401 - a fixture

SECRET = "s" * 40


@pytest.fixture
def sealed(kept: Bot, monkeypatch: pytest.MonkeyPatch) -> Bot:  # noqa: F811 - the fixture's own name
    """Two settled requests under one checkpoint."""
    monkeypatch.setenv("APPROVALBOT_SECRET", SECRET)
    monkeypatch.setenv("APPROVALBOT_URL", str(kept.house.settings.url))
    make_keeping(kept.house).round(kept.house.requests.now())
    return kept


def keys_of(bot: Bot, path: Path) -> Path:
    path.write_bytes(bot.http.get("/.well-known/jwks.json").content)
    return path


def test_an_export_verifies_offline_with_the_keys_somebody_kept(sealed: Bot, cli: Cli, tmp_path: Path) -> None:
    out, keys = tmp_path / "trail.jsonl", keys_of(sealed, tmp_path / "keys.json")

    exported = cli("audit", "export", "--out", out)
    sealed.house.redis.flushall()
    found = cli("audit", "verify", out, "--keys", keys, "--json")
    plain = cli("audit", "verify", out)

    count = len(out.read_bytes().splitlines()) - 2
    assert (exported.code, exported.out) == (0, "")
    assert found.json() == {
        "ok": True,
        "entries": count,
        "requests": 2,
        "checkpoints": 1,
        "signatures": True,
        "faults": [],
    }
    assert plain.code == 0
    assert "no signature was checked: give the keys that you kept with --keys" in plain.err


def test_an_edited_export_is_found(sealed: Bot, cli: Cli, tmp_path: Path) -> None:
    out, keys = tmp_path / "trail.jsonl", keys_of(sealed, tmp_path / "keys.json")
    cli("audit", "export", "--out", out)
    out.write_bytes(out.read_bytes().replace(b"freeze", b"fr33ze", 1))

    found = cli("audit", "verify", out, "--keys", keys)

    assert found.code == 1
    assert "its content does not have its hash" in found.out
    assert "BROKEN: 1 faults" in found.out


def test_a_store_that_was_written_anew_contradicts_a_checkpoint_kept_elsewhere(
    sealed: Bot, cli: Cli, tmp_path: Path
) -> None:
    held = tmp_path / "checkpoints.txt"
    held.write_text(cli("audit", "checkpoints").out, encoding="ascii")
    good = cli("audit", "verify", "--checkpoints", held)
    sealed.house.redis.flushall()

    found = cli("audit", "verify", "--checkpoints", held)

    assert (good.code, found.code) == (0, 1)
    assert "1 checkpoints agree" in good.out
    assert "its end was cut" in found.out


def test_a_checkpoint_that_is_not_ours_is_a_fault(sealed: Bot, cli: Cli, tmp_path: Path) -> None:
    held = tmp_path / "checkpoints.txt"
    token = cli("audit", "checkpoints").out.strip()
    held.write_text(f"{token[:-20]}{token[-20:].swapcase()}\n", encoding="ascii")

    found = cli("audit", "verify", "--checkpoints", held)

    assert found.code == 1
    assert "does not verify with any of these keys" in found.out


def test_the_trail_is_exported_as_rows_and_events(sealed: Bot, cli: Cli) -> None:
    rows = list(csv.DictReader(cli("audit", "export", "--format", "csv").out.splitlines()))
    ocsf = [orjson.loads(line) for line in cli("audit", "export", "--format", "ocsf").out.splitlines()]
    events = [orjson.loads(line) for line in cli("audit", "export", "--format", "cloudevents").out.splitlines()]

    assert len(rows) == len(ocsf) == len(events) == len(entries_of(sealed))
    assert {row["what"] for row in rows} >= {"opened", "voted", "approved", "denied"}
    assert all(event["class_uid"] == 3004 for event in ocsf)
    assert [event["id"] for event in events] == [str(number) for number in range(1, len(events) + 1)]


def test_a_cursor_goes_on_where_the_last_export_ended(sealed: Bot, cli: Cli, tmp_path: Path) -> None:
    cursor, out = tmp_path / "cursor", tmp_path / "more.jsonl"
    first = cli("audit", "export", "--format", "cloudevents", "--cursor", cursor)
    sealed.deploy(id="deploy-3", sha="abc")
    second = cli("audit", "export", "--cursor", cursor, "--out", out)
    third = cli("audit", "export", "--format", "cloudevents", "--cursor", cursor)

    done = len(first.out.splitlines())
    lines = [orjson.loads(line) for line in out.read_bytes().splitlines()]
    numbers = [line["number"] for line in lines if "number" in line]
    assert second.code == 0
    assert numbers == [done + 1]
    assert third.out == ""
    assert cli("audit", "verify", out).code == 0, "a part verifies by where it says that it begins"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("export", "--format", "xml"), "'xml' is no format. Write one of jsonl, csv, ocsf, cloudevents."),
        (("export", "--out", "/nowhere/trail.jsonl"), "/nowhere/trail.jsonl cannot be written: No such file"),
        (("export", "--cursor", "broken"), "broken holds no number. Remove it to begin at the first entry."),
        (("ship", "--to", "nowhere"), "'nowhere' is no receiver. Write file:PATH, destination:NAME or syslog"),
        (("ship", "--to", "destination:x", "--format", "csv"), "'csv' is no format for destination:x."),
        (("ship", "--to", "destination:x", "--once"), "No destination is called x."),
        (("verify", "broken"), "Line 1 is of no export: it is not JSON. Write one with: approvalbot audit export"),
        (("verify", "missing"), "missing cannot be read: No such file or directory."),
        (("verify", "--keys", "broken"), "broken holds no public keys."),
        (("verify", "--checkpoints", "missing"), "missing holds no checkpoints."),
    ],
)
def test_what_cannot_be_done_is_said(sealed: Bot, cli: Cli, arguments: tuple[str, ...], told: str) -> None:
    Path("broken").write_text("not a number", encoding="ascii")
    Path("policies").mkdir()

    ran = cli("audit", *arguments)

    assert ran.code == 3
    assert told in ran.err
    assert "Traceback" not in ran.err


def test_the_trail_is_shipped_to_a_file_and_verifies_there(sealed: Bot, cli: Cli, tmp_path: Path) -> None:
    to = f"file:{tmp_path / 'shipped.jsonl'}"

    first, again = cli("audit", "ship", "--to", to, "--once"), cli("audit", "ship", "--to", to, "--once")

    count = len(entries_of(sealed))
    assert first.out == f"{count} entries shipped\n"
    assert again.out == "0 entries shipped\n"
    assert len((tmp_path / "shipped.jsonl").read_bytes().splitlines()) == count
    assert cli("audit", "ship", "--to", to, "--forget").out == "forgotten\n"


def test_old_entries_are_forgotten_only_under_a_checkpoint(sealed: Bot, cli: Cli) -> None:
    assert "nothing to forget" in cli("audit", "prune", "--older", "1").out
    assert cli("audit", "prune", "--older", "1", "--json").json() == {"cut": None, "checkpoint": None}
    assert cli("audit", "verify").code == 0


def test_a_shipped_file_verifies_too(sealed: Bot, cli: Cli, tmp_path: Path) -> None:
    """It has no first line of its own: every entry from the first on is in it."""
    shipped = tmp_path / "shipped.jsonl"
    cli("audit", "ship", "--to", f"file:{shipped}", "--once")

    found = cli("audit", "verify", shipped)

    assert found.code == 0, found.out + found.err
    assert re.match(r"verified: \d+ entries of 2 requests, unbroken", found.out)


def test_the_public_keys_of_receipts_and_checkpoints_are_published_together(sealed: Bot) -> None:
    published = sealed.http.get("/.well-known/jwks.json").json()["keys"]

    from approvalbot.wiring.trail import checkpoint_key  # noqa: PLC0415 - the one that signed above

    (own,) = key_set(checkpoint_key(sealed.house.settings))["keys"]
    assert own in published
    assert len(published) == 2


def test_policies_that_come_into_force_stand_in_the_trail_once(kept: Bot) -> None:  # noqa: F811 - the fixture's own name
    from approvalbot.store.trail import TrailStore  # noqa: PLC0415 - a reader of the same store

    kept.house.keeper.reload()
    kept.house.keeper.reload()

    steps = [record.entry for record in TrailStore(kept.house.redis).records() if record.entry["request"] == "policies"]
    assert [one["what"] for one in steps] == ["policies_in_force"]
    assert steps[0]["detail"]["digest"] == kept.house.policies.digest
