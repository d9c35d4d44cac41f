"""AWS: takes a policy from a user, role or group, or a user out of a group.

Source: docs.aws.amazon.com, IAM API reference (DetachUserPolicy and the like), STS API reference (AssumeRole). It acts
in the account of the event and in no other.
"""

from approvalbot.actions.calling import Network
from approvalbot.actions.order import Order, Provider, quoted, refused
from approvalbot.actions.signing import Keys, QueryFault, Service, account_number, found_in, query

REGION = "us-east-1"

GONE = "it was gone already"

_DETACH = {
    "user": ("DetachUserPolicy", "UserName"),
    "role": ("DetachRolePolicy", "RoleName"),
    "group": ("DetachGroupPolicy", "GroupName"),
}


def detach_policy(network: Network, provider: Provider, order: Order) -> str:
    """Take the policy from whom the order names; gives what was found.

    Raises:
        DeliveryFailed: not taken away.
    """
    policy = order.text("policy")
    whom = [(kind, name) for kind in _DETACH if (name := order.optional(kind)) is not None]
    if len(whom) != 1:
        raise refused("A policy is taken from one user, one role or one group; name exactly one of them.")
    kind, name = whom[0]
    action, key = _DETACH[kind]
    return _done(network, provider, order, {"Action": action, key: name, "PolicyArn": policy})


def remove_user_from_group(network: Network, provider: Provider, order: Order) -> str:
    """Take the user out of the group; gives what was found.

    Raises:
        DeliveryFailed: not taken out.
    """
    parameters = {"UserName": order.text("user"), "GroupName": order.text("group")}
    return _done(network, provider, order, {"Action": "RemoveUserFromGroup", **parameters})


def _done(network: Network, provider: Provider, order: Order, parameters: dict[str, str]) -> str:
    """Make the change in the event's own account; what is gone already is done too."""
    keys = _keys_in(network, provider, order, account_number(order))
    try:
        query(network, provider, iam_of(provider), keys, parameters)
    except QueryFault as fault:
        if fault.said == "NoSuchEntity":
            return GONE
        raise
    return "done"


def _keys_in(network: Network, provider: Provider, order: Order, account: str) -> Keys:
    """Credentials in the account: of the role that the provider names for it, else our own if they are of it."""
    sts = sts_of(provider)
    own = Keys()
    if provider.settings.get("access_key_id"):
        own = Keys(provider.secret("access_key_id"), provider.secret("secret_access_key"))
    role = (provider.settings.get("roles") or {}).get(account)
    if role is None:
        said = query(network, provider, sts, own, {"Action": "GetCallerIdentity"})
        if found_in(said, "Account") != account:
            raise refused(f"The event is of the account {quoted(account)}, for which the provider names no role.")
        return own
    session = f"approvalbot-{order.key.replace(':', '-')}"[:64]
    wanted = {"Action": "AssumeRole", "RoleArn": role, "RoleSessionName": session, "DurationSeconds": "900"}
    said = query(network, provider, sts, own, wanted)
    return Keys(*(found_in(said, name) for name in ("AccessKeyId", "SecretAccessKey", "SessionToken")))


def iam_of(provider: Provider) -> Service:
    """IAM: one address and one region to sign for in each partition."""
    region = str(provider.settings.get("region") or REGION)
    url, signed_for = "https://iam.amazonaws.com", REGION
    if region.startswith("cn-"):
        url, signed_for = "https://iam.cn-north-1.amazonaws.com.cn", "cn-north-1"
    elif region.startswith("us-gov-"):
        url, signed_for = "https://iam.us-gov.amazonaws.com", "us-gov-west-1"
    return Service("iam", "2010-05-08", provider.url or url, signed_for)


def sts_of(provider: Provider) -> Service:
    """STS, in the provider's region."""
    region = str(provider.settings.get("region") or REGION)
    end = ".cn" if region.startswith("cn-") else ""
    url = str(provider.settings.get("sts_url") or f"https://sts.{region}.amazonaws.com{end}")
    return Service("sts", "2011-06-15", url.rstrip("/"), region)
