"""The page of one request: everything the card shows and more, and the same decisions by the same rules."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import orjson
from starlette.responses import RedirectResponse, Response

from approvalbot.dashboard.confirming import Confirming
from approvalbot.dashboard.conversing import Conversing
from approvalbot.dashboard.door import Door, Visit
from approvalbot.dashboard.explaining import why_asked
from approvalbot.dashboard.holding import Holding
from approvalbot.dashboard.viewer import may_see
from approvalbot.dashboard.words import DONE, REASONS, headline, no_word, step_line, what_follows
from approvalbot.errors import AccessRefused, BadInput, Conflict, MoveRefused, NotAllowed, StepUpRefused
from approvalbot.flow.narrowing import choices_now
from approvalbot.flow.press import Press, press
from approvalbot.flow.today import wants_typing
from approvalbot.flow.weighing import why_not
from approvalbot.plaintext import visible
from approvalbot.request.case import Case
from approvalbot.request.less import NONE, less_in_words
from approvalbot.request.quorum import bench_of, tally
from approvalbot.request.refusals import level_entries, shown_entry
from approvalbot.request.request import Choice, Less, Request, State
from approvalbot.request.typed import TYPED_MOST, to_type
from approvalbot.store.requests import RequestStore
from approvalbot.store.trail import TrailStore

NOTE_MOST = 500
MOST_STEPS = 200
"""Steps that the page shows, from the end: a crowd that is refused writes thousands. The trail has them all."""

ANYHOW = "to be confirmed"
"""Stands for a confirmation while it is only asked whether the vote would count with one."""

KEPT = ("choice", "reason", "reason_code", "form", "duration", "typed", "alert", "less_duration", "less_scope", "text")
"""What a form that was refused keeps of what was typed into it; `form` says which of the page's forms it was."""

CHOICES: tuple[Choice, Choice] = ("approve", "deny")


