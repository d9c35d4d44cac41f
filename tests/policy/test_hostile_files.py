"""Files that mean harm, or that a tool has spoiled: each is refused with one fault or read as YAML means it, fast.

Threat 28, and M11 and M12 of the measurements behind it. The whole loader runs, not the reader alone.
"""

from pathlib import Path
from typing import Any

import pytest

from approvalbot.events.yamlreader import read_yaml
from approvalbot.policy.faults import PolicyFaults
from approvalbot.policy.folder import MOST_READ, Folder
from approvalbot.policy.parse import load_policies
from tests.cli.conftest import Cli, cli
from tests.timing import fastest_s

__all__ = ["cli"]

WITHIN_S = 0.05
CALENDAR = "version: 1\nkind: Calendar\nid: hours\nowner: o\ntz: UTC\nweekly: {mon: 08:00-09:00}\nics: hours.ics\n"
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


def test_a_file_that_is_too_large_is_never_cut_without_a_word(tmp_path: Path) -> None:
    (tmp_path / "hours.yaml").write_text(CALENDAR, encoding="utf-8")
    (tmp_path / "large.yaml").write_bytes(b"# words\n" * (2 * MOST_READ // 8))
    (tmp_path / "hours.ics").write_bytes(b"BEGIN:VCALENDAR\r\n" + b"X-WORDS:words\r\n" * (2 * MOST_READ // 15))

    with pytest.raises(PolicyFaults) as caught:
        load_policies(tmp_path)

    assert [(one.file, one.name) for one in caught.value.faults] == [
        ("hours.ics", "bad-calendar"),
        ("large.yaml", "file-too-large"),
    ]


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
