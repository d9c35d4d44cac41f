"""GitHub: answers a deployment that waits for a custom protection rule.

Source: docs.github.com, REST "Review custom deployment protection rules for a workflow run", and "Generating a JSON Web
Token (JWT) for a GitHub App". Only the App whose rule it is can answer, so an App's key is the usual credential.
"""

import re
from datetime import datetime
from urllib.parse import urlsplit

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import RSAKey

from approvalbot.actions.calling import Api, Network, read
from approvalbot.actions.order import Order, Provider, quoted, refused

COMMENT_MOST = 1024
"""Characters of a comment. Source: docs.github.com, "Creating custom deployment protection rules"."""

STATES = frozenset({"approved", "rejected"})

_RUN = re.compile(
    r"/repos/(?P<owner>[A-Za-z0-9][A-Za-z0-9_-]*)/(?P<repo>(?!\.{1,2}/)[A-Za-z0-9._-]+)"
    r"/actions/runs/(?P<run>[0-9]{1,20})/deployment_protection_rule"
)
_HEADERS = {"accept": "application/vnd.github+json", "x-github-api-version": "2022-11-28"}


def answer_deployment(network: Network, providers: list[Provider], order: Order) -> str:
    """Answer the waiting deployment; gives what was said.

    Raises:
        DeliveryFailed: not answered.
    """
    state, environment, comment = order.text("state"), order.text("environment"), comment_of(order)
    if state not in STATES:
        raise refused(f"The state is {quoted(state)}; write approved or rejected.")
    if state == "approved" and not order.approved:
        raise refused("Nobody approved this, so the deployment is not approved.")
    provider, path = place_of(order, providers)
    api = Api(network, provider, f"Bearer {_token(network, provider, order)}", order.now)
    body = {"environment_name": environment, "state": state, **({"comment": comment} if comment else {})}
    answer = api.call("POST", path, body, _HEADERS)
    if answer.status != 204:
        raise api.fault(answer)
    return state


def comment_of(order: Order) -> str:
    """The policy's comment with the credit of the rule below it; whole, or the action is not done."""
    comment = "\n\n".join(part for part in (order.optional("comment"), order.credit) if part)
    if len(comment) > COMMENT_MOST:
        raise refused(f"The comment has {len(comment)} characters with its credit; GitHub takes {COMMENT_MOST}.")
    return comment


def place_of(order: Order, providers: list[Provider]) -> tuple[Provider, str]:
    """The provider whose host the event's address is on, and the path there, which is the event's own repository's.

    Whoever sends the event chose the address, so nothing of it is used but what is checked here.

    Raises:
        DeliveryFailed: final; another host, another repository, or no address of a workflow run.
    """
    url, repository = order.text("url"), order.fact("repository")
    for provider in providers:
        path = _below(url, provider.url)
        if path is None:
            continue
        found = _RUN.fullmatch(path)
        if found is None:
            raise refused(f"The address {quoted(url)} is none of a waiting workflow run.")
        named = f"{found['owner']}/{found['repo']}"
        if repository is None or named.casefold() != repository.casefold():
            theirs = quoted(repository or "none")
            raise refused(f"The address is of the repository {quoted(named)}, and the event of {theirs}.")
        return provider, path
    known = ", ".join(one.url for one in providers)
    raise refused(f"The address {quoted(url)} is on no host of a github provider ({known}).")


def _below(url: str, base: str) -> str | None:
    """What of `url` lies below `base`, or None where it does not: same scheme, host and port, nothing else in it."""
    try:
        ours, theirs = urlsplit(base), urlsplit(url)
        same = (theirs.scheme, theirs.hostname, _port(theirs.scheme, theirs.port)) == (
            ours.scheme,
            ours.hostname,
            _port(ours.scheme, ours.port),
        )
    except ValueError:
        return None
    if not same or "@" in theirs.netloc or theirs.query or theirs.fragment:
        return None
    return theirs.path.removeprefix(ours.path) if theirs.path.startswith(f"{ours.path}/") else None


def _port(scheme: str, port: int | None) -> int:
    return port or (443 if scheme == "https" else 80)


def _token(network: Network, provider: Provider, order: Order) -> str:
    """The provider's own token, or one of the App's installation, for this repository and for deployments alone."""
    if provider.settings.get("token"):
        return provider.secret("token")
    installation = str(provider.settings.get("installation") or order.fact("installation") or "")
    if not (installation.isascii() and installation.isdigit()):
        raise refused("The event names no installation of the App, and the provider neither.")
    repository = order.facts.get("repository_id")
    only = {"repository_ids": [repository]} if isinstance(repository, int) else {}
    api = Api(network, provider, f"Bearer {app_token(provider, order.now)}", order.now)
    body = {**only, "permissions": {"deployments": "write"}}
    answer = api.call("POST", f"/app/installations/{installation}/access_tokens", body, _HEADERS)
    held = read(answer)
    if answer.status != 201 or not isinstance(held, dict) or not isinstance(held.get("token"), str):
        raise api.fault(answer)
    token: str = held["token"]
    return token


def app_token(provider: Provider, now: datetime) -> str:
    """The App's own token: ten minutes at most, and from a minute ago, since clocks differ."""
    issued = int(now.timestamp())
    claims = {"iat": issued - 60, "exp": issued + 540, "iss": str(provider.settings["app_id"])}
    try:
        key = RSAKey.import_key(provider.secret("private_key"))
        return jwt.encode({"alg": "RS256"}, claims, key, algorithms=["RS256"])
    except (JoseError, ValueError) as fault:
        raise refused(f"The private_key of {provider.name} is no RSA key in PEM.") from fault
