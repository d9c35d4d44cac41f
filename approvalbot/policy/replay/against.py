"""What a change of policies would add and remove: one replay held against another of the same lines."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from approvalbot.policy.replay.counting import Tally
from approvalbot.policy.replay.rows import Row
from approvalbot.policy.replay.running import Replayed

MOST_LINES = 20
"""Lines that the text names; `--json` has all of them."""

Counts = Mapping[str, int]


@dataclass(frozen=True, slots=True)
class Changed:
    """One number of the old set and of the new."""

    before: int
    after: int

    def __str__(self) -> str:
        return f"{self.before:,} → {self.after:,} ({self.after - self.before:+,})"

    def to_json(self) -> dict[str, int]:
        return {"before": self.before, "after": self.after}


@dataclass(frozen=True, slots=True)
class Against:
    """The new set's replay and the old one's."""

    new: Replayed
    old: Replayed

    @property
    def matches(self) -> dict[str, Changed]:
        """The policies that match more or less often."""
        return _changed(self.old.tally, self.new.tally, lambda one: {k: v.matches for k, v in one.policies.items()})

    @property
    def opens(self) -> dict[str, Changed]:
        """The policies that would open more or fewer requests."""
        return _changed(self.old.tally, self.new.tally, lambda one: {k: v.opens for k, v in one.policies.items()})

    @property
    def people(self) -> dict[str, Changed]:
        """The people and groups whom more or fewer requests would ask at once."""
        return _changed(self.old.tally, self.new.tally, lambda one: {k: v.asked for k, v in one.loads.items()})

    def json_lines(self) -> Iterator[bytes]:
        """The new set's lines, each with what it `added` and `removed`; the last line has the sums, under `against`."""
        for number in range(1, self.new.last_line + 1):
            if number not in self.new.blank:
                new, old = self.new.rows.get(number, _NOTHING), self.old.rows.get(number, _NOTHING)
                yield orjson.dumps({**new.to_json(number), **_row(new, old)}, option=orjson.OPT_APPEND_NEWLINE)
        totals = {
            name: Changed(getattr(self.old.tally, name), getattr(self.new.tally, name)).to_json()
            for name in ("matches", "opens")
        }
        parts = {"matches": self.matches, "opens": self.opens, "asked": self.people}
        by_name = {part: {key: one.to_json() for key, one in held.items()} for part, held in parts.items()}
        yield orjson.dumps({"against": {"totals": totals, **by_name}}, option=orjson.OPT_APPEND_NEWLINE)

    def lines(self) -> Iterator[str]:
        """The same as text."""
        old, new = self.old.tally, self.new.tally
        yield f"matches {Changed(old.matches, new.matches)}, requests {Changed(old.opens, new.opens)}"
        yield from _told("matches", self.matches)
        yield from _told("requests", self.opens)
        yield from _told("asked", self.people)
        yield from self._changed_lines()

    def _changed_lines(self) -> Iterator[str]:
        told = 0
        for number in sorted({*self.new.rows, *self.old.rows}):
            change = _row(self.new.rows.get(number, _NOTHING), self.old.rows.get(number, _NOTHING))
            if change:
                told += 1
                if told <= MOST_LINES:
                    yield f"line {number}: {'; '.join(f'{what} {_listed(names)}' for what, names in change.items())}"
        if told > MOST_LINES:
            yield f"and {told - MOST_LINES:,} more lines"
        if not told:
            yield "no line is judged differently"


_NOTHING = Row()


def _row(new: Row, old: Row) -> dict[str, list[str]]:
    """What one line's change is; what is empty is left out."""
    parts = {
        "added": [key for key in new.policies if key not in old.policies],
        "removed": [key for key in old.policies if key not in new.policies],
        "opens_added": [key for key in new.opens if key not in old.opens],
        "opens_removed": [key for key in old.opens if key not in new.opens],
    }
    return {what: keys for what, keys in parts.items() if keys}


def _changed(old: Tally, new: Tally, counts: Callable[[Tally], Counts]) -> dict[str, Changed]:
    before, after = counts(old), counts(new)
    both = {key: Changed(before.get(key, 0), after.get(key, 0)) for key in sorted({*before, *after})}
    return {key: one for key, one in both.items() if one.before != one.after}


def _told(what: str, changed: Mapping[str, Changed]) -> Iterator[str]:
    for key, one in changed.items():
        yield f"  {what}: {key} {one}"


def _listed(keys: Any) -> str:
    return ", ".join(keys)
