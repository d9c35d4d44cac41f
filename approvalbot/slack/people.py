"""Who somebody is in Slack and what they belong to, at the moment it is asked.

What Slack said is kept for a minute at most, where every process forgets it together when Slack reports a change. A yes
may come from that minute; a no is asked again before it refuses anybody. What Slack does not say is unknown, and
unknown never counts.
"""

import contextlib
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import orjson

from approvalbot.errors import MoveRefused, Unavailable
from approvalbot.flow.ports import Member
from approvalbot.log import get_logger
from approvalbot.policy.approval import Approver
from approvalbot.policy.environment import Identities, fold
from approvalbot.slack.api import SlackApi, SlackFault
from approvalbot.slack.ourselves import Ourselves
from approvalbot.slack.ports import Notes, OnCall

log = get_logger("people")

KEEP_S = 60
"""How long an answer of Slack is used. The group methods allow 20 calls a minute (tier 2), which forces a cache; a
minute is what threats.md attack 9 admits."""

LAST_KNOWN_S = 3600
"""How long what Slack said of somebody is remembered beyond that, for pages that only show while Slack is silent."""

FRESH_S = 2
"""A no that is younger than this is not asked again: presses of a crowd must not use up the rate."""

PAGE = 200

SLACKBOT = "USLACKBOT"

_TOLD = ("id", "team_id", "deleted", "is_bot", "is_restricted", "is_ultra_restricted")
"""What `users.info` says of every active person. Where one is missing, whoever it is counts as no full member."""


