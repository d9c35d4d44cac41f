"""The words of a claim, pure: who looks, until when, and that nobody does any more."""

from collections.abc import Mapping
from datetime import datetime

from approvalbot.request.case import Case
from approvalbot.request.request import State
from approvalbot.slack.text import safe, show, when


def claim_line(case: Case) -> str:
    """Who looks, for a row of the card. An end and no minutes left: the card is not drawn anew every minute."""
    claim = case.request.claim
    if claim is None or case.request.state is not State.PENDING:
        return ""
    return f"*Looking*  {show(claim.by)}, until {when(claim.until)}. Others may still decide."


def claim_note(what: str, detail: Mapping[str, str]) -> str:
    """One line of the timeline."""
    who = f"<@{detail['slack']}>" if detail.get("slack") else safe(detail.get("name", "somebody"), 80)
    if what == "claimed":
        until = when(datetime.fromisoformat(detail["until"]))
        before = f", in place of {safe(detail['over'], 80)}" if detail.get("over") else ""
        return f":eyes: {who} is looking, until {until}{before}."
    stopped = "stopped looking" if what == "claim_released" else "is not looking any more"
    return f"{who} {stopped}: it is free again."
