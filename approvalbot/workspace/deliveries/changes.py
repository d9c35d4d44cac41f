"""What happens to the app itself: its Home tab is opened, its token revoked, it is removed and taken back."""

from approvalbot.workspace.api.shapes import view_shape
from approvalbot.workspace.deliveries.events import event_ts, send_event
from approvalbot.workspace.errors import Json, Unable
from approvalbot.workspace.state.cast import Person
from approvalbot.workspace.workspace import Workspace


def open_home(workspace: Workspace, person: Person, tab: str) -> None:
    """Somebody opens the app's Home or Messages tab: `app_home_opened`, with the view that is published so far.

    Raises:
        Unable: the app has no such tab.
    """
    if not (workspace.config.home_tab if tab == "home" else workspace.config.messages_tab != "off"):
        raise Unable(f"{workspace.directory.app.name} has no {tab} tab", status=404)
    event: Json = {
        "type": "app_home_opened",
        "user": person.id,
        "channel": workspace.directory.app_dm(person.id).id,
        "tab": tab,
        "event_ts": event_ts(workspace),
    }
    view = workspace.views.homes.get(person.id)
    if tab == "home" and view is not None:
        event["view"] = view_shape(workspace.directory, view)
    send_event(workspace, event, person.id)


def uninstall(workspace: Workspace) -> None:
    """Remove the app: the bot hears `app_uninstalled` and `tokens_revoked`, its tokens die, and nothing reaches it."""
    _tell_revoked(workspace)
    send_event(workspace, {"type": "app_uninstalled", "event_ts": event_ts(workspace)})
    workspace.tokens.bot.fault = "account_inactive"
    workspace.hub.tell("app")


def install(workspace: Workspace) -> None:
    """Take the app back with the token it had."""
    workspace.tokens.bot.fault = None
    workspace.hub.tell("app")


def revoke_token(workspace: Workspace) -> None:
    """Revoke the bot's token: `tokens_revoked`. The app stays installed, and deliveries go on."""
    _tell_revoked(workspace)
    workspace.tokens.bot.fault = "token_revoked"
    workspace.hub.tell("app")


def _tell_revoked(workspace: Workspace) -> None:
    tokens: Json = {"oauth": [], "bot": [workspace.directory.app.user_id]}
    send_event(workspace, {"type": "tokens_revoked", "tokens": tokens, "event_ts": event_ts(workspace)})