class SlackPeople:
    """Looks people and groups up in one workspace."""

    def __init__(
        self,
        api: SlackApi,
        memory: Notes,
        ourselves: Ourselves,
        identities: Callable[[], Identities],
        teams: Sequence[str] = (),
        oncall: OnCall | None = None,
    ) -> None:
        self._api = api
        self._memory = memory
        self._ourselves = ourselves
        self._identities = identities
        self._teams = frozenset(teams)
        self._oncall = oncall

    def who(self, slack: str) -> Member:
        """The member of a Slack id."""
        what = f"user:{slack}"
        user = self._known(what, lambda: dict(self._api.read("users.info", user=slack)["user"]), hold_s=LAST_KNOWN_S)
        return self._member(user)

    def last_known(self, slack: str) -> Member | None:
        """Who they were when Slack last said so, at most an hour ago; nobody decides by it."""
        held = self._memory.recall("people", f"user:{slack}")
        try:
            return None if held is None else self._member(orjson.loads(held)["said"])
        except MoveRefused:
            return None

    def is_ours(self, team: str | None) -> bool:
        """Whether a team is one whose people may decide here."""
        with _asking("teams"):
            return bool(team) and team in (self._teams or {self._ourselves.bot().team})

    def members(self, entry: Approver, name: str) -> frozenset[str] | None:
        """The Slack ids behind an approver entry; None when it names nobody we know."""
        return self._resolve(entry.kind, name, max_age_s=KEEP_S)

    def is_member(self, entry: Approver, name: str, member: Member) -> bool:
        """Whether somebody belongs to an approver entry right now."""
        if entry.kind == "user" and member.email and fold(name) == fold(member.email):
            return True
        found = self._resolve(entry.kind, name, max_age_s=KEEP_S)
        if found is not None and member.slack in found:
            return True
        found = self._resolve(entry.kind, name, max_age_s=FRESH_S)
        return found is not None and member.slack in found

    def channel_id(self, name: str) -> str | None:
        """The id of a channel that a policy names (`#deploys` or an id), or None when we cannot see it."""
        if not name.startswith("#"):
            return name
        listed: dict[str, str] = self._known("channels", self._channels, keep_s=600)
        if name[1:] not in listed:
            listed = self._known("channels", self._channels, max_age_s=FRESH_S)
        return listed.get(name[1:])

    def usergroup_id(self, key: str) -> str | None:
        """The id of the user group that an entry key names, or None when it is no user group or not known now."""
        kind, _, name = key.partition(":")
        if kind != "usergroup":
            return None
        try:
            return self._group(name)
        except MoveRefused:
            return None

    def forget(self, what: str) -> None:
        """Drop what was kept: `user:U1`, `usergroup:S1`, `usergroups`, `channels` or `channel:C1`."""
        self._memory.forget("people", what)

    def _resolve(self, kind: str, name: str, *, max_age_s: float) -> frozenset[str] | None:
        match kind:
            case "user":
                return self._user(name, max_age_s)
            case "usergroup":
                return self._usergroup(name, max_age_s)
            case "channel_members":
                return self._channel_members(name, max_age_s)
            case "role":
                holders = self._identities().roles.get(name)
                return None if holders is None else self._slack_ids(holders)
            case "manager_of":
                person = self._identities().by_id.get(name)
                return self._slack_ids([person.manager]) if person and person.manager else None
            case "oncall":
                return self._on_call(name, max_age_s)
            case _:
                return None

    def _user(self, name: str, max_age_s: float) -> frozenset[str] | None:
        identities = self._identities()
        person = name if name in identities.by_id else identities.lookup("emails", name)
        if person is not None and (ids := self._slack_ids([person])):
            return ids
        if "@" not in name:
            return frozenset({name}) if name[:1] in "UW" and name.isupper() else None
        try:
            user = self._known(
                f"email:{fold(name)}",
                lambda: dict(self._api.read("users.lookupByEmail", email=name)["user"]),
                max_age_s=max_age_s,
            )
        except _Absent:
            return None
        return frozenset({str(user["id"])})

    def _on_call(self, name: str, max_age_s: float) -> frozenset[str] | None:
        """Those on call now, as far as they have a Slack account under the e-mail that the vendor knows."""
        emails = self._known(f"oncall:{name}", lambda: self._emails_on_call(name), max_age_s=max_age_s)
        if emails is None:
            return None
        found = (slack for one in emails if "@" in one for slack in self._user(one, max_age_s) or ())
        return frozenset(slack for slack in found if self._may_count(slack))

    def _emails_on_call(self, name: str) -> list[str] | None:
        found = self._oncall.on_call(name) if self._oncall is not None else None
        return None if found is None else sorted(found)

    def _slack_ids(self, persons: Sequence[str]) -> frozenset[str]:
        by_id = self._identities().by_id
        return frozenset(account for one in persons if one in by_id for account in by_id[one].accounts("slack"))

    def _usergroup(self, name: str, max_age_s: float) -> frozenset[str] | None:
        group = self._group(name)
        if group is None:
            return None
        try:
            users = self._known(
                f"usergroup:{group}",
                lambda: list(self._api.read("usergroups.users.list", usergroup=group)["users"]),
                max_age_s=max_age_s,
            )
        except _Absent:
            return None
        return frozenset(str(user) for user in users)

    def _group(self, name: str) -> str | None:
        if not name.startswith("@"):
            return name
        handles: dict[str, str] = self._known("usergroups", self._usergroups)
        if name[1:] not in handles:
            handles = self._known("usergroups", self._usergroups, max_age_s=FRESH_S)
        return handles.get(name[1:])

    def _usergroups(self) -> dict[str, str]:
        return {group["handle"]: group["id"] for group in self._api.read("usergroups.list")["usergroups"]}

    def _channels(self) -> dict[str, str]:
        pages = self._pages(
            "conversations.list", "channels", types="public_channel,private_channel", exclude_archived=True
        )
        return {channel["name"]: channel["id"] for channel in pages}

    def _channel_members(self, name: str, max_age_s: float) -> frozenset[str] | None:
        channel = self.channel_id(name)
        if channel is None:
            return None
        try:
            found = self._known(
                f"channel:{channel}",
                lambda: list(self._pages("conversations.members", "members", channel=channel)),
                max_age_s=max_age_s,
            )
        except _Absent:
            return None
        return frozenset(str(user) for user in found if self._may_count(str(user)))

    def _may_count(self, slack: str) -> bool:
        try:
            one = self.who(slack)
        except _Absent:
            return False
        return one.person and one.active and one.full

    def _pages(self, method: str, key: str, **arguments: Any) -> Iterator[Any]:
        cursor: str | None = None
        while True:
            page = self._api.read(method, limit=PAGE, cursor=cursor, **arguments)
            yield from page[key]
            cursor = (page.get("response_metadata") or {}).get("next_cursor")
            if not cursor:
                return

    def _known(
        self, what: str, ask: Callable[[], Any], *, max_age_s: float = KEEP_S, keep_s: int = KEEP_S, hold_s: int = 0
    ) -> Any:
        """What Slack said of `what`, at most `max_age_s` old. It is held for `hold_s`, if that is longer."""
        held = self._memory.recall("people", what)
        if held is not None:
            kept = orjson.loads(held)
            if time.time() - kept["at"] <= (keep_s if max_age_s == KEEP_S else max_age_s):
                return kept["said"]
        try:
            with _asking(what):
                said = ask()
        except _Absent:
            self._memory.forget("people", what)
            raise
        stored = orjson.dumps({"at": time.time(), "said": said}).decode()
        # What Slack says is so, whether or not it can be kept.
        with contextlib.suppress(Unavailable):
            self._memory.remember("people", what, stored, keep_s=max(keep_s, hold_s))
        return said

    def _member(self, user: Mapping[str, Any]) -> Member:
        profile = user.get("profile") or {}
        robot = any(user.get(flag) for flag in ("is_bot", "is_app_user", "is_workflow_bot", "is_connector_bot"))
        outside = any(user.get(flag) for flag in ("is_restricted", "is_ultra_restricted", "is_stranger"))
        known = all(field in user for field in _TOLD)
        return Member(
            slack=str(user.get("id", "")),
            team=str(user.get("team_id", "")),
            name=str(profile.get("real_name") or user.get("real_name") or user.get("name") or user.get("id")),
            email=str(profile.get("email") or ""),
            active=user.get("deleted") is False,
            person=not robot and user.get("id") != SLACKBOT,
            full=known and not outside and self.is_ours(user.get("team_id")),
            tz=str(user.get("tz") or "UTC"),
        )


class _Absent(MoveRefused):
    """Slack knows no such user, group or channel, or not for us."""


class _asking:  # noqa: N801 - reads as a word where it is used: with _asking(what)
    """Turn a failure of Slack into what it means here: not known, or not there."""

    def __init__(self, what: str) -> None:
        self._what = what

    def __enter__(self) -> None:
        return None

    def __exit__(self, _kind: object, fault: object, _trace: object) -> None:
        if not isinstance(fault, SlackFault):
            return
        absent = fault.error in {"users_not_found", "user_not_found", "no_such_subteam", "channel_not_found"}
        log.warning("membership unknown", asked=self._what.split(":")[0], error=fault.error)
        raise (_Absent if absent else MoveRefused)(
            "membership_unknown",
            "Slack did not confirm your groups just now. Nothing was recorded.",
            hint="Press again in a minute; operators have been told.",
        ) from fault
