"""The providers of actions, as the policies in force configure them, and what is said of those that lack."""

from collections.abc import Callable, Iterator

from approvalbot.actions.order import Provider
from approvalbot.actions.signing import is_installed
from approvalbot.errors import SettingsFault
from approvalbot.log import get_logger
from approvalbot.policy.action_providers import GITHUB_URL, ActionProvider
from approvalbot.policy.documents import Policy
from approvalbot.policy.entitlement import Entitlement
from approvalbot.policy.lacking import lacking
from approvalbot.policy.pack import SigmaPack
from approvalbot.policy.policyset import PolicySet
from approvalbot.wiring.secrets import secret_of

log = get_logger("providers")


def providers_of(policies: PolicySet, kind: str) -> list[Provider]:
    """The providers of a type."""
    return [provider_of(one) for one in policies.providers.values() if one.type == kind]


def provider_of(configured: ActionProvider) -> Provider:
    """A provider with its address; its secrets are fetched when an action needs them."""
    url = _address(configured.url) or (GITHUB_URL if configured.type == "github" else "")
    settings = configured.model_dump(exclude={"name", "type", "url"}) | {"sts_url": _address(configured.sts_url)}
    return Provider(
        configured.name, configured.type, url.rstrip("/"), settings, lambda key: secret_of(str(settings[key]))
    )


def _address(written: str | None) -> str:
    return secret_of(written) if written is not None and written.startswith("env:") else written or ""


def check_providers(policies: PolicySet) -> Callable[[], None]:
    """Refuse a set with a provider that could never act, and say aloud which actions nobody performs.

    Raises:
        SettingsFault: as `check_installed`.
    """
    check_installed(policies)
    for sentence in missing_providers(policies):
        log.warning("action without provider", text=sentence)
    return lambda: None


def check_installed(policies: PolicySet) -> None:
    """Do nothing where every provider has the package it needs.

    Raises:
        SettingsFault: a provider of type aws without the extra.
    """
    if any(one.type == "aws" for one in policies.providers.values()) and not is_installed():
        raise SettingsFault(
            "A provider of type aws needs the package boto3, which is not installed.",
            hint="Install approvalbot with its extra: pip install 'approvalbot[aws]'.",
        )


def missing_providers(policies: PolicySet) -> Iterator[str]:
    """A sentence for every provider that an action needs and that is not there."""
    needed: dict[str, list[str]] = {}
    for document in policies.documents:
        if isinstance(document, Policy | SigmaPack | Entitlement) and document.mode == "enforce":
            for _, name in lacking(document, policies.providers):
                needed.setdefault(name, []).append(document.id)
    for name, documents in needed.items():
        yield f"no provider {name} is configured, so actions of {', '.join(dict.fromkeys(documents))} are not run"
