"""The web side of Sign in with Slack and of installing the app: discovery, keys, and the page that asks who it is."""

from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

from jinja2 import Environment, FileSystemLoader
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from approvalbot.workspace.deliveries.acting import acting_person
from approvalbot.workspace.errors import Json, Unable
from approvalbot.workspace.guard import CONTENT_POLICY
from approvalbot.workspace.local.sessions import as_json, cookie_name
from approvalbot.workspace.signin.provider import Flow
from approvalbot.workspace.workspace import Workspace

ASKED = ("client_id", "redirect_uri", "scope", "state", "nonce", "response_type")
SIGN_IN, INSTALL = "/openid/connect/authorize", "/oauth/v2/authorize"

TEMPLATES = Environment(autoescape=True, loader=FileSystemLoader(Path(__file__).parent))


async def discovery(request: Request) -> Response:
    """`/.well-known/openid-configuration`."""
    workspace: Workspace = request.app.state.workspace
    origin = workspace.origin
    return as_json(
        {
            "issuer": origin,
            "authorization_endpoint": f"{origin}/openid/connect/authorize",
            "token_endpoint": f"{origin}/api/openid.connect.token",
            "userinfo_endpoint": f"{origin}/api/openid.connect.userInfo",
            "jwks_uri": f"{origin}/openid/connect/keys",
            "scopes_supported": ["openid", "profile", "email"],
            "response_types_supported": ["code"],
            "response_modes_supported": ["form_post"],
            "grant_types_supported": ["authorization_code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "claims_supported": ["sub", "auth_time", "iss"],
            "claims_parameter_supported": False,
            "request_parameter_supported": False,
            "request_uri_parameter_supported": True,
            "token_endpoint_auth_methods_supported": ["client_secret_post", "client_secret_basic"],
        }
    )


async def keys(request: Request) -> Response:
    """`/openid/connect/keys`: the public key that verifies id_tokens."""
    workspace: Workspace = request.app.state.workspace
    return as_json({"keys": [workspace.signing.key.as_dict(private=False)]})


async def ask(request: Request) -> Response:
    """`GET` of either page: ask who is signing in, or installing the app."""
    workspace: Workspace = request.app.state.workspace
    asked = {name: request.query_params.get(name, "") for name in ASKED}
    path = request.url.path
    if fault := _fault(workspace, asked, path):
        return _page(workspace, {"fault": fault}, asked, path)
    people = [one for one in workspace.directory.people.values() if not (one.is_bot or one.deleted)]
    me = request.app.state.sessions.user(request.cookies.get(cookie_name(workspace)))
    return _page(workspace, {"people": people, "me": me, "scope": asked["scope"]}, asked, path)


async def answer(request: Request) -> Response:
    """`POST` of either page: send the browser back with a code, or with `access_denied` when they cancelled."""
    workspace: Workspace = request.app.state.workspace
    form = dict(_form(await request.body()))
    asked = {name: form.get(name, "") for name in ASKED}
    path = request.url.path
    if fault := _fault(workspace, asked, path):
        return _page(workspace, {"fault": fault}, asked, path)
    if form.get("user") == "":
        return _back(asked, {"error": "access_denied"})
    try:
        person = acting_person(workspace, form.get("user", ""))
    except Unable as unable:
        return _page(workspace, {"fault": unable.sentence}, asked, path)
    scopes = _scopes(asked, path)
    flow: Flow = "oauth" if path == INSTALL else "openid"
    code = workspace.signing.make_code(person.id, asked["redirect_uri"], scopes, asked["nonce"], flow)
    return _back(asked, {"code": code})


def _back(asked: dict[str, str], what: dict[str, str]) -> Response:
    joint = "&" if urlsplit(asked["redirect_uri"]).query else "?"
    return RedirectResponse(f"{asked['redirect_uri']}{joint}{urlencode({**what, 'state': asked['state']})}", 302)


def _scopes(asked: dict[str, str], path: str) -> tuple[str, ...]:
    """The scopes asked for: OpenID's stand apart by spaces, those of an installation by commas."""
    return tuple(one for one in asked["scope"].replace("," if path == INSTALL else " ", " ").split() if one)


def _fault(workspace: Workspace, asked: dict[str, str], path: str) -> str:
    """Why nobody is sent back; the page says it, since the address to go back to is not to be trusted then."""
    registered = workspace.config.sign_in
    if asked["client_id"] != registered.client_id:
        return "invalid_client_id: the app is not registered here"
    if asked["redirect_uri"] not in registered.redirect_urls:
        return "bad_redirect_uri: that address is not one of the app's"
    scopes = _scopes(asked, path)
    if path == INSTALL:
        unknown = [one for one in scopes if one not in registered.installable]
        return (
            f"invalid_scope: {unknown[0]} is not a scope of the app" if unknown else "" if scopes else "invalid_scope"
        )
    if asked["response_type"] != "code":
        return "unsupported_response_type: only code is"
    return "" if "openid" in scopes else "invalid_scope: openid is needed"


def _page(workspace: Workspace, context: Json, asked: dict[str, str], path: str) -> Response:
    client, team = workspace.directory.app.name, workspace.directory.team.name
    heading = f"Install {client} into {team}" if path == INSTALL else f"Sign in to {client} with {team}"
    target = urlsplit(asked["redirect_uri"])
    # The form's answer redirects to the app, and browsers hold form-action against redirects too.
    policy = CONTENT_POLICY
    if not context.get("fault"):
        policy = policy.replace("form-action 'self'", f"form-action 'self' {target.scheme}://{target.netloc}")
    return HTMLResponse(
        TEMPLATES.get_template("page.html").render(asked=asked, heading=heading, action=path, **context),
        400 if context.get("fault") else 200,
        # Under "no-referrer" a browser sends "Origin: null" with the form, which the guard takes for another page's.
        {"content-security-policy": policy, "referrer-policy": "same-origin"},
    )


def _form(body: bytes) -> list[tuple[str, str]]:
    return parse_qsl(body.decode("utf-8", "replace"), keep_blank_values=True)


ROUTES = [
    Route("/.well-known/openid-configuration", discovery),
    Route("/openid/connect/keys", keys),
    *(Route(path, ask, methods=["GET"]) for path in (SIGN_IN, INSTALL)),
    *(Route(path, answer, methods=["POST"]) for path in (SIGN_IN, INSTALL)),
]
