"""The plan of the house, held: who may import whom, no circle, no file that outgrows a reader."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "approvalbot"
WALL = 300

EVERYBODY = {"errors", "log", "plaintext"}
ALLOWED: dict[str, set[str]] = {
    "errors": set(),
    "log": set(),
    "plaintext": set(),
    "settings": set(),
    "client": set(),
    "events": set(),
    "policy": {"events"},
    "request": {"policy", "events"},
    "flow": {"request", "policy", "events"},
    "store": {"request", "events"},
    "slack": {"flow", "request", "policy"},
    "sources": set(),
    "answers": set(),
    "grants": set(),
    "audit": {"request", "store", "answers"},
    "dashboard": {"flow", "request", "policy", "events", "store", "audit", "web"},
    "oncall": set(),
    "actions": {"answers"},
    "web": {"flow", "request", "policy", "events", "store", "sources", "answers"},
    "workspace": set(),
    "reloading": {"policy"},
    "wiring": {
        "reloading",
        "settings",
        "flow",
        "request",
        "policy",
        "events",
        "store",
        "slack",
        "sources",
        "answers",
        "grants",
        "audit",
        "dashboard",
        "oncall",
        "actions",
        "web",
    },
    "worker": {"wiring", "flow", "request", "store"},
    "cli": {
        "settings",
        "wiring",
        "reloading",
        "worker",
        "client",
        "policy",
        "events",
        "request",
        "store",
        "answers",
        "audit",
        "oncall",
        "slack",
        "sources",
        "web",
    },
    "__main__": {"cli"},
}
PURE = {"events", "policy", "request", "plaintext"}
PURE_LIBRARIES = {"pydantic", "pydantic_core", "annotated_types", "yaml", "re2", "orjson", "rfc8785", "cel_expr_python"}
# fmt: off
COMPUTING = {
    "__future__", "abc", "ast", "base64", "binascii", "bisect", "calendar", "collections", "contextlib",
    "dataclasses", "datetime", "decimal", "difflib", "enum", "fnmatch", "fractions", "functools", "hashlib",
    "heapq", "hmac", "html", "importlib", "inspect", "io", "ipaddress", "itertools", "json", "keyword",
    "math", "numbers", "operator", "os", "pathlib", "posixpath", "re", "statistics", "string", "struct", "textwrap",
    "tokenize", "types", "typing", "unicodedata", "urllib", "uuid", "warnings", "zoneinfo",
}
# fmt: on
"""Standard library modules that only compute. `os`, `io`, `importlib` and `pathlib` serve the one place of a pure room
that reads a folder or its own data; `test_a_pure_room_reads_files_in_one_place` holds that."""

READS_FILES = {"policy/folder.py", "events/mapping.py"}


def modules() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(PACKAGE.rglob("*.py")):
        yield path, ast.parse(path.read_text(encoding="utf-8"))


def imports(tree: ast.Module) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            if node.module == "approvalbot":
                yield from (f"approvalbot.{alias.name}" for alias in node.names)
            else:
                yield node.module


def room_of(path: Path) -> str:
    return path.relative_to(PACKAGE).parts[0].removesuffix(".py")


def test_every_room_imports_only_what_it_may() -> None:
    wrong = []
    for path, tree in modules():
        room = room_of(path)
        if room == "__init__":
            continue
        allowed = ALLOWED[room] | EVERYBODY | {room}
        if room == "cli" and path.name in {"demo.py", "tour.py", "telling.py", "stage.py"}:
            allowed = allowed | {"workspace"}
        for name in imports(tree):
            if name.startswith("approvalbot."):
                other = name.split(".")[1]
                if other not in allowed and other != "__version__":
                    wrong.append(f"{path.relative_to(PACKAGE)} imports {name}")

    assert wrong == []


def test_no_import_runs_in_a_circle() -> None:
    graph: dict[str, set[str]] = {}
    for path, tree in modules():
        name = ".".join(("approvalbot", *path.relative_to(PACKAGE).with_suffix("").parts)).removesuffix(".__init__")
        graph[name] = {one for one in imports(tree) if one.startswith("approvalbot.")}
    done: set[str] = set()

    def walk(name: str, above: tuple[str, ...]) -> None:
        if name in above:
            pytest.fail(" -> ".join((*above[above.index(name) :], name)))
        if name in done or name not in graph:
            return
        for other in sorted(graph[name]):
            walk(other, (*above, name))
        done.add(name)

    for name in sorted(graph):
        walk(name, ())


def test_a_pure_room_only_computes() -> None:
    wrong = [
        f"{path.relative_to(PACKAGE)} imports {name}"
        for path, tree in modules()
        if room_of(path) in PURE
        for name in imports(tree)
        if not name.startswith("approvalbot")
        and name.split(".")[0] not in PURE_LIBRARIES | COMPUTING
        and name != "email.utils"
    ]

    assert wrong == []


def test_pysigma_is_an_oracle_of_the_tests_and_never_part_of_the_product() -> None:
    runtime = (PACKAGE.parent / "requirements.txt").read_text(encoding="utf-8")

    assert not [str(path) for path, tree in modules() for name in imports(tree) if name.split(".")[0] == "sigma"]
    assert "pysigma" not in runtime


def test_a_pure_room_reads_files_in_one_place() -> None:
    def reaches_out(node: ast.AST) -> bool:
        if isinstance(node, ast.Attribute):
            owner = node.value.id if isinstance(node.value, ast.Name) else ""
            return node.attr in {"read_text", "read_bytes", "environ"} or (
                node.attr in {"now", "utcnow", "today"} and owner in {"datetime", "date"}
            )
        return (
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in {"open", "input", "print"}
        )

    wrong = [
        f"{path.relative_to(PACKAGE)}:{getattr(node, 'lineno', 0)}"
        for path, tree in modules()
        if room_of(path) in PURE and str(path.relative_to(PACKAGE)) not in READS_FILES
        for node in ast.walk(tree)
        if reaches_out(node)
    ]

    assert wrong == []


def test_no_file_outgrows_its_reader() -> None:
    files = [path for suffix in ("py", "js", "css", "lua") for path in PACKAGE.rglob(f"*.{suffix}")]
    files += (PACKAGE.parent / "tests").rglob("*.py")
    long = {str(path.name): lines for path in files if (lines := len(path.read_text().splitlines())) > WALL}

    assert long == {}


def test_an_init_file_is_empty_or_hands_on_names_of_its_own_room() -> None:
    wrong = [
        str(path.relative_to(PACKAGE))
        for path, tree in modules()
        if path.name == "__init__.py"
        for node in tree.body
        if not isinstance(node, ast.Expr | ast.Assign | ast.ImportFrom)
        or (
            isinstance(node, ast.ImportFrom)
            and not (node.module or "").startswith(f"{PACKAGE.name}.{room_of(path.parent)}")
        )
    ]

    assert wrong == []


def test_digests_are_never_compared_with_equals() -> None:
    """A comparison that ends at the first wrong letter tells how far a guess was right (threat 37)."""
    wrong = []
    for path, tree in modules():
        if room_of(path) == "workspace":
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Compare) and any(isinstance(op, ast.Eq | ast.NotEq) for op in node.ops):
                names = {
                    one.id
                    for side in (node.left, *node.comparators)
                    for one in ast.walk(side)
                    if isinstance(one, ast.Name)
                }
                if names & {"signature", "mac", "hmac", "token", "secret", "key_given", "wanted_signature"}:
                    wrong.append(f"{path.relative_to(PACKAGE)}:{node.lineno}")

    assert wrong == []
