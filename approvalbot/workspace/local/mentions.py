"""What a person types, as Slack stores it: escaped, with mentions as ids."""

import re

from approvalbot.workspace.state.directory import Directory


def typed_text(directory: Directory, text: str) -> str:
    """The mrkdwn of a typed message: `&`, `<` and `>` escaped, `@name`, `@group` and `#channel` as mentions."""
    text = text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    people = {person.name: person.id for person in directory.people.values()}
    groups = {group.handle: group.id for group in directory.groups.values()}

    def mention(found: re.Match[str]) -> str:
        name = found[1].lower()
        if name in people:
            return f"<@{people[name]}>"
        return f"<!subteam^{groups[name]}>" if name in groups else found[0]

    def channel(found: re.Match[str]) -> str:
        named = directory.channel(found[1])
        return f"<#{named.id}|{named.name}>" if named else found[0]

    text = re.sub(r"(?<!\w)@([a-zA-Z0-9._-]+)", mention, text)
    return re.sub(r"(?<![\w&])#([a-z0-9_-]+)", channel, text)
