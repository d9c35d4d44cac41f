"""People, groups and channels that change, and the events that tell the bot, each in Slack's own shape."""

from collections.abc import Iterator
from typing import Any

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from approvalbot.workspace.config import BOT_SCOPES, EVENTS
from approvalbot.workspace.hands import CannotDo, Hands
from approvalbot.workspace.serving import Running, running_workspace
from tests.workspace.conftest import TOKEN, Bot, actions, button, make_config

MORE_EVENTS = (
    *("team_join", "subteam_created", "member_joined_channel", "channel_created", "channel_archive"),
    *("channel_unarchive", "channel_rename", "group_archive", "group_rename", "group_deleted", "message.im"),
)


@pytest.fixture(scope="module")
def curious(shared_bot: Bot) -> Iterator[Running]:
    """A workspace whose app subscribed to everything."""
    config = make_config(
        shared_bot.url,
        events=(*EVENTS, *MORE_EVENTS),
        scopes=(*BOT_SCOPES, "im:history", "channels:join"),
        messages_tab="writable",
    )
    with running_workspace(config) as running:
        yield running


@pytest.fixture
def cat(curious: Running, bot: Bot) -> Iterator[Hands]:
    """Cat, an owner of the workspace, which is as at its first start."""
    with curious.hands("U0CAT") as hands:
        hands.reset()
        bot.got.clear()
        yield hands


def event(bot: Bot, kind: str) -> dict[str, Any]:
    return dict(bot.wait_for(kind)[-1].payload["event"])


@pytest.mark.parametrize(
    ("kind", "flags"),
    [
        ("guest", {"is_restricted": True, "is_ultra_restricted": False}),
        ("single_channel_guest", {"is_restricted": True, "is_ultra_restricted": True}),
        ("outsider", {"is_stranger": True, "team_id": "T0OTHER"}),
    ],
)
def test_a_member_can_become_less_than_one(bot: Bot, cat: Hands, kind: str, flags: dict[str, Any]) -> None:
    cat.change_person("U0BOB", kind=kind)

    user = event(bot, "user_change")["user"]
    assert user["id"] == "U0BOB"
    assert flags.items() <= user.items()
    shown = {one["id"]: one["kind"] for one in cat.directory()["people"]}
    assert shown["U0BOB"] == kind


def test_a_role_and_a_name_are_a_user_change(bot: Bot, cat: Hands) -> None:
    cat.change_person("U0BOB", role="admin", real_name="Robert Bell", email="robert@example.com", tz="Europe/Rome")

    user = event(bot, "user_change")["user"]
    assert (user["is_admin"], user["is_owner"], user["real_name"]) == (True, False, "Robert Bell")
    assert (user["profile"]["email"], user["tz"]) == ("robert@example.com", "Europe/Rome")


def test_a_zone_that_is_not_one_is_refused(cat: Hands) -> None:
    with pytest.raises(CannotDo, match="tz"):
        cat.change_person("U0BOB", tz="Mars/Olympus")


def test_somebody_joins(bot: Bot, cat: Hands, curious: Running) -> None:
    user = cat.join("fay", "Fay Fox", email="fay@example.com")
    joined = event(bot, "member_joined_channel")
    with curious.hands(user) as fay:
        names = set(fay.channels())

    assert user == "U0FAY"
    assert event(bot, "team_join")["user"]["profile"]["email"] == "fay@example.com"
    assert (joined["user"], joined["channel"], joined["channel_type"]) == ("U0FAY", "C0GENERAL", "C")
    assert names >= {"general"}
    with pytest.raises(CannotDo, match="already"):
        cat.join("fay", "Another Fay")


def test_a_guest_who_joins_is_in_no_channel(bot: Bot, cat: Hands) -> None:
    cat.join("gil", "Gil Guest", kind="guest")

    assert event(bot, "team_join")["user"]["is_restricted"] is True
    assert bot.of_kind("member_joined_channel") == []


