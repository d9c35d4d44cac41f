"""Calls to AWS' query APIs, signed with Signature Version 4 by AWS' own library (the extra `aws`).

Source: docs.aws.amazon.com, "Making query requests" of IAM and STS. The library signs and finds credentials; the call
itself is made like every other of ours, to a pinned address.
"""

import importlib.util
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode

from approvalbot.actions.calling import Network, send
from approvalbot.actions.order import Order, Provider, refused
from approvalbot.errors import DeliveryFailed
from approvalbot.plaintext import cut, one_line

_CODE = re.compile(rb"<Code>([A-Za-z0-9.]{1,100})</Code>")
_MESSAGE = re.compile(rb"<Message>([^<]{1,1000})</Message>")
_BUSY = frozenset({"Throttling", "ThrottlingException", "RequestLimitExceeded", "TooManyRequestsException"})


@dataclass(frozen=True, slots=True)
class Keys:
    """Credentials of AWS; with none, the chain of AWS' library finds some."""

    id: str = ""
    secret: str = field(default="", repr=False)
    session: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Service:
    """One of AWS' services as we call it."""

    name: str
    version: str
    url: str
    region: str


class QueryFault(DeliveryFailed):
    """AWS said no. `code` is AWS' own, such as NoSuchEntity."""

    def __init__(self, status: int, said: str, message: str) -> None:
        busy = status >= 500 or status == 429 or said in _BUSY
        sentence = f"aws answered {status} {said}{f': {message}' if message else ''}."
        super().__init__("action_failed", sentence, final=not busy, status=status)
        self.said = said


def is_installed() -> bool:
    """Whether AWS' library is there."""
    return importlib.util.find_spec("botocore") is not None


def query(network: Network, provider: Provider, service: Service, keys: Keys, parameters: Mapping[str, str]) -> bytes:
    """Make one call and give its XML.

    Raises:
        QueryFault: AWS refused it.
        DeliveryFailed: it was not made, or not answered.
    """
    if not is_installed():
        raise refused("The package boto3 is not installed. Install approvalbot with its extra: approvalbot[aws].")
    content = urlencode({**parameters, "Version": service.version}).encode()
    answer = send(network, provider, "POST", f"{service.url}/", _signed(service, keys, content), content)
    if answer.status == 200:
        return answer.body
    code, message = _CODE.search(answer.body), _MESSAGE.search(answer.body)
    told = cut(one_line(message[1].decode("utf-8", "replace")), 200).rstrip(".") if message else ""
    raise QueryFault(answer.status, code[1].decode() if code else "", told)


def found_in(body: bytes, element: str) -> str:
    """The text of the first element of a name.

    Raises:
        DeliveryFailed: there is none: it is no answer of AWS.
    """
    found = re.search(rf"<{element}>([^<]{{1,4000}})</{element}>".encode(), body)
    if found is None:
        raise DeliveryFailed("action_failed", f"aws answered without {element}.")
    return found[1].decode("ascii", "replace")


def account_number(order: Order) -> str:
    """The account to act in: the one that the policy names, else the event's own.

    Raises:
        DeliveryFailed: final; neither names one.
    """
    account = order.optional("account") or order.fact("account")
    if account is None:
        raise refused("The event names no account, so it is not known where to act; write account: under with.")
    return account


def _signed(service: Service, keys: Keys, content: bytes) -> dict[str, str]:
    """The headers of a call with its signature."""
    from botocore.auth import SigV4Auth  # noqa: PLC0415 - an optional extra
    from botocore.awsrequest import AWSRequest  # noqa: PLC0415 - the same

    headers = {"content-type": "application/x-www-form-urlencoded; charset=utf-8"}
    request = AWSRequest("POST", f"{service.url}/", headers=headers, data=content)
    SigV4Auth(_credentials(keys), service.name, service.region).add_auth(request)
    return {name.lower(): value for name, value in request.headers.items()}


def _credentials(keys: Keys) -> Any:
    from botocore.config import Config  # noqa: PLC0415 - the same
    from botocore.credentials import ReadOnlyCredentials  # noqa: PLC0415 - the same
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415 - the same
    from botocore.session import Session  # noqa: PLC0415 - the same

    if keys.id:
        return ReadOnlyCredentials(keys.id, keys.secret, keys.session or None)
    session = Session()
    # One try: the outbox tries again by itself.
    session.set_default_client_config(Config(connect_timeout=5, read_timeout=10, retries={"total_max_attempts": 1}))
    try:
        found = session.get_credentials()
        frozen = found and found.get_frozen_credentials()
    except (BotoCoreError, ClientError) as fault:
        raise DeliveryFailed("action_failed", f"No credentials for aws were found: {type(fault).__name__}.") from fault
    if frozen is None:
        raise DeliveryFailed("action_failed", "No credentials for aws were found.")
    return frozen
