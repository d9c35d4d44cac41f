"""What `doctor` looks at for grants: packages and secrets of their providers, and the scope that some need in Slack."""

from approvalbot.policy.policyset import PolicySet
from approvalbot.policy.providers import PROVIDERS
from approvalbot.slack.manifest import BOT_SCOPES, GROUP_SCOPE
from approvalbot.wiring.providers import check_packages
from approvalbot.wiring.secrets import secret_of


def grants_told(policies: PolicySet) -> str:
    """That each grant's provider has its package, and the secrets that the entitlement names.

    Raises:
        SettingsFault: one of them is missing.
    """
    check_packages(policies)
    for entitlement in policies.entitlements.values():
        for name in PROVIDERS[entitlement.grant.provider].secrets:
            secret_of(str(entitlement.grant.with_[name]))
    return f"{len(policies.entitlements)} entitlements, their providers are ready"


def scopes_needed(policies: PolicySet) -> tuple[str, ...]:
    """The scopes that the bot's token needs for these policies."""
    groups = any(one.grant.provider == "slack_group" for one in policies.entitlements.values())
    return (*BOT_SCOPES, GROUP_SCOPE) if groups else BOT_SCOPES
