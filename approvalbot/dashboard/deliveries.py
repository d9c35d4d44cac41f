"""What is still to be said or sent, what was given up, and sending that again."""

from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import RedirectResponse, Response

from approvalbot.dashboard.door import Door, Visit
from approvalbot.errors import BadInput, NotFound
from approvalbot.request.effects import Effect, request_of
from approvalbot.request.trail import Draft
from approvalbot.store.chains import Chains
from approvalbot.store.outbox import DeadLetter, Outbox, Waiting

MOST_WAITING = 50
MOST_DEAD = 100
AT_ONCE = 500
"""Dead letters that one press sends again: each is an entry of the trail. The next press sends the next."""

LONGEST_ID = 120

KINDS = {
    "announce": "Ask the people of a step",
    "remind": "Remind them",
    "refresh": "Draw the card anew",
    "note": "A line in the card's thread",
    "tell": "A message to the requester",
    "answer": "Send the answer",
    "act": "Run an action",
    "start_grant": "Give the access",
    "end_grant": "End the access",
    "ask_extension": "Ask its grant for more time",
    "extend_grant": "Extend the access",
    "ask_looker": "Ask whoever looks",
    "put_question": "Put a question",
    "tell_answer": "Tell an answer",
    "tell_people": "Tell people one by one",
    "check_member": "Look up whether the holder may keep it",
    "page": "Page somebody",
    "tell_repeats": "Count the repeats",
    "alarm": "Tell the owner",
}


@dataclass(frozen=True, slots=True)
class DeliveryPages:
    """The outbox for admins."""

    door: Door
    outbox: Outbox
    chains: Chains

    def show(self, visit: Visit) -> Response:
        """`GET /deliveries`."""
        given_up = self.outbox.given_up()
        dead = self.outbox.dead_letters(MOST_DEAD)
        waiting = self.outbox.soonest(MOST_WAITING)
        return self.door.render.page(
            "deliveries.html",
            visit.viewer,
            title="Deliveries",
            given_up=given_up,
            dead=[_row(one, one.effect) for one in dead],
            more_dead=max(0, given_up - len(dead)),
            total=self.outbox.waiting(),
            waiting=[(_row(one, one.effect), one) for one in waiting],
            now=self.door.journey.requests.now(),
            at_once=AT_ONCE,
            sent=_sent(visit.query.get("sent", "")),
        )

    def resend(self, visit: Visit) -> Response:
        """`POST /deliveries/resend`: one dead letter, or all of them, from the beginning of its schedule."""
        wanted = visit.form.get("effect", "")
        everything = visit.form.get("everything") == "yes"
        if everything == bool(wanted) or len(wanted) > LONGEST_ID:
            raise BadInput("parameter_invalid", "The form names no delivery.", hint="Open the page again.")
        chosen = self._chosen(wanted)
        if not chosen:
            raise NotFound("not_found", "Nothing of that name was given up; it may have been sent meanwhile.")
        # Written before anything is sent: what is sent again without an entry would be sent by nobody.
        self.chains.append(
            "deliveries", [Draft("delivery_resent", visit.viewer.person, _detail(one)) for one in chosen]
        )
        sent = sum(self.outbox.revive(one.id) for one in chosen)
        return RedirectResponse(f"/deliveries?sent={sent}", 303)

    def _chosen(self, wanted: str) -> Sequence[DeadLetter]:
        if not wanted:
            return self.outbox.dead_letters(AT_ONCE)
        found = self.outbox.dead_letter(wanted)
        return [] if found is None else [found]


@dataclass(frozen=True, slots=True)
class _Row:
    id: str
    request: str
    kind: str
    to: str
    fault: str = ""


def _row(one: DeadLetter | Waiting, effect: Effect) -> _Row:
    facts = [str(value) for name in ("to", "event", "what", "action") if (value := getattr(effect, name, ""))]
    fault = one.fault if isinstance(one, DeadLetter) else ""
    return _Row(one.id, request_of(one.id), KINDS.get(effect.kind, effect.kind), " ".join(facts), fault)


def _detail(one: DeadLetter) -> dict[str, str]:
    row = _row(one, one.effect)
    return {"effect": one.id, "kind": one.effect.kind, **({"to": row.to} if row.to else {})}


def _sent(written: str) -> int | None:
    return int(written) if written.isascii() and written.isdigit() and len(written) <= 6 else None
