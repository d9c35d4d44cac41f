"""GitHub as it documents its API: an App's key becomes an installation's token, and that answers the deployment."""

from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from joserfc import jwt
from joserfc.jwk import RSAKey

from approvalbot.actions.github import answer_deployment
from approvalbot.actions.order import Order
from approvalbot.errors import DeliveryFailed
from tests.actions.standin import NETWORK, NOW, Got, Say, StandIn, order, provider, standing_in

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PRIVATE = KEY.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
PUBLIC = KEY.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
RUN = "/repos/acme/shop/actions/runs/4242/deployment_protection_rule"
FACTS = {"repository": "acme/shop", "repository_id": 77, "installation": 555}


def github(got: Got) -> Say:
    """Strict: every header and every key of a body is checked as GitHub documents it."""
    assert got.headers["accept"] == "application/vnd.github+json"
    assert got.headers["x-github-api-version"] == "2022-11-28"
    assert got.headers["user-agent"]
    scheme, _, token = got.headers["authorization"].partition(" ")
    assert scheme == "Bearer"
    if got.path == "/app/installations/555/access_tokens":
        claims = jwt.decode(token, RSAKey.import_key(PUBLIC), algorithms=["RS256"]).claims
        assert claims["iss"] == "1234"
        assert claims["exp"] - claims["iat"] <= 600
        assert claims["iat"] < NOW.timestamp() < claims["exp"]
        assert got.json() == {"repository_ids": [77], "permissions": {"deployments": "write"}}
        return Say(201, {"token": "ghs_installation", "expires_at": "2026-03-03T13:00:00Z"})
    assert (got.method, got.path) == ("POST", RUN)
    if token not in {"ghs_installation", "ghs_plain"}:
        return Say(401, {"message": "Bad credentials"})
    body = got.json()
    assert set(body) <= {"environment_name", "state", "comment"}
    assert body["state"] in {"approved", "rejected"}
    return Say(204)


def deployment(github: StandIn, *, path: str = RUN, facts: Any = FACTS, approved: bool = True, **more: Any) -> Order:
    parameters = {"url": f"{github.url}{path}", "environment": "production", "state": "approved", **more}
    return order(parameters, facts=facts, approved=approved)


def app(at: StandIn, **settings: Any) -> list[Any]:
    return [provider("github", at.url, app_id="1234", private_key=PRIVATE, **settings)]


def refusal(given: Order, providers: list[Any]) -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as caught:
        answer_deployment(NETWORK, providers, given)
    return caught.value


def test_an_app_answers_with_a_token_of_its_installation() -> None:
    with standing_in(github) as at:
        answer_deployment(NETWORK, app(at), deployment(at, comment="Approved by Bob Bell"))

    assert at.calls == ["POST /app/installations/555/access_tokens", f"POST {RUN}"]
    assert at.got[1].json() == {
        "environment_name": "production",
        "state": "approved",
        "comment": "Approved by Bob Bell",
    }


def test_the_provider_may_name_the_installation_and_a_plain_token_needs_none() -> None:
    with standing_in(github) as at:
        answer_deployment(NETWORK, app(at, installation="555"), deployment(at, facts={**FACTS, "installation": 9}))
        plain = [provider("github", at.url, token="ghs_plain")]
        answer_deployment(NETWORK, plain, deployment(at, facts={"repository": "Acme/Shop"}))

    assert len(at.got) == 3


def test_an_enterprise_host_lies_below_a_path() -> None:
    def enterprise(got: Got) -> Say:
        return github(Got(got.method, got.path.removeprefix("/api/v3"), got.headers, got.body))

    with standing_in(enterprise) as at:
        there = [provider("github", f"{at.url}/api/v3", token="ghs_plain")]
        answer_deployment(NETWORK, there, deployment(at, path=f"/api/v3{RUN}"))
        outside = refusal(deployment(at), there)

    assert at.calls == [f"POST /api/v3{RUN}"]
    assert "on no host" in outside.text()


HOSTILE_URLS = [
    "https://evil.example.com/repos/acme/shop/actions/runs/1/deployment_protection_rule",
    "https://api.github.com.evil.example.com/repos/acme/shop/actions/runs/1/deployment_protection_rule",
    "https://api.github.com@evil.example.com/repos/acme/shop/actions/runs/1/deployment_protection_rule",
    "https://user:pw@api.github.com/repos/acme/shop/actions/runs/1/deployment_protection_rule",
    "http://api.github.com/repos/acme/shop/actions/runs/1/deployment_protection_rule",
    "https://api.github.com:8443/repos/acme/shop/actions/runs/1/deployment_protection_rule",
    "https://api.github.com/repos/acme/shop/actions/runs/1/deployment_protection_rule?x=1",
    "https://api.github.com/repos/acme/shop/actions/runs/1/deployment_protection_rule#x",
    "https://api.github.com/repos/acme/../other/actions/runs/1/deployment_protection_rule",
    "https://api.github.com/repos/acme/shop%2f..%2fother/actions/runs/1/deployment_protection_rule",
    "https://api.github.com/repos/acme/shop/actions/runs/1/deployment_protection_rule/../../..",
    "https://api.github.com/repos/acme/shop/actions/runs/x/deployment_protection_rule",
    "https://api.github.com/user/keys",
    "https://api.github.com\\@evil.example.com/repos/acme/shop/actions/runs/1/deployment_protection_rule",
    "//api.github.com/repos/acme/shop/actions/runs/1/deployment_protection_rule",
    "https://[::1/repos/acme/shop",
    "https://169.254.169.254/latest/meta-data/",
    "file:///etc/passwd",
    "x" * 5000,
]


