"""files.*: the two steps of an upload. Contents are counted and thrown away; the message names the files."""

import re

from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response

from approvalbot.workspace.api.call import Call, Method, Methods
from approvalbot.workspace.api.chat import post_content
from approvalbot.workspace.api.content import Content
from approvalbot.workspace.api.finding import known_channel
from approvalbot.workspace.errors import Json, Refusal, argument_fault
from approvalbot.workspace.state.files import Upload
from approvalbot.workspace.state.views import new_id
from approvalbot.workspace.workspace import Workspace

LARGEST_FILE = 10 * 1024 * 1024
"""Our own bound. Slack takes 1 GB; nothing here is kept."""


def get_upload_url(call: Call) -> Json:
    """The address to send a file to."""
    if not call.workspace.config.file_uploads:
        raise Refusal("file_uploads_disabled")
    name = call.arguments.text("filename")
    try:
        length = call.arguments.integer("length")
    except ValueError:
        raise argument_fault("length must be an integer") from None
    if not name or length is None:
        raise Refusal("missing_argument")
    if length > LARGEST_FILE:
        raise Refusal("file_upload_size_restricted")
    key = new_id("F")
    call.workspace.uploads[key] = Upload(name, length)
    return {"upload_url": f"{call.workspace.origin}/upload/{key}", "file_id": key}


async def take_upload(request: Request) -> Response:
    """`POST /upload/{id}`: count the bytes."""
    workspace: Workspace = request.app.state.workspace
    upload = workspace.uploads.get(request.path_params["key"])
    if upload is None:
        return PlainTextResponse("no such upload", 404)
    received = 0
    async for chunk in request.stream():
        received += len(chunk)
        if received > LARGEST_FILE:
            return PlainTextResponse("too large", 413)
    upload.received = received
    return PlainTextResponse(f"OK - {received}")


def complete_upload(call: Call) -> Json:
    """Finish an upload, and share the files in a channel where one is named."""
    try:
        listed = call.arguments.decoded("files")
    except ValueError:
        raise argument_fault("files is not valid JSON") from None
    if not isinstance(listed, list) or not listed:
        raise argument_fault("missing required field: files")
    keys = [str(one.get("id")) if isinstance(one, dict) else "" for one in listed]
    uploads = call.workspace.uploads
    if any(key not in uploads or uploads[key].received is None for key in keys):
        raise Refusal("file_not_found")
    if "channel_id" in call.arguments:
        if not re.fullmatch(r"[CDG][A-Z0-9]{2,40}", call.arguments.text("channel_id")):
            raise Refusal("invalid_channel")
        channel = known_channel(call, "channel_id")
        if call.workspace.directory.app.user_id not in channel.members:
            raise Refusal("not_in_channel")
        names = "\n".join(f":page_facing_up: {uploads[key].name} ({uploads[key].received} bytes)" for key in keys)
        text = f"{call.arguments.text('initial_comment')}\n{names}".strip()
        post_content(call, channel, Content(text, (), (), None))
    titles = [str(one.get("title") or uploads[key].name) for key, one in zip(keys, listed, strict=True)]
    return {"files": [{"id": key, "title": title} for key, title in zip(keys, titles, strict=True)]}


METHODS: Methods = {
    "files.getUploadURLExternal": Method(get_upload_url, ("files:write",), tier=4, takes_json=False),
    "files.completeUploadExternal": Method(complete_upload, ("files:write",), tier=4),
}
