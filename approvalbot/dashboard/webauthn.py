"""Passkeys (WebAuthn level 3), around the library that reads them: enrolling one, and confirming with one.

A confirmation is bound to what is confirmed: its challenge is a digest over a random part, the request, its content,
its policy and the choice. So the signature that the authenticator makes is over this decision and no other.
"""

import hashlib
import secrets
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

import orjson
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    options_to_json,
    verify_authentication_response,
    verify_registration_response,
)
from webauthn.helpers import base64url_to_bytes, bytes_to_base64url
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from approvalbot.errors import StepUpRefused
from approvalbot.store.passkeys import Passkey

MOST_PASSKEYS = 10
LONGEST = 16 * 1024
"""Bytes of what a browser sends of a credential: a registration with attestation has some 2 KB."""

TIMEOUT_MS = 120_000


@dataclass(frozen=True, slots=True)
class Bound:
    """What a confirmation is for."""

    request_id: str
    content: str
    policy: str
    choice: str

    def challenge(self, nonce: bytes) -> bytes:
        """32 bytes that stand for this decision and this attempt."""
        parts = (nonce.hex(), self.request_id, self.content, self.policy, self.choice)
        return hashlib.sha256("\x1f".join(parts).encode()).digest()


@dataclass(frozen=True, slots=True)
class Authenticators:
    """Reads what authenticators say, for the site at `url`."""

    url: str
    clock: Callable[[], float] = time.time

    @property
    def site(self) -> str:
        """The relying party's id: our host name. An IP address cannot be one (WebAuthn section 5.1.2)."""
        return urlsplit(self.url).hostname or ""

    def enrolment(self, owner: str, name: str, held: Sequence[Passkey]) -> tuple[dict[str, Any], str]:
        """What a browser needs to make a passkey, and the challenge to remember."""
        options = generate_registration_options(
            rp_id=self.site,
            rp_name="approvalbot",
            user_id=hashlib.sha256(owner.encode()).digest(),
            user_name=name,
            user_display_name=name,
            timeout=TIMEOUT_MS,
            exclude_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(one.id)) for one in held],
            authenticator_selection=AuthenticatorSelectionCriteria(
                resident_key=ResidentKeyRequirement.PREFERRED,
                user_verification=UserVerificationRequirement.REQUIRED,
            ),
        )
        return orjson.loads(options_to_json(options)), bytes_to_base64url(options.challenge)

    def enrolled(self, credential: str, challenge: str, name: str) -> Passkey:
        """The passkey that a browser made.

        Raises:
            StepUpRefused: it is none, or not for this site, this attempt, or a verified user.
        """
        try:
            found = verify_registration_response(
                credential=_object(credential),
                expected_challenge=base64url_to_bytes(challenge),
                expected_rp_id=self.site,
                expected_origin=self.url,
                require_user_verification=True,
            )
        except StepUpRefused:
            raise
        except Exception as fault:  # the library raises of many kinds for what a browser, or an attacker, may send
            raise StepUpRefused("The passkey could not be enrolled.") from fault
        return Passkey(
            id=bytes_to_base64url(found.credential_id),
            name=name,
            public_key=found.credential_public_key.hex(),
            used=found.sign_count,
            enrolled_at=self.clock(),
            synced=found.credential_backed_up,
        )

    def confirmation(self, bound: Bound, held: Sequence[Passkey]) -> tuple[dict[str, Any], str]:
        """What a browser needs to confirm with one of these passkeys, and the random part to remember."""
        nonce = secrets.token_bytes(32)
        options = generate_authentication_options(
            rp_id=self.site,
            challenge=bound.challenge(nonce),
            timeout=TIMEOUT_MS,
            allow_credentials=[PublicKeyCredentialDescriptor(id=base64url_to_bytes(one.id)) for one in held],
            user_verification=UserVerificationRequirement.REQUIRED,
        )
        return orjson.loads(options_to_json(options)), nonce.hex()

    def confirmed(self, assertion: str, bound: Bound, nonce: str, held: Sequence[Passkey]) -> Passkey:
        """The passkey that confirmed exactly this, as it is to be kept from now on.

        Raises:
            StepUpRefused: none of theirs did, or a copy of one may have.
        """
        said = _object(assertion)
        passkey = next((one for one in held if one.id == said.get("id")), None)
        if passkey is None:
            raise StepUpRefused("That passkey is none of yours here.")
        try:
            found = verify_authentication_response(
                credential=said,
                expected_challenge=bound.challenge(bytes.fromhex(nonce)),
                expected_rp_id=self.site,
                expected_origin=self.url,
                credential_public_key=bytes.fromhex(passkey.public_key),
                credential_current_sign_count=passkey.used,
                require_user_verification=True,
            )
        except Exception as fault:  # as above: whatever it is, nothing is confirmed
            raise StepUpRefused("The passkey did not confirm this.") from fault
        return passkey.model_copy(update={"used": found.new_sign_count, "last_used_at": self.clock()})


def _object(text: str) -> dict[str, Any]:
    if len(text) > LONGEST:
        raise StepUpRefused("The browser sent too much.")
    try:
        found = orjson.loads(text)
    except orjson.JSONDecodeError:
        found = None
    if not isinstance(found, dict):
        raise StepUpRefused("The browser sent no passkey.", hint="Use a browser with JavaScript, and try again.")
    return found
