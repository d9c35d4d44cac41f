"""A case: a request together with everything it stands on."""

from dataclasses import dataclass

from approvalbot.request.about import About
from approvalbot.request.change import Terms
from approvalbot.request.request import Request


@dataclass(frozen=True, slots=True)
class Case:
    """A request, the terms it was opened under, and what it is about."""

    request: Request
    terms: Terms
    about: About
