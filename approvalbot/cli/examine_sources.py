"""What `doctor` looks at for each source: whether it has everything that proves its senders."""

import asyncio
from collections.abc import Iterator

from approvalbot.answers.fetching import Fetcher
from approvalbot.cli.finding import Finding, checked
from approvalbot.errors import SettingsFault, Unavailable
from approvalbot.policy.environment import Source
from approvalbot.policy.policyset import PolicySet
from approvalbot.settings import Settings
from approvalbot.sources.mtls import Mtls
from approvalbot.sources.oidc import Oidc
from approvalbot.sources.sns import Sns
from approvalbot.web.proofs import Outside, proof_of
from approvalbot.wiring.secrets import secret_of


def source_findings(settings: Settings, policies: PolicySet) -> Iterator[Finding]:
    """One finding for each source, in the order of the policies."""
    outside = Outside.of(Fetcher(allow_local=settings.allows("local-destinations")).get, settings.approvalbot_proxies)
    for source in policies.sources.values():
        yield checked(f"source {source.name}", lambda source=source: _told(source, outside))  # type: ignore[misc]


def _told(source: Source, outside: Outside) -> str:
    proof = proof_of(source, secret_of, outside)
    kind = source.auth.type
    match proof:
        case Oidc():
            return f"{kind}, {_keys(proof)} of {proof.issuer}"
        case Mtls():
            proxies = ", ".join(str(one) for one in proof.proxies)
            return f"{kind}, {_count(len(proof.fingerprints), 'certificate')}, told of by {proxies}"
        case Sns():
            return f"{kind}, {_count(len(proof.topics), 'topic')}"
        case _:
            if kind == "none":
                return "none: anybody who knows the address may send"
            return f"{kind}, with its key{' and the one before' if len(proof.keys) > 1 else ''}"


def _keys(proof: Oidc) -> str:
    """How many keys the issuer has for us. They are fetched as the web process would do it."""
    try:
        count = asyncio.run(proof.keys.count(proof.issuer, proof.jwks_url))
    except Unavailable as fault:
        raise SettingsFault(
            f"The keys of {proof.issuer} cannot be had: {fault.__cause__}.",
            hint="Until they can, its senders are answered 503.",
        ) from fault
    if count == 0:
        raise SettingsFault(f"{proof.issuer} has no key for RS256 or ES256.")
    return _count(count, "key")


def _count(number: int, what: str) -> str:
    return f"{number} {what}{'s' if number != 1 else ''}"
