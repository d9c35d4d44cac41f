"""The folders for the lints of gates; see `lint_cases.py`."""

from tests.policy.lint_cases import Case, policy, sources
from tests.policy.test_lint import AWS

NARROWER = {"asked": "everywhere", "scopes": [{"id": "eu", "label": "in the EU", "with": {"region": "eu-1"}}]}

GATES: dict[str, Case] = {
    "gate-cannot-wait": Case(
        "error",
        policy(**AWS, request="gate", match={"eventName": "x", "eventSource": "y"}),
        policy(request="gate"),
    ),
    "less-unheard": Case(
        "warning",
        policy(request="gate", narrower=NARROWER),
        {
            **policy(request="gate", narrower=NARROWER),
            **sources("may_wait: true,", "may_wait: true, accepts: [less],"),
        },
    ),
}
