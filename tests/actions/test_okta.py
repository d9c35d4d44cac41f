"""Okta as its API reference documents it: roles of a user are listed and taken away one by one."""

from typing import Any
from urllib.parse import unquote

import pytest

from approvalbot.actions.okta import revoke_admin_role
from approvalbot.errors import DeliveryFailed
from tests.actions.standin import NETWORK, Got, Say, order, provider, standing_in

BEFORE, AFTER = "2026-03-03T11:54:00.000Z", "2026-03-03T12:00:01.000Z"


def role(role_id: str, kind: str, label: str, created: str = BEFORE, assigned: str = "USER") -> dict[str, str]:
    return {
        "id": role_id,
        "type": kind,
        "label": label,
        "status": "ACTIVE",
        "created": created,
        "assignmentType": assigned,
    }


class Org:
    """An Okta organisation in which one user holds roles."""

    def __init__(self, *roles: dict[str, str], user: str = "00u1") -> None:
        self.user, self.roles, self.scheme = user, list(roles), "SSWS"

    def __call__(self, got: Got) -> Say:
        if got.headers["authorization"] != f"{self.scheme} okta-token":
            return Say(401, {"errorCode": "E0000011", "errorSummary": "Invalid token provided"})
        parts = [unquote(part) for part in got.path.split("/")[1:]]
        assert parts[:3] == ["api", "v1", "users"], got.path
        if parts[3] != self.user:
            return Say(
                404, {"errorCode": "E0000007", "errorSummary": f"Not found: Resource not found: {parts[3]} (User)"}
            )
        assert parts[4] == "roles"
        if got.method == "GET":
            assert len(parts) == 5
            return Say(200, self.roles)
        assert (got.method, len(parts)) == ("DELETE", 6)
        held = [one for one in self.roles if one["id"] == parts[5]]
        if not held:
            return Say(404, {"errorSummary": "Not found: role"})
        assert held[0]["assignmentType"] == "USER", "a role of a group is not the user's to lose"
        self.roles.remove(held[0])
        return Say(204)


APP, HELP = role("IFIFAX", "APP_ADMIN", "Application Administrator"), role("JBCUYU", "HELP_DESK_ADMIN", "Help Desk")


def there(url: str, **settings: Any) -> Any:
    return provider("okta", url, token="okta-token", **settings)


def refusal(url: str, parameters: dict[str, Any], **settings: Any) -> DeliveryFailed:
    with pytest.raises(DeliveryFailed) as caught:
        revoke_admin_role(NETWORK, there(url, **settings), order(parameters))
    return caught.value


def test_every_role_is_taken_away_and_a_second_order_finds_none() -> None:
    org = Org(APP, HELP)
    with standing_in(org) as at:
        first = revoke_admin_role(NETWORK, there(at.url), order({"user": "00u1"}))
        second = revoke_admin_role(NETWORK, there(at.url), order({"user": "00u1"}))

    assert first == "took away Application Administrator, Help Desk"
    assert second == "no such role was there any more"
    assert org.roles == []


@pytest.mark.parametrize("named", ["help_desk_admin", "JBCUYU", "Help Desk"])
def test_one_role_is_taken_by_its_type_id_or_label(named: str) -> None:
    org = Org(APP, HELP)
    with standing_in(org) as at:
        revoke_admin_role(NETWORK, there(at.url), order({"user": "00u1", "role": named}))

    assert org.roles == [APP]


def test_a_role_given_after_the_decision_stays() -> None:
    later = role("LATER1", "SUPER_ADMIN", "Super Administrator", created=AFTER)
    org = Org(APP, later)
    with standing_in(org) as at:
        revoke_admin_role(NETWORK, there(at.url), order({"user": "00u1"}))

    assert org.roles == [later]


def test_a_role_that_comes_with_a_group_needs_hands_and_says_so() -> None:
    org = Org(APP, role("GRP1", "ORG_ADMIN", "Organization Administrator", assigned="GROUP"))
    with standing_in(org) as at:
        fault = refusal(at.url, {"user": "00u1"})

    assert fault.final
    assert "Organization Administrator came with a group" in fault.text()
    assert [one["id"] for one in org.roles] == ["GRP1"], "what could be taken away was"


def test_an_oauth_token_goes_as_bearer() -> None:
    org = Org(APP)
    org.scheme = "Bearer"
    with standing_in(org) as at:
        revoke_admin_role(NETWORK, there(at.url, scheme="bearer"), order({"user": "00u1"}))

    assert org.roles == []


def test_a_login_is_escaped_and_ourselves_are_nobody() -> None:
    org = Org(APP, user="eve/../me@example.com")
    with standing_in(org) as at:
        revoke_admin_role(NETWORK, there(at.url), order({"user": "eve/../me@example.com"}))
        assert org.roles == []
        for user in ("me", ".", "..", "", ["00u1", "00u2"]):
            assert refusal(at.url, {"user": user}).final

    assert len(at.got) == 2


@pytest.mark.parametrize(
    ("say", "final", "retry_after_s"),
    [
        (Say(401, {"errorSummary": "Invalid token provided"}), True, None),
        (Say(403, {"errorSummary": "You do not have permission"}), True, None),
        (Say(404, {"errorSummary": "Not found"}), True, None),
        (Say(200, {"not": "a list"}), True, None),
        (Say(429, {"errorSummary": "API call exceeded rate limit"}, {"x-rate-limit-reset": "1772539260"}), False, 60),
        (Say(500, b""), False, None),
    ],
)
def test_a_refusal_is_final_and_a_busy_okta_is_asked_when_its_limit_begins_anew(
    say: Say, final: bool, retry_after_s: float | None
) -> None:
    with standing_in(lambda _got: say) as at:
        fault = refusal(at.url, {"user": "00u1"})

    assert (fault.final, fault.retry_after_s) == (final, retry_after_s)
    assert "okta-token" not in fault.text()


def test_roles_already_taken_stay_taken_when_a_later_one_fails_and_are_not_asked_for_again() -> None:
    org, broken = Org(APP, HELP), [True]

    def answer(got: Got) -> Say:
        if got.method == "DELETE" and got.path.endswith("JBCUYU") and broken.pop() if broken else False:
            return Say(503)
        return org(got)

    with standing_in(answer) as at:
        assert not refusal(at.url, {"user": "00u1"}).final
        assert revoke_admin_role(NETWORK, there(at.url), order({"user": "00u1"})) == "took away Help Desk"

    assert org.roles == []
