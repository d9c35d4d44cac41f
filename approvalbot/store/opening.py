"""An opening as `opening.lua` and `commit.lua` read it."""

import json
from typing import Any

import orjson

from approvalbot.request.effects import Alarm, TellRepeats
from approvalbot.request.opening import Ceiling, Opening
from approvalbot.request.request import Request, State
from approvalbot.store import keys
from approvalbot.store.past import Extra, of_opening

ALARM_AGAIN_S = 3600
"""Seconds before the owner of a policy hears again that too many of its requests wait."""

_TELL = TellRepeats().model_dump_json()


def conditions(request: Request, opening: Opening) -> bytes:
    """What `opening.lua` looks at before the request is written."""
    how: dict[str, Any] = {}
    if opening.delivery is not None:
        how["joined"] = keys.joined(request.id)
        how["event"] = opening.delivery.digest
        how["keep_ms"] = opening.delivery.keep_s * 1000
        if request.state is not State.WATCHED:
            how["source"] = keys.of_source(request.source)
    if opening.stands is not None:
        how["question"] = keys.question(opening.stands.key)
        if opening.stands.states is not None:
            how["states"] = {state.value: True for state in opening.stands.states}
        if opening.stands.window_s is not None:
            how["window_ms"] = opening.stands.window_s * 1000
        if opening.stands.counted:
            how["tell"] = _TELL
    if opening.ceilings:
        how["ceilings"] = [
            {"name": one.name, "key": keys.open_in(one.counted_in), "most": one.most, "alarm": _alarm(one)}
            for one in opening.ceilings
        ]
        how["alarmed"] = keys.guard("alarmed", f"too_many_open {_document(request)}")
        how["alarm_ms"] = ALARM_AGAIN_S * 1000
    return orjson.dumps(how)


def _document(request: Request) -> str:
    """The document that a request's policy stands in: the rules of a pack have one owner."""
    document, pack, _ = request.policy_id.partition("/")
    return f"{document}{pack}"


def _alarm(ceiling: Ceiling) -> str:
    detail = {"limit": ceiling.name, "most": str(ceiling.most)}
    return Alarm(what="too_many_open", detail=detail).model_dump_json()


def extras_of(request: Request, opening: Opening) -> list[Extra]:
    """What `commit.lua` writes once with a new request: each a command, a key and a value."""
    extras: list[Extra] = [
        ("SET", keys.about(request.id), opening.about.model_dump_json(exclude_defaults=True)),
        ("SET", keys.policy(request.policy_digest), orjson.dumps(opening.snapshot)),
        ("ZADD", keys.of_policy(request.policy_id), request.id),
    ]
    if opening.parameters:
        # Not orjson: a value may be an integer beyond 64 bits.
        extras.append(("SET", keys.parameters(request.id), json.dumps(dict(opening.parameters), ensure_ascii=False)))
    extras += [("ZADD", keys.open_in(name), request.id) for name in request.counted_in]
    if request.state is State.WATCHED:
        # Nobody asked for it, so it stands in nobody's list.
        return extras
    extras += of_opening(request, opening.about)
    if request.source:
        extras.append(("ZADD", keys.of_source(request.source), request.id))
    if request.requester is not None and request.kind == "access":
        extras.append(("ZADD", keys.asked_by(request.requester.key), request.id))
    return extras
