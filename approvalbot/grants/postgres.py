"""The provider `postgres`: whoever asked is a member of a database role for the time of the grant.

Ending takes the membership back and ends the sessions of the login, since one that has done SET ROLE keeps the role
until it ends. With `valid_until` the login itself expires with the grant, also while we are down; that is for logins
which exist for grants alone, and a login that never expires is refused.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, LiteralString

import psycopg
from psycopg import sql

from approvalbot.errors import DeliveryFailed
from approvalbot.grants.allowing import allowed
from approvalbot.grants.sharing import KEPT, Holds, Seat, give, take

NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_$.@+-]{0,62}")
"""Names of roles that we take; PostgreSQL cuts what is over 63 bytes, and a cut name is another role."""

CONNECT_S, STATEMENT_MS = 10, 10_000
"""Seconds to connect, and milliseconds for one statement: as long as a webhook may take."""

_IS_MEMBER: LiteralString = """
    SELECT 1 FROM pg_auth_members
    WHERE roleid = (SELECT oid FROM pg_roles WHERE rolname = %s)
      AND member = (SELECT oid FROM pg_roles WHERE rolname = %s)
"""
_END_SESSIONS: LiteralString = """
    SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = %s AND pid <> pg_backend_pid()
"""


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What an order asks of the database."""

    dsn: str
    role: str
    user: str
    holder: str
    valid_until: bool
    end_sessions: bool

    @property
    def seat(self) -> str:
        return f"postgres:{self.dsn}:{self.role}:{self.user}"

    @property
    def login(self) -> str:
        return f"postgres:{self.dsn}:login:{self.user}"


class PostgresGrants:
    """Makes logins members of roles. `secret` finds the connection string by the name that the policy gives it."""

    def __init__(self, secret: Callable[[str], str], holds: Holds) -> None:
        self._secret = secret
        self._holds = holds

    def start(self, order: Mapping[str, Any], _key: str, now: datetime) -> str:
        """Grant the role; with `valid_until` let the login last as long."""
        wanted = _wanted(order)
        with self._connected(wanted) as db:
            if wanted.valid_until:
                self._let_last(db, wanted, now + timedelta(seconds=int(order["duration_s"])))
            return give(self._holds, _seat(db, wanted), wanted.holder)

    def extend(self, order: Mapping[str, Any], _key: str, _now: datetime) -> None:
        """Let the login last longer, and grant the role again if somebody took it meanwhile."""
        wanted = _wanted(order)
        with self._connected(wanted) as db:
            if wanted.valid_until:
                self._let_last(db, wanted, datetime.fromisoformat(str(order["ends_at"])))
            give(self._holds, _seat(db, wanted), wanted.holder)

    def end(self, order: Mapping[str, Any], _key: str, now: datetime) -> None:
        """Revoke the role, unless it was held before; then expire the login and end its sessions."""
        wanted, reference = _wanted(order), str(order.get("reference") or "")
        with self._connected(wanted) as db:
            take(self._holds, _seat(db, wanted), wanted.holder, reference)
            if wanted.valid_until:
                self._let_expire(db, wanted, now)
            if wanted.end_sessions and reference != KEPT:
                db.execute(_END_SESSIONS, (wanted.user,))

    def _let_last(self, db: "psycopg.Connection[Any]", wanted: _Wanted, until: datetime) -> None:
        with self._holds.alone(wanted.login):
            found = db.execute("SELECT rolvaliduntil FROM pg_roles WHERE rolname = %s", (wanted.user,)).fetchone()
            if found is None:
                raise DeliveryFailed("grant_failed", f"There is no login {wanted.user}.", final=True)
            others = self._holds.holders(wanted.login) - {wanted.holder}
            if not others and (found[0] is None or found[0] == datetime.max.replace(tzinfo=UTC)):
                sentence = f"The login {wanted.user} never expires; valid_until is for logins that exist for grants."
                raise DeliveryFailed("grant_failed", sentence, final=True)
            self._holds.add(wanted.login, wanted.holder)
            if not others or found[0] < until:
                _expire(db, wanted.user, until)

    def _let_expire(self, db: "psycopg.Connection[Any]", wanted: _Wanted, now: datetime) -> None:
        """The login goes with the last grant that lets it last."""
        with self._holds.alone(wanted.login):
            holders = self._holds.holders(wanted.login)
            if holders == {wanted.holder}:
                _expire(db, wanted.user, now)
            self._holds.drop(wanted.login, wanted.holder)

    @contextmanager
    def _connected(self, wanted: _Wanted) -> Iterator["psycopg.Connection[Any]"]:
        """A connection whose every fault is told as one of ours, without what a server says of itself."""
        try:
            with psycopg.connect(
                self._secret(wanted.dsn),
                autocommit=True,
                connect_timeout=CONNECT_S,
                options=f"-c statement_timeout={STATEMENT_MS} -c lock_timeout={STATEMENT_MS}",
                application_name="approvalbot",
            ) as db:
                yield db
        except psycopg.Error as fault:
            raise _failed(fault) from fault


def _seat(db: "psycopg.Connection[Any]", wanted: _Wanted) -> Seat:
    role, user = sql.Identifier(wanted.role), sql.Identifier(wanted.user)
    return Seat(
        name=wanted.seat,
        lock=wanted.seat,
        is_there=lambda: db.execute(_IS_MEMBER, (wanted.role, wanted.user)).fetchone() is not None,
        add=lambda: _run(db, sql.SQL("GRANT {} TO {}").format(role, user)),
        remove=lambda: _run(db, sql.SQL("REVOKE {} FROM {}").format(role, user)),
    )


def _run(db: "psycopg.Connection[Any]", statement: sql.Composed) -> None:
    try:
        db.execute(statement)
    except psycopg.Error as fault:
        raise _failed(fault) from fault


def _expire(db: "psycopg.Connection[Any]", user: str, at: datetime) -> None:
    moment = sql.Literal(at.astimezone(UTC).isoformat())
    _run(db, sql.SQL("ALTER ROLE {} VALID UNTIL {}").format(sql.Identifier(user), moment))


def _wanted(order: Mapping[str, Any]) -> _Wanted:
    parameters = order["parameters"]
    role, user = allowed(parameters, "role"), str(parameters.get("user") or "")
    for name in (role, user):
        if not NAME.fullmatch(name):
            raise DeliveryFailed("grant_failed", f"{name[:80]!r} is no name of a role that is taken.", final=True)
    return _Wanted(
        dsn=str(parameters["dsn"]),
        role=role,
        user=user,
        holder=str(order["request_id"]),
        valid_until=parameters.get("valid_until") is True,
        end_sessions=parameters.get("end_sessions") is not False,
    )


def _failed(fault: psycopg.Error) -> DeliveryFailed:
    """A fault of the database. What is wrong with the order (class 42, 0L, 0P) stays wrong; the rest may pass."""
    state = fault.sqlstate or ""
    if not state:
        return DeliveryFailed("grant_failed", "The database could not be reached.")
    told = (fault.diag.message_primary or "it refused")[:200]
    return DeliveryFailed("grant_failed", f"The database says: {told}.", final=state[:2] in {"42", "0L", "0P", "28"})
