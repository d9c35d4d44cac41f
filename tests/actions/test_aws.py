"""AWS as it documents its query APIs: every call is signed, and it is made in the account of the event."""

import hashlib
import hmac
import re
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs

import pytest

from approvalbot.actions.aws import detach_policy, iam_of, remove_user_from_group, sts_of
from approvalbot.actions.order import Provider
from approvalbot.errors import DeliveryFailed
from tests.actions.standin import NETWORK, Got, Say, order, provider, standing_in

ADMIN = "arn:aws:iam::aws:policy/AdministratorAccess"
OWN, OTHER = "111122223333", "444455556666"
ROLE = f"arn:aws:iam::{OTHER}:role/approvalbot-undo"
SECRETS = {"AKIDOWN": "own-secret", "ASIAROLE": "role-secret"}


def signature_of(got: Got, secret: str, key_id: str, region: str, service: str) -> str:
    """Signature Version 4, computed anew from AWS' own description of it."""
    found = re.fullmatch(
        r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([^/]+)/([^/]+)/aws4_request, "
        r"SignedHeaders=([a-z0-9;-]+), Signature=([0-9a-f]{64})",
        got.headers["authorization"],
    )
    assert found is not None, got.headers["authorization"]
    assert (found[1], found[3], found[4]) == (key_id, region, service)
    names = found[5].split(";")
    assert {"host", "x-amz-date"} <= set(names)
    headers = "".join(f"{name}:{got.headers[name].strip()}\n" for name in names)
    hashed = hashlib.sha256(got.body).hexdigest()
    canonical = "\n".join(["POST", "/", "", headers, found[5], hashed])
    scope = f"{found[2]}/{region}/{service}/aws4_request"
    date = got.headers["x-amz-date"]
    to_sign = "\n".join(["AWS4-HMAC-SHA256", date, scope, hashlib.sha256(canonical.encode()).hexdigest()])
    key = f"AWS4{secret}".encode()
    for part in (found[2], region, service, "aws4_request"):
        key = hmac.digest(key, part.encode(), "sha256")
    assert hmac.digest(key, to_sign.encode(), "sha256").hex() == found[6], "the signature does not verify"
    return found[6]


class Aws:
    """IAM and STS. Users hold policies and belong to groups."""

    def __init__(self) -> None:
        self.attached = {("UserName", "eve"), ("RoleName", "deploy"), ("GroupName", "admins")}
        self.groups = {("eve", "admins")}
        self.actions: list[str] = []

    def __call__(self, got: Got) -> Say:
        asked = {name: values[0] for name, values in parse_qs(got.body.decode(), strict_parsing=True).items()}
        service = "sts" if asked["Version"] == "2011-06-15" else "iam"
        assert service == "sts" or asked["Version"] == "2010-05-08"
        key_id = got.headers["authorization"].partition("Credential=")[2].partition("/")[0]
        signature_of(got, SECRETS[key_id], key_id, "us-east-1", service)
        assert got.headers.get("x-amz-security-token") == ("role-session" if key_id == "ASIAROLE" else None)
        self.actions.append(asked["Action"])
        return Say(*getattr(self, f"_{service}")(asked))

    def _sts(self, asked: dict[str, str]) -> tuple[int, bytes]:
        if asked["Action"] == "GetCallerIdentity":
            return 200, f"<GetCallerIdentityResponse><Account>{OWN}</Account></GetCallerIdentityResponse>".encode()
        assert asked["Action"] == "AssumeRole"
        assert asked["RoleArn"] == ROLE
        assert re.fullmatch(r"[\w+=,.@-]{2,64}", asked["RoleSessionName"])
        keys = "<AccessKeyId>ASIAROLE</AccessKeyId><SecretAccessKey>role-secret</SecretAccessKey>"
        return 200, f"<R><Credentials>{keys}<SessionToken>role-session</SessionToken></Credentials></R>".encode()

    def _iam(self, asked: dict[str, str]) -> tuple[int, bytes]:
        if asked["Action"] == "RemoveUserFromGroup":
            held: set[Any] = self.groups
            what: Any = (asked["UserName"], asked["GroupName"])
        else:
            name = {"DetachUserPolicy": "UserName", "DetachRolePolicy": "RoleName", "DetachGroupPolicy": "GroupName"}
            assert asked["PolicyArn"] == ADMIN
            held, what = self.attached, (name[asked["Action"]], asked[name[asked["Action"]]])
        if what not in held:
            return 404, error("NoSuchEntity", f"Policy {ADMIN} was not found.")
        held.discard(what)
        return 200, b"<R><ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></R>"


def error(code: str, message: str) -> bytes:
    said = f"<Type>Sender</Type><Code>{code}</Code><Message>{message}</Message>"
    return f"<ErrorResponse><Error>{said}</Error></ErrorResponse>".encode()


def there(url: str, **settings: Any) -> Provider:
    keys = {"access_key_id": "AKIDOWN", "secret_access_key": "own-secret"}
    return provider("aws", url, sts_url=url, **{**keys, **settings})


FACTS = {"account": OWN}


@pytest.mark.parametrize(("kind", "name"), [("user", "eve"), ("role", "deploy"), ("group", "admins")])
def test_a_policy_is_taken_from_a_user_a_role_or_a_group_once(kind: str, name: str) -> None:
    aws, given = Aws(), order({kind: name, "policy": ADMIN}, facts=FACTS)
    with standing_in(aws) as at:
        first = detach_policy(NETWORK, there(at.url), given)
        second = detach_policy(NETWORK, there(at.url), given)

    assert (first, second) == ("done", "it was gone already")
    assert len(aws.attached) == 2


