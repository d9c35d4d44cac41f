"""The documents about the surroundings: who may send events (`Sources`) and which accounts are one person."""

import unicodedata
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, StrictBool, StrictInt, StringConstraints, model_validator

from approvalbot.policy.authentication import Auth, SecretName, Url
from approvalbot.policy.base import Block, Document, DurationS, Text

Origin = Annotated[
    str, StringConstraints(pattern=r"^(\*|[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?)$", to_lower=True)
]


class Source(Block):
    """One authenticated sender. `rate_per_s` is events a second, over it the answer is 429.

    `origins` are the hosts whose deliveries a CloudEvents handshake consents to; the proof is asked for all the same.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$")]
    mapping: Text
    auth: Auth
    tenants: tuple[str, ...] | None = None
    headers: tuple[str, ...] = ()
    set: dict[Annotated[str, Field(pattern=r"^_[a-z_]+$")], str] = Field(default_factory=dict)
    may_wait: StrictBool = False
    trust_actor: StrictBool = False
    on_no_match: Literal["report", "deny"] = "report"
    rate_per_s: Annotated[StrictInt, Field(ge=1, le=1_000_000)] = Field(default=1000, alias="rate")
    replay_window_s: DurationS = Field(default=86_400, alias="replay_window")
    callback: Text | None = None
    origins: tuple[Origin, ...] = ()

    @model_validator(mode="after")
    def _can_be_waited_for(self) -> Self:
        if self.may_wait and self.auth.type == "sns":
            raise ValueError("auth type sns has no key that a waiting service could hold; remove may_wait")
        return self


class Destination(Block):
    """A named address that answers may be sent to. The address stands here, or in the environment, never in an event.

    `previous` is the key before the last rotation: deliveries are signed with both until it is removed.
    """

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$")]
    url: Annotated[str, Field(pattern=r"^(https?://[^\s{}]+|env:[A-Za-z_][A-Za-z0-9_]*)$", max_length=2000)]
    secret: SecretName | None = None
    previous: SecretName | None = None
    headers: dict[str, SecretName] = Field(default_factory=dict)


class OnCallProvider(Block):
    """An account at a vendor of on-call schedules; an approver `oncall: NAME/SCHEDULE` asks it who is on call."""

    name: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$")]
    type: Literal["pagerduty", "opsgenie", "grafana"]
    token: SecretName
    url: Url | None = None
    stack: Url | None = None

    @model_validator(mode="after")
    def _complete(self) -> Self:
        if self.type == "grafana" and self.url is None:
            raise ValueError("type grafana needs url, the OnCall API address that its settings page shows")
        if self.type != "grafana" and self.stack is not None:
            raise ValueError(f"type {self.type} has no stack; it belongs to type grafana")
        return self


class Sources(Document):
    """`kind: Sources`: the senders, the destinations, and who knows who is on call."""

    kind: Literal["Sources"]
    sources: tuple[Source, ...] = ()
    destinations: tuple[Destination, ...] = ()
    oncall: tuple[OnCallProvider, ...] = ()

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        for what, names in (
            ("source", [source.name for source in self.sources]),
            ("destination", [destination.name for destination in self.destinations]),
            ("on-call provider", [provider.name for provider in self.oncall]),
        ):
            if twice := {name for name in names if names.count(name) > 1}:
                raise ValueError(f"{what} {min(twice)!r} stands twice")
        known = {destination.name for destination in self.destinations}
        for source in self.sources:
            if source.callback is not None and source.callback not in known:
                raise ValueError(f"source {source.name!r}: callback {source.callback!r} names no destination here")
        return self


Accounts = str | tuple[str, ...]
SYSTEMS = ("slack", "emails", "github", "aws", "okta", "azure", "gcp", "kubernetes", "teleport", "vault", "google")


class Person(Block):
    """One human and their accounts. `manager` is another person's id."""

    id: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,62}$")]
    name: Text
    slack: Accounts = ()
    emails: Accounts = ()
    github: Accounts = ()
    aws: Accounts = ()
    okta: Accounts = ()
    azure: Accounts = ()
    gcp: Accounts = ()
    kubernetes: Accounts = ()
    teleport: Accounts = ()
    vault: Accounts = ()
    google: Accounts = ()
    manager: str | None = None

    def accounts(self, system: str) -> tuple[str, ...]:
        """The person's accounts in one of `SYSTEMS`."""
        held: Accounts = getattr(self, system)
        return (held,) if isinstance(held, str) else held


def fold(account: str) -> str:
    """How accounts are compared: Unicode NFKC, surrounding space and case ignored."""
    return unicodedata.normalize("NFKC", account).strip().casefold()


class Identities(Document):
    """`kind: Identities`: which accounts are one person, and who holds which role."""

    kind: Literal["Identities"]
    people: tuple[Person, ...] = ()
    roles: dict[str, tuple[str, ...]] = Field(default_factory=dict)

    @cached_property
    def _index(self) -> dict[tuple[str, str], str]:
        return {
            (system, fold(account)): person.id
            for person in self.people
            for system in SYSTEMS
            for account in person.accounts(system)
        }

    @cached_property
    def by_id(self) -> dict[str, Person]:
        """The people by their id."""
        return {person.id: person for person in self.people}

    @model_validator(mode="after")
    def _one_account_one_person(self) -> Self:
        ids = [person.id for person in self.people]
        if twice := {one for one in ids if ids.count(one) > 1}:
            raise ValueError(f"people: {min(twice)!r} stands twice")
        owner: dict[tuple[str, str], str] = {}
        for person in self.people:
            for system in SYSTEMS:
                for account in person.accounts(system):
                    other = owner.setdefault((system, fold(account)), person.id)
                    if other != person.id:
                        raise ValueError(
                            f"people: the {system} account {account!r} stands under {other!r} and {person.id!r};"
                            " an account belongs to one person"
                        )
        unknown = [p.manager for p in self.people if p.manager and p.manager not in ids]
        unknown += [one for members in self.roles.values() for one in members if one not in ids]
        if unknown:
            raise ValueError(f"people: {unknown[0]!r}, a manager or in a role, is no person's id here")
        return self

    def lookup(self, system: str, account: str | None) -> str | None:
        """The id of the person who holds `account`, or None.

        `aws` takes an IAM user name, a session name or a full ARN; every system also takes a person's e-mail, since
        single sign-on makes it the account's name in most of them.
        """
        if not account:
            return None
        for candidate in _spellings(system, account):
            for key in ((system, candidate), ("emails", candidate)):
                if found := self._index.get(key):
                    return found
        return None


def _spellings(system: str, account: str) -> list[str]:
    whole = fold(account)
    if system == "aws" and whole.startswith("arn:"):
        kind, _, rest = whole.split(":", 5)[-1].partition("/")
        # An IAM user may have a path (user/division/eve); a session's name is the caller's own choice of word, but the
        # identity table decides whose it is, and a name nobody claimed belongs to nobody.
        return (
            [whole, rest.rsplit("/", 1)[-1]] if rest and kind in {"user", "assumed-role", "federated-user"} else [whole]
        )
    return [whole]


def identity_system(mapping: str) -> str:
    """Which of `SYSTEMS` the actors of a mapping table live in: `aws.cloudtrail` -> `aws`; unknown ones -> `emails`."""
    head = mapping.split(".", 1)[0]
    return head if head in SYSTEMS else "emails"
