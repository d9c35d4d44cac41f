"""A replay as text: what matched, what would open, whom it would ask and when, what was saved, what went wrong."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime

from approvalbot.events.times import show_time
from approvalbot.plaintext import cut, one_line
from approvalbot.policy.replay.counting import Load, Tally
from approvalbot.policy.replay.running import Replayed

MOST_ROWS = 50
"""Policies, people and days that are listed; `--json` has everything."""

MOST_ACTORS = 10
MOST_NAME = 80


def replay_text(replayed: Replayed) -> str:
    """The whole report."""
    sections = [_summary(replayed), _policies(replayed.tally), _people(replayed), _times(replayed.tally)]
    sections += [_actors(replayed.tally), _errors(replayed.tally)]
    return "\n\n".join("\n".join(lines) for lines in map(list, sections) if lines)


def _summary(replayed: Replayed) -> Iterator[str]:
    read, tally = replayed.read, replayed.tally
    span = "" if read.first is None or read.last is None else f", {_second(read.first)} to {_second(read.last)}"
    yield f"{_count(read.events, 'event')} in {_count(read.lines, 'line')}{span}"
    if read.bad_lines:
        yield f"{_count(read.bad_lines, 'line')} with something that is no event"
    if read.refused:
        refused = f"{_count(read.refused, 'event')} of tenants that are not on the source's list of `tenants`"
        yield f"{refused}: the door refuses them, so they open nothing"
    yield f"{_count(tally.matches, 'match', 'matches')}, {_count(tally.opens, 'request')} would open"
    saved, counting = tally.saved("dedupe"), tally.saved("correlate")
    if saved or counting:
        yield f"saved: {_count(saved, 'repeat')} by dedupe, {_count(counting, 'match', 'matches')} by correlation"


def _policies(tally: Tally) -> Iterator[str]:
    if not tally.policies:
        return
    rows: list[tuple[str, ...]] = [("policy", "mode", "matches", "opens", "repeats", "counted", "not now", "title")]
    held = sorted(tally.policies.items(), key=lambda one: (-one[1].opens, -one[1].matches, one[0]))
    for key, one in held[:MOST_ROWS]:
        stopped = one.stopped
        not_now = stopped["during"] + stopped["when"]
        numbers = (one.matches, one.opens, stopped["dedupe"], stopped["correlate"], not_now)
        shown = (f"{number:,}" if number else "-" for number in numbers)
        rows.append((key, one.mode, *shown, cut(one_line(one.title), MOST_NAME)))
    yield from _table(rows, to_the_right=slice(2, 7))
    yield from _more(len(held), "policies")
    if any(one.mode == "monitor" and one.opens for one in tally.policies.values()):
        yield "a policy in mode monitor asks nobody yet; it is counted as if it were enforced"


def _people(replayed: Replayed) -> Iterator[str]:
    tally, days = replayed.tally, max(1, len(replayed.read.days))
    if not tally.opens:
        return
    asked = sum(load.asked for load in tally.loads.values())
    yield f"presses asked: {asked:,}, {asked / days:,.1f} a day ({_count(days, 'day')} with events)"
    yield f"presses needed: {tally.presses:,} at least, by the quorums"
    rows = [("who (by fixtures and Identities)", "asked", "a day", "busiest hour", "if it escalates")]
    held = sorted(tally.loads.items(), key=lambda one: (-one[1].asked, -one[1].later, one[0]))
    for name, load in held[:MOST_ROWS]:
        shown = f"{name} (members not known here)" if name in tally.unknown else name
        rows.append((shown, f"{load.asked:,}", f"{load.asked / days:,.1f}", _busiest(load), f"{load.later:,}"))
    yield from _table(rows, to_the_right=slice(1, 5))
    yield from _more(len(held), "people")


def _busiest(load: Load) -> str:
    busiest = load.busiest()
    return "-" if busiest is None else f"{busiest[1]:,} at {busiest[0]:%Y-%m-%d %Hh}"


def _times(tally: Tally) -> Iterator[str]:
    if not tally.by_hour:
        return
    by_day, by_hour = dict[str, int](), dict[str, int]()
    for hour, count in sorted(tally.by_hour.items()):
        by_day[f"{hour:%Y-%m-%d}"] = by_day.get(f"{hour:%Y-%m-%d}", 0) + count
        by_hour[f"{hour:%H}h"] = by_hour.get(f"{hour:%H}h", 0) + count
    busiest = sorted(sorted(by_day.items(), key=lambda one: -one[1])[:MOST_ROWS])
    yield f"requests by day: {_listed(busiest)}"
    yield from _more(len(by_day), "days")
    yield f"requests by hour of the day (UTC): {_listed(sorted(by_hour.items()))}"


def _actors(tally: Tally) -> Iterator[str]:
    if tally.actors:
        most = tally.actors.most_common(MOST_ACTORS)
        yield f"top actors: {_listed([(cut(one_line(name), MOST_NAME), count) for name, count in most])}"


def _errors(tally: Tally) -> Iterator[str]:
    for (policy, error), told in list(tally.errors.items())[:MOST_ROWS]:
        times = _count(told.times, "time")
        yield f"policy error: {policy}, {times}, first in line {told.first_line}: {one_line(error)}"
    yield from _more(len(tally.errors), "policy errors")


def _listed(counts: Iterable[tuple[str, int]]) -> str:
    return ", ".join(f"{name} {count:,}" for name, count in counts)


def _more(count: int, what: str) -> Iterator[str]:
    if count > MOST_ROWS:
        yield f"and {count - MOST_ROWS:,} more {what}"


def _count(count: int, one: str, many: str = "") -> str:
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def _second(moment: datetime) -> str:
    return show_time(moment.replace(microsecond=0))


def _table(rows: Sequence[Sequence[str]], *, to_the_right: slice) -> Iterator[str]:
    """Columns side by side; those with numbers end at one edge."""
    places = range(len(rows[0]))
    widths = [max(len(row[place]) for row in rows) for place in places]
    numbers = frozenset(places[to_the_right])
    for row in rows:
        cells = [
            cell.rjust(width) if place in numbers else cell.ljust(width)
            for place, cell, width in zip(places, row, widths, strict=True)
        ]
        yield "  ".join(cells).rstrip()
