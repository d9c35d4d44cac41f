"""The provider `postgres` against a real server: what a login may do is what counts."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from redis import Redis

from approvalbot.errors import DeliveryFailed
from approvalbot.grants.sharing import ADDED, KEPT
from approvalbot.store.guards import Guards
from approvalbot.store.holds import GrantHolds
from tests.grants.postgres import running_postgres

psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed: pip install 'approvalbot[postgres]'")

NOW = datetime.now(UTC)
SETUP = (
    "CREATE ROLE readonly NOLOGIN",
    'CREATE ROLE "eve@example.com" LOGIN NOINHERIT',
    "CREATE ROLE jit_eve LOGIN VALID UNTIL '2000-01-01'",
    "CREATE ROLE granter LOGIN CREATEROLE NOSUPERUSER",
    "GRANT pg_signal_backend TO granter",
    "CREATE TABLE orders (id int)",
    "INSERT INTO orders VALUES (1)",
    "GRANT SELECT ON orders TO readonly",
)


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with running_postgres() as folder:
        yield folder


@pytest.fixture
def admin(server: str) -> Iterator[Any]:
    """A superuser's connection to a fresh set of roles."""
    with psycopg.connect(host=server, user="postgres", dbname="postgres", autocommit=True) as line:
        line.execute("DROP TABLE IF EXISTS orders")
        for role in ("readonly", '"eve@example.com"', "jit_eve", "granter"):
            line.execute(f"DROP ROLE IF EXISTS {role}")
        for statement in SETUP:
            line.execute(statement)
        if line.info.server_version >= 160_000:
            line.execute("GRANT readonly TO granter WITH ADMIN OPTION")
            line.execute('GRANT "eve@example.com", jit_eve TO granter WITH ADMIN OPTION')
        yield line


@pytest.fixture
def grants(server: str, admin: Any, redis: Redis) -> Any:
    from approvalbot.grants.postgres import PostgresGrants  # noqa: PLC0415 - only where psycopg is installed

    lines = {"env:GRANTS_DSN": f"host={server} user=granter dbname=postgres", "env:AWAY": "host=/nowhere user=x"}
    return PostgresGrants(lines.__getitem__, GrantHolds(redis, Guards(redis)))


def order(request_id: str = "R1", reference: str = "", **parameters: Any) -> dict[str, Any]:
    return {
        "request_id": request_id,
        "reference": reference,
        "duration_s": 900,
        "requester": {"id": "eve", "slack": "U0EVE"},
        "parameters": {"dsn": "env:GRANTS_DSN", "role": "readonly", "user": "eve@example.com", **parameters},
    }


def may_read(server: str, user: str = "eve@example.com", role: str = "readonly") -> bool:
    try:
        with psycopg.connect(host=server, user=user, dbname="postgres") as line:
            line.execute(f"SET ROLE {role}")
            return bool(line.execute("SELECT id FROM orders").fetchone())
    except psycopg.errors.InsufficientPrivilege:
        return False


def test_the_login_reads_for_the_time_of_the_grant(grants: Any, server: str) -> None:
    assert not may_read(server)

    assert grants.start(order(), "k", NOW) == ADDED
    assert may_read(server)
    assert grants.start(order(), "k", NOW) == ADDED, "a second start gives nothing new"

    grants.end(order(reference=ADDED), "k", NOW)
    assert not may_read(server)
    grants.end(order(reference=ADDED), "k", NOW)


def test_a_session_that_has_taken_the_role_ends_with_the_grant(grants: Any, server: str) -> None:
    grants.start(order(), "k", NOW)
    line = psycopg.connect(host=server, user="eve@example.com", dbname="postgres", autocommit=True)
    line.execute("SET ROLE readonly")

    grants.end(order(reference=ADDED), "k", NOW)

    with pytest.raises(psycopg.OperationalError):
        line.execute("SELECT id FROM orders")
    line.close()


