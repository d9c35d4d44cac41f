"""usergroups.users.update: who is in a user group, written whole."""

from approvalbot.workspace.api.call import Call, Method, Methods
from approvalbot.workspace.api.shapes import group_shape
from approvalbot.workspace.deliveries.rosters import GroupChange, change_group
from approvalbot.workspace.errors import Json, Refusal


def usergroups_users_update(call: Call) -> Json:
    """Replace the members of a user group. It cannot be emptied: Slack has `usergroups.disable` for that."""
    directory = call.workspace.directory
    if call.workspace.config.plan == "free":
        raise Refusal("plan_upgrade_required")
    group = directory.groups.get(call.arguments.text("usergroup"))
    if group is None:
        raise Refusal("no_such_subteam")
    users = _users(call)
    if not users:
        raise Refusal("no_users_provided")
    for user in users:
        person = directory.people.get(user)
        # Guests, bots and people of other companies cannot be in a user group (docs.slack.dev, the method's page).
        if person is None or person.deleted or person.is_bot or person.is_guest or person.is_stranger:
            raise Refusal("invalid_users")
    changed = change_group(call.workspace, group.id, GroupChange(members=users))
    return {"usergroup": group_shape(directory, changed, with_users=True)}


def _users(call: Call) -> tuple[str, ...]:
    """A list in JSON, or ids parted by commas in a form; each counts once."""
    given = call.arguments.values.get("users")
    found = given if isinstance(given, list) else call.arguments.text("users").split(",")
    return tuple(dict.fromkeys(str(one).strip() for one in found if str(one).strip()))


METHODS: Methods = {
    "usergroups.users.update": Method(usergroups_users_update, ("usergroups:write",), tier=2),
}
