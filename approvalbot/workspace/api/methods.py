"""Every Web API method of the workspace, by name."""

from approvalbot.workspace.api import (
    chat,
    connections,
    conversations,
    files,
    people,
    reactions,
    scheduling,
    sign_in,
    usergroups,
    views,
)
from approvalbot.workspace.api.call import Methods

METHODS: Methods = {
    **people.METHODS,
    **usergroups.METHODS,
    **conversations.METHODS,
    **chat.METHODS,
    **scheduling.METHODS,
    **views.METHODS,
    **reactions.METHODS,
    **files.METHODS,
    **connections.METHODS,
    **sign_in.METHODS,
}
"""Anything that is not here is `unknown_method`, as on the real Slack."""
