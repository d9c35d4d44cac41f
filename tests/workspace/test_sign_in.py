"""Sign in with Slack, as a dashboard does it: authorize, exchange, verify."""

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from joserfc import jwt
from joserfc.jwk import KeySet
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from approvalbot.workspace.config import SignIn
from approvalbot.workspace.loopback import plain_http
from approvalbot.workspace.serving import Running, running_workspace
from tests.workspace.conftest import make_config

BACK = "http://127.0.0.1:8000/auth/slack/callback"
ASKED = {
    "client_id": "111.222",
    "redirect_uri": BACK,
    "scope": "openid email profile",
    "state": "the-state",
    "nonce": "the-nonce",
    "response_type": "code",
}


@pytest.fixture(scope="module")
def running() -> Iterator[Running]:
    """A workspace where the dashboard is registered."""
    sign_in = SignIn(client_secret="local-client-secret", redirect_urls=(BACK,))
    with running_workspace(make_config(sign_in=sign_in)) as workspace:
        yield workspace


def authorize(running: Running, **changes: str) -> httpx.Response:
    form = {**ASKED, "user": "U0ANN", **changes}
    return httpx.post(f"{running.url}/openid/connect/authorize", data=form, **plain_http())


def install(running: Running, **changes: str) -> httpx.Response:
    asked = {"scope": "commands,chat:write,channels:join", "response_type": ""}
    form = {**ASKED, **asked, "user": "U0CAT", **changes}
    return httpx.post(f"{running.url}/oauth/v2/authorize", data=form, **plain_http())


def code_of(response: httpx.Response) -> str:
    query = parse_qs(urlsplit(response.headers["location"]).query)
    assert query["state"] == ["the-state"]
    return query["code"][0]


def exchange(running: Running, code: str, **changes: str) -> dict[str, str]:
    arguments = {"client_id": "111.222", "client_secret": "local-client-secret", "redirect_uri": BACK, **changes}
    answer = WebClient(base_url=running.api_url).openid_connect_token(code=code, **arguments)
    return dict(answer.data)  # type: ignore[arg-type]


def test_a_code_becomes_a_token_that_verifies(running: Running) -> None:
    discovery = httpx.get(f"{running.url}/.well-known/openid-configuration", **plain_http()).json()
    keys = KeySet.import_key_set(httpx.get(discovery["jwks_uri"], **plain_http()).json())

    answer = exchange(running, code_of(authorize(running)))
    claims = jwt.decode(answer["id_token"], keys, algorithms=["RS256"]).claims

    assert (claims["iss"], claims["aud"], claims["nonce"]) == (running.url, "111.222", "the-nonce")
    assert claims["https://slack.com/user_id"] == "U0ANN"
    assert claims["https://slack.com/team_id"] == "T0ACME"
    assert claims["email"] == "ann@example.com"


def test_the_token_tells_who_it_is(running: Running) -> None:
    answer = exchange(running, code_of(authorize(running)))

    info = WebClient(answer["access_token"], base_url=running.api_url).openid_connect_userInfo()

    assert info["https://slack.com/user_id"] == "U0ANN"
    assert info["given_name"] == "Ann"


def test_a_stranger_signs_in_for_their_own_team(running: Running) -> None:
    answer = exchange(running, code_of(authorize(running, user="U0OLG")))

    info = WebClient(answer["access_token"], base_url=running.api_url).openid_connect_userInfo()

    assert info["https://slack.com/team_id"] == "T0OTHER"


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"client_secret": "wrong"}, "bad_client_secret"),
        ({"client_id": "9.9"}, "invalid_client_id"),
        ({"redirect_uri": "http://127.0.0.1:8000/elsewhere"}, "bad_redirect_uri"),
        ({"grant_type": "password"}, "invalid_grant_type"),
    ],
)
def test_a_wrong_exchange_is_refused(running: Running, changes: dict[str, str], code: str) -> None:
    with pytest.raises(SlackApiError) as refused:
        exchange(running, code_of(authorize(running)), **changes)

    assert refused.value.response["error"] == code


