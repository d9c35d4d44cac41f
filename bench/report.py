"""What a bench gives: rows with their targets, and claims that must hold; as a table or as one JSON document."""

import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True)
class Row:
    """One figure. `most` or `least` is its target, if it has one; missing it is said and fails nothing."""

    name: str
    value: float
    unit: str = ""
    most: float | None = None
    least: float | None = None

    @property
    def target(self) -> str:
        """The target in words, or nothing."""
        if self.most is not None:
            return f"≤ {shown(self.most)}"
        return f"≥ {shown(self.least)}" if self.least is not None else ""

    @property
    def verdict(self) -> str:
        """`met`, `missed`, or nothing where there is no target."""
        if not self.target:
            return ""
        too_much = self.most is not None and self.value > self.most
        too_little = self.least is not None and self.value < self.least
        return "missed" if too_much or too_little else "met"


@dataclass(frozen=True, slots=True)
class Claim:
    """Something that must be so, however fast or slow it was. `seen` says what was found."""

    name: str
    holds: bool
    seen: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """Everything that one bench found. `how` says in a sentence what was done."""

    bench: str
    how: str
    rows: Sequence[Row]
    claims: Sequence[Claim] = field(default=())

    @property
    def holds(self) -> bool:
        """Whether every claim does."""
        return all(claim.holds for claim in self.claims)

    def as_dict(self) -> dict[str, object]:
        """The report as JSON."""
        rows = [{**asdict(row), "verdict": row.verdict} for row in self.rows]
        claims = [asdict(claim) for claim in self.claims]
        return {"bench": self.bench, "how": self.how, "rows": rows, "claims": claims, "holds": self.holds}

    def lines(self) -> list[str]:
        """The report as a table."""
        width = max((len(row.name) for row in self.rows), default=0)
        values = [f"{shown(row.value)} {row.unit}".strip() for row in self.rows]
        wide = max(map(len, values), default=0)
        lines = [f"{self.bench}: {self.how}"]
        for row, value in zip(self.rows, values, strict=True):
            lines.append(f"  {row.name:<{width}}  {value:>{wide}}  {row.target:>9}  {row.verdict}".rstrip())
        for claim in self.claims:
            seen = f" ({claim.seen})" if claim.seen else ""
            lines.append(f"  {'holds' if claim.holds else 'FAILS'}  {claim.name}{seen}")
        return lines


def shown(number: float | None) -> str:
    """A number with three digits that mean something."""
    if number is None:
        return "-"
    if number == int(number) or abs(number) >= 100:
        return f"{number:,.0f}"
    return f"{number:.2f}" if abs(number) >= 1 else f"{number:.3f}"


def quantile(values: Sequence[float], share: float) -> float:
    """The value that `share` of all are not above: the nearest rank, never an invented one between two."""
    ranked = sorted(values)
    return ranked[min(len(ranked) - 1, max(0, -(-int(share * 1000) * len(ranked) // 1000) - 1))]


def latencies(name: str, values_s: Sequence[float], *, p50_ms: float | None = None, p99_ms: float) -> list[Row]:
    """The rows of a latency: median, 99th percentile and the slowest, in milliseconds."""
    ms = [value * 1000 for value in values_s]
    return [
        Row(f"{name}, p50", quantile(ms, 0.5), "ms", most=p50_ms),
        Row(f"{name}, p99", quantile(ms, 0.99), "ms", most=p99_ms),
        Row(f"{name}, slowest of {len(ms)}", max(ms), "ms"),
    ]


def spread(ratios: Sequence[float]) -> str:
    """The runs behind a median ratio."""
    return f"median of {', '.join(f'{ratio:.2f}' for ratio in ratios)}"


def middle(values: Sequence[float]) -> float:
    """The median."""
    return float(statistics.median(values))
