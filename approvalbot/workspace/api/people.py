"""auth.test, team.info, bots.info, users.*, usergroups.*: who is who."""

from collections.abc import Sequence

from approvalbot.workspace.api.call import Call, Method, Methods
from approvalbot.workspace.api.finding import visible_person
from approvalbot.workspace.api.pages import Item, page_of
from approvalbot.workspace.api.shapes import channel_shape, group_shape, icons, user_shape
from approvalbot.workspace.errors import Json, Refusal
from approvalbot.workspace.state.cast import Channel, Person

LIST_WITHOUT_LIMIT = 1000
"""users.list refuses to give more people than this at once without a `limit` (`limit_required`)."""


def api_test(call: Call) -> Json:
    """Echo the arguments; `error` makes it fail with that code."""
    if code := call.arguments.text("error"):
        raise Refusal(code)
    return {"args": {key: str(value) for key, value in call.arguments.values.items() if key != "token"}}


def auth_test(call: Call) -> Json:
    """Whom the token acts for."""
    directory = call.workspace.directory
    person = directory.people[call.token.user]
    answer: Json = {
        "url": f"{call.workspace.origin}/",
        "team": directory.team.name,
        "user": person.name,
        "team_id": directory.team.id,
        "user_id": person.id,
        "is_enterprise_install": False,
    }
    if call.token.kind == "bot":
        answer["bot_id"] = directory.app.bot_id
    if call.token.kind == "app":
        answer |= {"app_id": directory.app.id, "app_name": directory.app.name}
    return answer


def team_info(call: Call) -> Json:
    """The workspace's own team; no other is visible."""
    team = call.workspace.directory.team
    if call.arguments.text("team") not in {"", team.id}:
        raise Refusal("team_not_found")
    return {
        "team": {
            "id": team.id,
            "name": team.name,
            "url": f"{call.workspace.origin}/",
            "domain": team.domain,
            "email_domain": "example.com",
            "icon": {**icons(call.workspace.origin, call.token.user), "image_default": True},
            "avatar_base_url": f"{call.workspace.origin}/avatars/",
            "is_verified": False,
        }
    }


def bots_info(call: Call) -> Json:
    """The app's own bot."""
    directory = call.workspace.directory
    app = directory.app
    if "bot" not in call.arguments:
        raise Refusal("missing_argument")
    if call.arguments.text("bot") != app.bot_id:
        raise Refusal("bot_not_found")
    pictures = {key: value for key, value in icons(call.workspace.origin, app.user_id).items() if key != "image_24"}
    return {
        "bot": {
            "id": app.bot_id,
            "deleted": False,
            "name": app.name,
            "updated": 1_700_000_000,
            "app_id": app.id,
            "user_id": app.user_id,
            "icons": pictures,
        }
    }


def users_info(call: Call) -> Json:
    """One person."""
    return {"user": _user(call, visible_person(call))}


def users_list(call: Call) -> Json:
    """Everybody the app can see, deactivated people too."""
    directory = call.workspace.directory
    people = [one for one in directory.people.values() if directory.app_sees_person(one)]
    if len(people) > LIST_WITHOUT_LIMIT and "limit" not in call.arguments:
        raise Refusal("limit_required")
    page, more = page_of(call, people, size=LIST_WITHOUT_LIMIT)
    return {"members": [_user(call, one) for one in page], "cache_ts": int(call.workspace.clock.now_s()), **more}


def users_lookup_by_email(call: Call) -> Json:
    """The active person with an e-mail address; deactivated ones are not found, as on the real Slack."""
    wanted = call.arguments.needed("email").lower()
    for person in call.workspace.directory.people.values():
        if person.email == wanted and not person.deleted and not person.is_stranger:
            return {"user": _user(call, person)}
    raise Refusal("users_not_found")


