"""Comparing a test's expectations with what happened; presses and time go through the port."""

from approvalbot.policy.inline.port import Lifecycle, Opening
from approvalbot.policy.inline.results import Difference
from approvalbot.policy.inline.shapes import PolicyTest


def compare(test: PolicyTest, outcome: str, why: str) -> list[Difference]:
    """`expect` and `why`: the stage that stopped a no_match, or the code of a refusal."""
    if test.expect is None:
        return []
    if test.expect != outcome:
        told = f"{outcome} ({why})" if outcome in {"no_match", "refused", "error"} else outcome
        return [Difference("expect", test.expect, told)]
    if test.why is not None and outcome != "match" and test.why not in why:
        return [Difference("why", test.why, why)]
    return []


def play(
    test: PolicyTest, opening: Opening | None, lifecycle: Lifecycle | None
) -> tuple[list[Difference], tuple[str, ...]]:
    """What the presses and the time of a test come to, or what is left out without a lifecycle."""
    if not test.needs_lifecycle:
        return [], ()
    if opening is None:
        return [Difference("state", test.state or "a request", "no request opens")], ()
    if lifecycle is None:
        given = (("votes", test.votes), ("after", test.after_s), ("state", test.state))
        return [], tuple(name for name, value in given if value)
    votes = tuple(sorted(test.votes, key=lambda vote: vote.after_s))
    played = lifecycle.play(opening, votes, test.after_s)
    found: list[Difference] = []
    for vote, press in zip(votes, played.presses, strict=False):
        what = f"{vote.press} by {vote.by}"
        if vote.counts is not None and vote.counts is not press.counts:
            found.append(Difference(what, "counts" if vote.counts else "refused", press.why or "counts"))
        elif vote.why is not None and vote.why != press.why:
            found.append(Difference(what, vote.why, press.why or "counts"))
    if test.state is not None and test.state != played.state:
        found.append(Difference("state", test.state, played.state))
    return found, ()
