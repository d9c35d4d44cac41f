"""Loading a policy folder: all of it, or every fault at once with file, line, column and what to write instead."""

import difflib
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import ValidationError

from approvalbot.events.mapping import MappingFaults, Table, load_tables, read_tables
from approvalbot.events.yamlreader import LARGEST_FILE, Node, read_yaml
from approvalbot.policy.actions import ACTIONS, Action
from approvalbot.policy.assemble import Limits, assemble
from approvalbot.policy.base import Document, Place
from approvalbot.policy.calendar import Calendar
from approvalbot.policy.documents import Policy
from approvalbot.policy.entitlement import Entitlement
from approvalbot.policy.environment import Identities, Sources
from approvalbot.policy.faults import Fault, Finding, PolicyFaults, quoted
from approvalbot.policy.folder import MAPPINGS, Folder, is_yaml
from approvalbot.policy.granters import PROVIDERS, Provider
from approvalbot.policy.pack import SigmaPack
from approvalbot.policy.policyset import PolicySet
from approvalbot.policy.sentences import findings_of
from approvalbot.policy.written import Written

__all__ = ["KINDS", "Loaded", "PolicySet", "load_policies", "load_written", "open_folder", "read_documents"]

_TABLES = re.compile(rb"(?m)^['\"]?([A-Za-z0-9][A-Za-z0-9._-]*)['\"]?:")
_NAMED = re.compile(rb"\b(?:name|id):\s*['\"]?([A-Za-z0-9][A-Za-z0-9._-]*)")

KINDS: Mapping[str, type[Document]] = {
    "Policy": Policy,
    "SigmaPack": SigmaPack,
    "Entitlement": Entitlement,
    "Sources": Sources,
    "Calendar": Calendar,
    "Identities": Identities,
}


def load_policies(
    folder: Path | Folder,
    *,
    actions: Mapping[str, Action] = ACTIONS,
    providers: Mapping[str, Provider] = PROVIDERS,
    tables: Mapping[str, Table] | None = None,
) -> PolicySet:
    """Every document of a folder (or of one file's folder), checked against each other, and ready to judge events.

    `providers` are what grants may use. `tables` replaces the shipped mapping tables; those
    under `mappings/` in the folder are added either way.

    Raises:
        PolicyFaults: all faults at once. Nothing is in force then that was not before.
    """
    return load_written(folder, actions=actions, providers=providers, tables=tables).policies


@dataclass(frozen=True, slots=True)
class Loaded:
    """A set with what its tools need besides: the documents with their places, and the folder they came from."""

    policies: PolicySet
    written: tuple[Written, ...]
    files: Folder
    _lines: dict[str, list[str]] = field(default_factory=dict, repr=False, compare=False)

    def lines(self, file: str) -> list[str]:
        """The lines of a file, taken apart once however many documents it has."""
        if file not in self._lines:
            self._lines[file] = (self.files.read(file) or b"").decode(errors="replace").split("\n")
        return self._lines[file]


def load_written(
    folder: Path | Folder,
    *,
    actions: Mapping[str, Action] = ACTIONS,
    providers: Mapping[str, Provider] = PROVIDERS,
    tables: Mapping[str, Table] | None = None,
) -> Loaded:
    """The same as `load_policies`, with the places of every key."""
    files = folder if isinstance(folder, Folder) else open_folder(folder)
    reading = Reading()
    documents = read_documents(files, reading)
    known = dict(tables if tables is not None else load_tables())
    known |= _own_tables(files, reading)
    limits = Limits(known, actions, providers, frozenset(reading.mentioned))
    try:
        policies = assemble(documents, files, limits, reading.faults)
    except OSError as fault:
        # A Sigma rule, list or calendar file that cannot be read; what hangs on it cannot be judged.
        raise PolicyFaults([*reading.faults, _unreadable(files.name_of(fault.filename), fault)]) from fault
    if reading.faults:
        raise PolicyFaults(reading.faults)
    return Loaded(policies, tuple(documents), files)