def test_a_code_works_once(running: Running) -> None:
    code = code_of(authorize(running))
    exchange(running, code)

    with pytest.raises(SlackApiError) as refused:
        exchange(running, code)

    assert refused.value.response["error"] == "invalid_code"


@pytest.mark.parametrize(
    "changes",
    [
        {"redirect_uri": "https://evil.example/"},
        {"client_id": "9.9"},
        {"response_type": "token"},
        {"scope": "email"},
        {"user": "U0ZED"},
        {"user": "U0NOBODY"},
    ],
)
def test_a_wrong_question_sends_nobody_back(running: Running, changes: dict[str, str]) -> None:
    answer = authorize(running, **changes)

    assert answer.status_code == 400
    assert "location" not in answer.headers


def test_the_page_offers_everybody_who_can_sign_in(running: Running) -> None:
    page = httpx.get(f"{running.url}/openid/connect/authorize", params=ASKED, **plain_http())

    assert "Ann Ames" in page.text
    assert "Zed Zorn" not in page.text
    assert "form-action 'self' http://127.0.0.1:8000" in page.headers["content-security-policy"]


def test_what_is_asked_stays_text_on_the_page(running: Running) -> None:
    page = httpx.get(
        f"{running.url}/openid/connect/authorize", params={**ASKED, "state": '"><script>x</script>'}, **plain_http()
    )

    assert "<script>" not in page.text


def test_cancelling_is_said_to_the_app(running: Running) -> None:
    for answer in (authorize(running, user=""), install(running, user="")):
        query = parse_qs(urlsplit(answer.headers["location"]).query)

        assert query == {"error": ["access_denied"], "state": ["the-state"]}


def test_a_token_dies_with_the_account(running: Running) -> None:
    answer = exchange(running, code_of(authorize(running, user="U0DAN")))
    with running.hands("U0CAT") as cat:
        cat.set_active("U0DAN", active=False)
        with pytest.raises(SlackApiError) as refused:
            WebClient(answer["access_token"], base_url=running.api_url).openid_connect_userInfo()
        cat.set_active("U0DAN", active=True)

    assert refused.value.response["error"] == "account_inactive"


def test_an_installation_brings_the_token_and_its_scopes(running: Running) -> None:
    secret = {"client_id": "111.222", "client_secret": "local-client-secret", "redirect_uri": BACK}
    with running.hands("U0CAT") as cat:
        cat.set_installed(installed=False)
        answer = WebClient(base_url=running.api_url).oauth_v2_access(code=code_of(install(running)), **secret)

        client = WebClient(str(answer["access_token"]), base_url=running.api_url)
        joined = client.conversations_join(channel="C0NOBOT")
        with pytest.raises(SlackApiError) as refused:
            client.users_info(user="U0ANN")
    assert (answer["token_type"], answer["scope"]) == ("bot", "commands,chat:write,channels:join")
    assert (answer["app_id"], answer["team"]["id"], answer["authed_user"]["id"]) == ("A0APPROVE", "T0ACME", "U0CAT")
    assert joined["ok"]
    assert refused.value.response["needed"] == "users:read"


def test_a_code_is_good_for_its_own_flow_only(running: Running) -> None:
    secret = {"client_id": "111.222", "client_secret": "local-client-secret", "redirect_uri": BACK}
    with pytest.raises(SlackApiError) as signed_in:
        exchange(running, code_of(install(running)))
    with pytest.raises(SlackApiError) as installed:
        WebClient(base_url=running.api_url).oauth_v2_access(code=code_of(authorize(running)), **secret)

    assert signed_in.value.response["error"] == "oauth_authorization_url_mismatch"
    assert installed.value.response["error"] == "oauth_authorization_url_mismatch"


@pytest.mark.parametrize("changes", [{"scope": "admin.users:write"}, {"scope": ""}, {"client_id": "9.9"}])
def test_a_wrong_installation_sends_nobody_back(running: Running, changes: dict[str, str]) -> None:
    answer = install(running, **changes)

    assert answer.status_code == 400
    assert "location" not in answer.headers
