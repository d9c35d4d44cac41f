"""Confirming a decision with a passkey or a one-time code, where the policy asks for it."""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.responses import JSONResponse, Response

from approvalbot.dashboard.door import Door, Visit
from approvalbot.dashboard.totp import OneTimeCodes
from approvalbot.dashboard.webauthn import Authenticators, Bound
from approvalbot.errors import StepUpRefused
from approvalbot.request.case import Case
from approvalbot.request.request import Less
from approvalbot.store.passkeys import Passkeys

WITHIN_S = 300
"""Seconds between asking the authenticator and the decision (ux.md section 6: valid 5 minutes, once)."""

FindCase = Callable[[Visit], Case]


@dataclass(frozen=True, slots=True)
class Confirming:
    """Asks for a confirmation, and reads it."""

    door: Door
    passkeys: Passkeys
    authenticators: Authenticators
    codes: OneTimeCodes | None

    def begin(self, visit: Visit, case: Case, less: Less | None) -> Response:
        """What the browser needs to confirm an approval of this request as it now stands, whole or with `less`."""
        held = self.passkeys.of(visit.viewer.member.slack)
        if not held:
            raise StepUpRefused(
                "You have no passkey here yet.", hint="Enrol one under Passkeys; an admin gives the code."
            )
        options, nonce = self.authenticators.confirmation(_bound(case, less), held)
        kept = {"nonce": nonce, "content": case.about.digest, "policy": case.request.policy_digest}
        self.door.sessions.keep("confirm", _name(visit, case), kept, for_s=WITHIN_S)
        return JSONResponse(options)

    def means(self, visit: Visit) -> dict[str, bool]:
        """With what this person could confirm."""
        owner = visit.viewer.member.slack
        totp = self.codes is not None and self.passkeys.totp(owner) is not None
        return {"passkey": bool(self.passkeys.of(owner)), "totp": totp}

    def read(self, visit: Visit, case: Case, less: Less | None) -> str:
        """How the form's sender confirmed an approval of this request, whole or with `less`; empty where they did not
        try. A one-time code confirms what it is sent with: nobody shows it anything before.

        Raises:
            StepUpRefused: they tried, and it is not good.
        """
        if visit.form.get("assertion"):
            return self._passkey(visit, case, less)
        if visit.form.get("totp"):
            if self.codes is None:
                raise StepUpRefused("One-time codes are not allowed here.", hint="Use a passkey.")
            self.codes.confirm(visit.viewer.member.slack, visit.form["totp"])
            return "totp"
        return ""

    def _passkey(self, visit: Visit, case: Case, less: Less | None) -> str:
        owner = visit.viewer.member.slack
        kept = self.door.sessions.take("confirm", _name(visit, case))
        if kept is None:
            raise StepUpRefused("This confirmation took too long, or was used already.")
        # What was confirmed is what the browser was asked about, and that must still be what stands.
        if (kept["content"], kept["policy"]) != (case.about.digest, case.request.policy_digest):
            raise StepUpRefused("The request changed meanwhile.", hint="Look at it again, and confirm it anew.")
        used = self.authenticators.confirmed(
            visit.form["assertion"], _bound(case, less), str(kept["nonce"]), self.passkeys.of(owner)
        )
        self.passkeys.put(owner, used)
        return f"passkey {used.id[:12]}"


def _bound(case: Case, less: Less | None) -> Bound:
    """What is confirmed. Less is another decision than the whole: an assertion for one is none for the other."""
    choice = "approve" if less is None else f"approve less {less.duration_s} {less.scope}"
    return Bound(case.request.id, case.about.digest, case.request.policy_digest, choice)


def _name(visit: Visit, case: Case) -> str:
    return f"{visit.viewer.token} {case.request.id}"
