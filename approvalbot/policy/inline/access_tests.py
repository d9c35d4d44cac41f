"""One test of an entitlement: what somebody asks for, and whether it becomes a request."""

from approvalbot.errors import AccessRefused
from approvalbot.events.values import text_of
from approvalbot.policy.access import check_wish
from approvalbot.policy.calendars import schedule_row
from approvalbot.policy.durations import show_duration
from approvalbot.policy.entitlement import Entitlement
from approvalbot.policy.inline.expectations import compare, play
from approvalbot.policy.inline.port import BarRole, Lifecycle, Opening
from approvalbot.policy.inline.results import Difference
from approvalbot.policy.inline.shapes import PolicyTest, WishStep
from approvalbot.policy.inline.times import moment_of
from approvalbot.policy.inline.world import World
from approvalbot.policy.people import excluded_by, requester_names
from approvalbot.policy.policyset import PolicySet
from approvalbot.policy.seats import filled_by_requester
from approvalbot.policy.templates import fill_text


def run_access_test(
    policies: PolicySet, terms: Entitlement, test: PolicyTest, world: World, lifecycle: Lifecycle | None
) -> tuple[list[Difference], tuple[str, ...]]:
    """What is not as the test expects, and what could not be judged here."""
    wish = test.request
    if wish is None:
        return [Difference("request", "a wish", None)], ()
    code = refusal_of(terms, wish, world)
    found = compare(test, "refused" if code else "match", code)
    if code:
        return found, ()
    opening = _opening(policies, terms, wish, world)
    if test.quorum is not None and test.quorum != opening.quorum:
        found.append(Difference("quorum", test.quorum, opening.quorum))
    if test.summary is not None:
        text = fill_text(terms.message.summary, opening.names)
        found += [] if text == test.summary else [Difference("summary", test.summary, text)]
    more, left_out = play(test, opening, lifecycle)
    return [*found, *more], left_out


def refusal_of(terms: Entitlement, wish: WishStep, world: World) -> str:
    """The code by which a wish is refused, or nothing."""
    person = world.person(wish.by)
    if barred := world.refusal(person):
        return barred
    try:
        check_wish(
            terms,
            duration_s=wish.duration_s or terms.duration.default_s,
            reason=wish.reason,
            inputs={name: "" if value is None else text_of(value) for name, value in wish.input.items()},
            requestable=any(world.belongs(entry, person) for entry in terms.requestable_by),
        )
    except AccessRefused as fault:
        return fault.code
    return ""


def _opening(policies: PolicySet, terms: Entitlement, wish: WishStep, world: World) -> Opening:
    at, person = moment_of(wish.at), world.person(wish.by)
    row = schedule_row(terms.approval, policies.calendars, at)
    duration_s = wish.duration_s or terms.duration.default_s
    names = {
        "$input": dict(wish.input),
        "$duration": show_duration(duration_s),
        "$reason": wish.reason,
        "$requester": requester_names(policies.identities, person),
    }
    bars: list[tuple[BarRole, str, str]] = [("requester", "person", person)]
    bars += [("excluded", "person", world.person(one)) for one in excluded_by(terms.approval, None, names)]
    return Opening(
        terms=terms,
        opened_at=at,
        quorum=row.quorum,
        distinct=row.from_distinct_groups,
        world=world,
        calendars=policies.calendars,
        actor=person,
        bars=tuple(bars),
        names=names,
        duration_s=duration_s,
        filled=filled_by_requester(terms, person),
    )
