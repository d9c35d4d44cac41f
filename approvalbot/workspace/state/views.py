"""The modals that people have open, one stack for each person, and their Home tabs."""

import secrets
from dataclasses import asdict, dataclass, field, replace
from typing import Any

from approvalbot.workspace.errors import Json
from approvalbot.workspace.state.clock import Clock
from approvalbot.workspace.state.store import Store

STACK_LIMIT = 3
"""Slack: "push_limit_reached … Currently the limit is 3" (views.push)."""


def new_id(prefix: str) -> str:
    """An id such as Slack makes: a letter, a zero and nine random characters."""
    alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
    return f"{prefix}0{''.join(secrets.choice(alphabet) for _ in range(9))}"


@dataclass(frozen=True, slots=True)
class View:
    """A view as the app gave it (`body`), with what the workspace adds. `state` is `{block_id: {action_id: value}}`.

    `here` is the conversation the person was looking at when it was opened.
    `hash` changes with every change, so that an update made from an old copy can be refused.
    """

    id: str
    user: str
    type: str
    body: Json
    hash: str
    root_view_id: str
    previous_view_id: str | None = None
    state: dict[str, Json] = field(default_factory=dict)
    here: str | None = None

    @property
    def blocks(self) -> list[Json]:
        """The blocks, each with a block_id."""
        blocks: list[Json] = self.body["blocks"]
        return blocks

    @property
    def external_id(self) -> str:
        """The id the app chose, or an empty text."""
        return str(self.body.get("external_id") or "")


class Views:
    """Every open modal and every published Home tab. Only Home tabs outlive a restart."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self.stacks: dict[str, list[View]] = {}
        self.homes: dict[str, View] = {}
        self.load()

    def load(self) -> None:
        """Read back the Home tabs and close every modal."""
        self.stacks.clear()
        self.homes = {key: View(**body) for key, body in self._store.load("home")}

    def top(self, user: str) -> View | None:
        """The modal a person looks at."""
        stack = self.stacks.get(user)
        return stack[-1] if stack else None

    def find(self, view_id: str) -> View | None:
        """An open modal or a Home tab by its id; None once it is closed."""
        for view in (*self.homes.values(), *(view for stack in self.stacks.values() for view in stack)):
            if view.id == view_id:
                return view
        return None

    def find_external(self, external_id: str) -> View | None:
        """An open view by the id that the app gave it."""
        views = (*self.homes.values(), *(view for stack in self.stacks.values() for view in stack))
        return next((view for view in views if view.external_id == external_id), None)

    def open(self, user: str, body: Json) -> View:
        """Open a modal as the only one of a person's stack."""
        key = new_id("V")
        view = View(id=key, user=user, type="modal", body=body, hash=self._hash(), root_view_id=key)
        self.stacks[user] = [view]
        return view

    def push(self, user: str, body: Json) -> View:
        """Open a modal over the one a person looks at. The caller has checked `STACK_LIMIT`."""
        stack = self.stacks[user]
        below = stack[-1]
        view = View(
            id=new_id("V"),
            user=user,
            type="modal",
            body=body,
            hash=self._hash(),
            root_view_id=below.root_view_id,
            previous_view_id=below.id,
        )
        stack.append(view)
        return view

    def publish(self, user: str, body: Json) -> View:
        """Set a person's Home tab. Its id stays the same for ever, its hash does not."""
        held = self.homes.get(user)
        key = held.id if held else new_id("V")
        view = View(id=key, user=user, type="home", body=body, hash=self._hash(), root_view_id=key)
        self.homes[user] = view
        self._store.put("home", user, asdict(view))
        return view

    def change(self, view: View, **fields: Any) -> View:
        """Replace fields of an open view. A new body brings a new hash."""
        if "body" in fields:
            fields["hash"] = self._hash()
        changed = replace(view, **fields)
        if view.type == "home":
            self.homes[view.user] = changed
            self._store.put("home", view.user, asdict(changed))
        else:
            stack = self.stacks[view.user]
            stack[:] = [changed if one.id == view.id else one for one in stack]
        return changed

    def close(self, view: View) -> list[View]:
        """Close one modal and what lies over it; gives the closed ones, topmost first."""
        stack = self.stacks.get(view.user, [])
        at = next((index for index, one in enumerate(stack) if one.id == view.id), len(stack))
        closed = stack[at:]
        del stack[at:]
        return closed[::-1]

    def close_all(self, user: str) -> list[View]:
        """Close a person's whole stack; gives the closed ones, topmost first."""
        return self.stacks.pop(user, [])[::-1]

    def _hash(self) -> str:
        return f"{int(self._clock.now_s())}.{secrets.token_hex(4)}"
