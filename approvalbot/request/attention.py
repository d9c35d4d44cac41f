"""What people do about an open request besides deciding it, as a request holds it: a claim, and questions."""

from datetime import datetime

from approvalbot.request.stored import Person, Stored


class Claim(Stored):
    """Somebody looks at it, until `until`; nothing is locked. `warned`: they were asked whether they still look."""

    by: Person
    at: datetime
    until: datetime
    warned: bool = False


class Question(Stored):
    """What somebody who may decide wants to know first. It is open until it has an answer.

    `paused_until` is when the clock goes on at the latest, where the question stopped it, and `resumed_at` when it did.
    """

    by: Person
    at: datetime
    text: str
    paused_until: datetime | None = None
    resumed_at: datetime | None = None
    answered_by: Person | None = None
    answered_at: datetime | None = None
    answer: str = ""
