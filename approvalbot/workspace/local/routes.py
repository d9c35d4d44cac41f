"""The routes of the local API: the page's own, and the hands and eyes of tests (`workspace.hands` is a client).

Sign in with `POST /local/session {"user": "U0ANN"}`; the cookie in its answer is the session. Every body is a JSON
object sent as `application/json`. A request that cannot be done is answered `{"error": sentence}` with 400 to 502;
something that was done, but that the bot did not take, is answered 200 with what Slack would show the person:

    {"ok", "failure", "status", "elapsed_ms", "errors", "opens", "needs_confirm", "delivered"}

`failure` is the sentence on the screen (empty: none), `status` and `elapsed_ms` are the bot's HTTP answer, `errors`
the sentences beside a form's inputs by block_id, `opens` the address a link button leads to, `needs_confirm` the
dialog that has to be accepted first (send `confirmed: true`), `delivered` whether the bot was asked at all.

See what a person sees
    GET  /local/session · /local/directory · /local/channels · /local/channels/{id or name}
    GET  /local/channels/{id}/threads/{ts} · /local/modals · /local/home
Do what a person does
    POST /local/messages     {"channel", "text", "thread_ts"?}                  a text that starts with / is a command
    POST /local/commands     {"command", "text"?, "channel"}
    POST /local/actions      {"channel", "ts" | "view_id"? | "home": true, "action_id", "block_id"?, "value"?,
                              "values"?: {block_id: {action_id: value}}, "confirmed"?}
    POST /local/suggestions  as actions, with what was typed as "value"
    POST /local/modals/submit {"view_id"?, "values"?} · /local/modals/close {"view_id"?, "all"?}
    POST /local/shortcuts    {"callback_id", "channel"?, "ts"?}
    POST /local/home         {"tab"?} · /local/read {"channel"} · /local/dismiss {"channel", "ts"}
    POST /local/reactions    {"channel", "ts", "name"}
Wait for what happens
    GET  /local/wait?since=N&timeout=S&topics=a,b · /local/stream?since=N
Change the workspace
    POST /local/people · /local/people/{id} · /local/groups · /local/groups/{id} · /local/channels
    POST /local/channels/{id} · /local/threads/lock     what each takes stands in `roster.py`
    GET, POST, DELETE /local/faults · DELETE /local/faults/{id} · GET /local/faults/choices
    POST /local/app {"installed"?, "revoked"?, "verify"?} · POST /local/reset
    GET, DELETE /local/traffic · POST /local/traffic/{n}/replay {"fresh"?}
See what the bot can draw
    GET  /local/gallery
The world around the bot
    GET  /local/samples · POST /local/samples/{id} {"changes"?: {dotted path: value}}
    GET  /local/service · POST, DELETE /local/service/behaviour
         {"endpoint": "callbacks" | "grants", "status"?, "times"?, "delay_s"?, "retry_after"?, "body"?}
"""

from starlette.routing import Route

from approvalbot.workspace.local import admin, doing, faults, gallery, outside, reading, roster, watching
from approvalbot.workspace.local.sessions import Endpoint, spoken


def _get(path: str, endpoint: Endpoint) -> Route:
    return Route(f"/local/{path}", spoken(endpoint), methods=["GET"])


def _post(path: str, endpoint: Endpoint) -> Route:
    return Route(f"/local/{path}", spoken(endpoint), methods=["POST"])


def _any(path: str, endpoint: Endpoint, *methods: str) -> Route:
    return Route(f"/local/{path}", spoken(endpoint), methods=list(methods))


ROUTES = [
    _post("session", reading.sign_in),
    _get("session", reading.who_am_i),
    _get("directory", reading.directory),
    _get("channels", reading.sidebar),
    _get("channels/{channel}", reading.channel),
    _get("channels/{channel}/threads/{ts}", reading.thread),
    _get("modals", reading.modals),
    _get("home", reading.home),
    _post("messages", doing.write),
    _post("commands", doing.command),
    _post("actions", doing.press),
    _post("suggestions", doing.suggestions),
    _post("modals/submit", doing.submit_modal),
    _post("modals/close", doing.close_modal),
    _post("shortcuts", doing.shortcut),
    _post("home", doing.visit_home),
    _post("read", doing.mark_read),
    _post("dismiss", doing.dismiss),
    _post("reactions", doing.react),
    _get("wait", watching.wait),
    _get("stream", watching.stream),
    _post("people", roster.join),
    _post("people/{user}", roster.change_person),
    _post("groups", roster.make_group),
    _post("groups/{group}", roster.change_group),
    _post("channels", roster.make_channel),
    _post("channels/{channel}", roster.change_channel),
    _post("threads/lock", roster.lock),
    _any("faults", faults.faults, "GET", "POST", "DELETE"),
    _get("faults/choices", faults.choices),
    _any("faults/{fault:int}", faults.fault, "DELETE"),
    _any("traffic", faults.traffic, "GET", "DELETE"),
    _post("traffic/{number:int}/replay", faults.replay_entry),
    _post("app", admin.app),
    _get("samples", outside.samples),
    _post("samples/{sample}", outside.send),
    _get("service", outside.service),
    _any("service/behaviour", outside.behave, "POST", "DELETE"),
    _get("gallery", gallery.gallery),
    _post("reset", admin.reset),
]