@dataclass(frozen=True, slots=True)
class RequestPages:
    """Shows a request, and takes decisions on it. `card` gives the address of its card in Slack, where one stands;
    `receipt` signs the answer of one that is settled.
    """

    door: Door
    requests: RequestStore
    trail: TrailStore
    confirming: Confirming
    holding: Holding
    conversing: Conversing
    card: Callable[[str], str]
    receipt: Callable[[Request], str]

    def show(self, visit: Visit) -> Response:
        """`GET /requests/{id}`."""
        return self._page(visit, self._case(visit))

    def decide(self, visit: Visit) -> Response:
        """`POST /requests/{id}/decide`: a vote, by the very function that a press in Slack calls."""
        case = self._case(visit)
        try:
            pressed = _pressed(visit, case)
            confirmed = self.confirming.read(visit, case, pressed.less) if pressed.choice == "approve" else ""
            press(self.door.journey, replace(pressed, confirmed=confirmed))
        except (MoveRefused, BadInput, StepUpRefused) as fault:
            return self._page(visit, self._case(visit), refused=fault.text(), status=fault.status)
        return RedirectResponse(f"/requests/{case.request.id}?done={pressed.choice}", 303)

    def end(self, visit: Visit) -> Response:
        """`POST /requests/{id}/end`: access is taken back before its time."""
        return self._acted(visit, "end", self.holding.end)

    def extend(self, visit: Visit) -> Response:
        """`POST /requests/{id}/extend`: more time for access that runs."""
        return self._acted(visit, "extend", self.holding.extend)

    def converse(self, what: str, done: str = "") -> Callable[[Visit], Response]:
        """`POST /requests/{id}/ask`, `answer`, `note`, `withdraw` and `look`."""
        act = self.conversing.acts()[what]
        return lambda visit: self._acted(visit, done or what, act)

    def confirm(self, visit: Visit) -> Response:
        """`POST /requests/{id}/confirm`: what the browser needs to confirm an approval with a passkey."""
        case = self._case(visit)
        refused = why_not(self.door.journey, case, visit.viewer.member, "approve", confirmed=ANYHOW)
        if refused is not None:
            raise refused
        return self.confirming.begin(visit, case, _less(visit.form))

    def event(self, visit: Visit) -> Response:
        """`GET /requests/{id}/event`: the event as it is kept, redacted, as JSON to download."""
        case = self._case(visit)
        body = orjson.dumps(case.about.event, option=orjson.OPT_INDENT_2)
        headers = {
            "content-disposition": f'attachment; filename="{case.request.id}.json"',
            "cache-control": "no-store",
            "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
        }
        return Response(body, 200, headers, media_type="application/json")

    def signed(self, visit: Visit) -> Response:
        """`GET /requests/{id}/receipt`: the answer, signed, as its caller gets it; verified by `receipt verify`."""
        request = self._case(visit).request
        if request.decision is None:
            raise Conflict("not_approved", "This request is not settled, so there is no receipt of it yet.")
        headers = {
            "content-disposition": f'attachment; filename="{request.id}.jws"',
            "cache-control": "no-store",
            "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
        }
        return Response(self.receipt(request), 200, headers, media_type="application/jose")

    def _acted(self, visit: Visit, done: str, act: Callable[[Visit, Case], Case]) -> Response:
        """Do it, and go on to the request that it left or made; or show this one again with why it was refused."""
        case = self._case(visit)
        try:
            after = act(visit, case)
        except (MoveRefused, AccessRefused, BadInput) as fault:
            return self._page(visit, self._case(visit), refused=fault.text(), status=fault.status)
        return RedirectResponse(f"/requests/{after.request.id}?done={done}", 303)

    def _case(self, visit: Visit) -> Case:
        """The request, for somebody who may see it.

        Raises:
            NotFound: there is none.
            NotAllowed: it is not theirs to see.
        """
        name = str(visit.path["id"]).upper()
        if not name.isalnum() or len(name) > 40:
            raise BadInput("parameter_invalid", "That is no request's id.")
        case, _ = self.requests.load(name)
        if not may_see(visit.viewer, case, self.door.journey):
            raise NotAllowed(
                "not_allowed",
                "You have no part in this request.",
                hint="Who is asked, who asked, and everybody with the role viewer can see it.",
            )
        return case

    def _page(self, visit: Visit, case: Case, *, refused: str = "", status: int = 200) -> Response:
        policies, decided = self.door.journey.policies(), case.request.decision
        values: dict[str, Any] = {
            "title": case.about.title,
            "case": case,
            "request": case.request,
            "about": case.about,
            "headline": headline(case),
            "levels": _levels(case),
            "owner": shown_entry(case.request.owner) if case.request.owner else "",
            "standing": _standing(case),
            "follows": what_follows(case),
            "no_word": no_word(case),
            "steps": [step_line(record) for record in self.trail.of(case.request.id, MOST_STEPS)],
            "event": _shown(case.about.event),
            "tree": why_asked(policies, case),
            "reasons": REASONS,
            "refused": refused,
            "kept": {name: visit.form.get(name, "") for name in KEPT},
            "done": DONE.get(visit.query.get("done", ""), "") if status == 200 else "",
            "card": self.card(case.request.id),
            "held": self.holding.part(visit, case),
            "talk": self.conversing.part(visit, case),
            "narrower": choices_now(policies, case) if case.request.state is State.PENDING else NONE,
            "can": self._can(visit, case),
            "step_up": self._asks_more(visit, case),
            "means": self.confirming.means(visit),
            "to_type": to_type(case.request, case.about) if wants_typing(policies, case) else "",
            "less": less_in_words(case.request, case.terms, decided.less) if decided and decided.less else "",
        }
        return self.door.render.page("request.html", visit.viewer, status, **values)

    def _can(self, visit: Visit, case: Case) -> Mapping[str, str]:
        """For each choice why this person's vote would not count now; empty where it would."""
        if case.request.state is not State.PENDING or visit.viewer.person.slack is None:
            return {"approve": "settled", "deny": "settled"}
        if visit.viewer.unconfirmed:
            return dict.fromkeys(CHOICES, "Slack does not answer, so nobody can decide just now.")
        return {choice: self._why_not(visit, case, choice) for choice in CHOICES}

    def _why_not(self, visit: Visit, case: Case, choice: Choice) -> str:
        fault = why_not(self.door.journey, case, visit.viewer.member, choice, confirmed=ANYHOW)
        return fault.text() if fault is not None else ""

    def _asks_more(self, visit: Visit, case: Case) -> bool:
        """Whether an approval of this person would have to be confirmed."""
        if case.request.state is not State.PENDING:
            return False
        fault = why_not(self.door.journey, case, visit.viewer.member, "approve")
        return fault is not None and fault.code == "step_up_required"