def test_a_user_is_taken_out_of_a_group_once() -> None:
    aws, given = Aws(), order({"user": "eve", "group": "admins"}, facts=FACTS)
    with standing_in(aws) as at:
        first = remove_user_from_group(NETWORK, there(at.url), given)
        second = remove_user_from_group(NETWORK, there(at.url), given)

    assert (first, second) == ("done", "it was gone already")
    assert aws.groups == set()


def test_another_account_is_entered_by_its_role_and_without_one_not_at_all() -> None:
    aws, given = Aws(), order({"user": "eve", "policy": ADMIN}, facts={"account": OTHER})
    with standing_in(aws) as at:
        with pytest.raises(DeliveryFailed) as caught:
            detach_policy(NETWORK, there(at.url), given)
        assert aws.actions == ["GetCallerIdentity"], "eve of our own account would have lost a policy"
        detach_policy(NETWORK, there(at.url, roles={OTHER: ROLE}), given)

    assert caught.value.final
    assert OTHER in caught.value.text()
    assert aws.actions[1:] == ["AssumeRole", "DetachUserPolicy"]


def test_the_policy_may_name_the_account_and_without_any_nothing_is_done() -> None:
    aws = Aws()
    with standing_in(aws) as at:
        detach_policy(NETWORK, there(at.url), order({"user": "eve", "policy": ADMIN, "account": OWN}, facts={}))
        with pytest.raises(DeliveryFailed) as caught:
            detach_policy(NETWORK, there(at.url), order({"user": "eve", "policy": ADMIN}, facts={}))

    assert caught.value.final
    assert "names no account" in caught.value.text()


@pytest.mark.parametrize("parameters", [{}, {"user": "eve", "role": "deploy"}, {"user": ["eve", "bob"]}, {"user": ""}])
def test_nobody_or_several_are_no_order(parameters: dict[str, Any]) -> None:
    with standing_in(Aws()) as at, pytest.raises(DeliveryFailed) as caught:
        detach_policy(NETWORK, there(at.url), order({"policy": ADMIN, **parameters}, facts=FACTS))

    assert caught.value.final
    assert at.got == []


@pytest.mark.parametrize(
    ("say", "final"),
    [
        (Say(403, error("AccessDenied", "User: x is not authorized")), True),
        (Say(403, error("InvalidClientTokenId", "The security token is invalid")), True),
        (Say(400, error("ValidationError", "x")), True),
        (Say(302, b"", {"location": "https://evil.example.com/"}), True),
        (Say(400, error("Throttling", "Rate exceeded")), False),
        (Say(429, b""), False),
        (Say(500, error("ServiceFailure", "x")), False),
        (Say(503, b"<html>"), False),
        (Say(200, b"<html>"), False),
    ],
)
def test_a_refusal_is_final_and_a_busy_or_broken_aws_is_asked_again(say: Say, final: bool) -> None:
    with standing_in(lambda _got: say) as at, pytest.raises(DeliveryFailed) as caught:
        detach_policy(NETWORK, there(at.url), order({"user": "eve", "policy": ADMIN}, facts=FACTS))

    assert caught.value.final is final
    assert len(at.got) == 1
    assert "own-secret" not in caught.value.text()


def test_without_keys_in_the_policies_awss_own_chain_finds_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDOWN")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "own-secret")
    aws = Aws()
    with standing_in(aws) as at:
        chained = provider("aws", at.url, sts_url=at.url)
        assert detach_policy(NETWORK, chained, order({"user": "eve", "policy": ADMIN}, facts=FACTS)) == "done"


@pytest.mark.parametrize("profile", ["", "nowhere"])
def test_without_any_keys_nothing_is_sent_and_it_is_tried_again(
    profile: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_PROFILE"):
        monkeypatch.delenv(name, raising=False)
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    if profile:
        monkeypatch.setenv("AWS_PROFILE", profile)
    with standing_in(Aws()) as at, pytest.raises(DeliveryFailed) as caught:
        detach_policy(
            NETWORK, provider("aws", at.url, sts_url=at.url), order({"user": "e", "policy": ADMIN}, facts=FACTS)
        )

    assert "No credentials for aws were found" in caught.value.text()
    assert not caught.value.final
    assert at.got == []


@pytest.mark.parametrize(
    ("region", "iam", "signed_for", "sts"),
    [
        ("", "https://iam.amazonaws.com", "us-east-1", "https://sts.us-east-1.amazonaws.com"),
        ("eu-west-1", "https://iam.amazonaws.com", "us-east-1", "https://sts.eu-west-1.amazonaws.com"),
        (
            "us-gov-east-1",
            "https://iam.us-gov.amazonaws.com",
            "us-gov-west-1",
            "https://sts.us-gov-east-1.amazonaws.com",
        ),
        (
            "cn-north-1",
            "https://iam.cn-north-1.amazonaws.com.cn",
            "cn-north-1",
            "https://sts.cn-north-1.amazonaws.com.cn",
        ),
    ],
)
def test_each_partition_has_its_own_addresses(region: str, iam: str, signed_for: str, sts: str) -> None:
    aws = Provider("aws", "aws", "", {"region": region})

    assert (iam_of(aws).url, iam_of(aws).region) == (iam, signed_for)
    assert sts_of(aws).url == sts
