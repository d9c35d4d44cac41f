"""Whatever a stranger writes into the headers and the body of a proof: refused in our words, never a fault of ours."""

import json

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.proofs.makers import message
from tests.proofs.world import World

HEADERS = ["authorization", "x-forwarded-client-cert", "x-amz-sns-message-type", "x-hook-key", "content-type", "ce-id"]
VALUES = st.binary(max_size=300).map(lambda raw: bytes(one for one in raw if one >= 0x20 and one != 0x7F).strip())
SHAPES = st.sampled_from([b"Bearer ", b"bearer a.b.", b"Hash=", b":", b"%2D%2D", b"-----BEGIN CERTIFICATE-----", b""])
SOURCES = ("okta", "okta-named", "pubsub", "discovered", "fleet", "topic", "trail")

RUNS = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@given(
    st.lists(st.tuples(st.sampled_from(HEADERS), SHAPES, VALUES), max_size=4),
    st.sampled_from(SOURCES),
    st.binary(max_size=80),
)
@RUNS
def test_headers(world: World, headers: list[tuple[str, bytes, bytes]], source: str, body: bytes) -> None:
    sent = [(name.encode(), (shape + value).strip()) for name, shape, value in headers]

    answer = world.bot.http.post(f"/v1/events/{source}", content=body, headers=sent)

    # An issuer that was never there is our fault (503); everything else is the stranger's.
    assert answer.status_code in ({401, 503} if source == "discovered" else {401}), (source, answer.text)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(sorted(message())), JSON, min_size=1, max_size=4))
@RUNS
def test_messages(world: World, changes: dict[str, object]) -> None:
    body = json.dumps({**message(), **changes}).encode()

    answer = world.bot.http.post("/v1/events/topic", content=body)

    assert answer.status_code in {401, 503}, answer.text