def _shown(event: Mapping[str, Any]) -> str:
    """The event as JSON for a reader, with every character that would not be seen written out."""
    text = orjson.dumps(event, option=orjson.OPT_INDENT_2).decode()
    return "\n".join(visible(line) for line in text.split("\n"))


def _pressed(visit: Visit, case: Case) -> Press:
    form = visit.form
    choice, content = form.get("choice", ""), form.get("content", "")
    number = content.isascii() and content.isdigit() and len(content) <= 9
    if choice not in {"approve", "deny"} or not number:
        raise BadInput("parameter_invalid", "The form does not say what to decide.", hint="Open the page again.")
    code = form.get("reason_code", "")
    if code and code not in REASONS:
        raise BadInput("parameter_invalid", "There is no reason {name}.", name=code[:40])
    reason = form.get("reason", "").strip()
    if len(reason) > NOTE_MOST:
        raise BadInput("parameter_invalid", f"A note has at most {NOTE_MOST} characters.")
    severe = case.about.severity in {"high", "critical"}
    if choice == "approve" and severe and form.get("sure") != "yes":
        raise BadInput("parameter_invalid", "Tick that you have read it: much is at stake.")
    return Press(
        request_id=case.request.id,
        slack=visit.viewer.member.slack,
        choice="approve" if choice == "approve" else "deny",
        content=int(content),
        reason=reason,
        reason_code=code if choice == "deny" else "",
        # What is longer than any name of ours is wrong, and need not be carried about.
        typed=form.get("typed", "")[: 2 * TYPED_MOST],
        alert=form.get("alert") == "yes",
        less=_less(form),
    )


def _less(form: Mapping[str, str]) -> Less | None:
    """What the form for less chooses instead of the whole; what no menu holds is refused where votes are taken."""
    if form.get("form") != "less":
        return None
    duration, scope = form.get("less_duration", ""), form.get("less_scope", "")
    if duration and (not duration.isascii() or not duration.isdigit() or len(duration) > 9):
        # Read as nothing, it would grant the whole time.
        raise BadInput("parameter_invalid", "The form does not say for how long.", hint="Open the page again.")
    return Less(duration_s=int(duration or 0), scope=scope[:100])


def _levels(case: Case) -> list[dict[str, Any]]:
    """The steps of the escalation, with who is asked at each."""
    request, approval = case.request, case.terms.approval
    return [
        {
            "name": level.name,
            "entries": [shown_entry(key) for key in level_entries(request, approval, number)],
            "timeout_s": level.timeout_s,
            "state": "now" if number == request.level else "over" if number < request.level else "later",
        }
        for number, level in enumerate(approval.levels)
    ]


def _standing(case: Case) -> dict[str, int]:
    request = case.request
    bench = bench_of(request, case.terms.approval, None, actor_known=request.actor_known, owner=request.owner)
    counted = tally(request.votes, bench)
    return {"approvals": counted.approvals, "needed": counted.needed}
