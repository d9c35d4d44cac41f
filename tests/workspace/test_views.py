"""Modals and Home tabs, with the real slack_sdk."""

from collections.abc import Callable

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from approvalbot.workspace.config import Timing
from approvalbot.workspace.hands import Hands
from approvalbot.workspace.serving import running_workspace
from tests.workspace.conftest import TOKEN, Bot, actions, button, make_config, modal, text_input

HOME = {"type": "home", "blocks": [{"type": "divider"}]}
Press = Callable[[Hands], str]


def refusal(error: pytest.ExceptionInfo[SlackApiError]) -> str:
    return str(error.value.response["error"])


@pytest.fixture
def trigger(client: WebClient, bot: Bot) -> Press:
    """A way to a fresh trigger_id: somebody presses a button."""
    ts = str(client.chat_postMessage(channel="#general", text="x", blocks=[actions(button())])["ts"])

    def press(hands: Hands) -> str:
        hands.press("#general", ts, "go")
        return str(bot.of_kind("block_actions")[-1].payload["trigger_id"])

    return press


def test_a_trigger_opens_one_modal(client: WebClient, trigger: Press, ann: Hands) -> None:
    trigger_id = trigger(ann)
    client.views_open(trigger_id=trigger_id, view=modal())

    with pytest.raises(SlackApiError) as refused:
        client.views_open(trigger_id=trigger_id, view=modal())

    assert refusal(refused) == "exchanged_trigger_id"


def test_an_invented_trigger_opens_nothing(client: WebClient) -> None:
    with pytest.raises(SlackApiError) as refused:
        client.views_open(trigger_id="1.2.3", view=modal())

    assert refusal(refused) == "invalid_trigger_id"


def test_a_trigger_dies_after_its_time(bot: Bot) -> None:
    config = make_config(bot.url, timing=Timing(trigger_life_s=0.000001))
    with running_workspace(config) as running, running.hands("U0ANN") as ann:
        ann.command("/access")
        slow = WebClient(TOKEN, base_url=running.api_url, retry_handlers=[])
        with pytest.raises(SlackApiError) as refused:
            slow.views_open(trigger_id=str(bot.of_kind("/access")[0].payload["trigger_id"]), view=modal())

    assert refusal(refused) == "expired_trigger_id"


def test_a_wrong_view_does_not_spend_the_trigger(client: WebClient, trigger: Press, ann: Hands) -> None:
    trigger_id = trigger(ann)
    with pytest.raises(SlackApiError) as refused:
        client.views_open(trigger_id=trigger_id, view=modal(title={"type": "plain_text", "text": "x" * 25}))

    assert refusal(refused) == "invalid_arguments"
    assert "/view/title/text" in refused.value.response["response_metadata"]["messages"][0]
    assert client.views_open(trigger_id=trigger_id, view=modal())["ok"]


def test_everybody_has_their_own_stack(client: WebClient, trigger: Press, ann: Hands, eve: Hands) -> None:
    client.views_open(trigger_id=trigger(ann), view=modal(callback_id="anns"))
    client.views_open(trigger_id=trigger(eve), view=modal(callback_id="eves"))

    assert [form.raw["callback_id"] for form in (*ann.modals(), *eve.modals())] == ["anns", "eves"]


def test_a_stack_holds_three(client: WebClient, bot: Bot, trigger: Press, ann: Hands) -> None:
    view = modal(actions(button("deeper")))
    client.views_open(trigger_id=trigger(ann), view=view)
    for _ in range(3):
        ann.press_modal("deeper")
        deeper = str(bot.of_kind("block_actions")[-1].payload["trigger_id"])
        if len(ann.modals()) == 3:
            with pytest.raises(SlackApiError) as refused:
                client.views_push(trigger_id=deeper, view=view)
        else:
            client.views_push(trigger_id=deeper, view=view)

    assert refusal(refused) == "push_limit_reached"
    below, above = ann.modals()[0], ann.modals()[1]
    assert (above.raw["id"], below.raw["id"]) != (below.raw["id"], above.raw["id"])


