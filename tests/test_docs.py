"""The documentation and the code say the same: what one has and the other lacks fails here."""

import re
import tomllib
from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import orjson
import pytest
import typer.main
from starlette.routing import Route

from approvalbot.cli.main import make_app
from approvalbot.errors import CODES
from approvalbot.policy.conditions.fields import EVENT_NAMES
from approvalbot.policy.conditions.modifiers import MODIFIERS
from approvalbot.policy.folder import Folder
from approvalbot.policy.inline.running import run_tests
from approvalbot.policy.parse import load_policies
from approvalbot.policy.schema import policy_schema
from approvalbot.settings import Settings
from approvalbot.web import counts
from approvalbot.web.figures import BUDGET_WAITS, COUNTERS, DECISION, GAUGES, JOBS
from approvalbot.web.server import make_server
from tests.docs_pages import (
    ROOT,
    anchors,
    blocks,
    first_cells,
    headings,
    keys_by_model,
    links,
    pages,
    read,
    sections,
    without_code,
)

COMMON = "Document"
"""The name in docs/policy-reference.md for the keys that every document has."""

COMMON_KEYS = {"version", "id", "owner", "kind", "description", "fixtures", "tests"}
TEXT = {".md", ".py", ".yaml", ".yml", ".toml", ".txt", ".js", ".css", ".html", ".lua", ".svg", ".example", ""}


def settings() -> set[str]:
    return {name.upper() for name in Settings.model_fields}


def test_every_setting_is_documented_and_no_other() -> None:
    documented = {title.strip("`") for title in headings(read("docs/settings.md"), 3)}

    assert documented == settings()


def test_every_setting_stands_in_the_example_file_and_no_other() -> None:
    listed = set(re.findall(r"^(?:# )?([A-Z][A-Z_]+)=", read(".env.example"), re.MULTILINE))

    assert listed == settings()


def test_every_override_is_documented() -> None:
    names = set(Settings.model_fields["approvalbot_allow"].annotation.__args__[0].__args__)  # type: ignore[union-attr]

    assert set(first_cells(sections(read("docs/settings.md"), 3)["`APPROVALBOT_ALLOW`"])) == names
    assert all(name in read(".env.example") for name in names)


def commands(command: Any = None, path: tuple[str, ...] = ("approvalbot",)) -> Iterator[tuple[str, Any]]:
    command = command or typer.main.get_command(make_app())
    if not hasattr(command, "commands"):
        yield " ".join(path), command
        return
    for name, inner in command.commands.items():
        yield from commands(inner, (*path, name))


def documented_commands() -> dict[str, str]:
    return {
        " ".join(word for word in title.strip("`").split() if word.islower()): text
        for title, text in sections(read("docs/cli.md"), 2).items()
        if title.startswith("`")
    }


def test_every_command_is_documented_and_no_other() -> None:
    known = {path for path, _ in commands()}

    assert set(documented_commands()) == known


def test_every_option_is_documented_and_no_other() -> None:
    documented = {path: set(first_cells(text)) for path, text in documented_commands().items()}

    for path, command in commands():
        options = {
            option
            for parameter in command.params
            if parameter.param_type_name == "option"
            for option in (*parameter.opts, *parameter.secondary_opts)
            if option not in {"--help", "-h"}
        }
        assert documented[path] == options, path


def test_the_environment_of_every_option_is_documented() -> None:
    documented = documented_commands()

    for path, command in commands():
        names = [one.envvar for one in command.params if isinstance(one.envvar, str)]
        assert [name for name in names if name not in documented[path]] == [], path


def test_every_error_code_is_documented_with_its_status_and_title_and_no_other() -> None:
    documented = sections(read("docs/errors.md"), 3)

    assert set(documented) == set(CODES)
    for code, text in documented.items():
        assert text.strip().startswith(f"**{CODES[code].status}** {CODES[code].title}."), code
        assert "What to do:" in text, code


def routes() -> set[str]:
    async def answers(_request: object) -> None: ...

    names = ("post", "challenge", "consent", "listed", "get", "events", "consume", "keys", "alive", "ready", "metrics")
    anything: Any = SimpleNamespace(**dict.fromkeys(names, answers))
    parts: Any = dict.fromkeys(("intake", "handshakes", "requests", "health", "lifespan"), anything)
    server = make_server(**parts, slack=anything.post, openapi=anything.get)
    return {
        f"{method} {route.path}"
        for route in server.routes
        if isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}
    }


def test_every_route_is_documented_and_no_other() -> None:
    documented = {title.strip("`") for title in headings(read("docs/api.md"), 2) if title.startswith("`")}

    assert documented == routes()


def test_every_metric_is_documented() -> None:
    names = {name for metric in vars(counts).values() if (name := getattr(metric, "_name", ""))}
    names |= {name for name, _, _ in COUNTERS.values()} | {DECISION[0], BUDGET_WAITS[0], JOBS[0], *GAUGES}
    documented = {cell.removesuffix("_total") for cell in first_cells(read("docs/running.md"))}

    assert {name for name in names if name.startswith("approvalbot_")} <= documented
    assert {name for name in documented if name.startswith("approvalbot_")} <= names


def test_the_map_shows_every_room_and_every_dependency_and_no_other() -> None:
    text = sections(read("ARCHITECTURE.md"), 2)
    package = ROOT / "approvalbot"
    rooms = {f"{one.name}/" for one in package.iterdir() if one.is_dir() and one.name != "__pycache__"}
    modules = {one.name for one in package.glob("*.py")} - {"__init__.py", "__main__.py"}
    everybody_s = {"errors.py", "log.py", "plaintext.py"}
    wanted = tomllib.loads(read("pyproject.toml"))["project"]["dependencies"]
    explained = set(
        re.findall(r"[a-z0-9-]+", " ".join(re.findall(r"^\| ([^|]+) \|", text["Dependencies"], re.MULTILINE)))
    )

    assert set(first_cells(text["The rooms"])) == rooms | modules - everybody_s
    assert all(f"`{name}`" in text["The rooms"] for name in everybody_s)
    assert {re.split(r"[\[>]", one)[0] for one in wanted} <= explained


