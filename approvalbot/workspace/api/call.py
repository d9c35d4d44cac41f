"""One call of a Web API method, and what a method declares about itself."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from approvalbot.workspace.api.arguments import Arguments
from approvalbot.workspace.errors import Json
from approvalbot.workspace.state.tokens import Token, TokenKind
from approvalbot.workspace.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Call:
    """A call whose token was checked. `headers` are those of the HTTP request, in lower case."""

    workspace: Workspace
    method: str
    arguments: Arguments
    token: Token
    headers: Mapping[str, str] = field(default_factory=dict)
    http_method: str = "POST"


Handler = Callable[[Call], Json]
"""Answers a call with the fields beside `ok`, or raises `Refusal`. Handlers never wait: all they need is in memory."""


@dataclass(frozen=True, slots=True)
class Method:
    """A method: its handler, the scopes any one of which opens it, its rate tier, and how it is called.

    `takes_json` False: form or query only. `tokens` empty: it needs no token. `own_limit` marks chat.postMessage, which
    is limited for each channel instead of by a tier.
    """

    handler: Handler
    scopes: tuple[str, ...] = ()
    tier: int | None = None
    takes_json: bool = True
    tokens: tuple[TokenKind, ...] = ("bot", "user")
    own_limit: bool = False


Methods = Mapping[str, Method]
