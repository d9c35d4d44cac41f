"""The messages of every channel, and the ephemeral ones that a single person sees."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from approvalbot.workspace.errors import Json
from approvalbot.workspace.state.clock import Clock, ts_micros
from approvalbot.workspace.state.store import Store


@dataclass(frozen=True, slots=True)
class Message:
    """One message. `only_for` makes it ephemeral; `by_app` says that the app posted it with its bot token.

    `is_locked` at the head of a thread takes no more replies and reactions.
    """

    channel: str
    ts: str
    user: str
    text: str = ""
    blocks: tuple[Json, ...] = ()
    attachments: tuple[Json, ...] = ()
    by_app: bool = False
    subtype: str | None = None
    thread_ts: str | None = None
    is_broadcast: bool = False
    metadata: Json | None = None
    edited: Json | None = None
    reactions: dict[str, list[str]] = field(default_factory=dict)
    only_for: str | None = None
    is_locked: bool = False

    @property
    def is_reply(self) -> bool:
        """Whether it stands in a thread and not at its head."""
        return self.thread_ts is not None and self.thread_ts != self.ts


class Messages:
    """All messages by channel and `ts`. Ephemeral ones are kept until they are dismissed or the process ends."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._channels: dict[str, dict[str, Message]] = {}
        self._ephemeral: dict[tuple[str, str], dict[str, Message]] = {}
        self._threads: dict[tuple[str, str], list[str]] = {}
        self.read_until: dict[tuple[str, str], str] = {}
        self.load()

    def load(self) -> None:
        """Read back what was written before the last stop, and forget the rest."""
        self._channels.clear()
        self._ephemeral.clear()
        self._threads.clear()
        self.read_until.clear()
        for _, body in self._store.load("message"):
            fields = {**body, "blocks": tuple(body["blocks"]), "attachments": tuple(body["attachments"])}
            self._keep(Message(**fields))
        for _, body in self._store.load("read"):
            self.read_until[body["user"], body["channel"]] = body["ts"]

    def add(self, channel: str, user: str, **fields: Any) -> Message:
        """Post a message; the clock gives its `ts`."""
        message = Message(channel=channel, ts=self._clock.next_ts(channel), user=user, **fields)
        if message.only_for is not None:
            self._ephemeral.setdefault((channel, message.only_for), {})[message.ts] = message
            return message
        self._keep(message)
        self._write(message)
        return message

    def change(self, message: Message, **fields: Any) -> Message:
        """Replace fields of a message that is there."""
        changed = replace(message, **fields)
        if changed.only_for is not None:
            self._ephemeral[changed.channel, changed.only_for][changed.ts] = changed
            return changed
        self._channels[changed.channel][changed.ts] = changed
        self._write(changed)
        return changed

    def remove(self, message: Message) -> None:
        """Delete a message. The head of a thread leaves a tombstone, as in Slack, so that the replies stay readable."""
        if message.only_for is not None:
            self._ephemeral[message.channel, message.only_for].pop(message.ts, None)
        elif self._threads.get((message.channel, message.ts)):
            gone: Json = {"blocks": (), "attachments": (), "metadata": None, "subtype": "tombstone", "by_app": False}
            self.change(message, text="This message was deleted.", user="USLACKBOT", **gone)
        else:
            self._channels[message.channel].pop(message.ts, None)
            if message.is_reply and message.thread_ts:
                self._threads[message.channel, message.thread_ts].remove(message.ts)
            self._store.remove("message", f"{message.channel}/{message.ts}")

    def get(self, channel: str, ts: str) -> Message | None:
        """A message that everybody in the channel sees."""
        return self._channels.get(channel, {}).get(ts)

    def get_for(self, user: str, channel: str, ts: str) -> Message | None:
        """A message as one person sees it: a public one, or one that is only for them."""
        return self.get(channel, ts) or self._ephemeral.get((channel, user), {}).get(ts)

    def in_channel(self, channel: str) -> list[Message]:
        """Every message of a channel with its replies, oldest first."""
        return list(self._channels.get(channel, {}).values())

    def replies(self, channel: str, ts: str) -> list[Message]:
        """The replies under a message, oldest first."""
        held = self._channels.get(channel, {})
        return [held[reply] for reply in self._threads.get((channel, ts), ())]

    def ephemeral(self, user: str, channel: str) -> list[Message]:
        """What only this person sees in a channel, oldest first."""
        return list(self._ephemeral.get((channel, user), {}).values())

    def mark_read(self, user: str, channel: str) -> bool:
        """Note that a person has seen everything in a channel. False when they already had."""
        held = self._channels.get(channel)
        last = next(reversed(held), "") if held else ""
        if not last or self.read_until.get((user, channel)) == last:
            return False
        self.read_until[user, channel] = last
        self._store.put("read", f"{user}/{channel}", {"user": user, "channel": channel, "ts": last})
        return True

    def unread(self, user: str, channel: str) -> int:
        """How many messages of others came after the person last looked. Replies in threads do not count."""
        until = self.read_until.get((user, channel), "0.000000")
        unseen: Iterable[Message] = reversed(self.in_channel(channel))
        count = 0
        for message in unseen:
            if ts_micros(message.ts) <= ts_micros(until):
                break
            count += message.user != user and not message.is_reply
        return count

    def _keep(self, message: Message) -> None:
        self._clock.has_seen(message.channel, message.ts)
        self._channels.setdefault(message.channel, {})[message.ts] = message
        if message.is_reply and message.thread_ts:
            self._threads.setdefault((message.channel, message.thread_ts), []).append(message.ts)

    def _write(self, message: Message) -> None:
        self._store.put("message", f"{message.channel}/{message.ts}", asdict(message))
