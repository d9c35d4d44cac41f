"""What survives a restart: JSON documents in one SQLite table, written as they change.

Everything is read from memory; the file is only ever read once, at start. Each document is one row, so a change costs
one small write and nothing needs a transaction of several.
"""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import orjson

from approvalbot.workspace.errors import Json


class Store:
    """Documents by kind and key. Without a path nothing is written and `load` finds nothing."""

    def __init__(self, path: Path | None) -> None:
        self._db: sqlite3.Connection | None = None
        if path is None:
            return
        path.parent.mkdir(parents=True, exist_ok=True)
        # The server's own thread is the only user; it is not the thread that builds the workspace in a test.
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        # NORMAL under WAL survives a killed process, which is the promise; a power cut may cost the last messages.
        self._db.execute("PRAGMA journal_mode=WAL")
        self._db.execute("PRAGMA synchronous=NORMAL")
        self._db.execute(
            "CREATE TABLE IF NOT EXISTS documents (kind TEXT, key TEXT, body BLOB, PRIMARY KEY (kind, key))"
        )

    def put(self, kind: str, key: str, body: Json) -> None:
        """Write one document, replacing the one under the same key."""
        if self._db is not None:
            self._db.execute("INSERT OR REPLACE INTO documents VALUES (?, ?, ?)", (kind, key, orjson.dumps(body)))

    def remove(self, kind: str, key: str) -> None:
        """Forget one document; it need not exist."""
        if self._db is not None:
            self._db.execute("DELETE FROM documents WHERE kind = ? AND key = ?", (kind, key))

    def load(self, kind: str) -> Iterator[tuple[str, Json]]:
        """All documents of a kind with their keys, in the order of the keys."""
        if self._db is None:
            return
        rows = self._db.execute("SELECT key, body FROM documents WHERE kind = ? ORDER BY key", (kind,)).fetchall()
        for key, body in rows:
            yield key, orjson.loads(body)

    def clear(self) -> None:
        """Forget everything."""
        if self._db is not None:
            self._db.execute("DELETE FROM documents")

    def close(self) -> None:
        """Close the file; a second call does nothing."""
        if self._db is not None:
            self._db.close()
            self._db = None
