"""From a source's `auth` to what checks it: the secrets found, and everything from outside at hand."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import assert_never

from approvalbot.errors import SettingsFault
from approvalbot.policy.authentication import Auth
from approvalbot.policy.environment import Source
from approvalbot.sources.mtls import Mtls, Network
from approvalbot.sources.oidc import KeySets, Oidc
from approvalbot.sources.proof import Proof, secret_bytes
from approvalbot.sources.remembered import Fetch
from approvalbot.sources.sns import Certificates, Sns, certificates

AnyProof = Proof | Oidc | Mtls | Sns


@dataclass(frozen=True, slots=True)
class Outside:
    """What proofs need from outside: what was fetched lives as long as the process, whatever is reloaded."""

    fetch: Fetch
    keys: KeySets
    certificates: Certificates
    proxies: tuple[Network, ...] = ()

    @classmethod
    def of(cls, fetch: Fetch, proxies: Sequence[Network] = ()) -> "Outside":
        """With nothing fetched yet."""
        return cls(fetch, KeySets(fetch), certificates(fetch), tuple(proxies))


def proof_of(source: Source, secret: Callable[[str], str], outside: Outside) -> AnyProof:
    """What checks the senders of a source. `secret` finds a secret by its name.

    Raises:
        SettingsFault: a secret is missing or no key, or no proxy is known that could tell of certificates.
    """
    auth = source.auth
    match auth.type:
        case "oidc":
            return Oidc(auth.issuer or "", auth.audience or "", outside.keys, auth.subject, auth.email, auth.jwks_url)
        case "mtls":
            if not outside.proxies:
                raise SettingsFault(
                    f"Source {source.name}: auth type mtls needs APPROVALBOT_PROXIES.",
                    hint="Name the proxies that end TLS and tell us of client certificates.",
                )
            return Mtls((auth.header or "").lower(), auth.fingerprints, outside.proxies)
        case "sns":
            return Sns(auth.topics, outside.certificates, outside.fetch, timedelta(seconds=source.replay_window_s))
        case "standard_webhooks" | "bearer" | "header" | "hmac" | "github" | "okta" | "none":
            keys = tuple(secret(name) for name in (auth.secret, auth.previous) if name)
            if auth.type == "standard_webhooks":
                _check_keys(source, auth, keys)
            header = auth.header or ("authorization" if auth.type == "okta" else "")
            return Proof(auth.type, keys, header.lower())
        case _:
            assert_never(auth.type)


def _check_keys(source: Source, auth: Auth, keys: tuple[str, ...]) -> None:
    for name, key in zip((auth.secret, auth.previous), keys, strict=False):
        try:
            secret_bytes(key)
        except ValueError as fault:
            raise SettingsFault(f"Source {source.name}: {name} is no Standard Webhooks secret: {fault}.") from fault
