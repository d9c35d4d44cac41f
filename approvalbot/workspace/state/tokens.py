"""The tokens that open the Web API: they must exist, and have the scopes they claim."""

import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

TokenKind = Literal["bot", "app", "user"]


@dataclass(slots=True)
class Token:
    """One token. `user` is whom it acts for; `fault` is the error code it earns once it is no longer good."""

    value: str
    kind: TokenKind
    user: str
    scopes: tuple[str, ...]
    fault: str | None = None


class Tokens:
    """The app's bot and app-level tokens, and the user tokens that signing in made."""

    def __init__(self, bot: str, app: str, app_user: str, scopes: Iterable[str]) -> None:
        self.bot = Token(bot, "bot", app_user, tuple(scopes))
        self.app = Token(app, "app", app_user, ("connections:write",))
        self._held = {self.bot.value: self.bot, self.app.value: self.app}

    def find(self, value: str) -> Token | None:
        """The token with this value, good or not."""
        return self._held.get(value)

    def make_user_token(self, user: str, scopes: Iterable[str]) -> Token:
        """A new token of a person who signed in."""
        token = Token(f"xoxp-local-{secrets.token_hex(12)}", "user", user, tuple(scopes))
        self._held[token.value] = token
        return token


def masked(value: str) -> str:
    """A token as it may be shown: its kind and its last four characters."""
    head = value.split("-", 1)[0] if "-" in value else ""
    return f"{head}-…{value[-4:]}" if len(value) > 12 else "…"