@pytest.mark.parametrize("url", HOSTILE_URLS)
def test_an_address_of_the_event_goes_nowhere_but_to_its_own_run_on_a_known_host(url: str) -> None:
    def nobody(_host: str, _port: int) -> list[str]:
        raise AssertionError("nothing is resolved, let alone called")

    given = order({"url": url, "environment": "p", "state": "approved"}, facts=FACTS, approved=True)
    there = [provider("github", "https://api.github.com", token="ghs_plain")]
    with pytest.raises(DeliveryFailed) as caught:
        answer_deployment(type(NETWORK)(resolve=nobody), there, given)

    assert caught.value.final
    assert len(caught.value.text()) < 400


@pytest.mark.parametrize("repository", ["acme/other", "other/shop", None, "acme", ""])
def test_a_run_of_another_repository_than_the_events_is_refused(repository: str | None) -> None:
    with standing_in(github) as at:
        facts = {**FACTS, "repository": repository}
        fault = refusal(deployment(at, facts=facts), app(at))

    assert fault.final
    assert "repository" in fault.text()
    assert at.got == []


def test_nothing_but_an_approval_ever_says_approved() -> None:
    with standing_in(github) as at:
        fault = refusal(deployment(at, approved=False), app(at))
        answer_deployment(NETWORK, app(at), deployment(at, approved=False, state="rejected"))

    assert "Nobody approved" in fault.text()
    assert [one.json()["state"] for one in at.got if one.path == RUN] == ["rejected"]


@pytest.mark.parametrize(
    "changes", [{"environment": ""}, {"environment": None}, {"state": "maybe"}, {"url": ["a", "b"]}]
)
def test_a_parameter_with_a_hole_in_it_is_refused_before_anything_is_sent(changes: dict[str, Any]) -> None:
    with standing_in(github) as at:
        fault = refusal(deployment(at, **changes), app(at))

    assert fault.final
    assert at.got == []


def test_a_comment_keeps_the_credit_whole_or_is_not_sent_at_all() -> None:
    credit = "Rule by faloker, SigmaHQ, DRL 1.1, https://github.com/SigmaHQ/sigma"
    with standing_in(github) as at:
        good = deployment(at, state="rejected", comment="x" * (1024 - len(credit) - 2))
        answer_deployment(NETWORK, app(at), Order(**{**_fields(good), "credit": credit}))
        long = deployment(at, state="rejected", comment="x" * (1024 - len(credit) - 1))
        fault = refusal(Order(**{**_fields(long), "credit": credit}), app(at))

    (sent,) = [one.json()["comment"] for one in at.got if one.path == RUN]
    assert sent.endswith(credit)
    assert len(sent) == 1024
    assert "GitHub takes 1024" in fault.text()


def _fields(given: Order) -> dict[str, Any]:
    return {name: getattr(given, name) for name in Order.__dataclass_fields__}


FAULTS: list[tuple[Say, bool, float | None]] = [
    (Say(401, {"message": "Bad credentials"}), True, None),
    (Say(403, {"message": "Resource not accessible by integration"}), True, None),
    (Say(404, {"message": "Not Found"}), True, None),
    (Say(422, {"message": "Validation Failed"}), True, None),
    (Say(302, None, {"location": "https://evil.example.com/"}), True, None),
    (Say(307, None, {"location": "/elsewhere"}), True, None),
    (Say(403, {"message": "secondary rate limit"}, {"retry-after": "60"}), False, 60),
    (Say(403, {"message": "API rate limit exceeded"}, {"x-ratelimit-remaining": "0"}), False, None),
    (Say(429, None, {"retry-after": "7"}), False, 7),
    (Say(500, b"<html>"), False, None),
    (Say(503, None, {"retry-after": "30"}), False, 30),
]


@pytest.mark.parametrize(("say", "final", "retry_after_s"), FAULTS)
def test_a_refusal_is_final_and_a_busy_or_broken_github_is_asked_again(
    say: Say, final: bool, retry_after_s: float | None
) -> None:
    with standing_in(lambda _got: say) as at:
        there = [provider("github", at.url, token="ghs_plain")]
        fault = refusal(deployment(at), there)

    assert (fault.final, fault.retry_after_s) == (final, retry_after_s)
    assert f"github answered {say.status}" in fault.text()
    assert len(at.got) == 1, "no redirect is followed"


def test_a_limit_that_begins_anew_is_waited_for() -> None:
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": str(int(NOW.timestamp()) + 90)}
    with standing_in(lambda _got: Say(403, {}, headers)) as at:
        fault = refusal(deployment(at), [provider("github", at.url, token="ghs_plain")])

    assert (fault.final, fault.retry_after_s) == (False, 90)


def test_an_app_that_github_refuses_a_token_answers_nothing() -> None:
    with standing_in(lambda _got: Say(401, {"message": "'Expiration time' claim ('exp') is too far"})) as at:
        fault = refusal(deployment(at), app(at))
        none = refusal(deployment(at, facts={"repository": "acme/shop"}), app(at))
        bad = [provider("github", at.url, app_id="1", private_key="no key")]
        broken = refusal(deployment(at), bad)

    assert fault.final
    assert "exp" in fault.text()
    assert "no installation" in none.text()
    assert "no RSA key" in broken.text()
    assert PRIVATE not in fault.text()


def test_a_github_that_does_not_answer_is_asked_again() -> None:
    given = order(
        {"url": f"http://127.0.0.1:1{RUN}", "environment": "p", "state": "approved"}, facts=FACTS, approved=True
    )
    fault = refusal(given, [provider("github", "http://127.0.0.1:1", token="t")])

    assert not fault.final
