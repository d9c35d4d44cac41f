"""Sample events and the waiting service: what goes to the bot's webhook, and what comes back signed."""

import base64
import threading
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import httpx
import orjson
import pytest
from standardwebhooks import Webhook
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from approvalbot.workspace.config import Sample, SampleAuth, Service
from approvalbot.workspace.hands import CannotDo, Hands
from approvalbot.workspace.loopback import plain_http
from approvalbot.workspace.serving import Running, running_workspace
from tests.workspace.conftest import make_config, serve_in_thread

KEY = "whsec_" + base64.b64encode(b"k" * 32).decode()
OTHER_KEY = "whsec_" + base64.b64encode(b"o" * 32).decode()
WRONG_KEY = "whsec_" + base64.b64encode(b"x" * 32).decode()


class Webhooks:
    """The bot's webhook and long poll. `answer` is what the waiter gets once `decided` is set."""

    def __init__(self) -> None:
        self.got: list[tuple[dict[str, str], bytes]] = []
        self.polls: list[dict[str, str]] = []
        self.decided = threading.Event()
        self.status = 202

    async def take(self, request: Request) -> Response:
        """Accept an event."""
        self.got.append((dict(request.headers), await request.body()))
        return JSONResponse({"id": "7K3F", "status": "pending", "wait_url": "/v1/requests/7K3F"}, self.status)

    async def wait(self, request: Request) -> Response:
        """Answer a poll: pending the first time, then the decision."""
        self.polls.append({**request.headers, "wait": request.query_params["wait"]})
        if len(self.polls) == 1:
            return JSONResponse({"status": "pending", "allowed": False})
        return JSONResponse({"status": "approved", "allowed": True})


@pytest.fixture(scope="module")
def bot() -> Iterator[Webhooks]:
    """A bot's webhook side."""
    webhooks = Webhooks()
    routes = [
        Route("/v1/events/aws", webhooks.take, methods=["POST"]),
        Route("/v1/requests/7K3F", webhooks.wait),
    ]
    for origin in serve_in_thread(Starlette(routes=routes)):
        webhooks.origin = origin  # type: ignore[attr-defined]
        yield webhooks


@pytest.fixture(scope="module")
def running(bot: Webhooks) -> Iterator[Running]:
    """A workspace with samples for that bot."""
    url = f"{bot.origin}/v1/events/aws"  # type: ignore[attr-defined]
    bearer = SampleAuth(type="bearer", secret="the-key")
    body = {"Records": [{"eventID": "old", "eventTime": "old", "eventName": "AttachRolePolicy"}]}
    samples = (
        Sample(
            id="aws",
            title="Escalation",
            url=url,
            auth=SampleAuth(type="standard_webhooks", secret=KEY),
            body=body,
            fresh_id_path="Records.0.eventID",
            fresh_time_path="Records.0.eventTime",
        ),
        Sample(id="held", title="Held", url=url, auth=bearer, body={}, wait=True),
        Sample(id="key", title="Key", url=url, auth=SampleAuth(type="header", secret="k", header="x-key"), body={}),
        Sample(id="nobody", title="Nobody", url="http://127.0.0.1:9/", auth=bearer, body={}),
    )
    service = Service(callback_secrets=(OTHER_KEY, KEY), grant_secrets=(KEY,), how_to_use="Run it.")
    with running_workspace(make_config(samples=samples, service=service)) as workspace:
        yield workspace


@pytest.fixture
def ann(running: Running, bot: Webhooks) -> Iterator[Hands]:
    """Ann's session, everything as at the start."""
    bot.got.clear()
    bot.polls.clear()
    with running.hands("U0ANN") as hands:
        hands.reset()
        hands.service_answers("callbacks")
        hands._call("DELETE", "service/behaviour")
        yield hands


def deliver(
    running: Running, endpoint: str, body: dict[str, Any], *, key: str = KEY, webhook_id: str = "msg_1"
) -> httpx.Response:
    content = orjson.dumps(body)
    now = datetime.now(UTC)
    headers = {
        "webhook-id": webhook_id,
        "webhook-timestamp": str(int(now.timestamp())),
        "webhook-signature": Webhook(key).sign(webhook_id, now, content.decode()),
    }
    return httpx.post(f"{running.url}/service/{endpoint}", content=content, headers=headers, **plain_http())