def test_sessions_are_left_alone_where_the_entitlement_says_so(grants: Any, server: str) -> None:
    grants.start(order(end_sessions=False), "k", NOW)
    with psycopg.connect(host=server, user="eve@example.com", dbname="postgres", autocommit=True) as line:
        grants.end(order(reference=ADDED, end_sessions=False), "k", NOW)

        assert line.execute("SELECT 1").fetchone() == (1,)
    assert not may_read(server)


def test_whoever_has_the_role_already_keeps_it(grants: Any, admin: Any, server: str) -> None:
    admin.execute('GRANT readonly TO "eve@example.com"')

    assert grants.start(order(), "k", NOW) == KEPT
    grants.end(order(reference=KEPT), "k", NOW)

    assert may_read(server)


def test_two_grants_of_one_role_end_one_after_the_other(grants: Any, server: str) -> None:
    grants.start(order("R1"), "k", NOW)
    grants.start(order("R2"), "k", NOW)

    grants.end(order("R1", ADDED), "k", NOW)
    assert may_read(server)
    grants.end(order("R2", ADDED), "k", NOW)

    assert not may_read(server)


def until(admin: Any) -> datetime:
    return admin.execute("SELECT rolvaliduntil FROM pg_roles WHERE rolname = 'jit_eve'").fetchone()[0]  # type: ignore[no-any-return]


def test_a_login_for_grants_expires_with_the_last_of_them(grants: Any, admin: Any, server: str) -> None:
    login: dict[str, Any] = {"user": "jit_eve", "valid_until": True}
    grants.start(order("R1", **login), "k", NOW)
    assert until(admin) == NOW + timedelta(minutes=15)
    later = NOW + timedelta(hours=2)
    grants.extend({**order("R1", **login), "ends_at": later.isoformat().replace("+00:00", "Z")}, "k", NOW)
    assert until(admin) == later
    grants.start(order("R2", role="pg_read_all_data", **login) | {"duration_s": 60}, "k", NOW)
    assert until(admin) == later, "a shorter grant does not shorten the longer one"

    grants.end(order("R1", ADDED, **login), "k", NOW)
    assert until(admin) == later
    grants.end(order("R2", ADDED, role="pg_read_all_data", **login), "k", NOW)

    assert until(admin) == NOW
    assert not may_read(server, "jit_eve")


def test_a_login_that_never_expires_is_nobodys_to_expire(grants: Any, server: str) -> None:
    with pytest.raises(DeliveryFailed, match="never expires; valid_until is for logins that exist for grants") as fault:
        grants.start(order(valid_until=True), "k", NOW)

    assert fault.value.final
    assert not may_read(server)


@pytest.mark.parametrize(
    ("parameters", "words", "final"),
    [
        ({"role": "readonly; DROP TABLE orders"}, "is no name of a role", True),
        ({"user": 'eve"'}, "is no name of a role", True),
        ({"role": "x" * 64}, "is no name of a role", True),
        ({"role": "readwrite", "allow": ["readonly*"]}, "is not on the entitlement's list of roles", True),
        ({"role": "nowhere"}, 'role "nowhere" does not exist', True),
        ({"user": "nobody"}, 'role "nobody" does not exist', True),
        ({"role": "postgres"}, "must be superuser|permission denied", True),
        ({"dsn": "env:AWAY"}, "The database could not be reached", False),
    ],
)
def test_what_cannot_be_granted_is_said(grants: Any, parameters: dict[str, Any], words: str, final: bool) -> None:
    with pytest.raises(DeliveryFailed, match=words) as fault:
        grants.start(order(**parameters), "k", NOW)

    assert fault.value.final is final


def test_an_end_that_cannot_be_made_is_no_end(grants: Any, admin: Any, server: str) -> None:
    grants.start(order(), "k", NOW)
    admin.execute("REVOKE pg_signal_backend FROM granter")
    line = psycopg.connect(host=server, user="eve@example.com", dbname="postgres", autocommit=True)

    with pytest.raises(DeliveryFailed):
        grants.end(order(reference=ADDED), "k", NOW)

    admin.execute("GRANT pg_signal_backend TO granter")
    grants.end(order(reference=ADDED), "k", NOW)
    with pytest.raises(psycopg.OperationalError):
        line.execute("SELECT 1")
    line.close()
