"""`receipt verify`: offline, and its exit code is what the receipt says; a receipt of a no is no pass."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import orjson
import pytest

from approvalbot.answers.receipts import Receipts
from tests.bot import Bot
from tests.cli.conftest import Cli
from tests.cli.test_callers import approve, deny
from tests.journeys.deciding import offer_regions, open_less


@dataclass(frozen=True)
class Held:
    """A receipt in a file, beside the public keys."""

    receipt: Path
    keys: Path


Hold = Callable[..., Held]


@pytest.fixture
def hold(tmp_path: Path) -> Hold:
    """Signs a receipt with a key of this test."""

    def make(*, allowed: bool = True, status: str = "approved", decided_at: datetime | None = None) -> Held:
        receipts = Receipts(b"k" * 32, "https://approvals.example.com")
        said = {
            "id": "7K3FABCDEFGHJKMNPQRS",
            "status": status,
            "allowed": allowed,
            "kind": "gate",
            "decided_by": [{"id": "bob", "name": "Bob Bell"}],
            "reason_code": "",
            "policy": {"id": "prod-deploy-gate", "digest": "d" * 64},
            "event_digest": "e" * 64,
        }
        (tmp_path / "receipt").write_text(receipts.sign(said, decided_at or datetime.now(UTC)) + "\n", encoding="ascii")
        (tmp_path / "keys.json").write_bytes(orjson.dumps(receipts.jwks()))
        return Held(tmp_path / "receipt", tmp_path / "keys.json")

    return make


@pytest.mark.parametrize(
    ("status", "allowed", "code"),
    [("approved", True, 0), ("active", True, 0), ("denied", False, 1), ("expired", False, 2), ("withdrawn", False, 2)],
)
def test_the_exit_code_is_what_the_receipt_says(cli: Cli, hold: Hold, status: str, code: int, *, allowed: bool) -> None:
    held = hold(status=status, allowed=allowed)

    plain = cli("receipt", "verify", held.receipt, "--keys", held.keys)
    document = cli("receipt", "verify", "-", "--keys", held.keys, "--json", stdin=held.receipt.read_bytes())

    assert plain.out == f"verified: request 7K3FABCDEFGHJKMNPQRS is {status}, decided by Bob Bell\n"
    assert document.json()["status"] == status
    assert (plain.code, document.code) == (code, code)


def test_a_receipt_that_was_altered_says_nothing(cli: Cli, hold: Hold) -> None:
    held = hold(status="denied", allowed=False)
    head, _, signature = held.receipt.read_text().split(".")
    other = hold().receipt.read_text().split(".")[1]
    held.receipt.write_text(f"{head}.{other}.{signature}")

    ran = cli("receipt", "verify", held.receipt, "--keys", held.keys)

    assert (ran.code, ran.out) == (3, "")
    assert ran.err == "approvalbot: The receipt does not verify with any of these keys.\n"


def test_a_receipt_of_the_day_before_yesterday_is_no_pass(cli: Cli, hold: Hold) -> None:
    held = hold(decided_at=datetime.now(UTC) - timedelta(days=2))

    ran = cli("receipt", "verify", held.receipt, "--keys", held.keys)

    assert ran.code == 3
    assert "its time is over" in ran.err


@pytest.mark.parametrize(("keys", "told"), [("[]", "holds no key set"), ("{", "No public keys at"), (None, "No such")])
def test_keys_that_are_none_are_told(cli: Cli, hold: Hold, keys: str | None, told: str) -> None:
    held = hold()
    held.keys.unlink() if keys is None else held.keys.write_text(keys)

    ran = cli("receipt", "verify", held.receipt, "--keys", held.keys)

    assert ran.code == 3
    assert told in ran.err


@pytest.mark.parametrize(("act", "code", "status"), [(approve, 0, "approved"), (deny, 1, "denied")])
def test_the_receipt_of_a_real_answer_verifies_with_the_published_keys(
    bot: Bot,
    cli: Cli,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    act: Callable[[Bot], None],
    code: int,
    status: str,
) -> None:
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    asked = bot.deploy().json()
    act(bot)
    answer = bot.http.get(f"/v1/requests/{asked['id']}", headers=bot.bearer()).json()
    (tmp_path / "receipt").write_text(answer["receipt"])

    ran = cli("receipt", "verify", tmp_path / "receipt", "--keys", f"{bot.http.base_url}/.well-known/jwks.json")

    assert ran.code == code
    assert f"is {status}, decided by Bob Bell" in ran.out


def test_a_receipt_of_less_says_what_of(bot: Bot, cli: Cli, tmp_path: Path) -> None:
    offer_regions(bot)
    name = bot.deploy().json()["id"]
    with bot.hands("BOB") as bob:
        open_less(bot, bob, "#deploys")
        assert bob.submit({"less.scope": {"less.scope": "europe"}}).ok
    answer = bot.http.get(f"/v1/requests/{name}", headers=bot.bearer()).json()
    (tmp_path / "receipt").write_text(answer["receipt"], encoding="ascii")

    told = cli("receipt", "verify", tmp_path / "receipt", "--keys", f"{bot.http.base_url}/.well-known/jwks.json")

    assert told.code == 0
    assert 'with less: {"less":true,"scope":"europe","label":"Europe","with":{"regions":["eu-1","eu-2"]}}' in told.out


def test_an_address_of_keys_that_is_none_is_a_fault_in_a_sentence(cli: Cli, hold: Hold) -> None:
    told = cli("receipt", "verify", hold().receipt, "--keys", "http://127.0.0.1:8080.well-known/jwks.json")

    assert told.code == 3
    assert "No public keys at" in told.err
    assert "Traceback" not in told.err
