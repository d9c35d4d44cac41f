"""How a running grant may be made longer: what the policy it was given under and the policy of today both allow."""

from approvalbot.policy.entitlement import Entitlement, Extend


def extension_rule(then: Entitlement, today: Entitlement | None) -> Extend | None:
    """The narrower of two versions of one entitlement: tightening applies at once, loosening does not.

    None: it cannot be extended. An entitlement that is gone, `off` or in `monitor` gives nothing new, and more time
    is something new.
    """
    if today is None or today.mode != "enforce" or today.grant.extend is None or then.grant.extend is None:
        return None
    first, second = then.grant.extend, today.grant.extend
    return first.model_copy(
        update={
            "max_times": min(first.max_times, second.max_times),
            "by_s": min(first.by_s, second.by_s),
            "approval": "none" if first.approval == second.approval == "none" else "same",
        }
    )
