"""The door of the Web API: from an HTTP request to a method, and back to Slack's envelope.

The order of the checks is Slack's as far as it is known: does the method exist, is there a token, is it good, is it of
the right kind, has it the scope, is it too soon; only then are the arguments looked at.
"""

import re

import orjson
from starlette.requests import Request
from starlette.responses import Response

from approvalbot.workspace.api.arguments import Arguments, read_arguments
from approvalbot.workspace.api.call import Call, Method
from approvalbot.workspace.api.methods import METHODS
from approvalbot.workspace.api.strikes import DROPPED, code_in, refused_by, too_soon, under_fault
from approvalbot.workspace.errors import Json, Refusal
from approvalbot.workspace.state.faults import CALL_FAULTS, FaultOrder
from approvalbot.workspace.state.tokens import Token, masked
from approvalbot.workspace.state.views import new_id
from approvalbot.workspace.workspace import Workspace

LARGEST_BODY = 1024 * 1024
"""Our own bound: four times the largest view, so that a runaway caller is refused before it is parsed."""

NOBODY = Token("", "app", "", ())


async def call_method(request: Request) -> Response:
    """Answer `/api/{method}`, with the fault that was ordered for it, and note both in the inspector."""
    workspace: Workspace = request.app.state.workspace
    method = request.path_params["method"]
    entry = workspace.traffic.begin("call", method)
    body = await _body(request)
    entry.request = _shown_request(request, body)
    fault = workspace.faults.take(CALL_FAULTS, method)

    def carry_out() -> Response:
        return _answered(workspace, request, method, body, fault)

    response = await under_fault(fault, request, workspace.traffic, entry, carry_out)
    if entry.failure == DROPPED:
        return response
    answer = bytes(response.body).decode()
    failure = "" if response.status_code == 200 and b'"ok":true' in bytes(response.body) else code_in(answer)
    workspace.traffic.end(entry, status=response.status_code, answer=answer, failure=failure)
    return response


async def _body(request: Request) -> bytes:
    received = bytearray()
    async for chunk in request.stream():
        received += chunk
        if len(received) > LARGEST_BODY:
            break
    return bytes(received)


def _answered(workspace: Workspace, request: Request, name: str, body: bytes, fault: FaultOrder | None) -> Response:
    """Do what was asked, and put the answer into its envelope."""
    method = METHODS.get(name)
    if method is None:
        return _envelope(Refusal("unknown_method", req_method=name))
    if (ordered := refused_by(fault, method.scopes, workspace.tokens.bot.scopes)) is not None:
        return _envelope(ordered)
    token = NOBODY
    try:
        arguments = _arguments(request, body, method)
        token = _token(workspace, request, arguments, method)
        call = Call(workspace, name, arguments, token, dict(request.headers), request.method)
        if (wait_s := _over_limit(call, method)) is not None:
            return too_soon(str(wait_s))
        answer = method.handler(call)
    except Refusal as refusal:
        return _envelope(refusal, token, method)
    return _envelope({"ok": True, **_with_warning(request, answer)}, token, method)


def _arguments(request: Request, body: bytes, method: Method) -> Arguments:
    if len(body) > LARGEST_BODY:
        raise Refusal("invalid_form_data")
    content_type = request.headers.get("content-type", "")
    return read_arguments(content_type, request.url.query, body, takes_json=method.takes_json)


def _token(workspace: Workspace, request: Request, arguments: Arguments, method: Method) -> Token:
    """The token of a call.

    Raises:
        Refusal: there is none, it is unknown, no longer good, of the wrong kind, or without the scope.
    """
    if not method.tokens:
        return NOBODY
    bearer = re.fullmatch(r"Bearer\s+(\S+)", request.headers.get("authorization", ""), re.IGNORECASE)
    value = bearer[1] if bearer else arguments.text("token")
    if not value:
        raise Refusal("not_authed")
    token = workspace.tokens.find(value)
    if token is None:
        raise Refusal("invalid_auth")
    if fault := token.fault or ("account_inactive" if _belongs_to_a_gone_person(workspace, token) else None):
        raise Refusal(fault)
    if token.kind not in method.tokens:
        raise Refusal("not_allowed_token_type")
    if method.scopes and not set(method.scopes) & set(token.scopes):
        raise Refusal("missing_scope", needed=method.scopes[0], provided=",".join(token.scopes))
    return token


def _belongs_to_a_gone_person(workspace: Workspace, token: Token) -> bool:
    return token.kind == "user" and workspace.directory.people[token.user].deleted


def _over_limit(call: Call, method: Method) -> int | None:
    channel = None
    if method.own_limit:
        named = call.arguments.text("channel")
        found = call.workspace.directory.channel(named)
        channel = found.id if found else named
    return call.workspace.limits.retry_after_s(call.method, method.tier, channel)


def _with_warning(request: Request, answer: Json) -> Json:
    """Slack warns when JSON comes without its charset; it reads it as UTF-8 all the same."""
    content_type = request.headers.get("content-type", "").lower()
    if content_type.startswith("application/json") and "charset" not in content_type and "warning" not in answer:
        metadata = answer.get("response_metadata", {})
        return answer | {
            "warning": "missing_charset",
            "response_metadata": metadata | {"warnings": ["missing_charset"]},
        }
    return answer


def _envelope(answer: Json | Refusal, token: Token = NOBODY, method: Method | None = None) -> Response:
    """Slack's envelope: always HTTP 200, with `ok`."""
    shown = {"ok": False, "error": answer.code, **answer.fields} if isinstance(answer, Refusal) else answer
    headers = {"x-slack-req-id": new_id("R"), "cache-control": "private, no-cache, no-store"}
    if token is not NOBODY:
        headers["x-oauth-scopes"] = ",".join(token.scopes)
        headers["x-accepted-oauth-scopes"] = ",".join(method.scopes if method else ())
    return Response(orjson.dumps(shown), media_type="application/json; charset=utf-8", headers=headers)


def _shown_request(request: Request, body: bytes) -> str:
    """What the inspector shows of a call: method, query and body, with tokens masked."""
    shown = body.decode("utf-8", "replace")
    if request.url.query:
        shown = f"?{request.url.query}\n{shown}"
    return re.sub(r"(xox[abp]|xapp)-[A-Za-z0-9-]+", lambda found: masked(found[0]), shown)
