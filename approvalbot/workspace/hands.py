"""The hands of a test or a tour: everything a person could read and press in the workspace, as plain calls.

    with Hands("http://127.0.0.1:8300", user="U0ANN") as ann:
        card = ann.wait_for(lambda: ann.messages("#aws-approvals")[-1])
        ann.press("#aws-approvals", card.ts, "request.approve")

Nothing here sleeps: `wait_for` looks again each time the workspace says that something changed.
"""

import time
from collections.abc import Callable, Mapping
from typing import Any, TypeVar

from approvalbot.workspace.errors import Json
from approvalbot.workspace.levers import Levers
from approvalbot.workspace.session import CannotDo, NothingHappened, name_of
from approvalbot.workspace.sights import Form, Message, Outcome, form_of, message_of, outcome_of

__all__ = ["CannotDo", "Form", "Hands", "Message", "NothingHappened", "Outcome"]

Found = TypeVar("Found")
Values = Mapping[str, Mapping[str, Any]]


class Hands(Levers):
    """One person's session. Channels are named by id or by `#name`; files are not supported, as on the page."""

    def channels(self) -> dict[str, Json]:
        """The person's conversations by name; the DM with the app is `approvalbot`."""
        listed: list[Json] = self._call("GET", "channels")["channels"]
        return {one["name"]: one for one in listed}

    def messages(self, channel: str) -> list[Message]:
        """What the person sees in a channel, oldest first, ephemeral messages among the rest."""
        return [message_of(one) for one in self._call("GET", f"channels/{name_of(channel)}")["messages"]]

    def thread(self, channel: str, ts: str) -> list[Message]:
        """The replies under a message, oldest first, ephemeral ones among them."""
        return [message_of(one) for one in self._call("GET", f"channels/{name_of(channel)}/threads/{ts}")["replies"]]

    def direct_messages(self) -> list[Message]:
        """What the app wrote to the person alone."""
        return self.messages(self.app_dm())

    def app_dm(self) -> str:
        """The id of the person's DM with the app."""
        app: str = self.directory()["app"]["user_id"]
        return str(next(one["id"] for one in self.channels().values() if one["with"] == app))

    def only_you(self, channel: str) -> list[Message]:
        """The ephemeral messages that the person sees in a channel."""
        return [one for one in self.messages(channel) if one.only_you]

    def modal(self) -> Form | None:
        """The modal the person looks at; None when there is none."""
        stack = self.modals()
        return stack[-1] if stack else None

    def modals(self) -> list[Form]:
        """The person's stack of modals, lowest first."""
        return [form_of(one) for one in self._call("GET", "modals")["stack"]]

    def home(self) -> Form | None:
        """The person's Home tab; None while the app has published none."""
        view = self._call("GET", "home")["view"]
        return form_of(view) if view else None

    def directory(self) -> Json:
        """Everybody and everything by name: people, groups, channels, the app."""
        return self._call("GET", "directory")

    def press(
        self,
        channel: str,
        ts: str,
        action_id: str,
        *,
        value: Any = None,
        block_id: str | None = None,
        confirmed: bool = False,
        values: Values | None = None,
    ) -> Outcome:
        """Press or choose something in a message. `value` is the option's value, for menus and inputs."""
        where = {"channel": name_of(channel), "ts": ts}
        return self._press(where, action_id, block_id, value, values, confirmed=confirmed)

    def choose(self, message: Message, words: str) -> Outcome:
        """Choose an option of a message's overflow menu by its words."""
        action_id, value = message.menu[words]
        return self.press(message.channel, message.ts, action_id, value=value)

    def press_modal(
        self,
        action_id: str,
        *,
        value: Any = None,
        block_id: str | None = None,
        confirmed: bool = False,
        values: Values | None = None,
    ) -> Outcome:
        """Press or choose something in the modal on top; `values` are the inputs filled in so far."""
        return self._press({}, action_id, block_id, value, values, confirmed=confirmed)

    def press_home(
        self, action_id: str, *, value: Any = None, block_id: str | None = None, confirmed: bool = False
    ) -> Outcome:
        """Press or choose something in the Home tab."""
        return self._press({"home": True}, action_id, block_id, value, None, confirmed=confirmed)

    def submit(self, values: Values | None = None) -> Outcome:
        """Submit the modal on top with `{block_id: {action_id: value}}`."""
        return outcome_of(self._call("POST", "modals/submit", {"values": values or {}}))

    def close_modal(self, *, whole: bool = False) -> Outcome:
        """Close the modal on top; `whole` closes the stack."""
        return outcome_of(self._call("POST", "modals/close", {"all": whole}))

    def command(self, command: str, text: str = "", *, channel: str = "#general") -> Outcome:
        """Run a slash command in a channel; its answer comes as an ephemeral message or a modal."""
        body = {"command": command, "text": text, "channel": name_of(channel)}
        return outcome_of(self._call("POST", "commands", body))

    def write(self, channel: str, text: str, *, thread_ts: str | None = None) -> Message:
        """Post a message as the person. Commands go by `command`: their answer is no message of the person's."""
        if text.startswith("/"):
            raise ValueError("run a slash command with command()")
        body = {"channel": name_of(channel), "text": text, "thread_ts": thread_ts}
        return message_of(self._call("POST", "messages", body)["message"])

    def shortcut(self, callback_id: str, *, channel: str | None = None, ts: str | None = None) -> Outcome:
        """Run a global shortcut, from a channel if one is given, or with a `ts` one on that message."""
        body: Json = {"callback_id": callback_id}
        if channel is not None:
            body |= {"channel": name_of(channel), "ts": ts}
        return outcome_of(self._call("POST", "shortcuts", body))

    def suggestions(self, action_id: str, typed: str = "", *, block_id: str | None = None, **where: Any) -> list[Json]:
        """What the bot offers in an external select of the modal, of the Home tab (`home=True`) or of a message."""
        body = {"action_id": action_id, "block_id": block_id, "value": typed, **where}
        answer = self._call("POST", "suggestions", body)
        groups = answer.get("option_groups", [])
        return [*answer.get("options", []), *(option for group in groups for option in group["options"])]

    def open_home(self, tab: str = "home") -> None:
        """Open the app's Home tab; the app hears of it and may publish a new one."""
        self._call("POST", "home", {"tab": tab})

    def dismiss(self, channel: str, ts: str) -> None:
        """Put away an ephemeral message."""
        self._call("POST", "dismiss", {"channel": name_of(channel), "ts": ts})

    def changes(self) -> int:
        """The number of the last change."""
        number: int = self._call("GET", "session")["n"]
        return number

    def wait_for(self, look: Callable[[], Found], *, timeout_s: float = 10.0) -> Found:
        """What `look` gives as soon as it is true; it is called again after every change of the workspace.

        An IndexError, KeyError or StopIteration in `look` counts as "not yet", so that `messages(…)[-1]` can be
        waited for as it stands.

        Raises:
            NothingHappened: the time is over.
        """
        end_s = time.monotonic() + timeout_s
        while True:
            number = self.changes()
            found = _tried(look)
            if found:
                return found
            left_s = end_s - time.monotonic()
            if left_s <= 0:
                raise NothingHappened(f"not within {timeout_s:g} s; last seen: {found!r}")
            self._call("GET", f"wait?since={number}&timeout={min(left_s, 20):.3f}")

    def _press(
        self,
        where: Json,
        action_id: str,
        block_id: str | None,
        value: Any,
        values: Values | None,
        *,
        confirmed: bool,
    ) -> Outcome:
        body = {**where, "action_id": action_id, "block_id": block_id, "value": value}
        return outcome_of(self._call("POST", "actions", body | {"values": values or {}, "confirmed": confirmed}))


def _tried(look: Callable[[], Found]) -> Found | None:
    try:
        return look()
    except (IndexError, KeyError, StopIteration):
        return None
