"""The provider `aws` with AWS's own library, against a stand-in for Identity Center over HTTP."""

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from redis import Redis

from approvalbot.errors import DeliveryFailed, UnderWay
from approvalbot.grants.sharing import ADDED, KEPT
from approvalbot.store.guards import Guards
from approvalbot.store.holds import GrantHolds
from tests.grants.identity_center import INSTANCE, SETS, USERS, IdentityCenter
from tests.serving import serving

pytest.importorskip("boto3", reason="boto3 is not installed: pip install 'approvalbot[aws]'")

NOW = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)
ADMIN = next(arn for arn, name in SETS.items() if name == "AdministratorAccess")
EVE = ("111122223333", ADMIN, USERS["eve@example.com"])


@pytest.fixture
def center(monkeypatch: pytest.MonkeyPatch) -> Iterator[IdentityCenter]:
    center = IdentityCenter()
    with serving(center.app()) as url:
        for name, value in {
            "AWS_ENDPOINT_URL": url,
            "AWS_ACCESS_KEY_ID": "local",
            "AWS_SECRET_ACCESS_KEY": "local",
            "AWS_DEFAULT_REGION": "eu-west-1",
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            "NO_PROXY": "127.0.0.1",
        }.items():
            monkeypatch.setenv(name, value)
        yield center


@pytest.fixture
def grants(center: IdentityCenter, redis: Redis) -> Any:
    from approvalbot.grants.aws import AwsGrants  # noqa: PLC0415 - only where boto3 is installed

    guards = Guards(redis)
    return AwsGrants(GrantHolds(redis, guards), guards)


def order(request_id: str = "R1", reference: str = "", **parameters: Any) -> dict[str, Any]:
    given = {"account": "111122223333", "permission_set": "AdministratorAccess", "principal": "eve@example.com"}
    return {"request_id": request_id, "reference": reference, "parameters": {**given, **parameters}}


def test_a_permission_set_is_assigned_for_the_time_of_the_grant(grants: Any, center: IdentityCenter) -> None:
    assert grants.start(order(), "k", NOW) == ADDED
    assert center.assigned == {EVE}
    assert grants.start(order(), "k", NOW) == ADDED
    assert center.called.count("CreateAccountAssignment") == 1, "a second start gives nothing new"
    grants.extend(order(reference=ADDED), "k", NOW)
    assert center.called.count("CreateAccountAssignment") == 1

    grants.end(order(reference=ADDED), "k", NOW)

    assert center.assigned == set()
    grants.end(order(reference=ADDED), "k", NOW)
    assert center.called.count("DeleteAccountAssignment") == 1


def test_neither_start_nor_end_counts_before_aws_says_that_it_is_made(grants: Any, center: IdentityCenter) -> None:
    center.slow = 2
    for _ in range(2):
        with pytest.raises(UnderWay) as waiting:
            grants.start(order(), "k", NOW)
        assert waiting.value.retry_after_s == 2
    assert grants.start(order(), "k", NOW) == ADDED
    assert center.called.count("CreateAccountAssignment") == 1

    for _ in range(2):
        with pytest.raises(UnderWay):
            grants.end(order(reference=ADDED), "k", NOW)
    assert center.assigned == {EVE}
    grants.end(order(reference=ADDED), "k", NOW)
    assert center.assigned == set()
    assert center.called.count("DeleteAccountAssignment") == 1


def test_what_aws_fails_to_make_has_failed_with_its_reason(grants: Any, center: IdentityCenter) -> None:
    center.slow, center.fails = 1, "Received a 404 status error: the account is suspended"
    with pytest.raises(UnderWay):
        grants.start(order(), "k", NOW)

    with pytest.raises(DeliveryFailed, match="the account is suspended") as fault:
        grants.start(order(), "k", NOW)

    assert fault.value.final
    grants.end(order(), "k", NOW)
    assert "DeleteAccountAssignment" not in center.called, "there is nothing to take back"


def test_an_end_that_aws_fails_to_make_is_tried_again(grants: Any, center: IdentityCenter) -> None:
    grants.start(order(), "k", NOW)
    center.fails = "internal"
    with pytest.raises(DeliveryFailed, match="AWS did not do it: internal") as fault:
        grants.end(order(reference=ADDED), "k", NOW)
    assert not fault.value.final

    center.fails = ""
    grants.end(order(reference=ADDED), "k", NOW)

    assert center.assigned == set()


def test_whoever_is_assigned_already_stays_so(grants: Any, center: IdentityCenter) -> None:
    center.assigned.add(EVE)

    assert grants.start(order(), "k", NOW) == KEPT
    grants.end(order(reference=KEPT), "k", NOW)

    assert center.assigned == {EVE}


def test_two_grants_of_one_assignment_end_one_after_the_other(grants: Any, center: IdentityCenter) -> None:
    grants.start(order("R1"), "k", NOW)
    grants.start(order("R2", permission_set=ADMIN, instance=INSTANCE), "k", NOW)

    grants.end(order("R1", ADDED), "k", NOW)
    assert center.assigned == {EVE}
    grants.end(order("R2", ADDED), "k", NOW)

    assert center.assigned == set()


@pytest.mark.parametrize(
    ("parameters", "words"),
    [
        ({"account": "1111-2222-3333"}, "is no account: it has twelve digits"),
        ({"account": "444455556666", "allow": ["111122223333", "Administrator*"]}, "is not on the entitlement's list"),
        ({"permission_set": "Nothing"}, "There is no permission set Nothing"),
        ({"principal": "nobody"}, "Identity Center knows no user 'nobody'"),
        ({"instance": "arn:other"}, "There is no instance arn:other"),
    ],
)
def test_what_cannot_be_assigned_is_said_and_final(grants: Any, parameters: dict[str, Any], words: str) -> None:
    with pytest.raises(DeliveryFailed, match=words) as fault:
        grants.start(order(**parameters), "k", NOW)

    assert fault.value.final


def test_one_of_several_instances_has_to_be_named(grants: Any, center: IdentityCenter) -> None:
    center.instances = 2

    with pytest.raises(DeliveryFailed, match="There are 2 instances of Identity Center; name one"):
        grants.start(order(), "k", NOW)
    assert grants.start(order(instance=INSTANCE), "k", NOW) == ADDED


@pytest.mark.parametrize(
    ("code", "status", "final"),
    [
        ("AccessDeniedException", 400, True),
        ("ValidationException", 400, True),
        ("ThrottlingException", 400, False),
        ("InternalServerException", 500, False),
    ],
)
def test_an_answer_that_may_change_is_asked_again(
    grants: Any, center: IdentityCenter, code: str, status: int, final: bool
) -> None:
    center.answers["CreateAccountAssignment"] = (status, code, "because")

    with pytest.raises(DeliveryFailed, match=f"AWS says {code}: because") as fault:
        grants.start(order(), "k", NOW)

    assert fault.value.final is final


def test_a_conflict_waits_its_turn(grants: Any, center: IdentityCenter) -> None:
    center.answers["CreateAccountAssignment"] = (400, "ConflictException", "in progress")

    with pytest.raises(UnderWay):
        grants.start(order(), "k", NOW)


def test_aws_that_cannot_be_asked_is_no_no(grants: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")

    with pytest.raises(DeliveryFailed, match="AWS could not be asked: EndpointConnectionError") as fault:
        grants.start(order(), "k", NOW)

    assert not fault.value.final
