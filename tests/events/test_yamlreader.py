import pytest
from hypothesis import given
from hypothesis import strategies as st

from approvalbot.events.yamlreader import read_yaml
from tests.timing import fastest_s


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("true", True),
        ("False", False),
        ("no", "no"),
        ("on", "on"),
        ("12:30", "12:30"),
        ("12:30:45", "12:30:45"),
        ("010", "010"),
        ("0x1F", "0x1F"),
        ("1_000", "1_000"),
        ("2026-05-01", "2026-05-01"),
        ("+5", 5),
        ("-0", 0),
        ("1e3", 1000.0),
        ("1.5", 1.5),
        ("1e999", "1e999"),
        ("~", None),
        ("", None),
        ("'1'", "1"),
        ("15 min", "15 min"),
    ],
)
def test_scalars_follow_the_core_schema_with_text_where_yaml_surprises(written: str, value: object) -> None:
    (document,) = read_yaml(f"key: {written}".encode()).documents

    assert document.value == {"key": value}
    assert type(document.value["key"]) is type(value)


def test_every_key_and_value_knows_its_place() -> None:
    (document,) = read_yaml(b"a: 1\nlist:\n  - {x: 1}\n  - y: [2, 3]\n").documents

    assert document.place(("a",)) == (1, 1)
    assert document.place(("list", 1, "y")) == (4, 5)
    assert document.place(("list", 1, "y", 1)) == (4, 12)
    assert document.place(("list", 9, "y")) == (2, 1)
    assert document.at(("list", 0, "x"))[0].source == "1"


REFUSED = {
    "a duplicate key": (b"a: 1\nb: {x: 1, x: 2}", "duplicate-key", 2, 11),
    "an anchor": (b"a: &x 1", "yaml-alias", 1, 4),
    "an alias": (b"a: *x", "yaml-alias", 1, 4),
    "a merge key": (b"a: {<<: {b: 1}}", "yaml-alias", 1, 5),
    "a tag": (b"a: !!python/object/apply:os.system [x]", "yaml-tag", 1, 4),
    "a local tag": (b"a: !foo 1", "yaml-tag", 1, 4),
    "a directive": (b"%YAML 1.1\n---\na: 1", "yaml-directive", 1, 1),
    "33 levels": (b"a: " + b"[" * 5000, "too-deep", 1, 35),
    "33 levels of dashes": (b"- " * 20000 + b"a", "too-deep", 1, 65),
    "a line of 1 MB": (b"a: " + b"x" * 1_000_000, "line-too-long", 1, 1),
    "a file over 1 MiB": (b"a: 1\n" * 300_000, "file-too-large", 1, 1),
    "an alias bomb": (
        b"a: &a [x,x]\n" + b"".join(b"b%d: &b%d [*a,*a]\n" % (n, n) for n in range(9)),
        "yaml-alias",
        1,
        4,
    ),
    "a tab": (b"a:\n\tb: 1", "not-yaml", 2, 1),
    "a colon in a text": (b"a: b: c", "not-yaml", 1, 5),
    "a list as key": (b"? [a]\n: 1", "bad-key", 1, 3),
    "UTF-16": ("a: 1".encode("utf-16"), "not-utf8", 1, 1),
    "a byte order mark": (b"\xef\xbb\xbfa: 1", "not-utf8", 1, 1),
    "a broken byte": (b"a: 1\nb: \xff", "not-utf8", 2, 4),
    "NUL": (b'a: "\\0"', "not-yaml", 1, 4),
    "half a surrogate pair": (b'a: "\\ud800"', "not-yaml", 1, 7),
    "infinity": (b"a: .inf", "not-a-number", 1, 4),
    "60,000 digits": (b"a: " + b"9" * 60_000, "not-a-number", 1, 4),
    "an open quote over 500,000 lines": (b'a: "' + b"x\n" * 500_000, "not-yaml", 500_001, 1),
}


@pytest.mark.parametrize("name", REFUSED)
def test_the_reader_refuses_at_the_right_place_within_50_ms(name: str) -> None:
    body, fault_name, line, column = REFUSED[name]

    assert fastest_s(lambda: read_yaml(body), 0.05) < 0.05

    (fault,) = read_yaml(body).faults
    assert (fault.name, fault.line, fault.column) == (fault_name, line, column)
    assert len(fault.problem) < 200


def test_all_duplicate_keys_are_told_at_once() -> None:
    read = read_yaml(b"a: 1\na: 2\nb: {c: 1, c: 2}\n")

    assert [(fault.line, fault.path) for fault in read.faults] == [(2, ("a",)), (3, ("b", "c"))]


@pytest.mark.parametrize(
    ("lengths", "line"),
    [([65_536], 0), ([65_537], 1), ([10, 65_536, 10], 0), ([65_000, 65_000, 65_537], 3), ([1, 70_000, 80_000], 2)],
)
def test_the_first_line_that_is_too_long_is_named(lengths: list[int], line: int) -> None:
    body = b"\n".join(b"#" * length for length in lengths)

    for whole in (body, body + b"\n"):
        assert [fault.line for fault in read_yaml(whole).faults if fault.name == "line-too-long"] == (
            [line] if line else []
        )


def test_empty_documents_are_left_out() -> None:
    assert read_yaml(b"").documents == ()
    assert read_yaml(b"# nothing\n---\na: 1\n---\n").documents[0].value == {"a": 1}


@given(st.binary(max_size=300))
def test_no_bytes_make_the_reader_fail_in_another_way(body: bytes) -> None:
    read = read_yaml(body)

    assert read.faults or all(document.line >= 1 for document in read.documents)