def test_every_policy_key_is_documented_and_no_other() -> None:
    documented = keys_by_model(read("docs/policy-reference.md"))
    common = documented.pop(COMMON)
    known = {
        name: set(model.get("properties", {})) for name, model in policy_schema()["$defs"].items() if name != COMMON
    }

    assert common == COMMON_KEYS
    for name, keys in known.items():
        if keys:
            own = keys - COMMON_KEYS if keys >= COMMON_KEYS else keys
            assert documented.pop(name, set()) == own, name
    assert documented == {}


def test_every_modifier_and_every_name_of_an_event_is_documented() -> None:
    text = read("docs/policy-reference.md")

    assert [name for name in MODIFIERS if f"`{name}`" not in text] == []
    assert [name for name in EVENT_NAMES if f"`{name}`" not in text] == []


def examples() -> Folder:
    """Every YAML block of the page, as the file that its first line names."""
    held = {}
    for block in blocks(read("docs/policy-reference.md"), "yaml"):
        first = block.splitlines()[0]
        assert re.fullmatch(r"# policies/[\w./-]+", first), f"the block starts with {first!r}, not with its file's name"
        held[first.removeprefix("# policies/")] = block.encode()
    return Folder.of(held)


def test_the_examples_of_the_policy_page_load_together() -> None:
    loaded = load_policies(examples())

    assert {type(document).__name__ for document in loaded.documents} == {
        "Policy",
        "SigmaPack",
        "Entitlement",
        "Sources",
        "Calendar",
        "Identities",
    }


def test_the_inline_tests_of_the_examples_hold() -> None:
    results = list(run_tests(load_policies(examples())))

    assert results
    assert [(one.document, one.name, one.differences) for one in results if one.differences] == []


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_relative_link_leads_somewhere(page: Any) -> None:
    text = page.read_text(encoding="utf-8")
    lost = []
    for link in links(text):
        path, _, anchor = link.partition("#")
        if "://" in link or link.startswith("mailto:"):
            continue
        target = (page.parent / path).resolve() if path else page
        anchored = not anchor or (target.is_file() and anchor in anchors(target.read_text(encoding="utf-8")))
        if not target.exists() or not anchored:
            lost.append(link)

    assert lost == []


@pytest.mark.parametrize("page", pages(), ids=lambda page: page.relative_to(ROOT).as_posix())
def test_every_make_target_that_a_page_names_exists(page: Any) -> None:
    named = set(re.findall(r"`make ([a-z-]+)`|^make ([a-z-]+)$", page.read_text(encoding="utf-8"), re.MULTILINE))
    targets = set(re.findall(r"^([a-z-]+)%?:", read("Makefile"), re.MULTILINE))
    wanted = {one or other for one, other in named}

    assert {one for one in wanted if one not in targets and not one.startswith("bench-")} == set()


def test_every_page_is_reachable_from_the_readme() -> None:
    found, waiting = set(), [ROOT / "README.md"]
    while waiting:
        page = waiting.pop()
        if page in found or not page.is_file():
            continue
        found.add(page)
        targets = (link.partition("#")[0] for link in links(page.read_text(encoding="utf-8")))
        waiting += [(page.parent / target).resolve() for target in targets if target.endswith(".md")]

    assert [page.name for page in pages() if page not in found] == []


def project_files() -> Iterator[tuple[str, str]]:
    """Every text file of the project, by its path from the root; what tools leave behind is hidden or made."""
    for path in sorted(ROOT.rglob("*")):
        parts = path.relative_to(ROOT).parts
        hidden = any(part.startswith(".") and part not in {".env.example", ".ci"} for part in parts)
        if hidden or "__pycache__" in parts or not path.is_file() or path.suffix not in TEXT:
            continue
        yield path.relative_to(ROOT).as_posix(), path.read_text(encoding="utf-8", errors="replace")


def test_no_file_names_a_registry_or_a_path_of_somebody_s_machine() -> None:
    hosts = ("py" + "pi.org", "python" + "hosted", "npm" + "js")
    paths = ("/" + "work/", "/" + "root/")
    named = [(path, word) for path, text in project_files() for word in (*hosts, *paths) if word in text]

    assert named == []


def test_no_page_promises_what_is_elsewhere() -> None:
    assert [page.name for page in pages() if "../shared" in without_code(page.read_text(encoding="utf-8"))] == []


def test_the_grafana_dashboard_asks_only_for_metrics_that_there_are() -> None:
    panels = orjson.loads(read("docs/grafana.json"))["panels"]
    asked = {
        name for panel in panels for one in panel["targets"] for name in re.findall(r"approvalbot_\w+", one["expr"])
    }
    known = {name for metric in vars(counts).values() if (name := getattr(metric, "_name", ""))}
    known |= {name for name, _, _ in COUNTERS.values()} | {DECISION[0], BUDGET_WAITS[0], JOBS[0], *GAUGES}

    assert {re.sub(r"_(total|bucket)$", "", name) for name in asked} <= known
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert {*GAUGES, *(name for name, _, _ in COUNTERS.values()), DECISION[0], BUDGET_WAITS[0], JOBS[0]} <= {
        re.sub(r"_(total|bucket)$", "", name) for name in asked
    }, "what is read from Redis is there to be looked at"
