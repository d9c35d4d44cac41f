"""compile: from 10,000 policy documents to an index that judges events; reading their YAML counted apart.

All is done as a process does it when it starts: `load_policies` with garbage collection paused, and the index.
"""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from approvalbot.events.mapping import load_tables
from approvalbot.events.yamlreader import read_yaml
from approvalbot.policy.actions import ACTIONS
from approvalbot.policy.assemble import Limits, assemble
from approvalbot.policy.folder import Folder
from approvalbot.policy.granters import PROVIDERS
from approvalbot.policy.lint.running import lint_folder
from approvalbot.policy.matching import Matcher
from approvalbot.policy.parse import Loaded, Reading, load_policies, load_written, read_documents
from approvalbot.policy.policyset import PolicySet
from approvalbot.reloading import uncollected
from bench.documents import others, surroundings
from bench.report import Claim, Report, Row
from bench.timing import best_of
from bench.written import PER_FILE, held


@dataclass(frozen=True, slots=True)
class Size:
    """How many policies, and how often each figure is taken."""

    policies: int = 10_000
    runs: int = 3


def run(size: Size = Size()) -> Report:
    """Write the folder, then load it whole and in parts."""
    with TemporaryDirectory(prefix="ab-bench-") as name:
        folder = _written(Path(name), size.policies)
        with uncollected():
            whole_s, policies = best_of(size.runs, lambda: _ready(load_policies(folder)))
            yaml_s, _ = best_of(size.runs, lambda: _read(Folder.at(folder)))
            read_s, documents = best_of(size.runs, lambda: read_documents(Folder.at(folder), Reading()))
            limits = Limits(load_tables(), ACTIONS, PROVIDERS)
            files = Folder.at(folder)
            compile_s, compiled = best_of(size.runs, lambda: _ready(assemble(documents, files, limits, [])))
            lint_s, lints = best_of(1, lambda: _linted(load_written(folder)))
    found = [len(match) for match in (policies.compiled, compiled.compiled)]
    return Report(
        "compile",
        f"{size.policies:,} policies in files of {PER_FILE}, two conditions each; CPU seconds, the best of {size.runs}",
        [
            Row("compile: checks, conditions, index", compile_s, "s", most=2.0),
            Row("load_policies and index: all of it", whole_s, "s"),
            Row("of it: YAML, read strictly", yaml_s, "s"),
            Row("of it: documents validated", read_s - yaml_s, "s"),
            Row("policy check: all of it and every lint", lint_s, "s"),
        ],
        [
            Claim("every policy is in force", found == [size.policies] * 2, f"{found}"),
            Claim("every policy is linted", lints >= size.policies, f"{lints} findings"),
        ],
    )


def _written(folder: Path, count: int) -> Path:
    for name, body in held([*surroundings(), *others(count)]).items():
        (folder / name).write_bytes(body)
    return folder


def _ready(policies: PolicySet) -> PolicySet:
    # Made anew: a set keeps its index, and so would the second run.
    Matcher.of(policies.compiled)
    return policies


def _read(files: Folder) -> int:
    return sum(len(read_yaml(files.read(name) or b"").documents) for name in files.documents())


def _linted(loaded: Loaded) -> int:
    return len(lint_folder(loaded))
