"""Every no that approvalbot can say: one root, stable codes, a sentence for a person.

An *expected* no is a value where it arises (`NoMatch`); a broken promise or a refused act is one of the exceptions
here. Slack, HTTP and the command line only translate them: the sentence, the hint and the code are written once, where
the facts are known. `CODES` is the complete list; `docs/errors.md` explains each and a test holds the two together.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime


@dataclass(frozen=True, slots=True)
class Code:
    """What a stable error code means: `status` is its HTTP status, `title` its problem title (RFC 9457)."""

    status: int
    title: str


CODES: Mapping[str, Code] = {
    # at the door
    "signature_rejected": Code(401, "The signature does not verify"),
    "not_authenticated": Code(401, "Credentials are missing or wrong"),
    "tenant_not_allowed": Code(403, "This tenant is not on the source's list"),
    "unknown_source": Code(404, "No such source"),
    "not_found": Code(404, "No such thing here"),
    "method_not_allowed": Code(405, "This route does not take that method"),
    "head_invalid": Code(400, "The head of the call cannot be read in one way"),
    "head_too_large": Code(431, "The head of the call is too large"),
    "body_invalid": Code(400, "The body cannot be read"),
    "event_invalid": Code(400, "The event is not one this source sends"),
    "parameter_invalid": Code(400, "A parameter is not valid"),
    "event_id_reused": Code(409, "The same event id came with another body"),
    "already_consumed": Code(409, "This approval has been used"),
    "not_approved": Code(409, "There is no approval to use"),
    "body_too_large": Code(413, "The body is too large"),
    "unsupported_media_type": Code(415, "This content type is not understood"),
    "too_many_requests": Code(429, "Too many requests"),
    "too_many_open": Code(429, "Too many requests of the policy wait for an answer"),
    "unavailable": Code(503, "The service cannot answer now"),
    "event_refused": Code(503, "The source's events cannot be judged now"),
    # a move on a request
    "already_decided": Code(409, "The request is settled"),
    "already_counted": Code(409, "This vote is already counted"),
    "not_an_approver": Code(403, "Not one of the people asked"),
    "self_approval": Code(403, "Nobody approves their own request"),
    "excluded": Code(403, "The policy excludes this person"),
    "actor_unknown": Code(403, "The actor cannot be tied to a person"),
    "reason_required": Code(422, "A reason is required"),
    "step_up_required": Code(403, "A passkey is required"),
    "confirmation_required": Code(422, "The name of what is approved has to be typed"),
    "confirmation_wrong": Code(422, "What was typed is not the name of what is approved"),
    "less_not_offered": Code(422, "The policy offers no such choice"),
    "membership_unknown": Code(503, "Group membership is not known now"),
    "stale_card": Code(409, "The card is older than the request"),
    "link_refused": Code(409, "The account cannot be linked like this"),
    "too_fast": Code(429, "Too many decisions of one person in a minute"),
    "not_a_member": Code(403, "Only full members of the workspace can decide"),
    "not_a_person": Code(403, "Bots and workflows cannot decide"),
    "not_extendable": Code(409, "The access cannot be extended"),
    "not_yours": Code(403, "Only the requester or an owner can do that"),
    "wrong_state": Code(409, "The request is not in a state for that"),
    "unknown_request": Code(404, "The request is not known here"),
    "claim_off": Code(409, "The policy knows no claims"),
    "claim_taken": Code(409, "Somebody else is looking"),
    "claim_limit": Code(409, "Looked often enough"),
    "already_looking": Code(409, "This person is looking already"),
    "not_looking": Code(409, "This person is not looking"),
    "question_open": Code(409, "A question is open"),
    "question_limit": Code(409, "Enough was asked"),
    "nothing_asked": Code(409, "No question is open"),
    "text_invalid": Code(422, "The text is empty or too long"),
    "monitor_only": Code(409, "The policy only watches"),
    # the dashboard
    "sign_in_refused": Code(403, "The sign-in is not good"),
    "not_signed_in": Code(401, "Nobody is signed in"),
    "not_allowed": Code(403, "This person may not see or do that"),
    "form_refused": Code(403, "The form is not from a page of ours"),
    "step_up_refused": Code(403, "The confirmation is not good"),
    # asking for access
    "unknown_entitlement": Code(404, "No such entitlement"),
    "not_requestable": Code(403, "This person may not ask for it"),
    "input_invalid": Code(422, "An input is not valid"),
    "duration_too_long": Code(422, "The time asked for is too long"),
    "reason_too_short": Code(422, "The reason is too short"),
    "delegate_refused": Code(409, "That person cannot stand in"),
    "mute_refused": Code(409, "That person cannot be muted"),
    "already_open": Code(409, "The same is already open or held"),
    # configuration, tools, the outside
    "policy_invalid": Code(500, "A policy file has faults"),
    "settings_invalid": Code(500, "A setting is missing or wrong"),
    "trail_broken": Code(500, "The trail does not verify"),
    "address_refused": Code(502, "The address is not one we may call"),
    "delivery_failed": Code(502, "The delivery did not succeed"),
    "slack_failed": Code(502, "Slack did not accept the call"),
    "grant_failed": Code(502, "The grant could not be made or ended"),
    "action_failed": Code(502, "The action could not be done"),
    "command_unknown": Code(400, "No such command"),
}


def plain(value: object) -> str:
    """Render one fact for a terminal or a JSON body; the Slack room has its own rendering."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%H:%M UTC")
    return str(value)


