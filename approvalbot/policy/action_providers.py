"""The providers that perform actions: where each is, and the names of the secrets it is called with."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, StrictBool, StringConstraints, model_validator

from approvalbot.policy.authentication import SecretName
from approvalbot.policy.base import Block, Text

ProviderType = Literal["github", "kubernetes", "okta", "aws"]

_TAKES: Mapping[ProviderType, frozenset[str]] = {
    "github": frozenset({"url", "token", "app_id", "private_key", "installation", "ca", "private"}),
    "kubernetes": frozenset({"url", "token", "ca", "private"}),
    "okta": frozenset({"url", "token", "scheme"}),
    "aws": frozenset({"url", "sts_url", "private", "region", "roles", "access_key_id", "secret_access_key"}),
}
"""The keys of each type, beside name and type."""

GITHUB_URL = "https://api.github.com"

Address = Annotated[
    str, StringConstraints(pattern=r"^(https?://[^\s{}?#]+|env:[A-Za-z_][A-Za-z0-9_]*)$", max_length=2000)
]
RoleArn = Annotated[
    str, StringConstraints(pattern=r"^arn:aws[a-z-]*:iam::[0-9]{12}:role/[A-Za-z0-9_+=,.@/-]+$", max_length=700)
]
AccountId = Annotated[str, StringConstraints(pattern=r"^[0-9]{12}$")]


class ActionProvider(Block):
    """One system that acts for us. `okta` and `aws` are one each; a cluster is `kubernetes/<cluster>`.

    `private` says that its address lies inside our own network. Which other keys it takes depends on its type.
    """

    name: Annotated[str, StringConstraints(pattern=r"^[a-z]+(/[A-Za-z0-9._-]{1,100})?$")]
    type: ProviderType
    url: Address | None = None
    token: SecretName | None = None
    scheme: Literal["ssws", "bearer"] = "ssws"
    app_id: Text | None = None
    private_key: SecretName | None = None
    installation: Annotated[str, StringConstraints(pattern=r"^[0-9]{1,20}$")] | None = None
    ca: SecretName | None = None
    private: StrictBool = False
    region: Annotated[str, StringConstraints(pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$")] | None = None
    roles: dict[AccountId, RoleArn] = Field(default_factory=dict)
    sts_url: Address | None = None
    access_key_id: SecretName | None = None
    secret_access_key: SecretName | None = None

    @property
    def secrets(self) -> tuple[str, ...]:
        """The names of its secrets, and of its addresses where those are secrets too."""
        addresses = (url for url in (self.url, self.sts_url) if url is not None and url.startswith("env:"))
        named = (*addresses, self.token, self.private_key, self.ca, self.access_key_id, self.secret_access_key)
        return tuple(name for name in named if name is not None)

    @model_validator(mode="after")
    def _complete(self) -> Self:
        given = self.model_fields_set - {"name", "type"}
        if extra := sorted(given - _TAKES[self.type]):
            takes = ", ".join(sorted(_TAKES[self.type]))
            raise ValueError(f"{extra[0]}: it belongs to another type than {self.type}; that takes {takes}")
        self._check_name()
        if self.type in {"kubernetes", "okta"} and (self.url is None or self.token is None):
            raise ValueError(f"type: {self.type} needs a url and a token; add url: https://…, and token: env:NAME")
        if self.type == "github":
            self._check_github()
        if (self.access_key_id is None) != (self.secret_access_key is None):
            raise ValueError("type: access_key_id and secret_access_key go together; add the other, or leave both out")
        for account, role in self.roles.items():
            if role.split(":")[4] != account:
                raise ValueError(f"roles: {role} is no role of the account {account}; write one of that account")
        return self

    def _check_name(self) -> None:
        head, slash, _ = self.name.partition("/")
        if head != self.type:
            raise ValueError(f"name: {self.name} does not start with its type; write {self.type}")
        if self.type == "kubernetes" and not slash:
            raise ValueError("name: it names no cluster; write kubernetes/NAME, with the NAME that with.cluster gives")
        if self.type in {"okta", "aws"} and slash:
            raise ValueError(f"name: there is one provider of type {self.type}; write {self.type}")

    def _check_github(self) -> None:
        app = self.app_id is not None and self.private_key is not None
        half = (self.app_id is None) != (self.private_key is None)
        if half or app == (self.token is not None):
            raise ValueError("type: github has either a token or an app_id with a private_key; write one of the two")
