"""`sigma/lists.yaml`: the values that the placeholders of `expand` stand for, `name: [values]`."""

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
            if not isinstance(values, list) or any(value is None or isinstance(value, dict | list) for value in values):
                line, column = node.place((name,))
                faults.append(Fault(FILE, line, column, (name,), f"{quoted(values)} is no list of values"))
                continue
            lists[name] = tuple(text_of(value) for value in values)
    return Placeholders(lists)
