"""Which codes a method may answer with: Slack's own, all that the platform page names, and no other leaves the door."""

import json
import re
from pathlib import Path

import httpx
import pytest

from approvalbot.workspace.api.codes import COMMON, OWN, codes_of
from approvalbot.workspace.api.methods import METHODS
from approvalbot.workspace.hands import CannotDo, Hands
from approvalbot.workspace.loopback import plain_http
from approvalbot.workspace.serving import Running
from tests.workspace.conftest import TOKEN

ANYWHERE = frozenset({"invalid_auth", "invalid_arguments", "internal_error"})
"""The README beside the list of codes: these three may come from any method."""


def test_every_method_names_its_codes() -> None:
    assert OWN.keys() == METHODS.keys()


def test_every_declared_code_is_slacks_own(shared: Path) -> None:
    oracle = json.loads((shared / "slack" / "errors.json").read_text())
    invented = {method: codes_of(method) - oracle[method].keys() - ANYWHERE for method in OWN.keys() & oracle.keys()}

    assert {method: codes for method, codes in invented.items() if codes} == {}


def named_codes(page: str) -> list[tuple[list[str], set[str]]]:
    """The table of the platform page: the methods of a row, and the codes that it names for any of them."""
    part = page.split("### Methods and their own errors")[1].split("###", maxsplit=1)[0]
    rows = [line.strip("| ").split(" | ") for line in part.splitlines() if line.startswith("| ") and "." in line]
    found = []
    for methods, codes in rows:
        family = ""
        named = []
        for name in re.findall(r"[a-zA-Z0-9.]+", methods):
            family = name.rpartition(".")[0] or family
            named.append(name if "." in name else f"{family}.{name}")
        found.append(([name for name in named if name in OWN], set(re.findall(r"\b[a-z]+(?:_[a-z]+)+\b", codes))))
    return [(methods, codes) for methods, codes in found if methods]


def test_every_code_the_platform_page_names_is_there(shared: Path) -> None:
    page = (shared / "slack.md").read_text()
    missing = [
        (methods, codes - set().union(*(codes_of(method) for method in methods)))
        for methods, codes in named_codes(page)
    ]

    assert len(missing) > 15, "the page's table was not read"
    assert [row for row in missing if row[1]] == []


def test_every_common_code_the_platform_page_names_is_there(shared: Path) -> None:
    page = (shared / "slack.md").read_text()
    line = next(line for line in page.splitlines() if line.startswith("POST as form, JSON or multipart"))
    named = set(re.findall(r"\b[a-z]+_[a-z_]+\b", line.split("Common to all:")[1])) | {"ratelimited"}

    assert named - COMMON == set()


@pytest.mark.parametrize("method", sorted(OWN))
def test_every_code_of_a_method_can_be_ordered(workspace: Running, ann: Hands, method: str) -> None:
    headers = {"authorization": f"Bearer {TOKEN}"}
    with httpx.Client(base_url=workspace.api_url, headers=headers, **plain_http()) as line:
        for code in sorted(codes_of(method) - {"ratelimited"}):
            ann.fault("error", method, error=code)
            assert line.post(method).json()["error"] == code


@pytest.mark.parametrize(
    ("order", "sentence"),
    [
        ({"kind": "error", "target": "chat.postMessage", "error": "no_reaction"}, "never answers 'no_reaction'"),
        ({"kind": "error", "target": "*", "error": "channel_not_found"}, "never answers"),
        ({"kind": "slow", "target": "chat.teleport"}, "cannot strike 'chat.teleport'"),
        ({"kind": "duplicate", "target": "chat.postMessage"}, "cannot strike"),
        ({"kind": "token_revoked", "target": "response_url"}, "cannot strike"),
        ({"kind": "earthquake"}, "kind"),
        ({"kind": "slow", "delay_s": 600}, "delay_s"),
    ],
)
def test_a_fault_that_slack_does_not_have_is_refused(ann: Hands, order: dict[str, object], sentence: str) -> None:
    with pytest.raises(CannotDo, match=re.escape(sentence)) as refused:
        ann._call("POST", "faults", order)

    assert refused.value.status == 400
    assert ann._call("GET", "faults")["faults"] == []


def test_what_can_be_ordered_is_offered(ann: Hands) -> None:
    offered = ann._call("GET", "faults/choices")

    assert "restricted_action_thread_locked" in offered["methods"]["chat.postMessage"]
    assert {"block_actions", "/access", "subteam_updated"} <= set(offered["deliveries"])
