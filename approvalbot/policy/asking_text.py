"""A request that would open, as text: who would be asked, how many must agree, until when, and what a repeat is."""

from collections.abc import Iterator

from approvalbot.events.times import show_time
from approvalbot.plaintext import one_line
from approvalbot.policy.asking import AskedEntry, AskedLevel, WouldAsk
from approvalbot.policy.durations import show_duration


def asking_text(asking: WouldAsk, *, where: str) -> str:
    """The whole of it, indented to stand below an explanation. `where` is who was asked about members."""
    return "\n".join(f"  {line}" for line in _lines(asking, where))


def _lines(asking: WouldAsk, where: str) -> Iterator[str]:
    yield f"would ask ({where}): {_quorum(asking)}"
    for number, level in enumerate(asking.levels, start=1):
        yield f"  {number}. {level.name}, {_when(level)}: {_people(level)}"
        yield from (f"     {_entry(entry)}" for entry in level.entries)
    if asking.barred:
        yield f"  may not vote: {', '.join(map(one_line, asking.barred))}"
    if not asking.actor_known:
        yield "  whoever acted is nobody that Identities know, so nobody can tell who must not vote"
    after = "is approved" if asking.on_timeout == "approve" else "expires"
    yield f"  {after} at {show_time(asking.expires_at.replace(microsecond=0))} if nobody acts"
    yield f"  {_dedupe(asking)}"
    if asking.summary:
        yield f"  says: {one_line(asking.summary)}"


def _quorum(asking: WouldAsk) -> str:
    people = "1 person" if asking.quorum == 1 else f"{asking.quorum} people"
    distinct = " of different entries" if asking.distinct else ""
    row = f"; schedule: {asking.row}" if asking.row else ""
    return f"{people}{distinct} must approve{row}"


def _when(level: AskedLevel) -> str:
    begins = "at once" if level.after_s == 0 else f"after {show_duration(level.after_s)}"
    return f"{begins}, for {show_duration(level.timeout_s)}"


def _people(level: AskedLevel) -> str:
    told = [f"asks {', '.join(level.people)}"] if level.people else []
    if level.unknown:
        told.append(f"and the members of {', '.join(level.unknown)}" if told else "its people are not known here")
    return " ".join(told) or "reaches nobody but whoever acted"


def _entry(entry: AskedEntry) -> str:
    return f"{entry.key}: {'not known here' if entry.people is None else ', '.join(entry.people)}"


def _dedupe(asking: WouldAsk) -> str:
    question = asking.question
    if question is None:
        return "every event like it opens a request of its own"
    told = ", ".join(f"{path} = {one_line(value) or 'nothing'}" for path, value in asking.dedupe)
    waiting = " while it waits, and its card would show the same" if question.only_pending else ""
    return f"joined for {show_duration(question.window_s)}{waiting} by events with {told}"
