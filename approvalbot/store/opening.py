"""An opening as `opening.lua` and `commit.lua` read it."""

from typing import Any

import orjson

from approvalbot.request.effects import TellRepeats
from approvalbot.request.opening import Opening
from approvalbot.request.request import Request
from approvalbot.store import keys

Extra = tuple[str, str | bytes, str | bytes]

_TELL = TellRepeats().model_dump_json()


def conditions(request: Request, opening: Opening) -> bytes:
    """What `opening.lua` looks at before the request is written."""
    how: dict[str, Any] = {}
    if opening.delivery is not None:
        how["joined"] = keys.joined(request.id)
        how["event"] = opening.delivery.digest
        how["keep_ms"] = opening.delivery.keep_s * 1000
        how["source"] = keys.of_source(request.source)
    if opening.stands is not None:
        how["question"] = keys.question(opening.stands.key)
        if opening.stands.states is not None:
            how["states"] = {state.value: True for state in opening.stands.states}
        if opening.stands.window_s is not None:
            how["window_ms"] = opening.stands.window_s * 1000
        if opening.stands.counted:
            how["tell"] = _TELL
    return orjson.dumps(how)


def extras_of(request: Request, opening: Opening) -> list[Extra]:
    """What `commit.lua` writes once with a new request: each a command, a key and a value."""
    extras: list[Extra] = [
        ("SET", keys.about(request.id), opening.about.model_dump_json(exclude_defaults=True)),
        ("SET", keys.policy(request.policy_digest), orjson.dumps(opening.snapshot)),
    ]
    if request.source:
        extras.append(("ZADD", keys.of_source(request.source), request.id))
    if request.requester is not None and request.kind == "access":
        extras.append(("ZADD", keys.asked_by(request.requester.key), request.id))
    return extras
