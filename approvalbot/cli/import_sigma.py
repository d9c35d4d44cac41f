"""`policy import-sigma`: Sigma rules of this machine, copied unchanged below `sigma/`, with packs that watch first."""

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

import typer

from approvalbot.cli.output import emit, say
from approvalbot.cli.reading import read_policies
from approvalbot.errors import BadInput
from approvalbot.events.yamlreader import read_yaml
from approvalbot.policy.approval import Approver
from approvalbot.policy.folder import LICENCE, SIGMA, Folder
from approvalbot.policy.inline.running import run_tests
from approvalbot.policy.parse import Loaded, load_policies
from approvalbot.policy.sigma.importing import Imported, Terms, pack_text, plan_import

RULES = "rules"
_OF_RULES = re.compile(r"rules(-[a-z-]+)?")
"""SigmaHQ keeps its rules below `rules/`, `rules-emerging-threats/` and the like; from there on a path is kept."""


@dataclass(frozen=True, slots=True)
class _Given:
    """What the author points to: rule files by the path they get in the folder, and the licence beside them."""

    rules: Mapping[str, bytes]
    licence: tuple[str, bytes] | None


@dataclass(frozen=True, slots=True)
class _Writing:
    """What becomes of each file: written, there already, or in the way."""

    written: Mapping[str, bytes]
    unchanged: tuple[str, ...]
    kept: tuple[str, ...]


def import_sigma(
    paths: Annotated[list[Path], typer.Argument(help="Sigma rule files, or folders of them.")],
    into: Annotated[Path, typer.Option(help="The policy folder they go to.")],
    source: Annotated[str, typer.Option(help="The source they are for; default: those their logsource means.")] = "",
    owner: Annotated[str, typer.Option(help="Who owns the packs.")] = "team-security",
    approver: Annotated[str, typer.Option(help="Who is asked: kind:name.")] = "usergroup:@security",
    force: Annotated[bool, typer.Option("--force", help="Overwrite files that differ.")] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Write nothing; print the packs.")] = False,
    json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False,
) -> None:
    """Copy Sigma rules unchanged below sigma/ and write packs for them in mode monitor; say which cannot be used."""
    if not into.is_dir():
        raise BadInput("parameter_invalid", "There is no folder {into}.", into=str(into))
    loaded = read_policies(into)
    if source and source not in loaded.policies.sources:
        hint = f"Known are {', '.join(loaded.policies.sources) or 'none'}."
        raise BadInput("unknown_source", "There is no source {name} in this folder.", hint=hint, name=source)
    given = _given(paths)
    terms = Terms(owner, _approver(approver), datetime.now(UTC).date(), source)
    plan = plan_import(given.rules, loaded, terms)
    writing = _compared(plan, given, into, terms, loaded, force=force)
    if not dry_run:
        _write(into, writing.written)
    if json:
        emit(_document(plan, writing, given, dry_run=dry_run))
    else:
        _tell(plan, writing, given, dry_run=dry_run)
    if plan.left_out or writing.kept:
        raise typer.Exit(1)


def _approver(written: str) -> Mapping[str, str]:
    kind, _, name = written.partition(":")
    try:
        Approver.model_validate({kind: name})
    except ValueError:
        raise typer.BadParameter(f"--approver {written!r}: write kind:name, such as usergroup:@security") from None
    return {kind: name}


def _given(paths: list[Path]) -> _Given:
    found: dict[str, bytes] = {}
    licence: tuple[str, bytes] | None = None
    for path in paths:
        root = path.resolve()
        files = sorted(one for one in root.rglob("*") if one.is_file()) if root.is_dir() else [root]
        try:
            for file in files:
                if file.suffix in {".yml", ".yaml"}:
                    found[_place(file, root)] = file.read_bytes()
        except OSError as fault:
            why = fault.strerror or "it is no file"
            raise BadInput("parameter_invalid", "{file} cannot be read: {why}.", file=str(path), why=why) from fault
        licence = licence or _licence(root)
    if not found:
        raise BadInput(
            "parameter_invalid", "No .yml or .yaml file lies there: {paths}.", paths=", ".join(map(str, paths))
        )
    return _Given(found, licence)


def _place(file: Path, root: Path) -> str:
    """Where a rule file goes: its own path from the folder `rules…` on, else from the folder that was named."""
    parts = file.parts
    rules = [place for place, part in enumerate(parts[:-1]) if _OF_RULES.fullmatch(part)]
    if rules:
        return PurePosixPath(SIGMA, *parts[rules[-1] :]).as_posix()
    below = file.relative_to(root.parent).parts if root.is_dir() else (file.name,)
    return PurePosixPath(SIGMA, RULES, *below).as_posix()


