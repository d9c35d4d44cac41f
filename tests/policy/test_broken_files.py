"""A folder of broken files, each with one slip somebody really makes. `broken/faults.txt` is what the author is told.

Renew it with APPROVALBOT_RENEW=1 and review it like code: these sentences are part of the product.
"""

import os
import re
from pathlib import Path

import pytest

from approvalbot.policy.faults import Fault, PolicyFaults
from approvalbot.policy.folder import Folder
from approvalbot.policy.parse import load_policies
from tests.timing import fastest_s

FOLDER = Path(__file__).parent / "broken"
TOLD = FOLDER / "faults.txt"
FILES = sorted(path.name for path in FOLDER.glob("*.yaml") if path.name != "sources.yaml")


def faults_of_folder(folder: Folder) -> tuple[Fault, ...]:
    with pytest.raises(PolicyFaults) as caught:
        load_policies(folder)
    return caught.value.faults


def test_every_broken_file_of_a_folder_has_its_fault_in_one_load() -> None:
    told = "".join(f"[{fault.name}] {fault}\n" for fault in faults_of_folder(Folder.at(FOLDER)))

    if os.environ.get("APPROVALBOT_RENEW"):
        TOLD.write_text(told, encoding="utf-8")
    assert told == TOLD.read_text(encoding="utf-8")
    assert {line.split()[1].split(":")[0] for line in told.splitlines()} == set(FILES)


def test_the_folder_holds_far_more_than_forty_different_faults() -> None:
    def kind(fault: Fault) -> str:
        """The sentence without what it quotes: two files with the same slip count once."""
        return re.sub(r"'[^']*'|\"[^\"]*\"|[\d,]+|\{[^}]*\}", "…", f"{fault.name} {fault.problem}")

    different = {kind(fault) for fault in faults_of_folder(Folder.at(FOLDER))}

    assert len(FILES) >= 100
    assert len(different) >= 100


def test_every_fault_says_what_to_write_instead() -> None:
    faults = faults_of_folder(Folder.at(FOLDER))

    assert [str(fault) for fault in faults if not fault.hint] == []
    assert [str(fault) for fault in faults if len(str(fault)) > 300] == []


@pytest.mark.parametrize("name", FILES)
def test_a_broken_file_is_refused_with_its_place_in_less_than_a_twentieth_of_a_second(name: str) -> None:
    body = (FOLDER / name).read_bytes()
    folder = Folder.of({name: body, "sources.yaml": (FOLDER / "sources.yaml").read_bytes()})

    assert fastest_s(lambda: faults_of_folder(folder), 0.05) < 0.05

    for fault in faults_of_folder(folder):
        assert fault.file == name
        assert fault.line >= 1
        assert fault.column >= 1
        assert "Traceback" not in str(fault)
        assert "pydantic" not in str(fault)
