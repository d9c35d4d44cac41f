"""A real PostgreSQL for the tests of the provider, on a socket of its own; skipped with a line where none is."""

import os
import pwd
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

PLACES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)


def program(name: str) -> str:
    found = next((str(place / name) for place in PLACES if (place / name).is_file()), shutil.which(name))
    if found is None:
        pytest.skip(f"PostgreSQL's {name} is not installed; on Debian: apt-get install postgresql")
    return found


@contextmanager
def running_postgres() -> Iterator[str]:
    """A cluster whose superuser is `postgres`; gives the folder of its socket. PostgreSQL does not run as root."""
    initdb, server = program("initdb"), program("pg_ctl")
    user = None
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    if os.geteuid() == 0:
        user = next((one.pw_name for one in pwd.getpwall() if one.pw_name in {"postgres", "nobody"}), "nobody")
        shutil.chown(folder, user)
    data, log = folder / "data", folder / "log"

    def run(*command: str) -> None:
        subprocess.run(command, check=True, user=user, cwd=folder, stdout=subprocess.DEVNULL, timeout=60)  # noqa: S603

    try:
        run(initdb, "--auth=trust", "--username=postgres", "--no-sync", "--locale=C.UTF-8", str(data))
        run(server, "start", "-w", "-D", str(data), "-l", str(log), "-o", f"-c listen_addresses='' -k {folder} -F")
        try:
            yield str(folder)
        finally:
            run(server, "stop", "-m", "immediate", "-D", str(data))
    finally:
        shutil.rmtree(folder, ignore_errors=True)
