"""openid.connect.* and oauth.v2.access: what a code of the sign-in page is worth."""

import base64
import binascii
import hmac

from approvalbot.workspace.api.call import Call, Method, Methods
from approvalbot.workspace.deliveries.changes import install
from approvalbot.workspace.errors import Json, Refusal


def token(call: Call) -> Json:
    """Exchange a code for an access token and a signed id_token. A code works once."""
    _check_client(call)
    if call.arguments.text("grant_type") not in {"", "authorization_code"}:
        raise Refusal("invalid_grant_type")
    signing = call.workspace.signing
    code = signing.use_code(call.arguments.text("code"), call.arguments.text("redirect_uri"), "openid")
    access = call.workspace.tokens.make_user_token(code.user, code.scopes)
    return {
        "access_token": access.value,
        "token_type": "Bearer",
        "id_token": signing.id_token(call.workspace.directory, call.workspace.origin, code, access.value),
    }


def user_info(call: Call) -> Json:
    """The claims of the person whose token it is."""
    return call.workspace.signing.claims(
        call.workspace.directory, call.workspace.origin, call.token.user, call.token.scopes
    )


def oauth_access(call: Call) -> Json:
    """Install the app: a code of `/oauth/v2/authorize` becomes the bot's token, with the scopes that were granted."""
    _check_client(call)
    if call.arguments.text("grant_type") not in {"", "authorization_code"}:
        raise Refusal("invalid_grant_type")
    workspace = call.workspace
    code = workspace.signing.use_code(call.arguments.text("code"), call.arguments.text("redirect_uri"), "oauth")
    bot = workspace.tokens.bot
    # Scopes only ever grow: who installs again with fewer keeps what was granted before.
    bot.scopes = tuple(dict.fromkeys((*(bot.scopes if workspace.installed else ()), *code.scopes)))
    install(workspace)
    directory = workspace.directory
    return {
        "access_token": bot.value,
        "token_type": "bot",
        "scope": ",".join(bot.scopes),
        "bot_user_id": directory.app.user_id,
        "app_id": directory.app.id,
        "team": {"id": directory.team.id, "name": directory.team.name},
        "enterprise": None,
        "is_enterprise_install": False,
        "authed_user": {"id": code.user},
    }


def _check_client(call: Call) -> None:
    """client_secret_post or client_secret_basic.

    Raises:
        Refusal: `invalid_client_id` or `bad_client_secret`.
    """
    registered = call.workspace.config.sign_in
    client_id, client_secret = call.arguments.text("client_id"), call.arguments.text("client_secret")
    kind, _, value = call.headers.get("authorization", "").partition(" ")
    if kind.lower() == "basic":
        try:
            client_id, _, client_secret = base64.b64decode(value).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            raise Refusal("invalid_client_id") from None
    if client_id != registered.client_id:
        raise Refusal("invalid_client_id")
    if not hmac.compare_digest(client_secret.encode(), registered.client_secret.encode()):
        raise Refusal("bad_client_secret")


METHODS: Methods = {
    "openid.connect.token": Method(token, tokens=(), tier=4, takes_json=False),
    "openid.connect.userInfo": Method(user_info, ("openid",), tokens=("user",), tier=3),
    "oauth.v2.access": Method(oauth_access, tokens=(), takes_json=False),
}