def users_conversations(call: Call) -> Json:
    """The conversations of the app, or of one person as far as the app sees them."""
    directory = call.workspace.directory
    user = call.arguments.text("user") or call.token.user
    if user not in directory.people:
        raise Refusal("user_not_found")
    channels = [one for one in directory.channels_of(user) if directory.app_sees(one)]
    page, more = page_of(call, wanted_types(call, channels), bad_limit="invalid_limit")
    return {"channels": [channel_shape(directory, one) for one in page], **more}


def wanted_types(call: Call, channels: list[Channel]) -> list[Channel]:
    """The channels of the `types` asked for, without archived ones where `exclude_archived` says so.

    Raises:
        Refusal: `invalid_types`; `missing_scope` for private channels without `groups:read`.
    """
    types = {one.strip() for one in (call.arguments.text("types") or "public_channel").split(",")}
    if types - {"public_channel", "private_channel", "im", "mpim"}:
        raise Refusal("invalid_types")
    for kind, scope in (("private_channel", "groups:read"), ("im", "im:read"), ("mpim", "mpim:read")):
        if kind in types and scope not in call.token.scopes:
            raise Refusal("missing_scope", needed=scope, provided=",".join(call.token.scopes))
    without_archived = call.arguments.flag("exclude_archived")
    return [one for one in channels if _type_of(one) in types and not (without_archived and one.is_archived)]


def _type_of(channel: Channel) -> str:
    if channel.is_im:
        return "im"
    if channel.is_mpim:
        return "mpim"
    return "private_channel" if channel.is_private else "public_channel"


def usergroups_list(call: Call) -> Json:
    """The user groups; deleted ones and members only where asked for."""
    directory = call.workspace.directory
    _need_plan(call)
    if call.arguments.text("team_id") not in {"", directory.team.id}:
        raise Refusal("invalid_team")
    with_deleted = call.arguments.flag("include_disabled")
    with_users = call.arguments.flag("include_users")
    groups = [one for one in directory.groups.values() if with_deleted or not one.deleted]
    page, more = _paged(call, groups)
    return {"usergroups": [group_shape(directory, one, with_users=with_users) for one in page], **more}


def usergroups_users_list(call: Call) -> Json:
    """The members of a user group. Someone deactivated stays listed until Slack has removed them."""
    _need_plan(call)
    group = call.workspace.directory.groups.get(call.arguments.text("usergroup"))
    if group is None or (group.deleted and not call.arguments.flag("include_disabled")):
        raise Refusal("no_such_subteam")
    page, more = _paged(call, group.members)
    return {"users": page, **more}


def _need_plan(call: Call) -> None:
    if call.workspace.config.plan == "free":
        raise Refusal("plan_upgrade_required")


def _paged(call: Call, listed: Sequence[Item]) -> tuple[list[Item], Json]:
    """Everything at once, in pages only for who asks for them: that is how both methods treat old callers."""
    if "cursor" in call.arguments or "limit" in call.arguments:
        return page_of(call, listed)
    return list(listed), {}


def _user(call: Call, person: Person) -> Json:
    return user_shape(call.workspace.directory, person, call.workspace.origin, call.token.scopes)


READ_USERS, READ_GROUPS = ("users:read",), ("usergroups:read",)

METHODS: Methods = {
    "api.test": Method(api_test, tokens=()),
    "auth.test": Method(auth_test, tokens=("bot", "user", "app")),
    "team.info": Method(team_info, ("team:read",), tier=3, takes_json=False),
    "bots.info": Method(bots_info, READ_USERS, tier=3, takes_json=False),
    "users.info": Method(users_info, READ_USERS, tier=4, takes_json=False),
    "users.list": Method(users_list, READ_USERS, tier=2, takes_json=False),
    "users.lookupByEmail": Method(users_lookup_by_email, ("users:read.email",), tier=3, takes_json=False),
    "users.conversations": Method(users_conversations, ("channels:read", "groups:read"), tier=3, takes_json=False),
    "usergroups.list": Method(usergroups_list, READ_GROUPS, tier=2, takes_json=False),
    "usergroups.users.list": Method(usergroups_users_list, READ_GROUPS, tier=2, takes_json=False),
}
