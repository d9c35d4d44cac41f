"""What follows a decision, in words: what an answer would set off, and how what it set off stands."""

from approvalbot.request.case import Case
from approvalbot.request.following import policy_effects
from approvalbot.request.request import Acted, State
from approvalbot.request.undoing import does, undo_listed, undoes
from approvalbot.slack.text import safe

_WORDS = {"github.deployment_callback": ("GitHub is being told", "GitHub is told", "GitHub could not be told")}
"""How an action that undoes nothing is told: under way, done, failed."""

_UNDO = ("Undo started", "Undone", "Undo failed")


def cannot_undo(case: Case) -> str:
    """Why the undo of this policy cannot be done for this event; empty where it can, or where there is none."""
    why = "; ".join(safe(one.why) for one in undo_listed(case) if one.why)
    return f":warning: the undo cannot be done here and needs hands: {why}" if why else ""


def what_follows(case: Case, state: State = State.DENIED) -> str:
    """What an answer sets off, before it is given: actions in words, receivers by name."""
    listed = [one for one in policy_effects(case.request, case.terms, state) if not one.why]
    acts = [f"{safe(does(one.name))} (`{safe(one.name, 80)}`)" for one in listed if one.effect.action is not None]
    told = [safe(one.name, 60) for one in listed if one.effect.callback is not None]
    parts = [f"this would {' and '.join(acts)}"] if acts else []
    if told:
        parts.append(f"{', '.join(dict.fromkeys(told))} {'is' if len(set(told)) == 1 else 'are'} told")
    return "; ".join(parts)


def acted_lines(case: Case) -> str:
    """How everything stands that the decision set off: started, done, or failed. Empty where it set nothing off."""
    return " ".join(acted_line(case, one) for one in case.request.acted)


def acted_line(case: Case, acted: Acted) -> str:
    """How one action stands."""
    started, done, failed = _words(case, acted)
    if acted.state == "done":
        return f"{done}{f': {safe(acted.answer)}' if acted.answer not in {'', 'done'} else ''}."
    if acted.state == "failed":
        return f":rotating_light: {failed}: {_sentence(acted.fault)} {_owner(case)} is told."
    if acted.fault:
        return f"{started}, and is not done yet: {_sentence(acted.fault)} It is tried again."
    return f"{started}: {safe(does(acted.action))}."


def _words(case: Case, acted: Acted) -> tuple[str, str, str]:
    if acted.action in _WORDS:
        return _WORDS[acted.action]
    if case.request.kind == "review" and undoes(acted.action) and not acted.key.startswith("on_approve"):
        return _UNDO
    name = f"`{safe(acted.action, 80)}`"
    return f"{name} started", f"{name} is done", f"{name} failed"


def _sentence(fault: str) -> str:
    told = safe(fault)
    return told if told.endswith((".", "…", ")")) else f"{told}."


def _owner(case: Case) -> str:
    return f"The owner ({safe(case.terms.owner, 80)})"
