"""Reading the documentation: sections, the first cells of tables, code blocks and links of Markdown pages."""

import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent
DOCS = ROOT / "docs"

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^(#{1,6}) (.+)$", re.MULTILINE)
_CELL = re.compile(r"^\| `([^`]+)` ?\|", re.MULTILINE)
_LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
_KEYS = re.compile(r"<!-- keys: ([A-Za-z ]+) -->")


def pages() -> list[Path]:
    """Every Markdown page that readers are given."""
    return sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])


def read(name: str) -> str:
    """A page by its path from the root."""
    return (ROOT / name).read_text(encoding="utf-8")


def without_code(text: str) -> str:
    """A page without its code blocks."""
    return _FENCE.sub("", text)


def blocks(text: str, language: str) -> list[str]:
    """The code blocks of one language."""
    return [body for written, body in _FENCE.findall(text) if written == language]


def headings(text: str, level: int) -> list[str]:
    """The headings of one level, as they are written."""
    return [title for marks, title in _HEADING.findall(without_code(text)) if len(marks) == level]


def sections(text: str, level: int) -> dict[str, str]:
    """What stands under each heading of one level, up to the next heading of that level or a higher one."""
    plain = without_code(text)
    found = list(_HEADING.finditer(plain))
    held: dict[str, str] = {}
    for place, heading in enumerate(found):
        if len(heading[1]) == level:
            after = next((one.start() for one in found[place + 1 :] if len(one[1]) <= level), len(plain))
            held[heading[2]] = plain[heading.end() : after]
    return held


def first_cells(text: str) -> list[str]:
    """The code in the first cell of every table row that starts with code."""
    return _CELL.findall(text)


def keys_by_model(text: str) -> dict[str, set[str]]:
    """The keys of each table that a `<!-- keys: Model -->` stands before; one table may serve several models."""
    held: dict[str, set[str]] = {}
    for found in _KEYS.finditer(text):
        table = text[found.end() :].lstrip("\n").split("\n\n", 1)[0]
        for model in found[1].split():
            held.setdefault(model, set()).update(first_cells(table))
    return held


def links(text: str) -> Iterator[str]:
    """The targets of all links and images."""
    yield from _LINK.findall(without_code(text))


def anchors(text: str) -> set[str]:
    """The anchors of a page's headings, as GitHub makes them."""
    titles = (title for _, title in _HEADING.findall(without_code(text)))
    return {re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles}
