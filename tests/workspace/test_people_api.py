"""Who is who, asked with the real slack_sdk."""

import pytest
from slack_sdk import WebClient
from slack_sdk.errors import SlackApiError

from approvalbot.workspace.hands import Hands


def refusal(error: pytest.ExceptionInfo[SlackApiError]) -> str:
    return str(error.value.response["error"])


def test_auth_test_names_the_app(client: WebClient) -> None:
    answer = client.auth_test()

    assert (answer["user_id"], answer["bot_id"], answer["team_id"]) == ("U0APPROVE", "B0APPROVE", "T0ACME")


def test_a_person_comes_with_zone_and_email(client: WebClient) -> None:
    user = client.users_info(user="U0EVE")["user"]

    assert (user["tz"], user["profile"]["email"], user["team_id"]) == ("Asia/Tokyo", "eve@example.com", "T0ACME")
    assert user["tz_offset"] == 9 * 3600


@pytest.mark.parametrize(
    ("user", "flag"),
    [
        ("U0GUS", "is_restricted"),
        ("U0OLG", "is_stranger"),
        ("U0CIBOT", "is_bot"),
        ("U0ZED", "deleted"),
        ("U0CAT", "is_admin"),
    ],
)
def test_what_is_special_about_a_person_is_a_flag(client: WebClient, user: str, flag: str) -> None:
    assert client.users_info(user=user)["user"][flag] is True
    assert not client.users_info(user="U0ANN")["user"].get(flag)


def test_a_stranger_belongs_to_another_team(client: WebClient) -> None:
    assert client.users_info(user="U0OLG")["user"]["team_id"] == "T0OTHER"


def test_a_stranger_is_seen_only_through_a_shared_channel(client: WebClient, ann: Hands) -> None:
    members = ann.channels()["partner-shared"]["members"]
    ann.change_channel("#partner-shared", members=[one for one in members if one != "U0APPROVE"])

    with pytest.raises(SlackApiError) as refused:
        client.users_info(user="U0OLG")

    assert refusal(refused) == "user_not_visible"


def test_an_email_finds_active_people_only(client: WebClient, ann: Hands) -> None:
    assert client.users_lookupByEmail(email="Bob@example.com")["user"]["id"] == "U0BOB"

    ann.set_active("U0BOB", active=False)

    for email in ("bob@example.com", "zed@example.com", "nobody@example.com"):
        with pytest.raises(SlackApiError) as refused:
            client.users_lookupByEmail(email=email)
        assert refusal(refused) == "users_not_found"


def test_a_list_of_people_comes_in_pages(client: WebClient) -> None:
    pages = [page["members"] for page in client.users_list(limit=3)]

    assert [len(page) for page in pages] == [3, 3, 3, 1]
    assert "U0ZED" in {one["id"] for page in pages for one in page}


def test_user_groups_have_their_members(client: WebClient) -> None:
    groups = {one["handle"]: one for one in client.usergroups_list(include_users=True)["usergroups"]}

    assert groups["sec-oncall"]["users"] == ["U0ANN", "U0BOB"]
    assert groups["empty"]["users"] == []
    assert client.usergroups_users_list(usergroup="S0AWSLEADS")["users"] == ["U0ANN", "U0CAT"]


def test_an_edited_group_is_seen_at_once(client: WebClient, ann: Hands) -> None:
    ann.set_group("S0SECONCALL", ["U0DAN"])

    assert client.usergroups_users_list(usergroup="S0SECONCALL")["users"] == ["U0DAN"]


def test_a_private_channel_without_the_app_is_not_there(client: WebClient) -> None:
    with pytest.raises(SlackApiError) as refused:
        client.conversations_info(channel="G0LEADSPRIVATE")

    assert refusal(refused) == "channel_not_found"


def test_channels_say_what_they_are(client: WebClient) -> None:
    assert client.conversations_info(channel="C0OLDAPPROVALS")["channel"]["is_archived"] is True
    assert client.conversations_info(channel="C0PARTNERSHARED")["channel"]["is_ext_shared"] is True
    assert client.conversations_info(channel="C0NOBOT")["channel"]["is_member"] is False
    assert client.conversations_info(channel="G0SECPRIVATE")["channel"]["is_private"] is True


def test_private_channels_are_listed_where_the_app_is_in(client: WebClient) -> None:
    answer = client.conversations_list(types="public_channel,private_channel", exclude_archived=True)

    names = {one["name"] for one in answer["channels"]}
    assert "sec-private" in names
    assert not names & {"leads-private", "old-approvals"}


def test_the_same_person_always_gives_the_same_dm(client: WebClient) -> None:
    first = client.conversations_open(users="U0ANN")
    second = client.conversations_open(users=["U0ANN"], return_im=True)

    assert first["channel"]["id"] == second["channel"]["id"]
    assert second["already_open"] is True
    assert second["channel"]["user"] == "U0ANN"


@pytest.mark.parametrize(
    ("users", "code"),
    [("U0ZED", "user_disabled"), ("U0NOBODY", "user_not_found"), ("U0CIBOT", "user_not_found")],
)
def test_a_dm_needs_somebody_at_the_other_end(client: WebClient, users: str, code: str) -> None:
    with pytest.raises(SlackApiError) as refused:
        client.conversations_open(users=users)

    assert refusal(refused) == code


def test_members_of_a_channel_come_in_pages(client: WebClient) -> None:
    pages = [page["members"] for page in client.conversations_members(channel="C0PARTNERSHARED", limit=4)]

    assert [one for page in pages for one in page].count("U0OLG") == 1
    assert len(pages) == 3


def test_the_team_is_acme(client: WebClient) -> None:
    assert client.team_info()["team"]["domain"] == "acme"
