"""The documents about the surroundings: who may send events (`Sources`) and which accounts are one person."""

import unicodedata
from collections.abc import Collection, Iterable, Iterator
from functools import cached_property
from typing import Annotated, Literal, Self

from pydantic import Field, PrivateAttr, StrictBool, StrictInt, StringConstraints, model_validator

from approvalbot.policy.action_providers import ActionProvider
from approvalbot.policy.authentication import Auth, SecretName, Url
from approvalbot.policy.base import Block, Document, DurationS, Text
from approvalbot.policy.faults import guess

Origin = Annotated[
    str, StringConstraints(pattern=r"^(\*|[A-Za-z0-9]([A-Za-z0-9.-]{0,251}[A-Za-z0-9])?)$", to_lower=True)
]


class Source(Block):
    """One authenticated sender. `rate_per_s` is events a second, over it the answer is 429.

    `origins` are the hosts whose deliveries a CloudEvents handshake consents to; the proof is asked for all the same.
    `accepts` says what its callers understand besides a yes and a no.
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
    accepts: tuple[Literal["less"], ...] = ()

    @model_validator(mode="after")
    def _can_be_waited_for(self) -> Self:
        if self.may_wait and self.auth.type == "sns":
            raise ValueError("may_wait: type sns has no key that a waiting service could hold; leave it out")
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
            raise ValueError("url: type grafana needs one; add the OnCall API address that its settings page shows")
        if self.type != "grafana" and self.stack is not None:
            raise ValueError(f"stack: it belongs to type grafana, not to {self.type}; leave it out")
        return self


class Sources(Document):
    """`kind: Sources`: the senders, the destinations, who knows who is on call, and the providers of actions."""

    kind: Literal["Sources"]
    sources: tuple[Source, ...] = ()
    destinations: tuple[Destination, ...] = ()
    oncall: tuple[OnCallProvider, ...] = ()
    providers: tuple[ActionProvider, ...] = ()

    @model_validator(mode="after")
    def _names_are_unique(self) -> Self:
        _each_once("sources", [source.name for source in self.sources])
        _each_once("destinations", [destination.name for destination in self.destinations])
        _each_once("oncall", [provider.name for provider in self.oncall])
        _each_once("providers", [provider.name for provider in self.providers])
        known = sorted(destination.name for destination in self.destinations)
        for place, source in enumerate(self.sources):
            if source.callback is not None and source.callback not in known:
                hint = guess(source.callback, known, "add it to the destinations of this document")
                raise ValueError(f"sources[{place}].callback: {source.callback} is no destination here; {hint}")
        return self


def _each_once(what: str, names: list[str]) -> None:
    for place, name in enumerate(names):
        if name in names[:place]:
            raise ValueError(f"{what}[{place}].name: {name} stands twice; write another name")


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

    def all_accounts(self) -> Iterator[tuple[str, str]]:
        """Every account, with its system."""
        return ((system, account) for system in SYSTEMS for account in self.accounts(system))


def _nobody(name: str, known: Collection[str]) -> str:
    return f"{name} is no person's id here; {guess(name, sorted(known), 'add the person, or write the id of one')}"


def fold(account: str) -> str:
    """How accounts are compared: Unicode NFKC, surrounding space and case ignored."""
    return unicodedata.normalize("NFKC", account).strip().casefold()


class Identities(Document):
    """`kind: Identities`: which accounts are one person, and who holds which role."""

    kind: Literal["Identities"]
    people: tuple[Person, ...] = ()
    roles: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    _linked: dict[tuple[str, str], str] = PrivateAttr(default_factory=dict)

    def with_accounts(self, accounts: Iterable[tuple[str, str, str]]) -> "Identities":
        """These identities, and accounts that were linked besides: the system, the account, the person's id.

        What the document says wins, and nobody who is not in it is anybody.
        """
        known = self.model_copy()
        linked = {(system, fold(account)): who for system, account, who in accounts if who in self.by_id}
        known._linked = linked  # noqa: SLF001 - a copy of this very class
        return known

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
        known = {person.id: place for place, person in reversed(list(enumerate(self.people)))}
        owner: dict[tuple[str, str], str] = {}
        for place, person in enumerate(self.people):
            if known[person.id] != place:
                raise ValueError(f"people[{place}].id: {person.id} stands twice; write another id, or one person")
            if person.manager and person.manager not in known:
                raise ValueError(f"people[{place}].manager: {_nobody(person.manager, known)}")
            for system, account in person.all_accounts():
                other = owner.setdefault((system, fold(account)), person.id)
                if other != person.id:
                    told = f"the account {account} belongs to {other} too; an account is one person's, so keep one"
                    raise ValueError(f"people[{place}].{system}: {told}")
        for role, members in self.roles.items():
            if strangers := [one for one in members if one not in known]:
                raise ValueError(f"roles: in {role}, {_nobody(strangers[0], known)}")
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
        linked = (self._linked.get((system, candidate)) for candidate in _spellings(system, account))
        return next((person for person in linked if person is not None), None)


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
