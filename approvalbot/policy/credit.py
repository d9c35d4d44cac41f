"""Whose rule it is. The Detection Rule License wants the author named on every message that a match caused."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

LICENCE = "DRL 1.1"
REPOSITORY = "https://github.com/SigmaHQ/sigma"
UNNAMED = "an unnamed author"


@dataclass(frozen=True, slots=True)
class Credit:
    """A Sigma rule as messages name it. `document` is the rule word for word, `path` the file it stands in."""

    id: str
    title: str
    level: str
    author: str
    path: str
    document: Mapping[str, Any] = field(default_factory=dict, repr=False)

    @property
    def text(self) -> str:
        """`Rule by faloker, SigmaHQ, DRL 1.1`: never cut and never switched off (policy.md section 10)."""
        return f"Rule by {self.author or UNNAMED}, SigmaHQ, {LICENCE}"

    @property
    def link(self) -> str:
        """Where the rule stands in its own repository, as far as its path tells; else the repository."""
        place = self.path.find("rules")
        return f"{REPOSITORY}/blob/master/{self.path[place:]}" if place >= 0 else REPOSITORY

    def names(self) -> dict[str, str]:
        """What `$rule.…` stands for."""
        return {"id": self.id, "title": self.title, "level": self.level, "author": self.author, "path": self.path}

    def to_record(self) -> dict[str, Any]:
        """The stored form; `from_record` reads it back."""
        return {**self.names(), "document": dict(self.document)}

    @classmethod
    def from_record(cls, record: Mapping[str, Any]) -> "Credit":
        """A credit from its stored form."""
        return cls(
            **{name: record.get(name, "") for name in ("id", "title", "level", "author", "path")},
            document=record.get("document", {}),
        )
