"""ndjson: events in NDJSON bodies over HTTP, one in a hundred matching, into one web process with 1,000 policies."""

from dataclasses import dataclass

from bench.documents import deploy_gate, others, surroundings, write
from bench.load import Load, Sent, send
from bench.report import Claim, Report, Row, middle
from bench.serving import Served, served
from bench.stage import room


@dataclass(frozen=True, slots=True)
class Size:
    """How much in each run. One body of 5,000 lines is some three megabytes."""

    policies: int = 1000
    bodies: int = 8
    lines: int = 5000
    match_each: int = 100
    connections: int = 2
    runs: int = 3


def run(size: Size = Size()) -> Report:
    """Send bodies with some matching events, then the same without any."""
    with room() as (folder, url):
        policies = write(folder / "policies", *surroundings(), *others(size.policies - 1), deploy_gate())
        with served(url, folder, policies) as bot:
            some = [_send(bot, f"some-{number}", size, size.match_each) for number in range(size.runs)]
            none = [_send(bot, f"none-{number}", size, 0) for number in range(size.runs)]
    statuses = [sent.statuses for sent in some], [sent.statuses for sent in none]
    wanted = [{"202": size.bodies}] * size.runs, [{"200": size.bodies}] * size.runs
    rates = [[sent.per_s * size.lines for sent in kind] for kind in (some, none)]
    return Report(
        "ndjson",
        f"{size.bodies} bodies of {size.lines:,} events on {size.connections} connections, {size.policies:,} policies",
        [
            Row("1 in 100 matching", middle(rates[0]), "events/s", least=100_000),
            Row("none matching", middle(rates[1]), "events/s"),
            Row(
                "none matching: CPU of the web process",
                middle([sent.cpu_s / size.lines / sent.calls for sent in none]) * 1e6,
                "µs/event",
            ),
            Row("a body with matches, p50", middle([sent.p50_s for sent in some]) * 1000, "ms"),
        ],
        [Claim("every body is answered", statuses == wanted)],
    )


def _send(bot: Served, name: str, size: Size, match_each: int) -> Sent:
    return send(Load(bot.port, name, size.bodies, size.connections, lines=size.lines, match_each=match_each), bot.pid)
