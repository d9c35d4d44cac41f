"""The pages say what a decision sets off, what came of it, and when nobody is asked at all."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from redis import Redis

from approvalbot.cli.samples import ADMIN as ATTACHED
from approvalbot.dashboard.deliveries import KINDS
from approvalbot.request.effects import Effect
from approvalbot.store import keys
from tests.actions.standin import Say
from tests.bot import CLIENT_SECRET, Bot
from tests.dashboard.conftest import ADMIN, Open
from tests.journeys.following import Vendor, escalation, following

SETTINGS = {"slack_client_id": "111.222", "slack_client_secret": CLIENT_SECRET, "approvalbot_admins": ADMIN}
MONITOR = {"aws-admin": {"mode": "monitor"}}


@pytest.fixture
def changes() -> dict[str, Any] | None:
    return None


@pytest.fixture
def dashboard(
    redis: Redis,
    valkey_url: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    changes: dict[str, Any] | None,
    vendors: list[Vendor],
) -> Iterator[Bot]:
    """A bot whose decisions set something off."""
    with following(valkey_url, tmp_path, monkeypatch, changes, SETTINGS) as (bot, vendor, *_):
        vendors.append(vendor)
        yield bot


@pytest.fixture
def vendors() -> list[Vendor]:
    """The vendor that the actions of `dashboard` are run at."""
    return []


def test_an_undo_is_called_one_and_its_end_is_told(dashboard: Bot, browser_of: Open) -> None:
    name = escalation(dashboard)
    dashboard.settle()
    bob = browser_of("U0BOB")

    asked = bob.get(f"/requests/{name}").text
    answer = bob.decide(name, "deny", reason_code="suspicious")
    dashboard.settle()
    told = bob.get(f"/requests/{name}").text

    assert "<summary>Undo…</summary>" in asked
    assert "denying would take the IAM policy away" in asked
    assert answer.status_code == 303, answer.text
    assert "Undo decided" in told
    assert "aws.detach_policy: done" in told
    assert "aws.detach_policy is done" in told


def test_an_undo_that_was_refused_stands_among_the_deliveries_that_were_given_up(
    dashboard: Bot, browser_of: Open, vendors: list[Vendor]
) -> None:
    name = escalation(dashboard)
    dashboard.settle()
    vendors[0].answers.append(("/", Say(403)))

    browser_of("U0BOB").decide(name, "deny", reason_code="suspicious")
    dashboard.settle()

    page = browser_of(ADMIN).get("/deliveries").text
    assert "<b>Run an action</b> aws.detach_policy" in page
    assert "aws.detach_policy: failed" in browser_of("U0BOB").get(f"/requests/{name}").text


def test_every_effect_has_a_name_on_the_page_of_deliveries() -> None:
    kinds = {kind.model_fields["kind"].default for kind in get_args(Effect)}

    assert kinds == set(KINDS)


@pytest.mark.parametrize("changes", [MONITOR])
def test_what_a_policy_in_monitor_saw_has_a_page_without_a_way_to_decide(dashboard: Bot, browser_of: Open) -> None:
    dashboard.aws(ATTACHED)
    dashboard.settle()
    (name,) = dashboard.names(keys.in_state("watched"))

    page = browser_of(ADMIN).get(f"/requests/{name}")

    assert page.status_code == 200
    assert "nobody is asked, and nothing follows" in page.text
    assert "Seen by a policy in monitor" in page.text
    assert f"/requests/{name}/decide" not in page.text
