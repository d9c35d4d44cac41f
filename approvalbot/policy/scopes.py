"""Which names a part of a document may use: those of the event, of the decision, of a Sigma rule, of an access wish."""

from dataclasses import dataclass

from approvalbot.policy.conditions.fields import EVENT_NAMES, HEADER, RAW, NameFault, event_field
from approvalbot.policy.environment import SYSTEMS
from approvalbot.policy.faults import guess

DECISION_NAMES = ("$decision.state", "$decision.summary", "$decision.by", "$decision.reason", "$decision.at")
REQUEST_NAMES = ("$request.id", "$request.url")
RULE_NAMES = ("$rule.id", "$rule.title", "$rule.level", "$rule.author", "$rule.path")
REQUESTER_NAMES = tuple(f"$requester.{name}" for name in ("id", "name", "email", "manager", *SYSTEMS))


@dataclass(frozen=True, slots=True)
class Scope:
    """What may be named. `inputs` are the ids of an entitlement's inputs; None outside an entitlement."""

    event: bool = True
    decided: bool = False
    rule: bool = False
    inputs: tuple[str, ...] | None = None

    def check(self, name: str) -> None:
        """Do nothing for a name that may be used here.

        Raises:
            NameFault: unknown here, or a path that cannot be read.
        """
        if not name.startswith("$"):
            if not self.event:
                raise NameFault(f"{name} is a field of an event, and an entitlement has none", "write a $ name")
            event_field(name)
        elif self.event and name.startswith((HEADER, RAW)):
            event_field(name)
        elif name not in self.names():
            raise NameFault(f"{name} is no name here", guess(name, self.names()))

    def names(self) -> list[str]:
        """Every `$` name of this scope but `$header.…` and `$raw.…`."""
        found: list[str] = list(EVENT_NAMES) if self.event else []
        if self.decided:
            found += [*DECISION_NAMES, *REQUEST_NAMES]
        if self.rule:
            found += RULE_NAMES
        if self.inputs is not None:
            found += [*(f"$input.{name}" for name in self.inputs), "$duration", "$reason", *REQUESTER_NAMES]
        return found