class ApprovalBotError(Exception):
    """The root of every fault we raise.

    `sentence` and `hint` may hold `{name}` fields that `facts` fills; a fact may be a `datetime` or a person, so that
    each surface shows it in its own way (a reader's own time zone in Slack, UTC in JSON).
    """

    def __init__(self, code: str, sentence: str, *, hint: str = "", **facts: object) -> None:
        super().__init__(code, sentence)
        self.code = code
        self.sentence = sentence
        self.hint = hint
        self.facts = facts

    @property
    def status(self) -> int:
        """The HTTP status of this fault's code."""
        return CODES[self.code].status

    def text(self, show: Callable[[object], str] = plain) -> str:
        """The sentence and the hint with every fact filled in by `show`."""
        whole = f"{self.sentence} {self.hint}".strip()
        return whole.format_map({name: show(fact) for name, fact in self.facts.items()}) if self.facts else whole

    def __str__(self) -> str:
        return self.text()


class BadInput(ApprovalBotError):
    """What was sent cannot be read or is not allowed; sending it again unchanged gives the same answer."""


class SignatureRejected(ApprovalBotError):
    """Proof of who sent it is missing, malformed, old or wrong; the body was not parsed."""

    def __init__(self, sentence: str = "The signature does not verify.", *, hint: str = "") -> None:
        super().__init__("signature_rejected", sentence, hint=hint)


class NotFound(ApprovalBotError):
    """The thing named does not exist, or not for this caller."""


class Conflict(ApprovalBotError):
    """It contradicts what already stands."""


class Busy(ApprovalBotError):
    """Too much at once; `retry_after_s` says when to come again, in whole seconds."""

    def __init__(
        self, sentence: str, *, retry_after_s: int, code: str = "too_many_requests", hint: str = "", **facts: object
    ) -> None:
        super().__init__(code, sentence, hint=hint, **facts)
        self.retry_after_s = retry_after_s


class Unavailable(ApprovalBotError):
    """Something we need does not answer. Nothing was recorded; the same call may succeed later."""

    def __init__(self, sentence: str, *, code: str = "unavailable", retry_after_s: int = 5) -> None:
        super().__init__(code, sentence)
        self.retry_after_s = retry_after_s


class MoveRefused(ApprovalBotError):
    """A move that the request does not take. The request stands as it stood."""


class AccessRefused(ApprovalBotError):
    """An engineer's wish that cannot become a request. Nothing was opened."""


class SignInRefused(ApprovalBotError):
    """Somebody could not be signed in. No session begins."""

    def __init__(self, sentence: str, *, hint: str = "Sign in again.", **facts: object) -> None:
        super().__init__("sign_in_refused", sentence, hint=hint, **facts)


class StepUpRefused(ApprovalBotError):
    """A passkey or a one-time code did not confirm what it should. Nothing was decided."""

    def __init__(self, sentence: str, *, hint: str = "Try again.", **facts: object) -> None:
        super().__init__("step_up_refused", sentence, hint=hint, **facts)


class NotAllowed(ApprovalBotError):
    """Whoever is signed in may not do that; nothing was done."""


class SettingsFault(ApprovalBotError):
    """The process must not start like this."""

    def __init__(self, sentence: str, *, hint: str = "") -> None:
        super().__init__("settings_invalid", sentence, hint=hint)


class DeliveryFailed(ApprovalBotError):
    """Something outside did not accept what we sent.

    `retry_after_s` is when to try again (None: by the schedule); `final` means that trying again is pointless;
    `status` is the HTTP status it answered with, if it answered. `tried` is False where it only had to wait its turn:
    that brings it no nearer to being given up.
    """

    def __init__(
        self,
        code: str,
        sentence: str,
        *,
        hint: str = "",
        retry_after_s: float | None = None,
        final: bool = False,
        status: int | None = None,
        tried: bool = True,
    ) -> None:
        super().__init__(code, sentence, hint=hint)
        self.retry_after_s = retry_after_s
        self.final = final
        self.tried = tried
        self.answered = status


class UnderWay(DeliveryFailed):
    """It was taken on and is not done yet, or has to wait its turn: that is no failure, and asking again will tell."""

    def __init__(self, sentence: str, *, retry_after_s: float) -> None:
        super().__init__("grant_failed", sentence, retry_after_s=retry_after_s)
