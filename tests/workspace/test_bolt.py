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

from approvalbot.workspace.hands import Hands
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