def test_a_push_needs_an_open_modal(client: WebClient, trigger: Press, ann: Hands) -> None:
    with pytest.raises(SlackApiError) as refused:
        client.views_push(trigger_id=trigger(ann), view=modal())

    assert refusal(refused) == "not_found"


def test_an_update_from_an_old_copy_is_refused(client: WebClient, trigger: Press, ann: Hands) -> None:
    view = client.views_open(trigger_id=trigger(ann), view=modal())["view"]
    client.views_update(view_id=view["id"], hash=view["hash"], view=modal(callback_id="second"))

    with pytest.raises(SlackApiError) as refused:
        client.views_update(view_id=view["id"], hash=view["hash"], view=modal(callback_id="third"))

    assert refusal(refused) == "hash_conflict"
    form = ann.modal()
    assert form is not None
    assert form.raw["callback_id"] == "second"


def test_a_closed_modal_cannot_be_updated(client: WebClient, trigger: Press, ann: Hands) -> None:
    view = client.views_open(trigger_id=trigger(ann), view=modal())["view"]
    ann.close_modal()

    with pytest.raises(SlackApiError) as refused:
        client.views_update(view_id=view["id"], view=modal())

    assert refusal(refused) == "not_found"


def test_an_update_keeps_what_was_put_in(client: WebClient, bot: Bot, trigger: Press, ann: Hands) -> None:
    form = modal(text_input("kept"), text_input("dropped"), actions(button("more")))
    view = client.views_open(trigger_id=trigger(ann), view=form)["view"]
    ann.press_modal("more", values={"kept": {"text": "stays"}, "dropped": {"text": "goes"}})
    updated = client.views_update(view_id=view["id"], view=modal(text_input("kept"), text_input("fresh")))["view"]

    assert bot.of_kind("block_actions")[-1].payload["view"]["state"]["values"]["dropped"]["text"]["value"] == "goes"
    assert updated["state"]["values"] == {
        "kept": {"text": {"type": "plain_text_input", "value": "stays"}},
        "fresh": {"text": {"type": "plain_text_input", "value": None}},
    }


def test_a_view_is_found_by_the_apps_own_id(client: WebClient, trigger: Press, ann: Hands, eve: Hands) -> None:
    client.views_open(trigger_id=trigger(ann), view=modal(external_id="request-7K3F"))
    client.views_update(external_id="request-7K3F", view=modal(external_id="request-7K3F", callback_id="second"))

    with pytest.raises(SlackApiError) as refused:
        client.views_open(trigger_id=trigger(eve), view=modal(external_id="request-7K3F"))

    assert refusal(refused) == "duplicate_external_id"


def test_a_view_over_250_kilobytes_is_refused(client: WebClient, trigger: Press, ann: Hands) -> None:
    sections = [{"type": "section", "text": {"type": "mrkdwn", "text": "x" * 3000}}] * 100

    with pytest.raises(SlackApiError) as refused:
        client.views_open(trigger_id=trigger(ann), view=modal(*sections))

    assert refusal(refused) == "view_too_large"


def test_a_home_tab_is_published_for_one_person(client: WebClient, ann: Hands, eve: Hands) -> None:
    first = client.views_publish(user_id="U0ANN", view=HOME)["view"]
    second = client.views_publish(user_id="U0ANN", view=HOME, hash=first["hash"])["view"]

    with pytest.raises(SlackApiError) as refused:
        client.views_publish(user_id="U0ANN", view=HOME, hash=first["hash"])

    assert first["id"] == second["id"]
    assert refusal(refused) == "hash_conflict"
    assert ann.home() is not None
    assert eve.home() is None


def test_a_modal_cannot_be_published_nor_a_home_opened(client: WebClient, trigger: Press, ann: Hands) -> None:
    with pytest.raises(SlackApiError) as published:
        client.views_publish(user_id="U0ANN", view=modal())
    with pytest.raises(SlackApiError) as opened:
        client.views_open(trigger_id=trigger(ann), view=HOME)

    assert refusal(published) == refusal(opened) == "invalid_arguments"
