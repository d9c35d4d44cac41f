"""`sigma/lists.yaml`: the values that the placeholders of `expand` stand for, `name: [values]`."""

from typing import Any

from approvalbot.events.values import text_of
from approvalbot.events.yamlreader import read_yaml
from approvalbot.policy.conditions.placeholders import Placeholders
from approvalbot.policy.faults import Fault, quoted
from approvalbot.policy.folder import Folder

FILE = "sigma/lists.yaml"


def read_lists(folder: Folder, faults: list[Fault]) -> Placeholders:
    """The lists of a folder; none where there is no such file."""
    body = folder.read(FILE)
    if body is None:
        return Placeholders()
    read = read_yaml(body)
    faults += [Fault(FILE, one.line, one.column, one.path, one.problem, one.hint, one.name) for one in read.faults]
    lists: dict[str, tuple[str, ...]] = {}
    for node in read.documents if not read.faults else ():
        for name, values in node.value.items() if isinstance(node.value, dict) else ():
            if not _is_list(values):
                line, column = node.place((name,))
                problem = f"{quoted(values)} is no list of values"
                faults.append(Fault(FILE, line, column, (name,), problem, f"write {name}: [a, b]", "bad-value"))
                continue
            lists[name] = tuple(text_of(value) for value in values)
    return Placeholders(lists)


def _is_list(values: Any) -> bool:
    """Whether something is a list of single values, and not empty: what stands for nothing would match nothing."""
    return (
        isinstance(values, list)
        and bool(values)
        and not any(one is None or isinstance(one, dict | list) for one in values)
    )
