"""Cases that were approved with less, or where what is approved has to be typed; see `cases.py`."""

from typing import Any

from approvalbot.policy.documents import Policy
from approvalbot.policy.entitlement import Entitlement
from approvalbot.request.about import Line
from approvalbot.request.case import Case
from approvalbot.request.moves import CastVote
from approvalbot.request.reports import GrantStarted
from approvalbot.request.request import Less, Wish
from tests.request.makers import ANN, BOB, make_entitlement, make_policy, vote
from tests.slack.cases import ACCESS_ABOUT, GATE_ABOUT, make_case

ROLES = {
    "asked": "administrator",
    "scopes": [
        {"id": "operator", "label": "operator", "with": {"role": "operator"}},
        {"id": "readonly", "label": "read-only", "with": {"role": "reader"}},
    ],
}
REGIONS = {
    "asked": "every region",
    "scopes": [{"id": "europe", "label": "Europe", "with": {"regions": ["eu-1", "eu-2"]}}],
}


def _entitlement(**approval: Any) -> Entitlement:
    duration = {"default": "4h", "max": "8h", "choices": ["30m", "1h", "4h"]}
    return Entitlement.model_validate(
        {**make_entitlement(**approval).document, "narrower": ROLES, "duration": duration}
    )


def _gate(**approval: Any) -> Policy:
    return Policy.model_validate({**make_policy(request="gate", **approval).document, "narrower": REGIONS})


WISH = Wish(entitlement="prod-admin", duration_s=14_400, reason="stuck queue")
FOUR_HOURS = ACCESS_ABOUT.model_copy(
    update={
        "summary": "Eve asks for Production database for 4 h",
        "lines": (
            Line(label="For", value="4 h", must_show=True),
            Line(label="Reason", value="“stuck queue”", must_show=True),
        ),
    }
)
DEPLOY_ABOUT = GATE_ABOUT.model_copy(update={"resource": "acme/shop"})
HIDDEN_ABOUT = GATE_ABOUT.model_copy(update={"resource": r"shop\u202egnp.exe"})


def _less(by: Any, duration_s: int = 0, scope: str = "") -> CastVote:
    return vote(by, less=Less(duration_s=duration_s, scope=scope), offered=True)


def _access(*moves: tuple[float, Any], **approval: Any) -> Case:
    return make_case(_entitlement(**approval), *moves, about=FOUR_HOURS, wish=WISH)


TYPED = make_policy(request="gate", severity="high", confirm={"type": "resource"})

CASES_OF_LESS: dict[str, Case] = {
    "less-offered": _access(),
    "less-of-one": _access((1, _less(ANN, 3600)), quorum=2),
    "less-approved": _access((1, _less(ANN, 3600, "readonly"))),
    "less-active": _access((1, _less(ANN, 3600, "readonly")), (2, GrantStarted("g-1"))),
    "less-of-two": _access((1, _less(ANN, 3600)), (2, _less(BOB, scope="operator")), quorum=2),
    "less-gate": make_case(_gate(), (2, _less(BOB, scope="europe")), about=GATE_ABOUT, accepts_less=True),
    "less-unheard": make_case(_gate(), about=GATE_ABOUT),
    "typed-pending": make_case(TYPED, about=DEPLOY_ABOUT),
    "typed-hidden": make_case(TYPED, about=HIDDEN_ABOUT),
}