def _own_tables(files: Folder, reading: "Reading") -> Mapping[str, Table]:
    """The tables below `mappings/`; with a fault among them none, and those they name count as mentioned."""
    bodies: dict[str, bytes] = {}
    try:
        bodies |= dict(files.below(MAPPINGS))
        return read_tables(bodies)
    except MappingFaults as faults:
        reading.faults += [
            Fault(one.file, one.line, one.column, (), one.problem, one.hint, "bad-mapping") for one in faults.faults
        ]
        reading.mentioned.update(name.decode() for body in bodies.values() for name in _TABLES.findall(body))
    except OSError as fault:
        reading.faults.append(_unreadable(files.name_of(fault.filename), fault))
    return {}


def open_folder(path: Path) -> Folder:
    """The folder that a path names, or that the named file lies in.

    Raises:
        PolicyFaults: there is nothing.
    """
    if not path.exists():
        raise PolicyFaults([Fault(str(path), 1, 1, (), "there is no such file or folder", "check the path")])
    if path.is_file() and not is_yaml(path.name):
        raise PolicyFaults(
            [Fault(str(path), 1, 1, (), "this is no policy file", "name a folder, or a .yaml file in it")]
        )
    return Folder.at(path if path.is_dir() else path.parent)


@dataclass(slots=True)
class Reading:
    """The faults found so far, and the names that a file with faults seems to define."""

    faults: list[Fault] = field(default_factory=list)
    mentioned: set[str] = field(default_factory=set)


def read_documents(files: Folder, reading: Reading) -> list[Written]:
    """The documents of a folder by themselves; what does not validate is a fault and left out."""
    found: list[Written] = []
    for file in files.documents():
        try:
            body = files.read(file) or b""
        except OSError as fault:
            reading.faults.append(_unreadable(file, fault))
            continue
        read = read_yaml(body)
        reading.faults += [
            Fault(file, one.line, one.column, one.path, one.problem, one.hint, one.name) for one in read.faults
        ]
        documents = [(_document(file, node, reading), node) for node in read.documents if not read.faults]
        if read.faults or any(document is None for document, _ in documents):
            reading.mentioned.update(name.decode() for name in _NAMED.findall(body, 0, LARGEST_FILE))
        found += [Written(document, node, file) for document, node in documents if document is not None]
    reading.faults += list(_duplicate_ids(found))
    return found


def _unreadable(file: str, fault: OSError) -> Fault:
    problem = f"the file cannot be read: {fault.strerror or type(fault).__name__}"
    return Fault(file, 1, 1, (), problem, "check its permissions, and where a link leads", "unreadable")


def _document(file: str, node: Node, reading: Reading) -> Document | None:
    if not isinstance(node.value, dict):
        problem = f"a document is a map, not {quoted(node.value)}"
        reading.faults.append(Fault(file, node.line, node.column, (), problem, "start with version: 1"))
        return None
    kind = node.value.get("kind", "Policy")
    model = KINDS.get(kind) if isinstance(kind, str) else None
    if model is None:
        near = difflib.get_close_matches(str(kind), KINDS, 1)
        hint = f"did you mean {near[0]}?" if near else f"write one of {', '.join(KINDS)}"
        reading.faults.append(_at(file, node, Finding(("kind",), f"{quoted(kind)} is no kind of document", hint)))
        return None
    try:
        document = model.model_validate(node.value)
    except ValidationError as fault:
        reading.faults += [_at(file, node, finding) for finding in findings_of(model, node.value, fault)]
        return None
    tests = node.at(("tests",))[0].children if document.tests else None
    lines = tuple(test.line for test in tests) if isinstance(tests, list) else ()
    document.stands_at(Place(file, node.line), lines)
    return document


def _at(file: str, node: Node, finding: Finding) -> Fault:
    line, column = node.place(finding.path)
    return Fault(file, line, column, finding.path, finding.problem, finding.hint, finding.name)


def _duplicate_ids(documents: list[Written]) -> Iterator[Fault]:
    first: dict[tuple[type[Document], str], Written] = {}
    for written in documents:
        earlier = first.setdefault((type(written.document), written.document.id), written)
        if earlier is not written:
            kind = type(written.document).__name__
            yield written.fault(
                Finding(
                    ("id",),
                    f"another {kind}, in {earlier.document.place}, has the id {written.document.id}",
                    "write another id; it is unique for its kind over the whole folder",
                    "duplicate-id",
                )
            )
