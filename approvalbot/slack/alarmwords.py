"""What the owner of a policy must know, in words, pure: what became of a request, and what to do about it."""

from collections.abc import Mapping

from approvalbot.request.case import Case
from approvalbot.slack.text import safe
from approvalbot.slack.thread import credited


def alarm(case: Case, what: str, detail: Mapping[str, str]) -> str:
    """What the owner of a policy must know, and what to do about it. `owner` in the detail is mrkdwn of ours."""
    request = case.request
    name = f"`{request.short_id}` *{safe(case.about.title, 120)}* (policy {safe(request.policy_id, 80)})"
    step = detail.get("level", "")
    unresolved = safe(detail.get("unresolved", ""), 200)
    fault = safe(detail.get("fault", "")).rstrip(".")
    name_of_action = safe(detail.get("action", ""), 80)
    texts = {
        "level_unresolved": f"nobody of step {step} could be found ({unresolved}). Check the groups the policy names.",
        "entry_unresolved": f"step {step} reached its people, but these named nobody: {unresolved}.",
        "end_failed": f"ending the access failed {detail.get('attempt', '')} times: {fault}. It may still be open.",
        "still_open": f"ending the access was given up: {fault}. End it by hand.",
        "membership_unread": (
            f"Slack has not said {detail.get('looks', '')} times in a row whether its holder still belongs to the "
            f"groups that may ask: {fault}. The access goes on until its time."
        ),
        "grant_failed": f"approved, but the access could not be given: {fault}.",
        "policy_error": (
            f"the policy could not be evaluated in full: {fault}. It asks all the same. Only its owner, "
            f"{detail.get('owner', '')}, can approve: two people. Mend the policy; this is said once an hour."
        ),
        "too_many_open": (
            f"its policy has {safe(detail.get('most', ''))} requests open{_whose(detail)}, as many as it may. "
            "Events that would open more are refused until some are answered; this is the oldest of them."
        ),
        "action_failed": f"`{name_of_action}` was decided and could not be done: {fault}. Do it by hand.",
        "action_delayed": f"`{name_of_action}` was decided and is not done yet: {fault}. It is tried again.",
        "effect_not_run": f"`{safe(detail.get('name', ''), 80)}` was decided and is not run: {fault}. Do it by hand.",
        "answer_given_up": f"{safe(detail.get('to', ''), 80)} could not be told: {fault}. `outbox resend` tries again.",
        "pressed_by_app": f"an app or a workflow ({safe(detail.get('by', ''), 80)}) pressed a button of it.",
        "nobody_asked": (
            "it expired, and nobody could be asked before: its card reached nobody in time. "
            "Was Slack down? Check the channels and the groups that the policy names."
        ),
        "suspicious": (
            f"{safe(detail.get('by', ''), 80)} denied it as suspicious and wants security to look."
            + (f" “{safe(detail['reason'])}”" if detail.get("reason") else "")
        ),
        "channel_gone": _channel_gone(detail, fault),
    }
    return credited(case, f":rotating_light: {name}: {texts.get(what, safe(what))}")


def _channel_gone(detail: Mapping[str, str], fault: str) -> str:
    """Where the card could not be posted, where it stands instead, and who can mend that."""
    instead = f" It stands in {safe(detail['instead'])} instead." if detail.get("instead") else ""
    said = f"its card could not be posted to {safe(detail.get('channel', ''))}: {fault}.{instead}"
    return f"{said} Owner: {detail.get('owner', '')}. This is said once an hour for the channel."


def _whose(detail: Mapping[str, str]) -> str:
    return " of one actor" if detail.get("limit") == "per_actor" else ""
