"""What survives a restart, and what must not."""

from pathlib import Path

from slack_sdk import WebClient

from approvalbot.workspace.serving import running_workspace
from tests.workspace.conftest import TOKEN, actions, button, make_config, modal


def test_messages_groups_views_and_people_survive_a_restart(tmp_path: Path) -> None:
    config = make_config(state_path=tmp_path / "state" / "workspace.sqlite")
    with running_workspace(config) as running, running.hands("U0ANN") as ann:
        client = WebClient(TOKEN, base_url=running.api_url)
        head = client.chat_postMessage(channel="#general", text="card", blocks=[actions(button())])
        client.chat_postMessage(channel="#general", text="reply", thread_ts=str(head["ts"]))
        gone = client.chat_postMessage(channel="#general", text="gone")
        client.chat_delete(channel="C0GENERAL", ts=str(gone["ts"]))
        client.chat_postEphemeral(channel="C0GENERAL", user="U0ANN", text="psst")
        client.chat_postMessage(channel="U0ANN", text="direct")
        client.views_publish(user_id="U0ANN", view={"type": "home", "blocks": [{"type": "divider"}]})
        ann.set_group("S0EMPTY", ["U0DAN"])
        ann.set_active("U0BOB", active=False)
        ann.change_channel("#deploys", archived=True)

    with running_workspace(config) as running, running.hands("U0ANN") as ann:
        client = WebClient(TOKEN, base_url=running.api_url)
        (card,) = ann.messages("#general")
        later = client.chat_postMessage(channel="#general", text="later")

        assert card.buttons == {"go": "Go"}
        assert [one.text for one in ann.thread("#general", card.ts)] == ["reply"]
        assert [one.text for one in ann.direct_messages()] == ["direct"]
        assert str(later["ts"]) > card.ts
        home = ann.home()
        assert home is not None
        assert client.usergroups_users_list(usergroup="S0EMPTY")["users"] == ["U0DAN"]
        assert client.users_info(user="U0BOB")["user"]["deleted"] is True
        assert ann.channels()["deploys"]["is_archived"] is True


def test_a_reset_forgets_everything_on_the_disk_too(tmp_path: Path) -> None:
    config = make_config(state_path=tmp_path / "workspace.sqlite")
    with running_workspace(config) as running, running.hands("U0ANN") as ann:
        ann.write("#general", "hello")
        ann.set_group("S0EMPTY", ["U0DAN"])
        ann.reset()

    with running_workspace(config) as running, running.hands("U0ANN") as ann:
        assert ann.messages("#general") == []
        groups = {one["id"]: one["members"] for one in ann.directory()["groups"]}
        assert groups["S0EMPTY"] == []


def test_nothing_is_written_without_a_path(tmp_path: Path) -> None:
    with running_workspace(make_config()) as running, running.hands("U0ANN") as ann:
        ann.write("#general", "hello")

    assert list(tmp_path.iterdir()) == []


def test_modals_close_with_the_process(tmp_path: Path) -> None:
    config = make_config(state_path=tmp_path / "workspace.sqlite")
    with running_workspace(config) as running, running.hands("U0ANN") as ann:
        running.workspace.views.open("U0ANN", modal() | {"blocks": []})
        assert ann.modal() is not None

    with running_workspace(config) as running, running.hands("U0ANN") as ann:
        assert ann.modal() is None
