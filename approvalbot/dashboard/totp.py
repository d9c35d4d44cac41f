"""One-time codes (RFC 6238), where the settings allow them instead of a passkey. Each counts once."""

import time
from collections.abc import Callable
from dataclasses import dataclass

import pyotp
from cryptography.fernet import Fernet, InvalidToken

from approvalbot.errors import StepUpRefused
from approvalbot.store.guards import Guards
from approvalbot.store.passkeys import Passkeys

STEP_S = 30
DRIFT = 1
"""Time steps before and after that are taken: RFC 6238 section 5.2 recommends one."""

TRIES, TRIES_WITHIN_S = 5, 600
"""Codes that may be tried: a million codes and three good ones make five guesses in ten minutes hopeless."""


@dataclass(frozen=True, slots=True)
class OneTimeCodes:
    """Secrets are sealed under a key that is not in Redis: reading the store makes no codes."""

    seal: Fernet
    passkeys: Passkeys
    guards: Guards
    issuer: str
    clock: Callable[[], float] = time.time

    def new(self) -> str:
        """A secret to enrol."""
        return pyotp.random_base32()

    def address(self, secret: str, name: str) -> str:
        """What an authenticator app reads."""
        return pyotp.TOTP(secret, interval=STEP_S).provisioning_uri(name=name, issuer_name=self.issuer)

    def enrol(self, owner: str, secret: str, code: str) -> None:
        """Keep the secret once its owner has shown a code of it.

        Raises:
            StepUpRefused: the code is not of this secret, now.
        """
        if self._step(secret, code) is None:
            raise StepUpRefused(
                "That code is not the one your app shows now.", hint="Scan again, and type the new one."
            )
        self.passkeys.put_totp(owner, self.seal.encrypt(secret.encode()).decode())

    def confirm(self, owner: str, code: str) -> None:
        """Do nothing for a good code that was not used before.

        Raises:
            StepUpRefused: no code of theirs, used already, or too many tries.
        """
        wait_s = self.guards.wait_s("totp-tries", owner, rate_per_s=TRIES / TRIES_WITHIN_S, burst=TRIES)
        if wait_s > 0:
            raise StepUpRefused("Too many codes were tried.", hint=f"Wait {round(wait_s / 60) + 1} minutes.")
        sealed = self.passkeys.totp(owner)
        try:
            secret = self.seal.decrypt(sealed.encode()).decode() if sealed else None
        except InvalidToken:
            secret = None
        step = self._step(secret, code) if secret else None
        if step is None or not self.passkeys.first_use(owner, step):
            raise StepUpRefused("That code is not good, or was used already.", hint="Wait for the next one.")

    def _step(self, secret: str, code: str) -> int | None:
        plain = "".join(letter for letter in code if letter.isdigit())
        now = int(self.clock()) // STEP_S
        totp = pyotp.TOTP(secret, interval=STEP_S)
        for step in range(now - DRIFT, now + DRIFT + 1):
            if len(plain) == 6 and pyotp.utils.strings_equal(plain, totp.at(step * STEP_S)):
                return step
        return None
