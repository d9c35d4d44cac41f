"""What every stored value is built of: frozen, strict JSON, and people as votes and trails name them."""

from pydantic import BaseModel, ConfigDict


class Stored(BaseModel):
    """A frozen value that is stored as JSON."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Person(Stored):
    """Somebody as votes and trails name them.

    `key` is the id of the identity document, or `slack:TEAM/USER` for someone it does not know. `slack` is the user id.
    """

    key: str
    name: str
    slack: str | None = None

    def is_same(self, other: "Person") -> bool:
        """Whether both are one human: the same key, or the same Slack account under another key.

        The second half matters when the identity document learns of somebody between two of their votes.
        """
        return self.key == other.key or (self.slack is not None and self.slack == other.slack)

    def __str__(self) -> str:
        return self.name
