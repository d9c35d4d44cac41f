"""Who is in the workspace, in which groups and channels. Edits made at run time outlive a restart."""

import hashlib
from collections.abc import Iterable

from approvalbot.workspace.state.cast import Cast, Channel, Group, Person
from approvalbot.workspace.state.clock import Clock
from approvalbot.workspace.state.store import Store


class Directory:
    """The people, groups and channels as they are now. Records are frozen; a change replaces one."""

    def __init__(self, cast: Cast, store: Store, clock: Clock) -> None:
        self.cast = cast
        self.team = cast.team
        self.app = cast.app
        self._store = store
        self._clock = clock
        self.people: dict[str, Person] = {}
        self.groups: dict[str, Group] = {}
        self.channels: dict[str, Channel] = {}
        self.load()

    def load(self) -> None:
        """Take the cast, and over it what was changed before the last stop."""
        self.people = {person.id: person for person in self.cast.people}
        self.groups = {group.id: group for group in self.cast.groups}
        self.channels = {channel.id: channel for channel in self.cast.channels}
        self.people.update((key, Person.model_validate(body)) for key, body in self._store.load("person"))
        self.groups.update((key, Group.model_validate(body)) for key, body in self._store.load("group"))
        self.channels.update((key, Channel.model_validate(body)) for key, body in self._store.load("channel"))

    def change_person(self, person: Person) -> Person:
        """Replace one person's record; `updated_at` becomes now."""
        changed = person.model_copy(update={"updated_at": int(self._clock.now_s())})
        self.people[person.id] = changed
        self._store.put("person", person.id, changed.model_dump(mode="json"))
        return changed

    def change_group(self, group: Group) -> Group:
        """Replace one group's record; `updated_at` becomes now."""
        changed = group.model_copy(update={"updated_at": int(self._clock.now_s())})
        self.groups[group.id] = changed
        self._store.put("group", group.id, changed.model_dump(mode="json"))
        return changed

    def change_channel(self, channel: Channel) -> Channel:
        """Replace or add one channel's record."""
        self.channels[channel.id] = channel
        self._store.put("channel", channel.id, channel.model_dump(mode="json"))
        return channel

    def team_of(self, person: Person) -> str:
        """The domain of the person's own workspace."""
        return self.cast.other_team.domain if person.team_id == self.cast.other_team.id else self.team.domain

    def channel(self, reference: str) -> Channel | None:
        """A channel by id, or by name with or without the #; None for an unknown or deleted one."""
        found = self.channels.get(reference)
        if found is None:
            name = reference.removeprefix("#")
            found = next((one for one in self.channels.values() if one.name == name and name), None)
        return None if found is None or found.is_deleted else found

    def direct_channel(self, people: Iterable[str], *, make: bool = True) -> Channel | None:
        """The DM (two people) or group DM of exactly these people; made when it is new and `make` holds."""
        members = tuple(sorted(set(people)))
        # An id that is a digest of its members: the same people always meet in the same place, also after a reset.
        digest = hashlib.sha256(" ".join(members).encode()).hexdigest()[:9].upper()
        is_im = len(members) == 2
        key = f"{'D' if is_im else 'G'}0{digest}"
        found = self.channels.get(key)
        if found is None and make:
            name = "" if is_im else f"mpdm-{'--'.join(self.people[one].name for one in members)}-1"
            found = self.change_channel(
                Channel(id=key, name=name, members=members, is_im=is_im, is_mpim=not is_im, is_private=not is_im)
            )
        return found

    def app_dm(self, user: str) -> Channel:
        """The DM between the app and one person."""
        channel = self.direct_channel((self.app.user_id, user))
        if channel is None:  # pragma: no cover - `make` is on, so there always is one
            raise LookupError(user)
        return channel

    def channels_of(self, user: str) -> list[Channel]:
        """The conversations a person is in, archived ones included."""
        return [one for one in self.channels.values() if user in one.members and not one.is_deleted]

    def app_sees(self, channel: Channel) -> bool:
        """Whether the app can know that the channel exists: it is public, or the app is in it."""
        return self.app.user_id in channel.members or not (channel.is_private or channel.is_im)

    def app_sees_person(self, person: Person) -> bool:
        """Whether the app can know a person: someone of another company only through a shared channel."""
        if not person.is_stranger:
            return True
        return any(
            person.id in channel.members and self.app.user_id in channel.members
            for channel in self.channels.values()
            if channel.is_ext_shared
        )