def test_a_person_is_moved_between_groups(bot: Bot, cat: Hands) -> None:
    cat.change_person("U0BOB", groups=["S0ENGINEERS", "S0EMPTY"])
    bot.wait_for("subteam_members_changed", 4)
    bot.wait_for("subteam_updated", 4)

    events = [one.payload["event"] for one in bot.of_kind("subteam_members_changed")]
    changed = {one["subteam_id"]: (one["added_users"], one["removed_users"]) for one in events}
    assert changed == {
        "S0EMPTY": (["U0BOB"], []),
        "S0SECONCALL": ([], ["U0BOB"]),
        "S0SERVICEOWNERS": ([], ["U0BOB"]),
        "S0SRELEADS": ([], ["U0BOB"]),
    }
    assert bot.of_kind("user_change") == []


def test_a_group_is_made_renamed_and_disabled(bot: Bot, cat: Hands, curious: Running) -> None:
    client = WebClient(TOKEN, base_url=curious.api_url, retry_handlers=[])
    made = cat.make_group("dba", name="Databases", members=["U0DAN"])
    created = event(bot, "subteam_created")["subteam"]
    cat.change_group(made, handle="dba-oncall", disabled=True)

    bot.wait_for("subteam_updated")
    updated = event(bot, "subteam_updated")["subteam"]
    assert (created["handle"], created["users"], created["date_delete"]) == ("dba", ["U0DAN"], 0)
    assert updated["handle"] == "dba-oncall"
    assert updated["date_delete"] > 0
    assert bot.of_kind("subteam_members_changed") == []
    assert "dba-oncall" not in [one["handle"] for one in client.usergroups_list()["usergroups"]]
    with pytest.raises(SlackApiError, match="no_such_subteam"):
        client.usergroups_users_list(usergroup=made)
    with pytest.raises(CannotDo, match="already"):
        cat.make_group("dba-oncall")


def test_a_channel_is_made_renamed_archived_and_brought_back(bot: Bot, cat: Hands) -> None:
    made = cat.make_channel("#new-room", members=["U0ANN", "U0APPROVE"])
    cat.change_channel("#new-room", name="newer-room")
    cat.change_channel("#newer-room", archived=True)
    cat.change_channel("#newer-room", archived=False)

    created, renamed = event(bot, "channel_created")["channel"], event(bot, "channel_rename")["channel"]
    assert (created["id"], created["name"], created["creator"]) == (made, "new-room", "U0CAT")
    assert (renamed["id"], renamed["name"]) == (made, "newer-room")
    assert event(bot, "channel_archive")["user"] == "U0CAT"
    assert event(bot, "channel_unarchive")["channel"] == made


def test_a_private_channel_is_told_only_to_an_app_that_is_in_it(bot: Bot, cat: Hands) -> None:
    cat.change_channel("leads-private", archived=True)
    cat.change_channel("sec-private", archived=True)

    assert event(bot, "group_archive")["channel"] == "G0SECPRIVATE"
    assert len(bot.of_kind("group_archive")) == 1
    assert bot.of_kind("channel_archive") == []


def test_who_joins_and_leaves_is_told_to_an_app_that_is_there(bot: Bot, cat: Hands) -> None:
    members = cat.channels()["no-bot"]["members"]
    cat.change_channel("#no-bot", members=[one for one in members if one != "U0EVE"])
    cat.change_channel("#no-bot", members=[*members, "U0APPROVE"])
    cat.change_channel("#deploys", members=[one for one in cat.channels()["deploys"]["members"] if one != "U0EVE"])

    joined = {one.payload["event"]["user"] for one in bot.wait_for("member_joined_channel", 2)}
    assert joined == {"U0EVE", "U0APPROVE"}
    assert event(bot, "member_left_channel")["channel"] == "C0DEPLOYS"
    assert len(bot.of_kind("member_left_channel")) == 1


