"""The banners of a card, pure: what its reader must know before anything else, one line each, only when true."""

from approvalbot.policy.durations import show_duration
from approvalbot.request.case import Case
from approvalbot.request.request import State
from approvalbot.slack.before import much_asked
from approvalbot.slack.following import cannot_undo
from approvalbot.slack.text import safe, when

SEVERE = ("high", "critical")


_UNTOUCHED = {
    "review": "nothing is undone",
    "gate": "the caller was not held up",
    "access": "no access is given",
}
"""What monitor mode leaves as it is, by kind."""


_HAPPENED = "This has already happened; the answer decides what follows."
_HAD_HAPPENED = "This had already happened when people were asked."


def banners(case: Case, *, repeat: bool = False, late_s: int = 0) -> list[str]:
    """One line each, in mrkdwn; none where nothing is out of the ordinary."""
    about, lines = case.about, []
    if case.request.state is State.WATCHED:
        lines.append(f":eyes: The policy is in monitor: nobody is asked, and {_UNTOUCHED[case.request.kind]}.")
    elif case.request.kind == "review":
        lines.append(f":information_source: {_HAPPENED if case.request.state is State.PENDING else _HAD_HAPPENED}")
    lines += [f":warning: *{safe(banner)}*" for banner in about.banners]
    if about.severity in SEVERE:
        lines.append(f":rotating_light: Severity {about.severity}")
    if about.claimed_by:
        lines.append(f":grey_question: who did it is claimed by {safe(about.claimed_by, 60)}, not verified")
    if not case.request.actor_known:
        lines.append(":grey_question: the actor is tied to no person known here")
    lines += _banners_of_policy(case)
    if case.request.repeats:
        lines.append(f":repeat: *{case.request.repeats + 1} of the same* since {when(case.request.opened_at)}")
    lines += much_asked(case)
    if _asked_nobody(case):
        lines.append(":rotating_light: nobody of this step could be found; its owner has been told")
    if late_s:
        lines.append(f":hourglass: posted {show_duration(late_s // 60 * 60)} late")
    if repeat:
        lines.append(":repeat: repeat of a post whose delivery was uncertain")
    return lines


def _banners_of_policy(case: Case) -> list[str]:
    """What of the policy could not be applied to this event."""
    lines = []
    if case.request.policy_error:
        lines.append(f":warning: the policy could not be evaluated in full: {safe(case.request.policy_error)}")
        if case.request.kind == "review":
            lines.append(":no_entry: an objection is told and undoes nothing here, whatever the policy says")
    if case.request.state is State.PENDING and (why := cannot_undo(case)):
        lines.append(why)
    return lines


def _asked_nobody(case: Case) -> bool:
    request = case.request
    return request.state is State.PENDING and any(
        asked.level == request.level and not asked.people for asked in request.asked
    )
