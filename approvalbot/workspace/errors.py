"""What the workspace refuses: starting at all, a Web API call, or something a person tried on the page."""

from typing import Any

Json = dict[str, Any]
"""A decoded JSON object. Slack's payloads are open shapes, so they stay plain objects here."""


class WorkspaceFault(Exception):
    """The workspace must not start like this, or was asked for something it does not have."""


class Refusal(Exception):
    """A Web API call that Slack would answer with `ok: false`.

    `code` is one of Slack's own error codes; `fields` go into the answer beside it (`needed`, `errors`, …).
    """

    def __init__(self, code: str, **fields: Any) -> None:
        super().__init__(code)
        self.code = code
        self.fields: Json = fields


def argument_fault(*sentences: str) -> Refusal:
    """`invalid_arguments` with Slack's `response_metadata.messages`, one `[ERROR] …` line for each sentence."""
    messages = [f"[ERROR] {sentence}" for sentence in sentences]
    return Refusal("invalid_arguments", response_metadata={"messages": messages})


class Unable(Exception):
    """Something the signed-in person cannot do; the sentence is shown to them as it stands."""

    def __init__(self, sentence: str, *, status: int = 409, **fields: Any) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.status = status
        self.fields: Json = fields
