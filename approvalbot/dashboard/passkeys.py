"""A person's passkeys and one-time codes: enrolled with a code that an admin hands over, and taken back.

Whoever has somebody's Slack account has a session here. That alone must never enrol a passkey, or the passkey would
prove nothing more than the account: so each enrolment spends a code that came another way, and its owner is told.
"""

from collections.abc import Callable
from dataclasses import dataclass

from starlette.responses import JSONResponse, RedirectResponse, Response

from approvalbot.dashboard.door import Door, Visit
from approvalbot.dashboard.totp import OneTimeCodes
from approvalbot.dashboard.webauthn import MOST_PASSKEYS, Authenticators
from approvalbot.errors import BadInput, NotAllowed, StepUpRefused
from approvalbot.plaintext import one_line
from approvalbot.policy.people import slack_named
from approvalbot.store.passkeys import Passkeys, read_code, shown_code

WITHIN_S = 300
NAME_MOST = 60

Tell = Callable[[str, str, str], None]
"""Keeps in the trail, and tells their owner, what became of somebody's passkeys: whose (Slack id), what, a name."""


@dataclass(frozen=True, slots=True)
class PasskeyPages:
    """The page of passkeys and its forms. `codes` is None where one-time codes are not allowed."""

    door: Door
    passkeys: Passkeys
    authenticators: Authenticators
    codes: OneTimeCodes | None
    tell: Tell

    def show(self, visit: Visit) -> Response:
        """`GET /passkeys`."""
        return self._page(visit)

    def begin(self, visit: Visit) -> Response:
        """`POST /passkeys/begin`: what the browser needs to make a passkey."""
        owner = visit.viewer.member.slack
        self._invitation(visit)
        held = self.passkeys.of(owner)
        if len(held) >= MOST_PASSKEYS:
            raise StepUpRefused(f"You have {MOST_PASSKEYS} passkeys.", hint="Remove one you do not use.")
        options, challenge = self.authenticators.enrolment(owner, visit.viewer.person.name, held)
        self.door.sessions.keep("enrol", visit.viewer.token, {"challenge": challenge}, for_s=WITHIN_S)
        return JSONResponse(options)

    def finish(self, visit: Visit) -> Response:
        """`POST /passkeys/finish`: keep what the browser made, and spend the code."""
        owner, code = visit.viewer.member.slack, self._invitation(visit)
        kept = self.door.sessions.take("enrol", visit.viewer.token)
        if kept is None:
            raise StepUpRefused("This enrolment took too long, or was finished already.")
        name = one_line(visit.form.get("name", "").strip())[:NAME_MOST] or "passkey"
        made = self.authenticators.enrolled(visit.form.get("credential", ""), str(kept["challenge"]), name)
        if not self.passkeys.spend(code):
            raise StepUpRefused("The code was used already.", hint="Ask an admin for another.")
        self.passkeys.put(owner, made)
        self.tell(owner, "passkey_enrolled", name)
        return RedirectResponse("/passkeys?done=enrolled", 303)

    def remove(self, visit: Visit) -> Response:
        """`POST /passkeys/remove`: one of my own; an admin names whose."""
        owner = visit.form.get("owner") or visit.viewer.member.slack
        if owner != visit.viewer.member.slack:
            visit.viewer.must_be("admin")
        what = visit.form.get("id", "")
        name = next((one.name for one in self.passkeys.of(owner) if one.id == what), "one-time codes")
        gone = self.passkeys.drop_totp(owner) if what == "totp" else self.passkeys.drop(owner, what)
        if gone:
            self.tell(owner, "passkey_removed", name)
        return RedirectResponse("/passkeys?done=removed", 303)

    def invite(self, visit: Visit) -> Response:
        """`POST /passkeys/invite`: a code for somebody, shown once to the admin who made it."""
        visit.viewer.must_be("admin")
        identities = self.door.journey.policies().identities
        owner = slack_named(identities, visit.form.get("person", "").strip())
        if owner is None:
            raise BadInput(
                "parameter_invalid", "Nobody is known by that name.", hint="A Slack id, person's id or e-mail."
            )
        if owner == visit.viewer.member.slack:
            # An admin's Slack account alone would otherwise be enough for a passkey of its own.
            hint = "Another admin can, or: approvalbot passkey invite"
            raise NotAllowed("not_allowed", "Nobody invites themselves.", hint=hint)
        code = self.passkeys.invite(owner, by=visit.viewer.person.key)
        self.tell(owner, "passkey_invited", visit.viewer.person.name)
        return self._page(visit, invited=owner, code=shown_code(code))

    def totp(self, visit: Visit) -> Response:
        """`POST /passkeys/totp`: a secret for an authenticator app, once the code is good."""
        codes = self._codes()
        self._invitation(visit)
        secret = codes.new()
        self.door.sessions.keep("totp", visit.viewer.token, {"secret": secret}, for_s=WITHIN_S)
        return self._page(visit, secret=secret, address=codes.address(secret, visit.viewer.person.name))

    def totp_finish(self, visit: Visit) -> Response:
        """`POST /passkeys/totp/finish`: keep the secret once its owner has shown a code of it."""
        codes, owner, code = self._codes(), visit.viewer.member.slack, self._invitation(visit)
        kept = self.door.sessions.take("totp", visit.viewer.token)
        if kept is None:
            raise StepUpRefused("This enrolment took too long, or was finished already.")
        codes.enrol(owner, str(kept["secret"]), visit.form.get("totp", ""))
        if not self.passkeys.spend(code):
            self.passkeys.drop_totp(owner)
            raise StepUpRefused("The code was used already.", hint="Ask an admin for another.")
        self.tell(owner, "passkey_enrolled", "one-time codes")
        return RedirectResponse("/passkeys?done=enrolled", 303)

    def _page(self, visit: Visit, **values: str) -> Response:
        owner = visit.viewer.member.slack
        shown = dict.fromkeys(("invited", "code", "secret", "address"), "") | values
        return self.door.render.page(
            "passkeys.html",
            visit.viewer,
            title="Passkeys",
            held=self.passkeys.of(owner),
            has_totp=self.passkeys.totp(owner) is not None,
            allows_totp=self.codes is not None,
            done=visit.query.get("done", ""),
            invitation=visit.form.get("code", ""),
            made=shown,
        )

    def _invitation(self, visit: Visit) -> str:
        """The code in the form, if it is this person's and still good.

        Raises:
            StepUpRefused: it is not.
        """
        code = read_code(visit.form.get("code", ""))
        invited = self.passkeys.invited(code)
        if invited is None or invited["owner"] != visit.viewer.member.slack:
            raise StepUpRefused("That enrolment code is not good.", hint="Ask an admin for one; it is good for a day.")
        return code

    def _codes(self) -> OneTimeCodes:
        if self.codes is None:
            raise StepUpRefused("One-time codes are not allowed here.", hint="APPROVALBOT_TOTP allows them.")
        return self.codes
