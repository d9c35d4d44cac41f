"""Access to a real database, asked for in Slack: the login may read for the time of the grant and not after it."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from redis import Redis

from approvalbot.request.request import State
from tests.bot import running_bot
from tests.grants.postgres import running_postgres
from tests.grants.test_postgres import may_read
from tests.journeys.holding import held

psycopg = pytest.importorskip("psycopg", reason="psycopg is not installed: pip install 'approvalbot[postgres]'")


def test_the_login_reads_while_the_grant_runs(
    redis: Redis, valkey_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with running_postgres() as server:
        line = f"host={server} user=postgres dbname=postgres"
        with psycopg.connect(line, autocommit=True) as admin:
            admin.execute("CREATE ROLE readonly_shop NOLOGIN")
            admin.execute("CREATE ROLE readonly NOLOGIN")
            admin.execute('CREATE ROLE "eve@example.com" LOGIN')
            admin.execute("CREATE TABLE orders (id int)")
            admin.execute("INSERT INTO orders VALUES (1)")
            admin.execute("GRANT SELECT ON orders TO readonly_shop")
        monkeypatch.setenv("GRANTS_DSN", line)
        written: dict[str, Any] = {"to": None, "database": None}
        written |= {"dsn": "env:GRANTS_DSN", "role": "readonly_{{ $input.database }}", "user": "{{ $requester.email }}"}
        changes = {"prod-database": {"grant": {"provider": "postgres", "with": written}}}
        with (
            running_bot(valkey_url, tmp_path, monkeypatch, changes=changes) as bot,
            bot.hands("EVE") as eve,
            bot.hands("DAN") as dan,
        ):
            name = held(bot, eve, dan)
            assert bot.request(name).state is State.ACTIVE
            assert may_read(server, role="readonly_shop")

            bot.later(name, timedelta(minutes=16))

            assert bot.request(name).state is State.ENDED
            assert not may_read(server, role="readonly_shop")
