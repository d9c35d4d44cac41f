"""What every policy document and every block inside one shares: frozen, strict, and closed to unknown keys."""

import difflib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, Any, Literal, Self

from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ModelWrapValidatorHandler,
    PrivateAttr,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)
from pydantic_core import PydanticCustomError

from approvalbot.events.digests import digest_of
from approvalbot.policy.durations import parse_duration
from approvalbot.policy.faults import quoted

Severity = Literal["info", "low", "medium", "high", "critical"]
Mode = Literal["enforce", "monitor", "off"]

SEVERE: frozenset[Severity] = frozenset({"high", "critical"})
"""Severities for which the risky values of a policy are refused even with `unsafe: true`."""

DurationS = Annotated[
    int,
    BeforeValidator(parse_duration),
    WithJsonSchema({"type": "string", "pattern": "^[1-9][0-9]{0,8}[smhd]$", "examples": ["15m"]}),
]
"""Written `15m`, held as seconds."""

DocumentId = Annotated[str, StringConstraints(pattern=r"^[a-z0-9][a-z0-9-]{1,62}$")]
Text = Annotated[str, StringConstraints(min_length=1, max_length=3000)]


class Block(BaseModel):
    """A frozen block of a document, closed to unknown keys.

    Numbers and booleans are `StrictInt` and `StrictBool` everywhere: pydantic would read "1" and true as 1.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", validate_by_alias=True, validate_by_name=False)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a document stands. `line` counts from 1."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class Document(Block):
    """One YAML document. `owner` is the person or group told when the document breaks.

    `document` is the map as its author wrote it, word for word, and `place` where it stands (None for one that was
    not read from a file).
    """

    version: Literal[1]
    id: DocumentId
    owner: Text
    description: Annotated[str, StringConstraints(max_length=3000)] = ""
    fixtures: dict[str, Any] = Field(default_factory=dict)
    tests: tuple[dict[str, Any], ...] = ()

    _document: Mapping[str, Any] = PrivateAttr(default_factory=dict)
    _place: Place | None = PrivateAttr(default=None)
    _test_lines: tuple[int, ...] = PrivateAttr(default=())

    @model_validator(mode="wrap")
    @classmethod
    def _keep_what_was_written(cls, value: Any, handler: ModelWrapValidatorHandler[Self]) -> Self:
        made = handler(value)
        if isinstance(value, dict):
            made._document = value  # noqa: SLF001 - its own
        return made

    @property
    def document(self) -> Mapping[str, Any]:
        return self._document

    @property
    def place(self) -> Place | None:
        return self._place

    @property
    def test_lines(self) -> tuple[int, ...]:
        """The lines of the document's tests, in their order; empty for one that was not read from a file."""
        return self._test_lines

    def stands_at(self, place: Place, test_lines: tuple[int, ...] = ()) -> None:
        """Say where the document and its tests were read from."""
        self._place, self._test_lines = place, test_lines

    @cached_property
    def digest(self) -> str:
        """The sha256 of the canonical JSON of the document as written, in hex."""
        return digest_of(self._document)


def named(name: str, told: str) -> PydanticCustomError:
    """A validator's fault under a stable name of its own (policy.md section 12), told in `told`."""
    return PydanticCustomError("named", "{told}", {"told": told, "name": name})


def one_or_many(value: object) -> object:
    """A text alone stands for a list of one."""
    return (value,) if isinstance(value, str) else value


_SIGNED = {"@": ("usergroup",), "#": ("channel_members", "channel")}
"""What a name most likely is, by its first letter."""


def one_key_of(value: object, kinds: tuple[str, ...], what: str) -> tuple[str, Any, dict[str, Any]]:
    """Split `{kind: name, …}` into the kind, its value and the remaining keys.

    Raises:
        ValueError: not a map, or not exactly one of `kinds` in it.
    """
    if not isinstance(value, dict):
        kind = next((one for one in kinds if one in _SIGNED.get(str(value)[:1], ())), kinds[0])
        raise ValueError(f"{what} is a map, not {quoted(value)}; write {{{kind}: {value!r}}}")  # noqa: TRY004 - pydantic wants ValueError
    found = [kind for kind in kinds if kind in value]
    if len(found) != 1:
        near = [one for key in value for one in difflib.get_close_matches(str(key), kinds, 1)]
        meant = f"did you mean {near[0]}?" if near and not found else f"write one of {', '.join(kinds)}"
        raise ValueError(f"{what} has one key, not {' and '.join(value) or 'none'}; {meant}")
    rest = {key: item for key, item in value.items() if key != found[0]}
    return found[0], value[found[0]], rest
