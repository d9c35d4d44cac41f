"""One event as conditions see it: each field is looked up once, however many policies ask for it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from approvalbot.events.event import Event
from approvalbot.events.paths import FoldedKeys
from approvalbot.events.values import fan_out, scalars, text_of


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """A field that a condition names. Two fields are the same only if they are one object, so that a view can keep
    what it found by field without comparing names.

    `key` is the path of a raw field: a top-level key of just that name goes before everything else.
    """

    name: str
    find: Callable[["View"], list[Any]]
    key: str = ""


class View:
    """An event, and what has been found in it so far. It lives as long as one match."""

    __slots__ = ("_found", "_keywords", "_lower", "_scalars", "_texts", "event", "folded_keys", "raw")

    def __init__(self, event: Event) -> None:
        self.event = event
        self.raw = event.raw
        self.folded_keys: FoldedKeys = {}
        self._found: dict[Field, list[Any]] = {}
        self._texts: dict[Field, tuple[str, ...]] = {}
        self._lower: dict[Field, tuple[str, ...]] = {}
        self._scalars: tuple[str, ...] | None = None
        self._keywords: tuple[str, ...] | None = None

    def terminals(self, field: Field) -> list[Any]:
        """What the field's path finds: empty where it is not there; lists are not fanned out."""
        found = self._found.get(field)
        if found is None:
            found = self._found[field] = field.find(self)
        return found

    def values(self, field: Field) -> list[Any]:
        """The field's single values, null among them."""
        return list(fan_out(self.terminals(field)))

    def texts(self, field: Field) -> tuple[str, ...]:
        """The field's values as text; null is none."""
        texts = self._texts.get(field)
        if texts is None:
            texts = tuple(text_of(value) for value in fan_out(self.terminals(field)) if value is not None)
            self._texts[field] = texts
        return texts

    def folded(self, field: Field) -> tuple[str, ...]:
        """The same after Unicode case folding."""
        folded = self._lower.get(field)
        if folded is None:
            folded = self._lower[field] = self._folded(field)
        return folded

    def _folded(self, field: Field) -> tuple[str, ...]:
        # Most conditions are about one text, most of those about one at the top of the event; nothing is found of the
        # rest in most events. Whatever else there is takes the whole way.
        value = self.raw.get(field.key)
        if type(value) is str and field.key:
            return (value.casefold(),)
        found = field.find(self)
        if not found:
            return ()
        if len(found) == 1 and type(found[0]) is str:
            return (found[0].casefold(),)
        return tuple([text.casefold() for text in self.texts(field)])

    def scalars(self) -> tuple[str, ...]:
        """Every text, number and boolean anywhere in the event as text; keys are not among them."""
        if self._scalars is None:
            self._scalars = tuple(text_of(value) for value in scalars(self.raw))
        return self._scalars

    def keywords(self) -> tuple[str, ...]:
        """The same after Unicode case folding."""
        if self._keywords is None:
            self._keywords = tuple(text.casefold() for text in self.scalars())
        return self._keywords
