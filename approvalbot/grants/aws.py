"""The provider `aws`: whoever asked is assigned a permission set in an account, by IAM Identity Center.

AWS takes an assignment on and makes it some seconds later. The number under which it took it on is kept, and asked
again until it says how it ended; meanwhile neither a start nor an end counts as made. Region and credentials are those
of the process, by the usual ways of AWS's own library.
"""

import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, Protocol

from boto3.session import Session
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from approvalbot.errors import DeliveryFailed, UnderWay
from approvalbot.grants.allowing import allowed
from approvalbot.grants.sharing import Holds, Seat, give, take

ASK_AGAIN_S = 2.0
"""Seconds until AWS is asked again what became of an assignment: most take two to ten."""

KEEP_S = 7 * 86_400
"""How long the number of an operation is kept: longer than any operation runs, shorter than for ever."""

ACCOUNT = re.compile(r"[0-9]{12}")
PASSING = frozenset(
    {"ConflictException", "InternalServerException", "ServiceUnavailable", "ThrottlingException", "TooManyRequests"}
)
"""Answers that may be others in a moment (IAM Identity Center API reference). Everything else stays a no."""

Work = Literal["creation", "deletion"]


class Notes(Protocol):
    """Texts that all processes share for a while."""

    def remember(self, what: str, value: str, answer: str, *, keep_s: int) -> None:
        """Keep a text under `value`."""

    def recall(self, what: str, value: str) -> str | None:
        """The text kept under `value`, or None."""

    def forget(self, what: str, value: str) -> None:
        """Drop what was kept."""


@dataclass(frozen=True, slots=True)
class _Assignment:
    """One assignment, in AWS's own names."""

    instance: str
    account: str
    permission_set: str
    principal: str

    def arguments(self) -> dict[str, str]:
        return {
            "InstanceArn": self.instance,
            "TargetId": self.account,
            "TargetType": "AWS_ACCOUNT",
            "PermissionSetArn": self.permission_set,
            "PrincipalType": "USER",
            "PrincipalId": self.principal,
        }

    @property
    def name(self) -> str:
        return f"aws:{self.account}:{self.permission_set}:{self.principal}"


class AwsGrants:
    """Assigns permission sets, and takes them back."""

    def __init__(self, holds: Holds, notes: Notes) -> None:
        self._holds = holds
        self._notes = notes
        # Making one reads megabytes of AWS's descriptions; they are safe to share among threads.
        self._clients: dict[tuple[str, str], Any] = {}

    def start(self, order: Mapping[str, Any], _key: str, _now: datetime) -> str:
        """Assign; raises `UnderWay` until AWS says that it is made."""
        with _told():
            return give(self._holds, self._seat(order), str(order["request_id"]))

    def extend(self, order: Mapping[str, Any], _key: str, _now: datetime) -> None:
        """An assignment knows no end of its own; one that somebody took meanwhile is made again."""
        with _told():
            give(self._holds, self._seat(order), str(order["request_id"]))

    def end(self, order: Mapping[str, Any], _key: str, _now: datetime) -> None:
        """Take it back; raises `UnderWay` until AWS says that it is gone.

        A session that runs ends at its own time: at most as long as the permission set lets sessions last.
        """
        with _told():
            take(self._holds, self._seat(order), str(order["request_id"]), str(order.get("reference") or ""))

    def _seat(self, order: Mapping[str, Any]) -> Seat:
        parameters = order["parameters"]
        region = str(parameters.get("region") or "")
        center, people = self._client("sso-admin", region), self._client("identitystore", region)
        assignment = _resolved(center, people, parameters)
        return Seat(
            name=assignment.name,
            lock=assignment.name,
            is_there=lambda: _is_assigned(center, assignment),
            add=lambda: self._work(center, assignment, "creation"),
            remove=lambda: self._work(center, assignment, "deletion"),
        )

    def _client(self, service: str, region: str) -> Any:
        if (service, region) not in self._clients:
            # One try: the outbox tries again by itself, and a second create while the first runs is a conflict.
            limits = Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 1})
            self._clients[service, region] = Session().client(service, region_name=region or None, config=limits)
        return self._clients[service, region]

    def _work(self, center: Any, assignment: _Assignment, work: Work) -> None:
        """Begin an operation, or ask what became of the one that was begun."""
        number = self._notes.recall(f"aws-{work}", assignment.name)
        status = _begun(center, assignment, work) if number is None else _asked(center, assignment, work, number)
        match status.get("Status"):
            case "SUCCEEDED":
                self._notes.forget(f"aws-{work}", assignment.name)
            case "FAILED":
                self._notes.forget(f"aws-{work}", assignment.name)
                told = str(status.get("FailureReason") or "it gave no reason")[:200]
                raise DeliveryFailed("grant_failed", f"AWS did not do it: {told}.", final=work == "creation")
            case _:
                self._notes.remember(f"aws-{work}", assignment.name, str(status["RequestId"]), keep_s=KEEP_S)
                raise UnderWay("AWS has taken it on and is not done.", retry_after_s=ASK_AGAIN_S)


