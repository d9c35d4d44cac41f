"""The policies that a clone brings run as they are: the demo starts on them, and its samples do what they say."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from approvalbot.cli.stage import Place, Stage, _kept_secrets, free_port, staged
from approvalbot.workspace.hands import Hands

POLICIES = Path(__file__).parent.parent.parent / "policies"
CARDS = {
    "admin": ("#aws-approvals", "Admin privilege escalation requested"),
    "deploy": ("#deploys", "Production deploy"),
    "shell": ("#prod-access", "Shell into a production pod"),
    "trail": ("#aws-approvals", "Rule by the approvalbot authors, Apache-2.0"),
}


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with staged(Place(tmp_path, POLICIES, free_port(), free_port())) as running:
        yield running


def test_every_sample_of_the_demo_does_what_it_says(stage: Stage) -> None:
    with Hands(stage.place.workspace, user="U0BOB") as bob:
        answers = {name: bob.send_sample(name)["status"] for name in bob.samples()}

        assert answers == {**dict.fromkeys(CARDS, 202), "harmless": 200}
        for channel, words in CARDS.values():
            bob.wait_for(lambda channel=channel, words=words: [m for m in bob.messages(channel) if words in m.words])  # type: ignore[misc]
        assert len(bob.messages("#aws-approvals")) == 2


def test_secrets_of_an_older_demo_are_kept_and_new_ones_are_added(tmp_path: Path) -> None:
    (tmp_path / "demo-secrets.json").write_text('{"AWS_EVENTS_KEY": "kept from before"}', encoding="utf-8")

    kept = _kept_secrets(tmp_path / "demo-secrets.json")

    assert kept["AWS_EVENTS_KEY"] == "kept from before"
    assert len(kept["K8S_AUDIT_TOKEN"]) > 20
    assert _kept_secrets(tmp_path / "demo-secrets.json") == kept
