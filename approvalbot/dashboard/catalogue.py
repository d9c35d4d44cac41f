"""What can be asked for: by whom, whom it asks, what one holds of it already; and the form that asks for it."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from starlette.responses import RedirectResponse, Response

from approvalbot.dashboard.door import Door, Visit
from approvalbot.dashboard.holding import form_key
from approvalbot.dashboard.looking import page_number
from approvalbot.dashboard.memberships import Memberships
from approvalbot.dashboard.words import whom
from approvalbot.errors import AccessRefused, BadInput, MoveRefused, NotFound
from approvalbot.flow.ask import Asking, ask
from approvalbot.flow.foretelling import foretell, standing_wishes
from approvalbot.plaintext import visible
from approvalbot.policy.entitlement import Entitlement
from approvalbot.policy.environment import Identities
from approvalbot.policy.people import slack_named
from approvalbot.request.refusals import shown_entries
from approvalbot.request.request import Request

PAGE = 50
MOST_ASKED = 200
"""The newest requests of a person that are looked through for what they hold or asked for."""

PEOPLE_SHOWN = 500
"""People of the identities that a field for a person suggests."""

FIELD = "input."

SHOWN = {"mine": "What you may ask for", "all": "All that can be asked for"}


@dataclass(frozen=True, slots=True)
class Offer:
    """Something to ask for, as it concerns one person. `may` is None where Slack does not say."""

    terms: Entitlement
    may: bool | None
    who: str
    asks: str
    usual_s: float | None
    standing: tuple[Request, ...]

    @property
    def path(self) -> str:
        """The address of its form."""
        return f"/access/{quote(self.terms.id)}"


@dataclass(frozen=True, slots=True)
class Catalogue:
    """Lists entitlements for everybody who is signed in, and takes wishes, by the very function that Slack calls."""

    door: Door

    def show(self, visit: Visit) -> Response:
        """`GET /access`."""
        which = visit.query.get("show", "mine")
        if which not in SHOWN:
            raise BadInput("parameter_invalid", "There is no list {which}.", hint="mine or all.", which=which)
        wanted = visible(visit.query.get("q", "")[:100]).strip()
        members, number = Memberships(self.door.journey, visit.viewer), page_number(visit.query.get("page", ""))
        every = sorted(self._offered(), key=lambda one: (one.title.casefold(), one.id))
        mine = [one for one in every if members.may_ask(one, visit.viewer.person) is not False]
        found = [one for one in (mine if which == "mine" else every) if wanted.casefold() in _text(one)]
        return self.door.render.page(
            "access.html",
            visit.viewer,
            title=SHOWN[which],
            which=which,
            offers=self._offers(visit, found[(number - 1) * PAGE : number * PAGE], members),
            total=len(found),
            counts={"mine": len(mine), "all": len(every)},
            page=number,
            pages=max(1, -(-len(found) // PAGE)),
            wanted=wanted,
        )

    def form(self, visit: Visit) -> Response:
        """`GET /access/{id}`."""
        return self._form(visit, self._terms(visit))

    def ask(self, visit: Visit) -> Response:
        """`POST /access/{id}`: the wish becomes a request, or the form says what is wrong and keeps what was typed."""
        terms = self._terms(visit)
        try:
            case = ask(self.door.journey, self._asking(visit, terms))
        except (AccessRefused, MoveRefused, BadInput) as fault:
            return self._form(visit, terms, refused=fault.text(), at=_field_of(fault), status=fault.status)
        return RedirectResponse(f"/requests/{case.request.id}?done=ask", 303)

    def _offered(self) -> list[Entitlement]:
        return [one for one in self.door.journey.policies().entitlements.values() if one.mode != "off"]

    def _terms(self, visit: Visit) -> Entitlement:
        name = str(visit.path["id"])[:100]
        found = next((one for one in self._offered() if one.id == name), None)
        if found is None:
            raise NotFound("unknown_entitlement", "There is nothing called {name} to ask for.", name=visible(name))
        return found

    def _offers(self, visit: Visit, found: list[Entitlement], members: Memberships) -> list[Offer]:
        asked = self.door.journey.requests.asked_by(visit.viewer.person.key, MOST_ASKED)
        return [
            Offer(
                terms=one,
                may=members.may_ask(one, visit.viewer.person),
                who=str(shown_entries(entry.key for entry in one.requestable_by)),
                asks=whom(foretell(members.members, one, visit.viewer.person)),
                usual_s=self.door.journey.past.usual_s(one.id),
                standing=tuple(standing_wishes(asked, one)),
            )
            for one in found
        ]

    def _form(
        self, visit: Visit, terms: Entitlement, *, refused: str = "", at: str = "", status: int = 200
    ) -> Response:
        (offer,) = self._offers(visit, [terms], Memberships(self.door.journey, visit.viewer))
        identities = self.door.journey.policies().identities
        return self.door.render.page(
            "ask.html",
            visit.viewer,
            status,
            title=f"Ask for {terms.title}",
            crumbs=[("/access", "Access")],
            offer=offer,
            terms=terms,
            lengths=terms.duration.offered_s,
            people=_people(identities) if any(one.type == "user" for one in terms.inputs) else (),
            kept=_kept(visit, terms),
            key=visit.form.get("key") or secrets.token_urlsafe(12),
            refused=refused,
            at=at,
        )

    def _asking(self, visit: Visit, terms: Entitlement) -> Asking:
        """What the form says. People may be named as the identities know them; a request keeps their Slack id."""
        identities = self.door.journey.policies().identities
        duration_s, inputs = visit.form.get("duration", ""), dict[str, str]()
        if not duration_s.isascii() or not duration_s.isdigit() or len(duration_s) > 9:
            raise BadInput("parameter_invalid", "The form does not say for how long.", hint="Open the page again.")
        for one in terms.inputs:
            value = visit.form.get(f"{FIELD}{one.id}", "").strip()
            inputs[one.id] = (slack_named(identities, value) or value) if one.type == "user" else value
        return Asking(
            slack=visit.viewer.member.slack,
            entitlement=terms.id,
            key=form_key(visit, visit.form.get("key", "")),
            duration_s=int(duration_s) or terms.duration.default_s,
            reason=visit.form.get("reason", ""),
            inputs={name: value for name, value in inputs.items() if value},
        )


def _kept(visit: Visit, terms: Entitlement) -> Mapping[str, Any]:
    """What the form shows: what was typed before, or what the entitlement begins with."""
    duration = visit.form.get("duration", "")
    return {
        "duration": duration if duration.isdigit() else str(terms.duration.default_s),
        "reason": visit.form.get("reason", ""),
        **{one.id: visit.form.get(f"{FIELD}{one.id}", "") for one in terms.inputs},
    }


def _field_of(fault: Exception) -> str:
    """The field that a refusal belongs to: `duration`, `reason`, an input's id; empty where it concerns the whole."""
    code, facts = getattr(fault, "code", ""), getattr(fault, "facts", {})
    if code == "input_invalid":
        return str(facts.get("input", "reason"))
    return {"duration_too_long": "duration", "reason_too_short": "reason"}.get(code, "")


def _people(identities: Identities) -> tuple[tuple[str, str], ...]:
    """Those whom a field for a person suggests: id and name."""
    found = [(one.id, one.name) for one in identities.people if one.accounts("slack")]
    return tuple(sorted(found, key=lambda one: one[1])[:PEOPLE_SHOWN])


def _text(terms: Entitlement) -> str:
    return " ".join((terms.id, terms.title, terms.description, terms.owner, *terms.tags)).casefold()
