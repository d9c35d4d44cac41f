"""A real Bolt app on the other side of the wire: it takes our deliveries and its answers are understood."""

from collections.abc import Iterator
from typing import Any

import pytest
from slack_bolt import Ack, App, BoltRequest, Respond
from slack_sdk import WebClient
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from approvalbot.workspace.hands import Form, Hands
from approvalbot.workspace.serving import running_workspace
from tests.workspace.conftest import SECRET, TOKEN, actions, button, make_config, modal, serve_in_thread, text_input


def listeners(app: App, heard: list[str]) -> None:
    """What the app under test does."""

    @app.command("/access")
    def access(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=modal(text_input()))

    @app.view("form")
    def submitted(ack: Ack, view: dict[str, Any]) -> None:
        note = view["state"]["values"]["note"]["text"]["value"]
        if note == "short":
            ack(response_action="errors", errors={"note": "Say more"})
        else:
            ack()
            heard.append(note)

    @app.action("go")
    def pressed(ack: Ack, respond: Respond, body: dict[str, Any]) -> None:
        ack()
        respond(text=f"thank you {body['user']['username']}", response_type="ephemeral")

    @app.options("pick")
    def offered(ack: Ack) -> None:
        ack(options=[{"text": {"type": "plain_text", "text": "One"}, "value": "1"}])

    @app.event("subteam_members_changed")
    def group(event: dict[str, Any]) -> None:
        heard.append(event["subteam_id"])

    @app.shortcut("request_access")
    def shortcut(ack: Ack) -> None:
        ack()
        heard.append("shortcut")


