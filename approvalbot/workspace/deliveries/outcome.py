"""How something a person did ended, in the words they would read."""

from dataclasses import dataclass, field

from approvalbot.workspace.errors import Json, Refusal
from approvalbot.workspace.state.traffic import Entry


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a press, a command or a form came to.

    `failure` is what Slack would show when the bot did not do its part (empty: it did); `errors` are the sentences
    beside a form's inputs, by block_id. `opens` is the address a link button leads to.
    """

    failure: str = ""
    status: int | None = None
    elapsed_ms: float | None = None
    errors: dict[str, str] = field(default_factory=dict)
    opens: str | None = None
    needs_confirm: Json | None = None
    delivered: bool = True

    @property
    def ok(self) -> bool:
        """Whether it went as the person wished, as far as the screen can tell."""
        return not (self.failure or self.errors or self.needs_confirm)

    def shown(self) -> Json:
        """The outcome as the page and the tests read it."""
        return {
            "ok": self.ok,
            "failure": self.failure,
            "status": self.status,
            "elapsed_ms": self.elapsed_ms,
            "errors": self.errors,
            "opens": self.opens,
            "needs_confirm": self.needs_confirm,
            "delivered": self.delivered,
        }


def outcome_of(entry: Entry, failure: str = "", **fields: object) -> Outcome:
    """The outcome of a delivery whose line in the inspector is complete."""
    return Outcome(failure=failure, status=entry.status, elapsed_ms=entry.elapsed_ms, **fields)  # type: ignore[arg-type]


def refusal_sentence(refusal: Refusal) -> str:
    """A refusal in one line, with the first fault that Slack would name."""
    messages = refusal.fields.get("response_metadata", {}).get("messages", [])
    return f"{refusal.code}: {messages[0]}" if messages else refusal.code
