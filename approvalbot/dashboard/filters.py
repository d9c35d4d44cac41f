"""What a list is narrowed to, as its address says it: every filter is a word of the query."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import get_args
from urllib.parse import urlencode

from approvalbot.errors import BadInput
from approvalbot.plaintext import visible
from approvalbot.policy.base import Severity
from approvalbot.request.about import About
from approvalbot.request.request import Kind, Person, Request, State

LONGEST = 200
"""Characters of one filter: longer than any id, name or address that it could hold."""

SEVERITIES: tuple[str, ...] = get_args(Severity)
KINDS: tuple[str, ...] = get_args(Kind)
OUTCOMES: tuple[str, ...] = tuple(state.value for state in State if state not in {State.PENDING, State.WATCHED})

_CHOICES: Mapping[str, tuple[str, ...]] = {"severity": SEVERITIES, "kind": KINDS, "outcome": OUTCOMES}


@dataclass(frozen=True, slots=True)
class Filters:
    """Each is empty where it narrows nothing. `q` is looked for in what a row says, `person` in who has a part."""

    policy: str = ""
    source: str = ""
    severity: str = ""
    kind: str = ""
    outcome: str = ""
    person: str = ""
    q: str = ""

    @classmethod
    def read(cls, query: Mapping[str, str]) -> "Filters":
        """The filters of an address.

        Raises:
            BadInput: one that is too long, or a word that is none of its choices.
        """
        found = {name: visible(query.get(name, "").strip()) for name in NAMES}
        for name, value in found.items():
            if len(value) > LONGEST:
                raise BadInput("parameter_invalid", f"{name} has at most {LONGEST} characters.")
            if value and value not in _CHOICES.get(name, (value,)):
                hint = f"Write one of {', '.join(_CHOICES[name])}."
                raise BadInput(
                    "parameter_invalid", "{name} is never {value}.", hint=hint, name=name, value=visible(value)
                )
        return cls(**found)

    @property
    def set(self) -> dict[str, str]:
        """Those that narrow something, by name."""
        return {name: value for name in NAMES if (value := getattr(self, name))}

    def query(self, **more: object) -> str:
        """The same filters as a query, after other words that are not empty."""
        words = {name: str(value) for name, value in more.items() if value not in ("", None)}
        return urlencode({**words, **self.set})

    def without(self, name: str) -> "Filters":
        """All filters but one."""
        return replace(self, **{name: ""})

    def hold(self, request: Request, about: About) -> bool:
        """Whether a request is one of those that are looked for."""
        return (
            self.policy in {"", request.policy_id}
            and self.source in {"", request.source}
            and self.kind in {"", request.kind}
            and self.outcome in {"", request.state.value}
            and self.severity in {"", about.severity}
            and (not self.person or self._has_part(request, about))
            and (not self.q or self.q.casefold() in _text(request, about))
        )

    def _has_part(self, request: Request, about: About) -> bool:
        """Whether a name, an id or an address of anybody who has a part contains what was written."""
        wanted = self.person.casefold()
        people = [vote.by for vote in request.votes]
        people += request.decision.by if request.decision is not None else ()
        people += [request.requester] if request.requester is not None else []
        words = [about.who, about.who_id, *(word for person in people for word in _words(person))]
        words += [bar.account for bar in request.bars] + [slack for asked in request.asked for slack in asked.people]
        return any(wanted in word.casefold() for word in words)


NAMES = tuple(field.name for field in fields(Filters))


def _words(person: Person) -> tuple[str, ...]:
    return person.key, person.name, person.slack or ""


def _text(request: Request, about: About) -> str:
    parts = (about.title, about.summary, about.who, about.who_id, about.action, about.resource)
    return " ".join((*parts, request.policy_id, request.id)).casefold()
