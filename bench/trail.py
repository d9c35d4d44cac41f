"""How fast a trail is proven: from the store, and from an export without it; and that one edit among many is found."""

import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import orjson
from redis import Redis

from approvalbot.answers.signing import SigningKey, key_set
from approvalbot.audit.files import Beginning, exported, verify_file
from approvalbot.audit.formats import as_json_line
from approvalbot.audit.sealing import Sealer, opened
from approvalbot.request.request import Person
from approvalbot.request.trail import GENESIS, START, Draft
from approvalbot.store.chains import Chains
from approvalbot.store.checkpoints import CheckpointStore
from approvalbot.store.connection import connect
from approvalbot.store.embedded import embedded_valkey
from approvalbot.store.trail import TrailStore, prove
from bench.report import Claim, Report, Row

ENTRIES = 100_000
AT_ONCE = 500
KEY = SigningKey(b"b" * 32)
ANN = Person(key="ann", name="Ann Ames", slack="U0ANN")


def run() -> Report:
    """Write a trail, seal it, prove it twice, edit one entry, prove it again."""
    with tempfile.TemporaryDirectory() as folder, embedded_valkey(Path(folder)) as url:
        redis = connect(url)
        _write(redis)
        trail, checkpoints = TrailStore(redis), CheckpointStore(redis)
        sealed_in = _timed(lambda: Sealer(trail, checkpoints, KEY, "https://bot").seal(_now(redis)))
        tokens = {opened(one, key_set(KEY)).number: one for one in checkpoints.all()}
        held = {number: opened(one, key_set(KEY)) for number, one in tokens.items()}
        proven_in = _timed(lambda: prove(trail, held))
        proof = prove(trail, held)
        beginning = Beginning(START, GENESIS, "https://bot", key_set(KEY))
        lines = list(exported(beginning, trail.records(), tokens, as_json_line))
        offline_in = _timed(lambda: verify_file(lines, keys=key_set(KEY)))
        place = len(lines) // 2
        edited = [*lines[:place], lines[place].replace(b'"approve"', b'"deny"'), *lines[place + 1 :]]
        found = verify_file(edited, keys=key_set(KEY)).faults
    size = sum(len(line) for line in lines) / len(lines)
    return Report(
        "trail",
        f"{ENTRIES:,} entries of {size:.0f} bytes in 50 chains, under one checkpoint, one core",
        [
            Row("proven from an export, without the store", ENTRIES / offline_in, "entries/s", least=100_000),
            Row("proven from the store", ENTRIES / proven_in, "entries/s"),
            Row("sealed", ENTRIES / sealed_in, "entries/s"),
        ],
        [
            Claim("an untouched trail verifies", holds=not proof.faults, seen=f"{proof.entries:,} entries"),
            Claim("one edited entry is found", holds=len(found) == 1, seen=found[0] if found else "nothing"),
        ],
    )


def _write(redis: "Redis") -> None:
    chains = Chains(redis)
    detail = {"choice": "approve", "reason": "planned change", "progress": "1 of 2", "ticket": orjson.dumps(1).decode()}
    for turn in range(ENTRIES // AT_ONCE):
        chains.append(f"chain-{turn % 50}", [Draft("voted", ANN, detail) for _ in range(AT_ONCE)])


def _timed(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _now(redis: "Redis") -> datetime:
    return datetime.fromtimestamp(int(redis.time()[0]), UTC)
