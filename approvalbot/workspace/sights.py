"""What a person sees, as values that tests can ask: messages, forms, and how a press ended."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from approvalbot.workspace.errors import Json


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a press, a command or a form came to; the fields are described in `local.routes`."""

    ok: bool
    failure: str = ""
    status: int | None = None
    elapsed_ms: float | None = None
    errors: dict[str, str] = field(default_factory=dict)
    opens: str | None = None
    needs_confirm: Json | None = None
    delivered: bool = True


@dataclass(frozen=True, slots=True)
class Message:
    """A message as one person sees it. `raw` is all the page knows of it."""

    channel: str
    ts: str
    user: str
    text: str
    blocks: list[Json]
    only_you: bool
    thread_ts: str | None
    reply_count: int
    raw: Json

    @property
    def words(self) -> str:
        """Every text in the message, in reading order, one a line: what a test may look for."""
        return "\n".join([self.text, *_words(self.blocks)])

    @property
    def buttons(self) -> dict[str, str]:
        """The buttons by action_id, with the words on them."""
        return {one["action_id"]: one["text"]["text"] for one in _elements(self.blocks) if one["type"] == "button"}

    @property
    def menu(self) -> dict[str, tuple[str, str]]:
        """What its overflow menus offer, by the words: the action_id, and the option's value."""
        return {
            option["text"]["text"]: (one["action_id"], option["value"])
            for one in _elements(self.blocks)
            if one["type"] == "overflow"
            for option in one["options"]
        }


@dataclass(frozen=True, slots=True)
class Form:
    """An open modal, or a Home tab."""

    id: str
    title: str
    blocks: list[Json]
    state: Json
    raw: Json

    @property
    def words(self) -> str:
        """Every text in it, in reading order, one a line."""
        return "\n".join(_words(self.blocks))

    @property
    def inputs(self) -> dict[str, str]:
        """The block_ids of its inputs, with the action_id of each."""
        return {one["block_id"]: one["element"]["action_id"] for one in self.blocks if one["type"] == "input"}


def outcome_of(shown: Json) -> Outcome:
    """An outcome from the local API."""
    return Outcome(**shown)


def message_of(shown: Json) -> Message:
    """A message from the local API."""
    names = ("channel", "ts", "user", "text", "blocks", "only_you", "thread_ts", "reply_count")
    return Message(**{name: shown[name] for name in names}, raw=shown)


def form_of(shown: Json) -> Form:
    """A modal or Home tab from the local API."""
    title = (shown.get("title") or {}).get("text", "")
    return Form(id=shown["id"], title=title, blocks=shown["blocks"], state=shown["state"], raw=shown)


def _elements(blocks: list[Json]) -> Iterator[Json]:
    for block in blocks:
        yield from block.get("elements", ()) if block["type"] in {"actions", "context_actions"} else ()
        if "accessory" in block:
            yield block["accessory"]
        yield from block.get("actions", ())


def _words(value: object) -> Iterator[str]:
    """Every text below a value, in reading order, mentions and emoji as mrkdwn writes them."""
    if isinstance(value, list):
        for item in value:
            yield from _words(item)
    elif isinstance(value, dict):
        if (shown := WORDS_OF.get(str(value.get("type")))) is not None:
            yield shown(value)
            return
        for name, inner in value.items():
            if name == "text" and isinstance(inner, str):
                yield inner
            elif isinstance(inner, dict | list):
                yield from _words(inner)


WORDS_OF: Mapping[str, Callable[[Json], str]] = {
    "emoji": lambda element: f":{element['name']}:",
    "user": lambda element: f"<@{element['user_id']}>",
    "usergroup": lambda element: f"<!subteam^{element['usergroup_id']}>",
    "channel": lambda element: f"<#{element['channel_id']}>",
    "link": lambda element: str(element.get("text") or element["url"]),
    "date": lambda element: str(element.get("fallback") or element["format"]),
}
