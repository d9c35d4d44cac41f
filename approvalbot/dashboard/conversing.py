"""What people do about an open request besides deciding: look at it, ask, answer, say more, take it back."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from approvalbot.dashboard.door import Door, Visit
from approvalbot.dashboard.words import effect_on_the_clock, question_goes_to, who_answers
from approvalbot.errors import BadInput
from approvalbot.flow.looking import How, claim, release
from approvalbot.flow.questions import add_note, answer_question, ask_question
from approvalbot.flow.weighing import could_answer, could_ask
from approvalbot.flow.withdrawing import withdraw
from approvalbot.request.case import Case
from approvalbot.request.questions import MOST_LETTERS, MOST_NOTES
from approvalbot.request.request import State
from approvalbot.request.timing import open_question

HOWS: dict[str, How] = {"look": "look", "take_over": "take_over", "keep": "keep"}


@dataclass(frozen=True, slots=True)
class Conversing:
    """Shows what was said, and takes what is said, by the very functions that Slack calls."""

    door: Door

    def part(self, visit: Visit, case: Case) -> dict[str, Any]:
        """What the page of a request says of it. Only those forms are offered that could do something."""
        request, viewer = case.request, visit.viewer
        acts = request.state is State.PENDING and not viewer.unconfirmed
        own = request.requester is not None and request.requester.is_same(viewer.person)
        has_say = acts and could_ask(self.door.journey, case, viewer.member, whatever_is_open=True)
        looks = request.claim is not None and request.claim.by.is_same(viewer.person)
        return {
            "look": "" if not has_say else "release" if looks else "take_over" if request.claim else "look",
            "may_ask": has_say and could_ask(self.door.journey, case, viewer.member),
            "may_answer": acts
            and open_question(request) is not None
            and could_answer(self.door.journey, case, viewer.member),
            "nth": len(request.questions) - 1,
            "may_note": acts and own and request.notes < MOST_NOTES,
            "may_withdraw": acts and own,
            "effect": effect_on_the_clock(case),
            "goes_to": question_goes_to(case),
            "who_answers": who_answers(case),
            "most": MOST_LETTERS,
        }

    def ask(self, visit: Visit, case: Case) -> Case:
        """`POST /requests/{id}/ask`."""
        return ask_question(self.door.journey, case.request.id, visit.viewer.member.slack, _text(visit))

    def answer(self, visit: Visit, case: Case) -> Case:
        """`POST /requests/{id}/answer`: the question that the form showed, and no later one."""
        nth = visit.form.get("nth", "")
        if not nth.isascii() or not nth.isdigit() or len(nth) > 3:
            raise BadInput("parameter_invalid", "The form does not say which question.", hint="Open the page again.")
        slack = visit.viewer.member.slack
        return answer_question(self.door.journey, case.request.id, slack, _text(visit), int(nth))

    def note(self, visit: Visit, case: Case) -> Case:
        """`POST /requests/{id}/note`."""
        return add_note(self.door.journey, case.request.id, visit.viewer.member.slack, _text(visit))

    def withdraw(self, visit: Visit, case: Case) -> Case:
        """`POST /requests/{id}/withdraw`."""
        return withdraw(self.door.journey, case.request.id, visit.viewer.member.slack)

    def look(self, visit: Visit, case: Case) -> Case:
        """`POST /requests/{id}/look`: somebody is at it, takes it over, or stops."""
        how, slack = visit.form.get("how", ""), visit.viewer.member.slack
        if how == "release":
            return release(self.door.journey, case.request.id, slack)
        if how not in HOWS:
            raise BadInput("parameter_invalid", "The form does not say how you look.", hint="Open the page again.")
        return claim(self.door.journey, case.request.id, slack, HOWS[how])

    def acts(self) -> dict[str, Callable[[Visit, Case], Case]]:
        """What can be done, by the last word of its address."""
        return {name: getattr(self, name) for name in ("ask", "answer", "note", "withdraw", "look")}


def _text(visit: Visit) -> str:
    # Windows' line ends count as one letter, as they do in Slack.
    return visit.form.get("text", "").replace("\r\n", "\n")