def views(app: App, heard: list[str]) -> None:
    """What it does with shortcuts, its Home tab and stacked forms."""

    @app.shortcut("request_about_message")
    def about_message(ack: Ack, body: dict[str, Any], respond: Respond) -> None:
        ack()
        respond(text=f"about: {body['message']['text']}")

    @app.event("app_home_opened")
    def home(event: dict[str, Any], client: WebClient) -> None:
        client.views_publish(user_id=event["user"], view={"type": "home", "blocks": [actions(button("from-home"))]})

    @app.action("deeper")
    def deeper(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        ack()
        client.views_push(trigger_id=body["trigger_id"], view=steps("second"))

    @app.action("from-home")
    def from_home(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        ack()
        client.views_open(trigger_id=body["trigger_id"], view=steps("first"))

    @app.action("redraw")
    def redraw(ack: Ack, body: dict[str, Any], client: WebClient) -> None:
        ack()
        view = body["view"]
        client.views_update(view_id=view["id"], hash=view["hash"], view=steps("redrawn"))

    @app.view("second")
    def second(ack: Ack) -> None:
        ack(response_action="update", view=steps("done"))

    @app.view("done")
    def done(ack: Ack) -> None:
        ack(response_action="clear")

    @app.view_closed("first")
    def closed(ack: Ack, body: dict[str, Any]) -> None:
        ack()
        heard.append(f"closed {body['is_cleared']}")


def steps(callback_id: str) -> dict[str, Any]:
    """A modal that leads on, redraws itself, offers things, and says when it is closed."""
    pick = {"type": "external_select", "action_id": "pick", "min_query_length": 0}
    asked = {"type": "input", "block_id": "pick", "label": text("Pick"), "element": pick, "optional": True}
    rows = actions(button("deeper"), button("redraw"))
    return modal(rows, asked, callback_id=callback_id, notify_on_close=True)


def text(words: str) -> dict[str, Any]:
    return {"type": "plain_text", "text": words}


class World:
    """A workspace and a Bolt app that know each other."""

    def __init__(self, heard: list[str], ann: Hands, client: WebClient) -> None:
        self.heard = heard
        self.ann = ann
        self.client = client


@pytest.fixture(scope="module")
def world() -> Iterator[World]:
    """Bolt over HTTP: the workspace's address is only known once it runs, so the app is made after it."""
    holder: dict[str, App] = {}
    heard: list[str] = []

    async def take(request: Request) -> Response:
        bolt_request = BoltRequest(body=(await request.body()).decode(), headers=dict(request.headers))
        answer = await run_in_threadpool(holder["app"].dispatch, bolt_request)
        return Response(answer.body, answer.status, {key: values[0] for key, values in answer.headers.items()})

    for origin in serve_in_thread(Starlette(routes=[Route("/slack/events", take, methods=["POST"])])):
        with running_workspace(make_config(f"{origin}/slack/events")) as running, running.hands("U0ANN") as ann:
            client = WebClient(TOKEN, base_url=running.api_url)
            app = App(client=client, signing_secret=SECRET, token_verification_enabled=False)
            listeners(app, heard)
            views(app, heard)
            holder["app"] = app
            yield World(heard, ann, client)


def test_bolt_answers_the_challenge(world: World) -> None:
    assert world.ann.verify_bot().ok


def test_a_command_opens_a_form_that_can_be_wrong_and_right(world: World) -> None:
    assert world.ann.command("/access").ok
    world.ann.wait_for(world.ann.modal)
    refused = world.ann.submit({"note": {"text": "short"}})
    taken = world.ann.submit({"note": {"text": "long enough"}})

    assert refused.errors == {"note": "Say more"}
    assert taken.ok
    assert "long enough" in world.heard


def test_a_press_is_answered_by_response_url(world: World) -> None:
    ts = str(world.client.chat_postMessage(channel="#general", text="x", blocks=[actions(button())])["ts"])

    assert world.ann.press("#general", ts, "go").ok
    seen = world.ann.wait_for(lambda: world.ann.only_you("#general")[-1])

    assert seen.text == "thank you ann"


def test_an_unhandled_action_is_a_dead_click(world: World) -> None:
    ts = str(world.client.chat_postMessage(channel="#general", text="x", blocks=[actions(button("nobody"))])["ts"])

    assert world.ann.press("#general", ts, "nobody").status == 404


def test_bolt_hears_of_events_and_shortcuts(world: World) -> None:
    world.ann.set_group("S0EMPTY", ["U0ANN"])
    world.ann.shortcut("request_access")

    world.ann.wait_for(lambda: {"S0EMPTY", "shortcut"} <= set(world.heard))


def stacked(ann: Hands, *callback_ids: str) -> Form:
    """Wait for these forms, lowest first: Bolt acknowledges a press before its listener has opened anything."""

    def there() -> Form | None:
        stack = ann.modals()
        return stack[-1] if [one.raw["callback_id"] for one in stack] == list(callback_ids) else None

    return ann.wait_for(there)  # type: ignore[return-value]


def test_a_home_tab_a_stack_of_forms_and_their_end(world: World) -> None:
    ann = world.ann
    ann.open_home()
    ann.wait_for(ann.home)
    assert ann.press_home("from-home").ok
    stacked(ann, "first")
    assert ann.press_modal("deeper").ok
    stacked(ann, "first", "second")
    assert [one["value"] for one in ann.suggestions("pick")] == ["1"]
    assert ann.submit({"pick": {"pick": "1"}}).ok
    stacked(ann, "first", "done")
    assert ann.submit().ok

    assert ann.modals() == []


def test_a_form_is_redrawn_from_its_hash_and_says_that_it_was_closed(world: World) -> None:
    ann = world.ann
    ann.open_home()
    ann.wait_for(ann.home)
    ann.press_home("from-home")
    before = stacked(ann, "first")
    assert ann.press_modal("redraw").ok
    after = stacked(ann, "redrawn")
    ann.close_modal()
    ann.press_home("from-home")
    stacked(ann, "first")
    ann.close_modal()

    assert before.id == after.id
    assert before.raw["hash"] != after.raw["hash"]
    ann.wait_for(lambda: "closed False" in world.heard)


def test_a_shortcut_on_a_message_answers_in_private(world: World) -> None:
    message = world.ann.write("#deploys", "ship it")
    assert world.ann.shortcut("request_about_message", channel="#deploys", ts=message.ts).ok

    assert world.ann.wait_for(lambda: world.ann.only_you("#deploys")[-1]).text == "about: ship it"
