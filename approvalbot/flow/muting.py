"""Muting: somebody does not want to be told of what another asks, for a while."""

from datetime import timedelta

from approvalbot.errors import AccessRefused
from approvalbot.flow.members import full_member, person_of
from approvalbot.flow.ports import Journey
from approvalbot.request.muting import Mute
from approvalbot.request.request import Person

LONGEST = timedelta(days=7)
"""Chosen by us: longer than a holiday of somebody's patience, shorter than forgetting that one muted."""

MOST = 20
"""People that one person mutes at once. Whoever wants to mute more wants another channel."""


def mute(journey: Journey, slack: str, muted: str, for_s: int) -> Mute:
    """Mute somebody (a Slack id) for so many seconds.

    Raises:
        AccessRefused: `mute_refused`, themselves or too many; `duration_too_long`.
        MoveRefused: they are no full member, or Slack does not say.
        Unavailable: nothing was recorded.
    """
    by, who = _both(journey, slack, muted)
    if by.is_same(who):
        raise AccessRefused("mute_refused", "You cannot mute yourself. Name somebody else.")
    length = timedelta(seconds=for_s)
    if length > LONGEST:
        raise AccessRefused("duration_too_long", "At most {days} days muted; choose less.", days=LONGEST.days)
    held = [one for one in journey.mutes.of([slack]).get(slack, ()) if not one.person.is_same(who)]
    if len(held) >= MOST:
        sentence = "You have muted {most} people already. `/access unmute` takes one back."
        raise AccessRefused("mute_refused", sentence, most=MOST)
    made = Mute(person=who, until=journey.requests.now() + length)
    journey.mutes.begin(by, made)
    return made


def unmute(journey: Journey, slack: str, muted: str) -> bool:
    """Hear of somebody again; gives whether they were muted.

    Raises:
        MoveRefused: they are no full member, or Slack does not say.
        Unavailable: nothing was recorded.
    """
    return journey.mutes.end(*_both(journey, slack, muted))


def _both(journey: Journey, slack: str, muted: str) -> tuple[Person, Person]:
    identities = journey.policies().identities
    member = full_member(journey.people, slack)
    return person_of(member, identities), person_of(journey.people.who(muted), identities)