def _begun(center: Any, assignment: _Assignment, work: Work) -> Mapping[str, Any]:
    if work == "creation":
        return _status(center.create_account_assignment(**assignment.arguments()), work)
    return _status(center.delete_account_assignment(**assignment.arguments()), work)


def _asked(center: Any, assignment: _Assignment, work: Work, number: str) -> Mapping[str, Any]:
    instance = assignment.instance
    if work == "creation":
        said = center.describe_account_assignment_creation_status(
            InstanceArn=instance, AccountAssignmentCreationRequestId=number
        )
    else:
        said = center.describe_account_assignment_deletion_status(
            InstanceArn=instance, AccountAssignmentDeletionRequestId=number
        )
    return _status(said, work)


def _status(said: Mapping[str, Any], work: Work) -> Mapping[str, Any]:
    status: Mapping[str, Any] = said[f"AccountAssignment{work.capitalize()}Status"]
    return status


def _resolved(center: Any, people: Any, parameters: Mapping[str, Any]) -> _Assignment:
    """The assignment, with the names of the policy looked up."""
    account, wanted = allowed(parameters, "account"), allowed(parameters, "permission_set")
    if not ACCOUNT.fullmatch(account):
        raise DeliveryFailed("grant_failed", f"{account[:40]!r} is no account: it has twelve digits.", final=True)
    instance, store = _instance(center, str(parameters.get("instance") or ""))
    return _Assignment(
        instance=instance,
        account=account,
        permission_set=wanted if wanted.startswith("arn:") else _permission_set(center, instance, wanted),
        principal=_principal(people, store, str(parameters.get("principal") or "")),
    )


def _instance(center: Any, wanted: str) -> tuple[str, str]:
    found = [
        (str(one["InstanceArn"]), str(one["IdentityStoreId"]))
        for page in center.get_paginator("list_instances").paginate()
        for one in page["Instances"]
        if wanted in {"", one["InstanceArn"]}
    ]
    if len(found) != 1:
        told = f"There is no instance {wanted}" if wanted else f"There are {len(found)} instances of Identity Center"
        raise DeliveryFailed("grant_failed", f"{told}; name one in grant.with.instance.", final=True)
    return found[0]


def _permission_set(center: Any, instance: str, name: str) -> str:
    for page in center.get_paginator("list_permission_sets").paginate(InstanceArn=instance):
        for arn in page["PermissionSets"]:
            said = center.describe_permission_set(InstanceArn=instance, PermissionSetArn=arn)
            if said["PermissionSet"].get("Name") == name:
                return str(arn)
    raise DeliveryFailed("grant_failed", f"There is no permission set {name[:80]}.", final=True)


def _principal(people: Any, store: str, name: str) -> str:
    try:
        said = people.get_user_id(
            IdentityStoreId=store,
            AlternateIdentifier={"UniqueAttribute": {"AttributePath": "userName", "AttributeValue": name}},
        )
    except people.exceptions.ResourceNotFoundException as fault:
        sentence = f"Identity Center knows no user {name[:80]!r}."
        raise DeliveryFailed("grant_failed", sentence, final=True) from fault
    return str(said["UserId"])


def _is_assigned(center: Any, assignment: _Assignment) -> bool:
    pages = center.get_paginator("list_account_assignments").paginate(
        InstanceArn=assignment.instance, AccountId=assignment.account, PermissionSetArn=assignment.permission_set
    )
    return any(
        one.get("PrincipalType") == "USER" and one.get("PrincipalId") == assignment.principal
        for page in pages
        for one in page["AccountAssignments"]
    )


@contextmanager
def _told() -> Iterator[None]:
    """Every fault of AWS as one of ours."""
    try:
        yield
    except ClientError as fault:
        code = str(fault.response.get("Error", {}).get("Code", ""))
        if code == "ConflictException":
            raise UnderWay("AWS works on the same assignment already.", retry_after_s=ASK_AGAIN_S) from fault
        told = str(fault.response.get("Error", {}).get("Message") or "no reason")[:200]
        status = int(fault.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0))
        final = code not in PASSING and status < 500
        raise DeliveryFailed("grant_failed", f"AWS says {code}: {told}.", final=final) from fault
    except BotoCoreError as fault:
        final = isinstance(fault, ParamValidationError)
        raise DeliveryFailed("grant_failed", f"AWS could not be asked: {type(fault).__name__}.", final=final) from fault
