"""Files that mean harm, or that a tool has spoiled: each is refused with one fault or read as YAML means it, fast.

Threat 28, and M11 and M12 of the measurements behind it. The whole loader runs, not the reader alone.
"""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from approvalbot.events.yamlreader import read_yaml
from approvalbot.policy.faults import PolicyFaults
from approvalbot.policy.folder import Folder
from approvalbot.policy.parse import load_policies
from tests.cli.conftest import Cli, cli
from tests.policy.makers import SOURCES, entitlement_document, policy_document
from tests.timing import fastest_s

__all__ = ["cli"]

WITHIN_S = 0.05
MIB = 1 << 20


def nested(depth: int, opened: str, closed: str) -> bytes:
    return f"a: {opened * depth}{closed * depth}\n".encode()


def laughs(levels: int) -> bytes:
    """Billion laughs: each list holds the one before nine times."""
    lines = ["a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, levels)]
    return "\n".join(lines).encode()


REFUSED: dict[str, tuple[bytes, str]] = {
    "billion laughs": (laughs(9), "yaml-alias"),
    "9 to the 9th by maps": (
        laughs(9).replace(b"[", b"{k: ").replace(b"]", b"}").replace(b", ", b", l: "),
        "yaml-alias",
    ),
    "a list that holds itself": (b"a: &a [*a]", "yaml-alias"),
    "an anchor": (b"a: &x 1", "yaml-alias"),
    "an anchor on a key": (b"&k a: 1", "yaml-alias"),
    "an alias": (b"a: *x", "yaml-alias"),
    "an alias as key": (b"*x : 1", "yaml-alias"),
    "a merge key": (b"a: {<<: {b: 1}}", "yaml-alias"),
    "a merge of aliases": (b"b: &b {x: 1}\na: {<<: [*b]}", "yaml-alias"),
    "a tag that runs code": (b"a: !!python/object/apply:os.system [id]", "yaml-tag"),
    "a tag of YAML itself": (b"a: !!binary aGk=", "yaml-tag"),
    "a tag on a key": (b"!!str a: 1", "yaml-tag"),
    "a local tag": (b"a: !secret x", "yaml-tag"),
    "a tag directive": (b"%TAG ! tag:x,2000:\n---\na: 1", "yaml-directive"),
    "a version directive": (b"%YAML 1.1\n---\na: 1", "yaml-directive"),
    "a key twice": (b"approvers: [sec]\napprovers: [everyone]", "duplicate-key"),
    "a key twice, quoted once": (b"a: 1\n'a': 2", "duplicate-key"),
    "a number as key twice": (b"1: a\n1: b", "duplicate-key"),
    "a MiB of one key": (b"a: 1\n" * (MIB // 5), "duplicate-key"),
    "a MiB in one line": (b"a: " + b"x" * (MIB - 3), "line-too-long"),
    "a MiB of brackets": (b"[" * MIB, "line-too-long"),
    "64 KiB and one byte in a line": (b"a" * 65_537, "line-too-long"),
    "over a MiB": (b"# words\n" * (MIB // 8) + b"a", "file-too-large"),
    "100 MB": (b"x" * 100_000_000, "file-too-large"),
    "33 lists": (nested(32, "[", "]"), "too-deep"),
    "33 maps": (nested(32, "{a: ", "}"), "too-deep"),
    "5,000 lists that stay open": (b"a: " + b"[" * 5000, "too-deep"),
    "20,000 dashes": (b"- " * 20_000, "too-deep"),
    "20,000 questions": (b"? " * 20_000, "too-deep"),
    "maps by indentation": (b"".join(b" " * n + b"a:\n" for n in range(300)), "too-deep"),
    "60,000 digits": (b"a: " + b"9" * 60_000, "not-a-number"),
    "infinity": (b"a: .inf", "not-a-number"),
    "not a number": (b"a: .NaN", "not-a-number"),
    "a NUL byte": (b"a: 1\nb: \0\n", "not-yaml"),
    "a NUL escape": (b'a: "\\0"', "not-yaml"),
    "a NUL escape in a key": (b'"a\\0": 1', "not-yaml"),
    "a bell": (b"a: \x07", "not-yaml"),
    "half a surrogate pair": (b'a: "\\ud800"', "not-yaml"),
    "a surrogate pair in halves": (b'a: "\\ud83d\\ude00"', "not-yaml"),
    "half a surrogate pair in bytes": (b"a: \xed\xa0\x80", "not-utf8"),
    "an overlong encoding": (b"a: \xc0\xaf", "not-utf8"),
    "Latin-1": ("a: é".encode("latin-1"), "not-utf8"),
    "UTF-16": ("a: 1".encode("utf-16"), "not-utf8"),
    "UTF-32": ("a: 1".encode("utf-32"), "not-utf8"),
    "a byte order mark": (b"\xef\xbb\xbfa: 1", "not-utf8"),
    "random bytes": (bytes(range(256)) * 100, "not-utf8"),
    "a tab before a key": (b"a:\n\tb: 1", "not-yaml"),
    "a tab before a list": (b"a:\n\t- b", "not-yaml"),
    "a quote over the rest of the file": (b'a: "' + b"x\n" * 500_000, "not-yaml"),
    "a bracket that stays open": (b"a: [1, 2", "not-yaml"),
    "two values": (b"a: b: c", "not-yaml"),
    "a list as key": (b"? [a]\n: 1", "bad-key"),
    "a map as key": (b"{a: 1}: 2", "bad-key"),
    "an empty key": (b"? \n: 1\n", "bad-key"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_means_harm_is_refused_at_once_with_one_fault(name: str) -> None:
    body, fault_name = REFUSED[name]
    folder = Folder.of({"harm.yaml": body})

    def load() -> PolicyFaults:
        with pytest.raises(PolicyFaults) as caught:
            load_policies(folder)
        return caught.value

    assert fastest_s(load, WITHIN_S) < WITHIN_S

    refused = load()
    assert {fault.name for fault in refused.faults} == {fault_name}
    assert all(fault.file == "harm.yaml" and fault.line >= 1 and fault.column >= 1 for fault in refused.faults)
    assert all(fault.hint and len(str(fault)) < 300 for fault in refused.faults)
    assert len(str(refused)) < 20_000


@pytest.mark.parametrize("name", [name for name, (body, _) in REFUSED.items() if len(body) < MIB])
def test_the_command_line_says_where_and_what_to_write_and_shows_no_traceback(
    cli: Cli,
    tmp_path: Path,
    name: str,
) -> None:
    (tmp_path / "harm.yaml").write_bytes(REFUSED[name][0])

    ran = cli("policy", "check", tmp_path)

    assert ran.code == 1
    assert ran.err == ""
    assert ran.out.splitlines()[0].endswith("in the policies:")
    assert ran.out.splitlines()[1].startswith("harm.yaml:")
    assert "Traceback" not in ran.out


LEGAL: dict[str, tuple[bytes, Any]] = {
    "32 levels": (nested(31, "[", "]"), None),
    "line ends of Windows": (b"title: x\r\nowner: y\r\n", {"title": "x", "owner": "y"}),
    "line ends of an old Mac": (b"title: x\rowner: y\r", {"title": "x", "owner": "y"}),
    "tabs between values": (b"title:\tx\t# words\n", {"title": "x"}),
    "a key that is a number": (b"1: x\n", {"1": "x"}),
    "a key that is a boolean": (b"true: x\non: y\n", {"true": "x", "on": "y"}),
    "a key that is null": (b"null: x\n~: y\n", {"null": "x", "~": "y"}),
    "a quoted merge key": (b"'<<': x\n", {"<<": "x"}),
    "an emoji": ("title: 👍\n".encode(), {"title": "👍"}),
    "an emoji as an escape": (b'title: "\\U0001F44D"\n', {"title": "👍"}),
    "a text of a MiB over many lines": (b"title: |\n" + b"  words of a reason\n" * 50_000, None),
    "a comment of a MiB": (b"# words and words\n" * 58_000 + b"title: x\n", {"title": "x"}),
    "nothing but divisions": (b"---\n---\n", None),
    "an empty file": (b"", None),
}


@pytest.mark.parametrize("name", LEGAL)
def test_what_yaml_means_is_read_as_it_means_it(name: str) -> None:
    body, value = LEGAL[name]

    assert fastest_s(lambda: read_yaml(body), WITHIN_S) < WITHIN_S
    read = read_yaml(body)
    assert read.faults == ()
    if value is not None:
        assert [one.value for one in read.documents] == [value]


def load_whatever(body: bytes, name: str = "any.yaml") -> None:
    """Loading either works or says what is wrong; nothing else may come out of it."""
    told: PolicyFaults | None = None
    try:
        load_policies(Folder.of({name: body, "sources.yaml": SOURCES.encode()}))
    except PolicyFaults as refused:
        told = refused
    if told is not None:
        assert told.faults
        assert all(fault.line >= 1 and fault.column >= 1 and str(fault) for fault in told.faults)


PLACES = ["any.yaml", "mappings/any.yaml", "sigma/lists.yaml"]


@given(st.binary(max_size=400), st.sampled_from(PLACES))
def test_no_bytes_get_anything_but_faults_out_of_the_loader(body: bytes, name: str) -> None:
    load_whatever(body, name)


scalars = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12)
KEYS = [
    "version",
    "id",
    "kind",
    "owner",
    "title",
    "match",
    "approval",
    "levels",
    "approvers",
    "tests",
    "event",
    "sources",
]
trees = st.recursive(
    scalars, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(KEYS), inner, max_size=4)
)


@given(trees)
def test_no_yaml_gets_anything_but_faults_out_of_the_loader(tree: Any) -> None:
    load_whatever(yaml.safe_dump(tree, allow_unicode=True).encode("utf-8", "surrogatepass"))


CALENDAR = {
    "version": 1,
    "kind": "Calendar",
    "id": "hours",
    "owner": "o",
    "tz": "UTC",
    "weekly": {"mon-fri": ["08:00-19:00"]},
    "holidays": ["2026-12-25"],
    "spans": [{"from": "2026-12-18T18:00", "to": "2026-12-19T08:00"}],
}
IDENTITIES = {
    "version": 1,
    "kind": "Identities",
    "id": "people",
    "owner": "o",
    "people": [{"id": "ann", "name": "Ann", "emails": ["ann@x.com"], "aws": "ann"}],
    "roles": {"lead": ["ann"]},
}
WHOLE: list[dict[str, Any]] = [
    policy_document(
        during={"calendar": "hours", "is": "inside"},
        correlate={"type": "event_count", "timespan": "5m", "condition": {"gte": 2}, "group_by": ["$actor.id"]},
        dedupe={"key": ["$id"], "window": "2h"},
        message={"summary": "{{ $actor.id }}", "fields": ["$id"]},
        on_deny=[{"callback": {"to": "siem"}}],
        tests=[{"event": {"action": "deploy"}, "expect": "match", "votes": [{"by": "ann", "press": "approve"}]}],
        fixtures={"groups": {"@team": ["ann"]}},
    ),
    entitlement_document(inputs=[{"id": "t", "label": "T", "type": "select", "options": ["a"]}]),
    CALENDAR,
    IDENTITIES,
    yaml.safe_load(SOURCES.replace("id: sources", "id: more").replace("name: ", "name: x")),
]


def places(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    """The path of every value inside a document."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [path, *(one for key, child in inner for one in places(child, (*path, key)))]


SPOTS = [(document, path) for document in range(len(WHOLE)) for path in places(WHOLE[document]) if path]


def put(value: Any, path: tuple[Any, ...], new: Any) -> Any:
    """The document with another value at a path."""
    if not path:
        return new
    if isinstance(value, dict):
        return {key: put(child, path[1:], new) if key == path[0] else child for key, child in value.items()}
    return [put(child, path[1:], new) if place == path[0] else child for place, child in enumerate(value)]


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(SPOTS), trees)
def test_a_whole_document_with_anything_in_one_place_gets_nothing_but_faults(
    spot: tuple[int, tuple[Any, ...]], tree: Any
) -> None:
    document, path = spot
    spoilt = put(WHOLE[document], path, tree)
    load_whatever(yaml.safe_dump(spoilt, allow_unicode=True).encode("utf-8", "surrogatepass"))


TABLES = {
    "ours.log": {
        "id": ["n", "{a}/{b}"],
        "action": ["op|lower"],
        "unwrap": ["x[]"],
        "split": "y[]",
        "detect": {"all": ["n"]},
        "actor.groups": ["g[]"],
        "asserted": True,
    }
}
SURPRISES: list[Any] = [None, True, -1, 10**30, 1e300, "", " ", "{{", "{{ x }}", [], {}, [[]], [{}], {"": ""}, "\ud83d"]


@pytest.mark.parametrize(("document", "name"), [*((one, "any.yaml") for one in WHOLE), (TABLES, "mappings/any.yaml")])
def test_every_place_of_a_document_takes_every_surprise(document: dict[str, Any], name: str) -> None:
    for path in places(document)[1:]:
        for surprise in SURPRISES:
            text = yaml.safe_dump(put(document, path, surprise), allow_unicode=True)
            load_whatever(text.encode("utf-8", "surrogatepass"), name)
