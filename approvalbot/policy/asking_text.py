"""A question as text: who would be asked, how many must agree, until when, and what a repeat is."""

from collections.abc import Iterator

from approvalbot.events.times import show_time
from approvalbot.plaintext import one_line
from approvalbot.policy.asking import AskedEntry, AskedLevel, Question
from approvalbot.policy.durations import show_duration


def question_text(question: Question, *, where: str) -> str:
    """The whole question, indented to stand below an explanation. `where` is who was asked about members."""
    return "\n".join(f"  {line}" for line in _lines(question, where))


def _lines(question: Question, where: str) -> Iterator[str]:
    yield f"would ask ({where}): {_quorum(question)}"
    for number, level in enumerate(question.levels, start=1):
        yield f"  {number}. {level.name}, {_when(level)}: {_people(level)}"
        yield from (f"     {_entry(entry)}" for entry in level.entries)
    if question.barred:
        yield f"  may not vote: {', '.join(map(one_line, question.barred))}"
    if not question.actor_known:
        yield "  whoever acted is nobody that Identities know, so nobody can tell who must not vote"
    after = "is approved" if question.on_timeout == "approve" else "expires"
    yield f"  {after} at {show_time(question.expires_at.replace(microsecond=0))} if nobody acts"
    yield f"  {_dedupe(question)}"
    if question.summary:
        yield f"  says: {one_line(question.summary)}"


def _quorum(question: Question) -> str:
    people = "1 person" if question.quorum == 1 else f"{question.quorum} people"
    distinct = " of different entries" if question.distinct else ""
    row = f"; schedule: {question.row}" if question.row else ""
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


def _dedupe(question: Question) -> str:
    if question.dedupe_key is None:
        return "every event like it is a question of its own"
    told = ", ".join(f"{path} = {one_line(value) or 'nothing'}" for path, value in question.dedupe)
    return f"for {show_duration(question.window_s)} the same question: {told}"
