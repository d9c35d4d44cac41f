"""People's passkeys and one-time-code secrets, and the codes with which they may be enrolled."""

import hashlib
import secrets
from typing import Any

import orjson
from pydantic import BaseModel, ConfigDict
from redis import Redis

from approvalbot.store import keys
from approvalbot.store.raw import answering, raw, text

INVITED_FOR_S = 86_400
"""Seconds that an enrolment code is good: long enough to hand it over, too short to lie about."""

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_CODE = 20


class Passkey(BaseModel):
    """One credential. `public_key` is COSE in hex; `used` counts as the authenticator does (0: it does not count)."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    id: str
    name: str
    public_key: str
    used: int = 0
    enrolled_at: float = 0.0
    last_used_at: float = 0.0
    synced: bool = False


class Passkeys:
    """Passkeys by their owner's Slack id."""

    def __init__(self, redis: "Redis") -> None:
        self._redis = redis

    def of(self, owner: str) -> list[Passkey]:
        """The passkeys of a person, oldest first."""
        with answering():
            held = self._redis.hvals(_of(owner))
        return sorted((Passkey.model_validate_json(raw(one)) for one in held), key=lambda one: one.enrolled_at)

    def put(self, owner: str, passkey: Passkey) -> None:
        """Keep a passkey, new or used again."""
        with answering():
            self._redis.hset(_of(owner), passkey.id, passkey.model_dump_json())

    def drop(self, owner: str, passkey_id: str) -> bool:
        """Take a passkey from somebody. False: they had none of that id."""
        with answering():
            return bool(self._redis.hdel(_of(owner), passkey_id))

    def owner_of(self, passkey_id: str, owners: list[str]) -> str | None:
        """Which of these people has a passkey of that id."""
        with answering():
            pipe = self._redis.pipeline(transaction=False)
            for owner in owners:
                pipe.hexists(_of(owner), passkey_id)
            found = pipe.execute() if owners else []
        return next((owner for owner, there in zip(owners, found, strict=True) if there), None)

    def invite(self, owner: str, *, by: str) -> str:
        """A code with which this person may enrol one thing, once, within a day. It is shown now and never again."""
        code = "".join(secrets.choice(_LETTERS) for _ in range(_CODE))
        with answering():
            self._redis.set(_invited(code), orjson.dumps({"owner": owner, "by": by}), ex=INVITED_FOR_S)
        return code

    def invited(self, code: str) -> dict[str, Any] | None:
        """Whom a code is for, while it is good."""
        with answering():
            held = self._redis.get(_invited(code))
        return None if held is None else dict(orjson.loads(raw(held)))

    def spend(self, code: str) -> bool:
        """Use a code up: True once."""
        with answering():
            return bool(self._redis.delete(_invited(code)))

    def totp(self, owner: str) -> str | None:
        """The sealed secret of a person's one-time codes."""
        with answering():
            held = self._redis.get(_totp(owner))
        return None if held is None else text(held)

    def put_totp(self, owner: str, sealed: str) -> None:
        """Keep a sealed secret; an older one is replaced."""
        with answering():
            self._redis.set(_totp(owner), sealed)

    def drop_totp(self, owner: str) -> bool:
        """Take it back."""
        with answering():
            return bool(self._redis.delete(_totp(owner)))

    def first_use(self, owner: str, step: int) -> bool:
        """Whether a one-time code of this time step is used for the first time."""
        with answering():
            return bool(self._redis.set(keys.guard("totp", f"{owner} {step}"), b"", nx=True, ex=300))


def read_code(text_: str) -> str:
    """A code as it is typed: spaces and dashes do not count, nor does case; letters that look alike are taken alike."""
    plain = "".join(letter for letter in text_.upper() if letter.isalnum())
    return plain.translate(str.maketrans("OIL", "011"))[:40]


def shown_code(code: str) -> str:
    """A code in groups of five, to read aloud."""
    return "-".join(code[place : place + 5] for place in range(0, len(code), 5))


def _of(owner: str) -> str:
    return f"{keys.PREFIX}passkeys:{keys.hashed(owner)}"


def _totp(owner: str) -> str:
    return f"{keys.PREFIX}totp:{keys.hashed(owner)}"


def _invited(code: str) -> str:
    return f"{keys.PREFIX}invited:{hashlib.sha256(code.encode('utf-8', 'surrogatepass')).hexdigest()}"
