"""Whose a place of a policy file is, also where the file is too broken to be read: a fault is told to its owner."""

import re

from approvalbot.events.yamlreader import read_yaml

_OWNER = re.compile(r"owner:[ \t]+(?P<quote>['\"]?)(?P<name>[^'\"#\n]+?)(?P=quote)[ \t]*(#.*)?")
_DIVIDER = re.compile(r"---(\s|$)")


def owner_at(body: bytes, line: int) -> str:
    """The `owner` of the document that a line of a file (from 1) belongs to; empty where nobody can tell."""
    read = read_yaml(body)
    if read.faults:
        return _owner_written_near(body, line)
    before = [document for document in read.documents if document.line <= line] or list(read.documents[:1])
    owner = before[-1].value.get("owner") if before and isinstance(before[-1].value, dict) else None
    return owner if isinstance(owner, str) else ""


def _owner_written_near(body: bytes, line: int) -> str:
    """The same from a file that is no YAML, by its lines: the documents are divided and an owner stands at the left."""
    lines = body.decode("utf-8", "replace").replace("\r\n", "\n").split("\n")
    start = max((place for place, text in enumerate(lines[:line]) if _DIVIDER.match(text)), default=-1) + 1
    end = next((place for place in range(start, len(lines)) if _DIVIDER.match(lines[place])), len(lines))
    found = (_OWNER.fullmatch(text.rstrip()) for text in lines[start:end])
    return next((one["name"].strip() for one in found if one), "")
