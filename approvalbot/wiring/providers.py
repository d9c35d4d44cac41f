"""What gives access, put together: each provider with what it needs, and a no for those whose package is missing."""

from collections.abc import Callable
from importlib.util import find_spec

from redis import Redis

from approvalbot.answers.sending import Sender
from approvalbot.errors import SettingsFault
from approvalbot.grants.granter import Provider, Providers
from approvalbot.grants.slack_group import SlackGroupGrants
from approvalbot.grants.webhook import WebhookGrants
from approvalbot.policy.policyset import PolicySet
from approvalbot.policy.providers import PROVIDERS
from approvalbot.reloading import PolicyKeeper
from approvalbot.slack.api import SlackApi
from approvalbot.slack.people import SlackPeople
from approvalbot.slack.usergroups import SlackUserGroups
from approvalbot.store.guards import Guards
from approvalbot.store.holds import GrantHolds
from approvalbot.wiring.secrets import posting, secret_of


def make_providers(
    keeper: PolicyKeeper, sender: Sender, api: SlackApi, people: SlackPeople, redis: "Redis", guards: Guards
) -> Providers:
    """Every provider by its name."""
    keeper.prepare(check_packages)
    holds = GrantHolds(redis, guards)
    return Providers(
        {
            "webhook": lambda: WebhookGrants(posting(sender, keeper.current)),
            "slack_group": lambda: SlackGroupGrants(SlackUserGroups(api, people), holds),
            "postgres": lambda: _postgres(holds),
            "aws": lambda: _aws(holds, guards),
        }
    )


def _postgres(holds: GrantHolds) -> Provider:
    from approvalbot.grants.postgres import PostgresGrants  # noqa: PLC0415 - its package is an extra

    return PostgresGrants(secret_of, holds)


def _aws(holds: GrantHolds, guards: Guards) -> Provider:
    from approvalbot.grants.aws import AwsGrants  # noqa: PLC0415 - its package is an extra, and slow to import

    return AwsGrants(holds, guards)


def check_packages(policies: PolicySet) -> Callable[[], None]:
    """Do nothing for a set whose grants can be given here.

    Raises:
        SettingsFault: an entitlement names a provider whose package is not installed.
    """
    for entitlement in policies.entitlements.values():
        name = entitlement.grant.provider
        if name in PROVIDERS and not _is_installed(name):
            raise SettingsFault(
                f"Entitlement {entitlement.id}: its provider {name} needs the package {PROVIDERS[name].package}.",
                hint=f"pip install 'approvalbot[{PROVIDERS[name].extra}]'",
            )
    return nothing


def _is_installed(name: str) -> bool:
    package = PROVIDERS[name].package
    return not package or find_spec(package) is not None


def nothing() -> None:
    """What a set that was only checked puts in force."""
