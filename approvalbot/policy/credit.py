"""Whose rule it is. The Detection Rule License wants the author named on every message that a match caused.

A rule that states no licence is taken for one of SigmaHQ's, whose rules stand under that licence without saying so. One
that states another is somebody's own: it is credited to its author under what it says, and not to SigmaHQ.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

LICENCE = "DRL 1.1"
REPOSITORY = "https://github.com/SigmaHQ/sigma"
UNNAMED = "an unnamed author"

_SIGMAHQ = frozenset({"", "drl 1.1", "drl-1.1", "detection rule license 1.1", "detection rule license (drl) 1.1"})


@dataclass(frozen=True, slots=True)
class Credit:
    """A Sigma rule as messages name it. `document` is the rule word for word, `path` the file it stands in.

    `beside` are the documents that decide with it, word for word: the filters that name it, and what a correlation
    counts. They are part of what a policy is, and of its digest.
    """

    id: str
    title: str
    level: str
    author: str
    path: str
    document: Mapping[str, Any] = field(default_factory=dict, repr=False)
    beside: tuple[Mapping[str, Any], ...] = field(default=(), repr=False)

    @property
    def text(self) -> str:
        """`Rule by faloker, SigmaHQ, DRL 1.1`: never cut and never switched off (policy.md section 10)."""
        author = self.author or UNNAMED
        return f"Rule by {author}, SigmaHQ, {LICENCE}" if self.is_sigmahq else f"Rule by {author}, {self._licence}"

    @property
    def is_sigmahq(self) -> bool:
        """Whether the rule is SigmaHQ's, as far as its licence tells."""
        return self._licence.casefold() in _SIGMAHQ

    @property
    def _licence(self) -> str:
        return str(self.document.get("license") or "").strip()

    @property
    def link(self) -> str:
        """Where the rule stands: in SigmaHQ's repository as far as its path tells, for another the first reference."""
        if not self.is_sigmahq:
            written = self.document.get("references")
            links = written if isinstance(written, list) else [written]
            return next((one for one in links if isinstance(one, str) and one.startswith("https://")), "")
        place = self.path.find("rules")
        return f"{REPOSITORY}/blob/master/{self.path[place:]}" if place >= 0 else REPOSITORY

    @property
    def notice(self) -> str:
        """The credit as messages carry it: the text, and the link where there is one."""
        return ", ".join(filter(None, (self.text, self.link)))

    def names(self) -> dict[str, str]:
        """What `$rule.…` stands for."""
        return {"id": self.id, "title": self.title, "level": self.level, "author": self.author, "path": self.path}

    def to_record(self) -> dict[str, Any]:
        """The stored form; `from_record` reads it back."""
        made = {**self.names(), "document": dict(self.document)}
        return {**made, "beside": [dict(one) for one in self.beside]} if self.beside else made

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "Credit":
        """A credit from its stored form."""
        return cls(
            **{name: record.get(name, "") for name in ("id", "title", "level", "author", "path")},
            document=record.get("document", {}),
            beside=tuple(record.get("beside", ())),
        )