def test_an_app_that_joins_hears_of_itself_without_an_inviter(bot: Bot, cat: Hands, curious: Running) -> None:
    WebClient(TOKEN, base_url=curious.api_url).conversations_join(channel="C0NOBOT")

    joined = event(bot, "member_joined_channel")
    assert (joined["user"], joined["channel"]) == ("U0APPROVE", "C0NOBOT")
    assert "inviter" not in joined


def test_a_message_to_the_app_is_told_where_it_subscribed(bot: Bot, curious: Running, cat: Hands) -> None:
    cat.write(cat.app_dm(), "hello")

    told = event(bot, "message")
    assert (told["channel_type"], told["user"], told["text"]) == ("im", "U0CAT", "hello")
    assert told["channel"] == cat.app_dm()


def test_an_event_without_its_scope_is_not_told(bot: Bot) -> None:
    scopes = tuple(one for one in BOT_SCOPES if one != "usergroups:read")
    with running_workspace(make_config(bot.url, scopes=scopes)) as running, running.hands("U0CAT") as cat:
        cat.set_group("S0EMPTY", ["U0ANN"])
        cat.set_active("U0ANN", active=False)
        bot.wait_for("user_change")

    assert bot.of_kind("subteam_members_changed") == []


def test_a_removed_app_hears_nothing_and_is_reached_by_nothing(
    bot: Bot, client: WebClient, ann: Hands, eve: Hands
) -> None:
    ts = str(client.chat_postMessage(channel="#general", text="x", blocks=[actions(button())])["ts"])
    eve.set_installed(installed=False)
    bot.wait_for("app_uninstalled")
    bot.wait_for("tokens_revoked")
    bot.got.clear()

    eve.set_active("U0BOB", active=False)
    with pytest.raises(CannotDo, match="not installed"):
        ann.press("#general", ts, "go")
    with pytest.raises(CannotDo, match="not installed"):
        ann.command("/access")
    with pytest.raises(CannotDo, match="not installed"):
        ann.shortcut("request_access")
    eve.set_installed(installed=True)

    assert ann.command("/access").ok
    assert [one.kind for one in bot.got] == ["/access"]


def test_a_revoked_token_leaves_the_app_in_place(bot: Bot, client: WebClient, ann: Hands) -> None:
    ann.revoke_token()
    bot.wait_for("tokens_revoked")

    with pytest.raises(SlackApiError, match="token_revoked"):
        client.auth_test()
    assert ann.command("/access").ok
    assert bot.of_kind("app_uninstalled") == []
    ann.set_installed(installed=True)
    assert client.auth_test()["ok"]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("people/U0BOB", {"active": "yes"}),
        ("people/U0BOB", {"kind": "ghost"}),
        ("people/U0BOB", {"groups": ["S0NONE"]}),
        ("people/U0NOBODY", {"active": True}),
        ("people/U0CIBOT", {"active": False}),
        ("people", {"name": "No Such Name", "real_name": "x"}),
        ("groups/S0EMPTY", {"members": "U0BOB"}),
        ("groups/S0EMPTY", {"members": ["U0NOBODY"]}),
        ("groups/S0EMPTY", {"handle": "sec-oncall"}),
        ("groups/S0NONE", {"members": []}),
        ("groups", {"name": "x"}),
        ("channels/general", {"posting": "nobody"}),
        ("channels/general", {"name": "deploys"}),
        ("channels/general", {"members": ["U0NOBODY"]}),
        ("channels", {"name": "Big Name"}),
        ("channels", {"name": "general"}),
        ("threads/lock", {"channel": "general", "ts": "1.000001", "locked": True}),
    ],
)
def test_a_change_that_makes_no_sense_is_refused(ann: Hands, bot: Bot, path: str, body: dict[str, Any]) -> None:
    with pytest.raises(CannotDo):
        ann._call("POST", path, body)

    assert bot.got == []
