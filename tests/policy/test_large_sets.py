"""Large sets: what an author waits for grows with the set, not with its square. Figures are in docs/performance.md."""

import time
from typing import Any

import yaml

from approvalbot.policy.folder import Folder
from approvalbot.policy.inline.running import run_tests
from approvalbot.policy.lint.running import lint_folder
from approvalbot.policy.parse import Loaded, load_written
from tests.policy.makers import SOURCES, policy_document

TESTS = [
    {"name": "it asks", "event": {"action": "deploy"}, "expect": "match"},
    {"name": "a dance does not", "event": {"action": "dance"}, "expect": "no_match"},
]


def loaded(count: int) -> Loaded:
    held: dict[str, bytes] = {"sources.yaml": SOURCES.encode()}
    for number in range(count):
        document: dict[str, Any] = policy_document(id=f"policy-{number}", tests=TESTS)
        held[f"policy-{number}.yaml"] = yaml.dump(document, Dumper=yaml.CSafeDumper).encode()
    return load_written(Folder.of(held))


def cost_of(count: int) -> float:
    made = loaded(count)
    started = time.process_time()
    lints = lint_folder(made)
    results = list(run_tests(made.policies))

    assert len([one for one in lints if one.name == "shadowed"]) == count - 1
    assert all(one.ok for one in results)
    return time.process_time() - started


def test_checking_and_testing_four_times_as_many_policies_takes_about_four_times_as_long() -> None:
    # Looking each policy's own rules up among all of them made this 16 times; the slack is for a busy machine.
    assert cost_of(1200) < 8 * cost_of(300)
