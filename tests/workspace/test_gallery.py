"""The gallery: what it makes of a folder of drawn cards and forms, good ones and others."""

import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from approvalbot.cli.stage import GALLERY
from approvalbot.workspace.hands import Hands
from approvalbot.workspace.loopback import plain_http
from approvalbot.workspace.serving import Running, running_workspace
from tests.workspace.conftest import actions, button, make_config, modal, text_input

DIVIDER = {"type": "divider"}


def entries(folder: Path) -> dict[str, dict[str, Any]]:
    with running_workspace(make_config(gallery=folder)) as running, running.hands("U0ANN") as ann:
        return {one["name"]: one for one in ann._call("GET", "gallery")["entries"]}


def test_cards_forms_and_home_tabs_are_told_apart(tmp_path: Path) -> None:
    drawn = {
        "card-gate-pending": {"text": "x", "blocks": [actions(button())]},
        "form-deny": modal(text_input()),
        "home-ann": {"type": "home", "blocks": [DIVIDER]},
    }
    for name, value in drawn.items():
        (tmp_path / f"{name}.json").write_text(json.dumps(value))

    found = entries(tmp_path)

    assert {name: (one["kind"], one["group"]) for name, one in found.items()} == {
        "card-gate-pending": ("message", "card gate"),
        "form-deny": ("modal", "form"),
        "home-ann": ("home", "home"),
    }
    assert [one["faults"] for one in found.values()] == [[], [], []]
    assert found["form-deny"]["title"]["text"] == "Form"
    assert found["home-ann"]["blocks"][0]["block_id"]


@pytest.mark.parametrize(
    ("drawn", "sentence"),
    [
        ('{"text": "x", "blocks": [{"type": "hologram"}]}', "unsupported type: hologram"),
        ('{"text": "", "blocks": [{"type": "divider"}]}', "no text for notifications"),
        (json.dumps({"text": "x" * 40_001, "blocks": [DIVIDER]}), "longer than 40000"),
        (
            json.dumps(
                {"text": "x", "blocks": [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3000}}] * 5}
            ),
            "msg_blocks_too_long",
        ),
        (json.dumps({"type": "modal", "blocks": []}), "missing required field: title"),
        (
            json.dumps(modal(*[{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3000}}] * 100)),
            "view_too_large",
        ),
        ("{", "cannot be read"),
        ("[]", "neither a message nor a view"),
        ('{"blocks": "many"}', "neither a message nor a view"),
        ('{"x": "' + "y" * 1_100_000 + '"}', "larger than a megabyte"),
    ],
)
def test_what_slack_would_refuse_is_said_and_not_drawn(tmp_path: Path, drawn: str, sentence: str) -> None:
    (tmp_path / "card-x-y.json").write_text(drawn)

    found = entries(tmp_path)["card-x-y"]

    assert sentence in " ".join(found["faults"])
    assert found["blocks"] == []


def test_without_a_folder_there_is_no_gallery(workspace: Running, ann: Hands, tmp_path: Path) -> None:
    assert ann._call("GET", "gallery") == {"folder": None, "entries": []}
    assert ann.directory()["has_gallery"] is False
    assert entries(tmp_path / "nowhere") == {}


def test_only_a_signed_in_person_sees_it(workspace: Running) -> None:
    assert httpx.get(f"{workspace.url}/local/gallery", **plain_http()).status_code == 401


def test_the_demo_hands_over_every_golden_card_and_form() -> None:
    found = entries(GALLERY)

    assert len(found) == len(list(GALLERY.glob("*.json"))) > 0
    assert {name: one["faults"] for name, one in found.items() if one["faults"]} == {}