def test_a_sample_is_signed_and_has_a_fresh_id_and_time(ann: Hands, bot: Webhooks) -> None:
    sent = [ann.send_sample("aws") for _ in range(2)]

    records = []
    for headers, body in bot.got:
        Webhook(KEY).verify(body, headers)
        records.append(orjson.loads(body)["Records"][0])
    assert len({one["eventID"] for one in records} | {"old"}) == 3
    assert all(one["eventTime"].endswith("Z") for one in records)
    assert [one["status"] for one in sent] == [202, 202]
    assert KEY not in orjson.dumps(ann.service()).decode()


def test_a_sample_can_be_changed_for_one_sending(ann: Hands, bot: Webhooks) -> None:
    ann.send_sample("aws", {"Records.0.eventID": "mine"})

    assert orjson.loads(bot.got[0][1])["Records"][0]["eventID"] == "mine"
    with pytest.raises(CannotDo, match="no place"):
        ann.send_sample("aws", {"Records.7.eventID": "mine"})


def test_samples_prove_themselves_as_their_source_does(ann: Hands, bot: Webhooks) -> None:
    ann.send_sample("held")
    ann.send_sample("key")

    assert bot.got[0][0]["authorization"] == "Bearer the-key"
    assert bot.got[1][0]["x-key"] == "k"


def test_a_bot_that_is_not_there_is_shown(ann: Hands) -> None:
    sent = ann.send_sample("nobody")

    assert sent["status"] is None
    assert "could not be reached" in sent["failure"]


def test_a_wait_is_asked_again_until_it_is_released(ann: Hands, bot: Webhooks) -> None:
    sent = ann.send_sample("held")

    wait = ann.wait_for(lambda: next(one for one in ann.service()["waits"] if one["state"] == "released"))

    assert wait["number"] == sent["wait"]
    assert wait["answer"] == {"status": "approved", "allowed": True}
    assert [one["wait"] for one in bot.polls] == ["30", "30"]
    assert {one["authorization"] for one in bot.polls} == {"Bearer the-key"}


def test_a_callback_is_verified_under_any_of_the_keys(ann: Hands, running: Running) -> None:
    good = deliver(running, "callbacks", {"type": "request.approved", "data": {"id": "7K3F"}})
    bad = deliver(
        running, "callbacks", {"type": "request.approved"}, key="whsec_" + base64.b64encode(b"x" * 32).decode()
    )

    shown = [(one["kind"], one["verified"], one["status"]) for one in ann.service()["received"]]
    assert (good.status_code, bad.status_code) == (200, 401)
    assert shown == [("request.approved", True, 200), ("request.approved", False, 401)]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"webhook-id": "x", "webhook-timestamp": "soon", "webhook-signature": "v1,x"},
        {"webhook-id": "x", "webhook-timestamp": "1700000000", "webhook-signature": "v1,x"},
        {"webhook-id": "x", "webhook-timestamp": "1700000000", "webhook-signature": "nonsense"},
    ],
)
def test_a_malformed_proof_is_401_and_never_an_error(running: Running, ann: Hands, headers: dict[str, str]) -> None:
    answer = httpx.post(f"{running.url}/service/callbacks", content=b"{}", headers=headers, **plain_http())

    assert answer.status_code == 401


def test_a_grant_is_given_once_and_ends(ann: Hands, running: Running) -> None:
    order = {"request_id": "7K3F", "entitlement": "prod-db"}
    first = deliver(running, "grants", {"type": "grant.start", "data": order})
    again = deliver(running, "grants", {"type": "grant.start", "data": order})
    given = ann.service()["grants"]
    deliver(running, "grants", {"type": "grant.end", "data": order}, webhook_id="msg_2")

    assert first.json() == again.json() == {"ref": "acme-1", "how_to_use": "Run it."}
    assert [one["state"] for one in given] == ["active"]
    assert [one["state"] for one in ann.service()["grants"]] == ["ended"]
    assert [one["repeats"] for one in ann.service()["received"]] == [0, 1, 0]


def test_the_service_fails_as_often_as_it_was_told(ann: Hands, running: Running) -> None:
    ann.service_answers("callbacks", status=503, times=2, retry_after="7")

    answers = [deliver(running, "callbacks", {"type": "x"}) for _ in range(3)]

    assert [one.status_code for one in answers] == [503, 503, 200]
    assert answers[0].headers["retry-after"] == "7"


def test_the_service_can_be_gone_for_good(ann: Hands, running: Running) -> None:
    ann.service_answers("grants", status=410, times=None)

    answers = [deliver(running, "grants", {"type": "grant.start", "data": {"request_id": "x"}}) for _ in range(2)]

    assert [one.status_code for one in answers] == [410, 410]
    assert ann.service()["grants"] == []
