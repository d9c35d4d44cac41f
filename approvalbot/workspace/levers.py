"""The levers of the workbench as plain calls: people, groups, channels, the app, faults, traffic, the world outside."""

from collections.abc import Iterable, Mapping
from typing import Any

from approvalbot.workspace.errors import Json
from approvalbot.workspace.session import Session, name_of
from approvalbot.workspace.sights import Outcome, outcome_of


class Levers(Session):
    """What a signed-in person can change about the workspace itself. The bot hears of it as Slack would say it."""

    def set_group(self, group_id: str, members: Iterable[str]) -> None:
        """Give a user group other members."""
        self.change_group(group_id, members=list(members))

    def change_group(self, group_id: str, **changes: Any) -> None:
        """Change a user group: `members`, `handle`, `name`, `disabled`."""
        self._call("POST", f"groups/{group_id}", changes)

    def make_group(self, handle: str, **fields: Any) -> str:
        """Make a user group, with `name` and `members`; gives its id."""
        return str(self._call("POST", "groups", {"handle": handle, **fields})["group"]["id"])

    def set_active(self, user: str, *, active: bool) -> None:
        """Deactivate a person, or take them back."""
        self.change_person(user, active=active)

    def change_person(self, user: str, **changes: Any) -> None:
        """Change a person: `active`, `kind`, `role`, `real_name`, `email`, `tz`, `groups`."""
        self._call("POST", f"people/{user}", changes)

    def join(self, name: str, real_name: str, **fields: Any) -> str:
        """Somebody joins the workspace, with `email`, `tz` and `kind`; gives their id."""
        return str(self._call("POST", "people", {"name": name, "real_name": real_name, **fields})["user"]["id"])

    def change_channel(self, channel: str, **changes: Any) -> None:
        """Change a channel: `archived`, `deleted`, `members`, `name`, `shared`, `posting`, `limited_access`."""
        self._call("POST", f"channels/{name_of(channel)}", changes)

    def make_channel(self, name: str, **fields: Any) -> str:
        """Make a channel with the signed-in person in it, `private` or not, with other `members`; gives its id."""
        return str(self._call("POST", "channels", {"name": name_of(name), **fields})["channel"]["id"])

    def lock_thread(self, channel: str, ts: str, *, locked: bool = True) -> None:
        """Lock the thread under a message, or open it again."""
        self._call("POST", "threads/lock", {"channel": name_of(channel), "ts": ts, "locked": locked})

    def set_installed(self, *, installed: bool) -> None:
        """Remove the app, or take it back; without it the bot's token is dead."""
        self._call("POST", "app", {"installed": installed})

    def revoke_token(self) -> None:
        """Revoke the bot's token while the app stays; `set_installed` gives it back."""
        self._call("POST", "app", {"revoked": True})

    def verify_bot(self) -> Outcome:
        """Check the bot's address as Slack does when it is configured."""
        return outcome_of(self._call("POST", "app", {"verify": True}))

    def fault(self, kind: str, target: str = "*", *, times: int | None = 1, **options: Any) -> int:
        """Order a fault (see `state.faults.FaultOrder`); gives its number."""
        body = {"kind": kind, "target": target, "times": times, **options}
        number: int = self._call("POST", "faults", body)["faults"][-1]["id"]
        return number

    def clear_faults(self) -> None:
        """Switch all faults off."""
        self._call("DELETE", "faults")

    def traffic(self, direction: str | None = None, *, what: str | None = None) -> list[Json]:
        """The inspector's lines, oldest first; `what` is a method, an interaction's type, a command or an event."""
        path = f"traffic?direction={direction}" if direction else "traffic"
        entries: list[Json] = self._call("GET", path)["entries"]
        return [one for one in entries if what in {None, one["what"]}]

    def replay(self, number: int, *, fresh: bool = False) -> Json:
        """Send a delivery again, to the byte or newly signed; gives its line in the inspector."""
        entry: Json = self._call("POST", f"traffic/{number}/replay", {"fresh": fresh})["entry"]
        return entry

    def samples(self) -> dict[str, Json]:
        """The sample events by id."""
        return {one["id"]: one for one in self._call("GET", "samples")["samples"]}

    def send_sample(self, sample: str, changes: Mapping[str, Any] | None = None) -> Json:
        """Send a sample event; gives `status`, `answer` (text), `elapsed_ms` and, where one waits, `wait`."""
        sent: Json = self._call("POST", f"samples/{sample}", {"changes": dict(changes or {})})["sent"]
        return sent

    def service(self) -> Json:
        """What the service holds: `sent`, `received`, `waits`, `grants`, each a list, oldest first."""
        return self._call("GET", "service")

    def service_answers(self, endpoint: str, **order: Any) -> None:
        """Tell the service how to answer: `status`, `times`, `delay_s`, `retry_after`, `body`."""
        self._call("POST", "service/behaviour", {"endpoint": endpoint, **order})

    def reset(self) -> None:
        """Everything as at the first start. The session stays."""
        self._call("POST", "reset", {})
