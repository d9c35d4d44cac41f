"""Makers of the values that the request room works on."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from approvalbot.errors import MoveRefused
from approvalbot.policy.documents import Policy
from approvalbot.policy.entitlement import Entitlement
from approvalbot.request.change import Change, Terms
from approvalbot.request.lifecycle import open_request, step
from approvalbot.request.moves import CastVote, LevelAsked, Move, Today
from approvalbot.request.reports import GrantStarted
from approvalbot.request.request import Person, Request, Role, Wish

T0 = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
ANN, BOB, CAT, DAN, EVE = (
    Person(key=name.lower(), name=name, slack=f"U0{name.upper()}") for name in ("Ann", "Bob", "Cat", "Dan", "Eve")
)
ONCALL, LEADS, BOARD = "usergroup:@oncall", "usergroup:@leads", "usergroup:@board"


def minutes(count: float) -> timedelta:
    return timedelta(minutes=count)


def make_policy(**approval: Any) -> Policy:
    levels = approval.pop("levels", None) or [
        {
            "name": "on-call",
            "approvers": [{"usergroup": "@oncall"}, {"usergroup": "@leads"}],
            "notify": [{"channel": "#aws"}],
            "remind": ["5m", "10m"],
            "timeout": "15m",
        },
        {"name": "board", "approvers": [{"usergroup": "@board"}], "notify": [{"channel": "#board"}], "timeout": "30m"},
    ]
    document = {
        "version": 1,
        "id": "admin-escalation",
        "owner": "team-security",
        "title": "Admin escalation",
        "request": approval.pop("request", "review"),
        "severity": approval.pop("severity", "medium"),
        "source": "aws",
        "match": {"eventName": "X"},
        "on_approve": approval.pop("on_approve", []),
        "on_deny": approval.pop("on_deny", []),
        "approval": {"levels": levels, **approval},
    }
    return Policy.model_validate(document)


def make_entitlement(**approval: Any) -> Entitlement:
    document = {
        "version": 1,
        "id": "prod-admin",
        "kind": "Entitlement",
        "owner": "team-security",
        "title": "Production administrator",
        "requestable_by": [{"usergroup": "@engineers"}],
        "duration": {"default": "1h", "max": "4h"},
        "grant": {"provider": "webhook", "with": {"to": "grants"}, **approval.pop("grant", {})},
        "on_approve": approval.pop("on_approve", []),
        "severity": approval.pop("severity", "medium"),
        "approval": {
            "levels": [{"name": "owners", "approvers": [{"usergroup": "@oncall"}], "timeout": "30m"}],
            **approval,
        },
    }
    return Entitlement.model_validate(document)


def make_request(terms: Terms, **fields: Any) -> Request:
    kind = "access" if isinstance(terms, Entitlement) else terms.request
    wish = Wish(entitlement=terms.id, duration_s=3600, reason="stuck queue") if kind == "access" else None
    plain = {
        "id": "7K3FABCDEFGHJKMNPQRS",
        "kind": kind,
        "policy_id": terms.id,
        "policy_digest": "d" * 64,
        "opened_at": T0,
        "requester": EVE,
        "wish": wish,
        "quorum": terms.approval.quorum,
        "distinct": terms.approval.from_distinct_groups,
    }
    return Request(**{**plain, **fields})


def opened(terms: Terms, **fields: Any) -> Request:
    return open_request(make_request(terms, **fields), terms, T0, {}).request


def vote(by: Person, choice: str = "approve", entries: tuple[str, ...] = (ONCALL,), **facts: Any) -> CastVote:
    bars: dict[str, Role] = {EVE.key: "requester"}
    return CastVote(
        by=by,
        choice=choice,  # type: ignore[arg-type]
        entries=frozenset(entries),
        **{"bars": bars, "actor_known": True, **facts},
    )


def taken(request: Request, terms: Terms, move: Move, at: datetime = T0) -> Request:
    return step(request, terms, move, at).request


def change_of(request: Request, terms: Terms, move: Move, at: datetime = T0) -> Change:
    return step(request, terms, move, at)


def today(terms: Terms) -> Today:
    return Today(terms.approval, terms.approval.quorum, terms.approval.from_distinct_groups)


def active(terms: Entitlement) -> Request:
    approved = taken(opened(terms), terms, vote(ANN))
    return taken(approved, terms, GrantStarted("g-1"), T0 + minutes(1))


def asked(level: int = 0, *people: str) -> LevelAsked:
    return LevelAsked(level=level, people=people)


def refusal(request: Request, terms: Terms, move: Move, at: datetime = T0) -> MoveRefused:
    with pytest.raises(MoveRefused) as caught:
        step(request, terms, move, at)
    return caught.value
