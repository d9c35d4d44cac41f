"""intake: events at the webhook, beside a bare handler that only verifies the same signature and parses.

Both servers stand behind the same uvicorn, one process each, and get the same signed bodies from the same load
generator over the same number of connections, in turns. The ratio counts: both share the machine with their caller.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from bench.documents import deploy_gate, others, surroundings, write
from bench.load import MATCHING, OTHER, Load, Sent, send
from bench.report import Claim, Report, Row, middle, spread
from bench.serving import Served, bare, served
from bench.stage import room


@dataclass(frozen=True, slots=True)
class Size:
    """How many calls in each run, and how many runs of each kind."""

    policies: int = 1000
    other: int = 10_000
    matching: int = 4000
    runs: int = 3
    connections: int = 16


def run(size: Size = Size()) -> Report:
    """Send to both, in turns; the median ratio is the figure."""
    with room() as (folder, url):
        policies = write(folder / "policies", *surroundings(), *others(size.policies - 1), deploy_gate())
        with served(url, folder, policies) as bot, bare() as plain, bare(url) as storing:
            other = _turns(bot, plain, OTHER, size.other, size)
            stored = [
                send(_load(storing, f"stored-{number}", OTHER, size.other, size), storing.pid)
                for number in range(size.runs)
            ]
            matching = _turns(bot, storing, MATCHING, size.matching, size)
    return Report(
        "intake",
        f"{size.policies:,} policies, {size.connections} connections, {size.runs} runs of each in turns",
        [
            *_rows("no match", "bare handler", other, 0.7),
            Row("no match: ours ÷ bare handler with one EVALSHA", middle(Turns(other.ours, stored).ratios)),
            *_rows("match", "bare handler with one EVALSHA", matching, 0.5),
        ],
        [*_claims("no match", other, "200"), *_claims("match", matching, "202")],
    )


@dataclass(frozen=True, slots=True)
class Turns:
    """The runs of one kind of event: ours and the bare handler's, pair by pair."""

    ours: Sequence[Sent]
    bare: Sequence[Sent]

    @property
    def ratios(self) -> list[float]:
        return [one.per_s / other.per_s for one, other in zip(self.ours, self.bare, strict=True)]


def _turns(ours: Served, plain: Served, action: str, calls: int, size: Size) -> Turns:
    found: dict[int, list[Sent]] = {ours.pid: [], plain.pid: []}
    for server in (ours, plain):
        send(_load(server, f"warm-{action}", action, calls // 10, size), server.pid)
    for number in range(size.runs):
        for server in (ours, plain):
            found[server.pid].append(send(_load(server, f"{action}-{number}", action, calls, size), server.pid))
    return Turns(found[ours.pid], found[plain.pid])


def _load(server: Served, name: str, action: str, calls: int, size: Size) -> Load:
    return Load(server.port, f"{name}-{server.pid}", calls, size.connections, action)


def _rows(what: str, against: str, turns: Turns, least: float) -> list[Row]:
    return [
        Row(f"{what}: ours ÷ {against}", middle(turns.ratios), least=least),
        Row(f"{what}: ours", middle([one.per_s for one in turns.ours]), "events/s"),
        Row(f"{what}: {against}", middle([one.per_s for one in turns.bare]), "events/s"),
        Row(f"{what}: CPU of ours", _cpu_us(turns.ours), "µs/event"),
        Row(f"{what}: CPU of {against}", _cpu_us(turns.bare), "µs/event"),
        Row(f"{what}: ours, p50", middle([one.p50_s for one in turns.ours]) * 1000, "ms"),
        Row(f"{what}: ours, p99", middle([one.p99_s for one in turns.ours]) * 1000, "ms"),
    ]


def _cpu_us(runs: Sequence[Sent]) -> float:
    return middle([one.cpu_s / one.calls for one in runs]) * 1e6


def _claims(what: str, turns: Turns, status: str) -> list[Claim]:
    odd = [one.statuses for one in turns.ours if one.statuses != {status: one.calls}]
    odd += [one.statuses for one in turns.bare if one.statuses != {"200": one.calls}]
    return [Claim(f"{what}: every answer is the right one", not odd, str(odd) if odd else spread(turns.ratios))]
