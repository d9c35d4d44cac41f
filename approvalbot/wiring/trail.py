"""The trail's keepers and shippers, put together; and what belongs to no request, written into it."""

from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from redis import Redis

from approvalbot.answers.signing import SigningKey
from approvalbot.audit.formats import Form
from approvalbot.audit.keeping import Keeping
from approvalbot.audit.places import places_of
from approvalbot.audit.publishing import Publisher
from approvalbot.audit.receivers import receiver_of
from approvalbot.audit.retention import Retention
from approvalbot.audit.sealing import Sealer
from approvalbot.audit.shipping import Shipper
from approvalbot.errors import DeliveryFailed, Unavailable
from approvalbot.log import get_logger
from approvalbot.policy.policyset import PolicySet
from approvalbot.policy.snapshots import from_snapshot
from approvalbot.reloading import Listener, Reloaded
from approvalbot.request.trail import Draft
from approvalbot.settings import Settings
from approvalbot.slack.api import SlackFault
from approvalbot.store.chains import Chains
from approvalbot.store.checkpoints import CheckpointStore
from approvalbot.store.requests import RequestStore
from approvalbot.store.trail import TrailStore
from approvalbot.wiring.house import House

log = get_logger("audit")

MOST_NAMED = 20
"""Policies that one entry names; more are counted."""


def checkpoint_key(settings: Settings) -> SigningKey:
    """The key that signs checkpoints."""
    return SigningKey(settings.key("checkpoints"))


def make_keeping(house: House) -> Keeping:
    """What keeps the trail of this house."""
    settings = house.settings
    checkpoints = CheckpointStore(house.redis)
    days = settings.approvalbot_retention_days
    return Keeping(
        sealer=Sealer(TrailStore(house.redis), checkpoints, checkpoint_key(settings), settings.url),
        publisher=Publisher(checkpoints, places_of(settings.approvalbot_checkpoints, _saying(house))),
        retention=make_retention(house.redis),
        every=timedelta(minutes=settings.approvalbot_checkpoint_minutes),
        keep=timedelta(days=days) if days else None,
        warn=house.messenger.warn,
    )


def make_retention(redis: "Redis") -> Retention:
    """What forgets old entries."""
    requests = RequestStore(redis, from_snapshot)
    return Retention(TrailStore(redis), CheckpointStore(redis), requests, Chains(redis))


def make_shipper(redis: "Redis", written: str, form: Form, origin: str, post: Callable[..., object]) -> Shipper:
    """What brings the trail to the receiver named."""
    return Shipper(TrailStore(redis), CheckpointStore(redis), receiver_of(written, form, origin, post))


def _saying(house: House) -> Callable[[str, str], None]:
    def say(channel: str, text: str) -> None:
        found = house.people.channel_id(channel)
        if found is None:
            raise DeliveryFailed("slack_failed", f"There is no channel {channel}, or the bot is not in it.")
        try:
            house.press_api.write("chat.postMessage", channel=found, text=text, unfurl_links=False)
        except SlackFault as fault:
            raise DeliveryFailed("slack_failed", f"Slack did not take it: {fault.error}.") from fault

    return say


def tell_of_policies(redis: "Redis", current: Callable[[], PolicySet]) -> Listener:
    """A listener of reloads that keeps in the trail which policies are in force, and why newer ones are not.

    Several processes reload the same files; one entry is written.
    """
    chains = Chains(redis)
    known: dict[str, str] = {}

    def tell(ended: Reloaded) -> None:
        nonlocal known
        fault = ended.fault
        policies = current()
        found = {one.policy.key: one.policy.digest for one in policies.compiled}
        if fault:
            draft, note = Draft("policies_refused", detail={"fault": fault[:500]}), f"refused {fault[:500]}"
        else:
            detail = {"digest": policies.digest, "policies": str(len(found)), **_differences(known, found)}
            draft, note, known = Draft("policies_in_force", detail=detail), policies.digest, found
        try:
            chains.append("policies", [draft], note=note)
        except Unavailable:
            log.warning("policies not noted in the trail", digest=policies.digest[:12])

    return tell


def _differences(before: Mapping[str, str], now: Mapping[str, str]) -> dict[str, str]:
    """What was added, removed and changed since the last set; nothing at a start."""
    if not before:
        return {}
    sets = {
        "added": [key for key in now if key not in before],
        "removed": [key for key in before if key not in now],
        "changed": [key for key, digest in now.items() if before.get(key, digest) != digest],
    }
    return {name: _listed(found) for name, found in sets.items() if found}


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - MOST_NAMED} more" if len(names) > MOST_NAMED else ""
    return ", ".join(sorted(names)[:MOST_NAMED]) + more


def public_keys(settings: Settings, *others: SigningKey) -> dict[str, Any]:
    """Every public key that something of ours verifies with."""
    return {"keys": [key.public() for key in (*others, checkpoint_key(settings))]}
