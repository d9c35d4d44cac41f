"""A stand-in for IAM Identity Center over HTTP: answers in the form of AWS's API reference, state of our own."""

from dataclasses import dataclass, field
from typing import Any

import orjson
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

INSTANCE = "arn:aws:sso:::instance/ssoins-1111222233334444"
STORE = "d-1234567890"
SETS = {
    "arn:aws:sso:::permissionSet/ssoins-1111222233334444/ps-1111111111111111": "ReadOnlyAccess",
    "arn:aws:sso:::permissionSet/ssoins-1111222233334444/ps-2222222222222222": "AdministratorAccess",
}
USERS = {"eve@example.com": "11111111-2222-3333-4444-555555555555"}


@dataclass
class IdentityCenter:
    """What is assigned, and the operations that were taken on. Each takes `slow` questions until it is done."""

    assigned: set[tuple[str, str, str]] = field(default_factory=set)
    operations: dict[str, dict[str, Any]] = field(default_factory=dict)
    called: list[str] = field(default_factory=list)
    slow: int = 0
    fails: str = ""
    answers: dict[str, tuple[int, str, str]] = field(default_factory=dict)
    instances: int = 1

    def app(self) -> Starlette:
        """The HTTP side: every call is a POST to one path, told apart by a header."""
        return Starlette(routes=[Route("/", self._answer, methods=["POST"])])

    async def _answer(self, request: Request) -> Response:
        name = request.headers["x-amz-target"].rpartition(".")[2]
        self.called.append(name)
        if name in self.answers:
            status, code, message = self.answers[name]
            return self._json({"__type": code, "message": message}, status)
        said = getattr(self, f"_{name}")(orjson.loads(await request.body()))
        return said if isinstance(said, Response) else self._json(said)

    @staticmethod
    def _json(value: Any, status: int = 200) -> Response:
        return Response(orjson.dumps(value), status, media_type="application/x-amz-json-1.1")

    def _ListInstances(self, _given: Any) -> Any:  # noqa: N802 - AWS's name
        one = {"InstanceArn": INSTANCE, "IdentityStoreId": STORE, "Status": "ACTIVE"}
        return {"Instances": [one, {**one, "InstanceArn": f"{INSTANCE}5"}][: self.instances]}

    def _ListPermissionSets(self, given: Any) -> Any:  # noqa: N802
        first, second = SETS
        # Two pages, as a long list has them.
        return {"PermissionSets": [second]} if given.get("NextToken") else {"PermissionSets": [first], "NextToken": "n"}

    def _DescribePermissionSet(self, given: Any) -> Any:  # noqa: N802
        return {
            "PermissionSet": {"Name": SETS[given["PermissionSetArn"]], "PermissionSetArn": given["PermissionSetArn"]}
        }

    def _GetUserId(self, given: Any) -> Any:  # noqa: N802
        found = USERS.get(given["AlternateIdentifier"]["UniqueAttribute"]["AttributeValue"])
        if found is None:
            return self._json({"__type": "ResourceNotFoundException", "Message": "USER not found."}, 400)
        return {"UserId": found, "IdentityStoreId": STORE}

    def _ListAccountAssignments(self, given: Any) -> Any:  # noqa: N802
        found = [one for one in self.assigned if one[:2] == (given["AccountId"], given["PermissionSetArn"])]
        return {
            "AccountAssignments": [
                {"AccountId": account, "PermissionSetArn": name, "PrincipalType": "USER", "PrincipalId": user}
                for account, name, user in found
            ]
        }

    def _CreateAccountAssignment(self, given: Any) -> Any:  # noqa: N802
        return self._begun("Creation", given)

    def _DeleteAccountAssignment(self, given: Any) -> Any:  # noqa: N802
        return self._begun("Deletion", given)

    def _DescribeAccountAssignmentCreationStatus(self, given: Any) -> Any:  # noqa: N802
        return self._status("Creation", given["AccountAssignmentCreationRequestId"])

    def _DescribeAccountAssignmentDeletionStatus(self, given: Any) -> Any:  # noqa: N802
        return self._status("Deletion", given["AccountAssignmentDeletionRequestId"])

    def _begun(self, work: str, given: Any) -> Any:
        number = f"{len(self.operations):08d}-1111-2222-3333-444444444444"
        what = (given["TargetId"], given["PermissionSetArn"], given["PrincipalId"])
        self.operations[number] = {"what": what, "left": self.slow, "work": work}
        return self._status(work, number)

    def _status(self, work: str, number: str) -> Any:
        operation = self.operations[number]
        status: dict[str, Any] = {"RequestId": number, "Status": "IN_PROGRESS"}
        if operation["left"] <= 0:
            status["Status"] = "FAILED" if self.fails else "SUCCEEDED"
            if self.fails:
                status["FailureReason"] = self.fails
            else:
                (self.assigned.add if work == "Creation" else self.assigned.discard)(operation["what"])
        operation["left"] -= 1
        return {f"AccountAssignment{work}Status": status}
