"""The waiting service: its answer, when it comes, and only its own."""

import threading
import time
from datetime import UTC, datetime

import httpx
import pytest

from approvalbot.answers.receipts import verify
from tests.bot import AWS_KEY, Bot
from tests.journeys.test_presses import card_of


def test_a_waiting_service_is_released_by_the_press(bot: Bot) -> None:
    asked = bot.deploy().json()
    released: list[tuple[float, httpx.Response]] = []

    def wait() -> None:
        with httpx.Client(base_url=bot.http.base_url, trust_env=False, timeout=40) as http:
            response = http.get(f"/v1/requests/{asked['id']}?wait=30", headers=bot.bearer())
        released.append((time.monotonic(), response))

    waiter = threading.Thread(target=wait)
    waiter.start()
    with bot.hands("BOB") as bob:
        card = card_of(bot, bob)
        bob.press(card.channel, card.ts, "request.approve")
        pressed = time.monotonic()
    waiter.join()

    at, response = released[0]
    assert at - pressed < 1
    assert response.json()["allowed"] is True


def test_a_wait_that_runs_out_is_not_an_answer(bot: Bot) -> None:
    asked = bot.deploy().json()

    response = bot.http.get(f"/v1/requests/{asked['id']}?wait=1", headers=bot.bearer())

    assert response.status_code == 200
    assert (response.json()["status"], response.json()["allowed"]) == ("pending", False)
    assert response.headers["retry-after"] == "1"
    assert response.json()["receipt"] is None


def test_a_preference_is_honoured_and_said_so(bot: Bot) -> None:
    asked = bot.deploy().json()

    response = bot.http.get(f"/v1/requests/{asked['id']}", headers={**bot.bearer(), "prefer": "wait=1"})

    assert response.headers["preference-applied"] == "wait=1"


def test_an_unchanged_answer_is_not_sent_again(bot: Bot) -> None:
    asked = bot.deploy().json()
    url = f"/v1/requests/{asked['id']}"
    tag = bot.http.get(url, headers=bot.bearer()).headers["etag"]

    assert bot.http.get(url, headers={**bot.bearer(), "if-none-match": tag}).status_code == 304
    with bot.hands("BOB") as bob:
        card = card_of(bot, bob)
        bob.press(card.channel, card.ts, "request.approve")
    assert bot.http.get(url, headers={**bot.bearer(), "if-none-match": tag}).status_code == 200


def test_only_the_source_that_asked_sees_its_requests(bot: Bot) -> None:
    asked = bot.deploy().json()
    theirs = bot.aws_escalation()
    url = f"/v1/requests/{asked['id']}"

    assert bot.http.get(url).status_code == 401
    assert bot.http.get(url, headers={"authorization": "Bearer wrong"}).status_code == 401
    assert bot.http.get(url, headers={"authorization": f"Bearer {AWS_KEY}"}).status_code == 401, "it may not wait"
    assert bot.http.get(f"/v1/requests/{theirs}", headers=bot.bearer()).status_code == 404
    listed = bot.http.get("/v1/requests", headers=bot.bearer()).json()["requests"]
    assert [one["id"] for one in listed] == [asked["id"]]


@pytest.mark.parametrize("name", ["x", "0" * 20, "%00", "..%2f..", "A" * 5000, "<script>"])
def test_an_id_that_is_none_is_404(bot: Bot, name: str) -> None:
    assert bot.http.get(f"/v1/requests/{name}", headers=bot.bearer()).status_code == 404
    assert bot.http.post(f"/v1/requests/{name}/consume", headers=bot.bearer()).status_code == 404


@pytest.mark.parametrize("query", ["wait=-1", "wait=x", "wait=1e9", "wait=\uff19"])
def test_a_wait_that_is_no_number_is_400(bot: Bot, query: str) -> None:
    asked = bot.deploy().json()

    response = bot.http.get(f"/v1/requests/{asked['id']}?{query}", headers=bot.bearer())

    assert (response.status_code, response.json()["code"]) == (400, "parameter_invalid")


def test_the_list_is_paged_and_narrowed(bot: Bot) -> None:
    for number in range(5):
        bot.deploy(id=f"run-{number}", sha=str(number))

    first = bot.http.get("/v1/requests?limit=2", headers=bot.bearer()).json()
    second = bot.http.get(f"/v1/requests?limit=10&cursor={first['next_cursor']}", headers=bot.bearer()).json()

    ids = [one["id"] for one in (*first["requests"], *second["requests"])]
    assert len(set(ids)) == 5
    assert second["next_cursor"] is None
    assert bot.http.get("/v1/requests?status=approved", headers=bot.bearer()).json()["requests"] == []
    for query in ("status=yes", "limit=x", "cursor=x", "limit=99999999"):
        assert bot.http.get(f"/v1/requests?{query}", headers=bot.bearer()).status_code == 400


def test_an_approval_is_used_once_and_only_for_what_was_approved(bot: Bot) -> None:
    asked = bot.deploy().json()
    url = f"/v1/requests/{asked['id']}/consume"
    assert bot.http.post(url, headers=bot.bearer()).json()["code"] == "not_approved"
    with bot.hands("BOB") as bob:
        card = card_of(bot, bob)
        bob.press(card.channel, card.ts, "request.approve")

    other = bot.http.post(url, headers=bot.bearer(), json={"event_digest": "0" * 64})
    assert (other.status_code, other.json()["code"]) == (409, "not_approved")
    digest = bot.request(asked["id"]).event_digest
    assert bot.http.post(url, headers=bot.bearer(), json={"event_digest": digest}).status_code == 200
    assert bot.http.post(url, headers=bot.bearer()).json()["code"] == "already_consumed"
    assert bot.http.post(url, headers=bot.bearer(), content=b"[1]").status_code == 400


def test_the_receipt_of_an_answer_verifies_and_binds_event_and_policy(bot: Bot) -> None:
    asked = bot.deploy().json()
    with bot.hands("BOB") as bob:
        card = card_of(bot, bob)
        bob.press(card.channel, card.ts, "request.approve")
    answer = bot.http.get(f"/v1/requests/{asked['id']}", headers=bot.bearer()).json()

    claims = verify(answer["receipt"], bot.http.get("/.well-known/jwks.json").json(), datetime.now(UTC))

    assert claims["jti"] == asked["id"]
    assert claims["event_digest"] == bot.request(asked["id"]).event_digest
    assert claims["policy"] == answer["policy"]
    assert claims["decided_by"] == [{"id": "bob", "name": "Bob Bell"}]
