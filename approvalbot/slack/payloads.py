"""What Slack sends, as frozen values. Only what we use is read; what is missing stays empty and counts as a no."""

from typing import Any

from pydantic import BaseModel, ConfigDict, Field


class Payload(BaseModel):
    """A part of a payload. Slack adds fields as it likes, so unknown ones are passed over."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Team(Payload):
    """A workspace."""

    id: str = ""


class User(Payload):
    """Who did it, and the team they belong to."""

    id: str = ""
    team_id: str = ""
    name: str = ""


class Container(Payload):
    """Where it was done: a message of a channel, or a view."""

    type: str = ""
    channel_id: str = ""
    message_ts: str = ""
    thread_ts: str = ""
    view_id: str = ""


class Place(Payload):
    """The channel that a shortcut was used in."""

    id: str = ""


class Message(Payload):
    """The message that holds the button."""

    bot_id: str = ""
    app_id: str = ""
    ts: str = ""
    thread_ts: str = ""


class View(Payload):
    """A modal or a home tab, with what was entered: block id, then action id, then the element's own answer."""

    id: str = ""
    hash: str = ""
    callback_id: str = ""
    private_metadata: str = ""
    app_id: str = ""
    type: str = ""
    state: dict[str, Any] = Field(default_factory=dict)

    @property
    def values(self) -> dict[str, dict[str, dict[str, Any]]]:
        """What was entered."""
        values: dict[str, dict[str, dict[str, Any]]] = self.state.get("values") or {}
        return values

    def text(self, block: str) -> str:
        """The answer of the one element of a block, as text; empty when nothing was entered."""
        for answer in self.values.get(block, {}).values():
            option = answer.get("selected_option")
            chosen = option.get("value") if isinstance(option, dict) else None
            found = chosen or answer.get("value") or answer.get("selected_user") or answer.get("selected_date")
            # JSON can spell half a character; nothing of ours could write it down.
            return str(found or "").encode("utf-8", "replace").decode()
        return ""

    def is_checked(self, block: str) -> bool:
        """Whether a box of a block is checked."""
        return any(answer.get("selected_options") for answer in self.values.get(block, {}).values())


class Action(Payload):
    """The element that was used."""

    action_id: str = ""
    block_id: str = ""
    value: str = ""
    selected_option: dict[str, Any] | None = None
    selected_user: str = ""


class Interaction(Payload):
    """A press or a submitted form."""

    type: str = ""
    team: Team | None = None
    user: User = User()
    api_app_id: str = ""
    trigger_id: str = ""
    response_url: str = ""
    container: Container = Container()
    action_id: str = ""
    value: str = ""
    message: Message | None = None
    view: View | None = None
    actions: tuple[Action, ...] = ()
    callback_id: str = ""
    channel: Place | None = None
    message_ts: str = ""

    @property
    def pressed(self) -> tuple[str, str]:
        """The action that was chosen and its value. An option of a menu holds both in its own value."""
        if not self.actions:
            return "", ""
        used = self.actions[0]
        option = used.selected_option
        if option is None or used.value:
            # A menu of people has no value of its own: what it is about stands in its block's id.
            return used.action_id, used.value or used.block_id.partition("|")[2]
        action, _, value = str(option.get("value") or "").partition("|")
        return action, value

    @property
    def team_id(self) -> str:
        """The team it comes from, or an empty text (an org-wide install sends none)."""
        return self.team.id if self.team else ""


class Command(Payload):
    """A slash command."""

    command: str = ""
    text: str = ""
    team_id: str = ""
    user_id: str = ""
    channel_id: str = ""
    trigger_id: str = ""
    response_url: str = ""
    api_app_id: str = ""