def _licence(root: Path) -> tuple[str, bytes] | None:
    """The licence file beside the rules or above them, as far up as the folder that `rules…` lies in."""
    for folder in [root, *root.parents] if root.is_dir() else root.parents:
        held = sorted(one for one in folder.glob(f"{LICENCE}*") if one.is_file())
        if held:
            return f"{SIGMA}/{held[0].name}", held[0].read_bytes()
        if any(_OF_RULES.fullmatch(one.name) for one in folder.iterdir()):
            return None
    return None


def _compared(plan: Imported, given: _Given, into: Path, terms: Terms, loaded: Loaded, *, force: bool) -> _Writing:
    """What is to be written. The folder with all of it loads, or nothing is written.

    Raises:
        PolicyFaults: it would not load.
    """
    wanted = dict(plan.rules)
    if given.licence is not None and plan.rules:
        wanted |= dict([given.licence])
    wanted |= {name: pack_text(pack, terms.today).encode() for name, pack in plan.packs.items()}
    written, unchanged, kept = dict[str, bytes](), list[str](), list[str]()
    for name, body in wanted.items():
        held = _held(into, name)
        if held is None or (held != body and force):
            written[name] = body
        elif _is_same(held, body):
            unchanged.append(name)
        else:
            kept.append(name)
    _check(loaded, written)
    return _Writing(written, tuple(unchanged), tuple(kept))


def _held(into: Path, name: str) -> bytes | None:
    path = into / name
    if into.resolve() not in path.resolve().parents:
        # Writing through a link would change a set of rules that others may use.
        sentence = "{name} in {into} is a link to somewhere else; import into the folder that it leads to."
        raise BadInput("parameter_invalid", sentence, name=name, into=str(into))
    return path.read_bytes() if path.is_file() else None


def _is_same(held: bytes, body: bytes) -> bool:
    """Whether two files say the same: a pack written on another day differs in a comment alone."""
    if held == body:
        return True
    documents = [[one.value for one in read_yaml(each).documents] for each in (held, body)]
    return documents[0] == documents[1] and bool(documents[0])


def _check(loaded: Loaded, written: Mapping[str, bytes]) -> None:
    bodies = {name: body for name in loaded.files.names if (body := loaded.files.read(name)) is not None}
    policies = load_policies(Folder.of({**bodies, **written}))
    packs = [pack for pack in policies.packs if pack.place is not None and pack.place.file in written]
    for failed in (one for one in run_tests(policies, packs) if not one.ok):
        raise BadInput("parameter_invalid", "A test of a new pack fails: {told}", told=str(failed))


def _write(into: Path, written: Mapping[str, bytes]) -> None:
    for name, body in written.items():
        path = into / name
        path.parent.mkdir(parents=True, exist_ok=True)
        part = path.with_name(f".{path.name}.{os.getpid()}")
        part.write_bytes(body)
        part.replace(path)


def _document(plan: Imported, writing: _Writing, given: _Given, *, dry_run: bool) -> dict[str, Any]:
    return {
        "ok": not plan.left_out and not writing.kept,
        "dry_run": dry_run,
        "written": list(writing.written),
        "unchanged": list(writing.unchanged),
        "kept": list(writing.kept),
        "packs": {name: dict(pack) for name, pack in plan.packs.items()},
        "licence": given.licence[0] if given.licence else None,
        "rules": plan.by_level.total(),
        "by_logsource": dict(plan.by_logsource),
        "by_level": dict(plan.by_level),
        "left_out": [{"file": one.file, "rule": one.rule, "why": one.why} for one in plan.left_out],
    }


def _tell(plan: Imported, writing: _Writing, given: _Given, *, dry_run: bool) -> None:
    for one in plan.left_out:
        say(f"left out: {one}", "yellow")
    for name in writing.kept:
        say(f"kept: {name} is there and differs; --force overwrites it", "yellow")
    if dry_run:
        for name in (name for name in writing.written if name in plan.packs):
            say(f"# {name}\n{writing.written[name].decode()}")
    say(f"{_rules(plan.by_level.total())} can be used: {_listed(plan.by_logsource)}; {_listed(plan.by_level)}")
    verb = "would be written" if dry_run else "written"
    say(f"{len(writing.written)} files {verb}, {len(writing.unchanged)} there already", "green")
    for name in (name for name in plan.packs if name in writing.written):
        say(f"{name} {verb}: mode monitor; look at its owner and approvers")
    if given.licence is None and plan.rules:
        say(f"no {LICENCE} file lies beside the rules; the Detection Rule License wants it kept with them", "yellow")
    elif given.licence is not None and plan.rules:
        say(f"licence: {given.licence[0]}")


def _rules(count: int) -> str:
    return f"{count} rule{'' if count == 1 else 's'}"


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items())) or "none"
