"""What an approver has to type where the policy wants it: the resource's name, or the request's short id in its place.

It is asked for so that somebody reads once more on what they decide. So it must be possible to type it: a name that is
missing, cut, hidden or too long, that holds characters nobody sees, or that a phone's keyboard would change on the
way, gives way to the short id, which every card shows.
"""

import unicodedata

from approvalbot.plaintext import one_line
from approvalbot.request.about import About
from approvalbot.request.redaction import HIDDEN
from approvalbot.request.request import Request

TYPED_MOST = 64
"""Characters of a name that somebody may be asked to type. Chosen by us: the ARN of a role fits, a URL does not."""

_CHANGED_BY_KEYBOARDS = ("--", "...", "'", '"', "`", "\\", "…", "\u2014", "\u2013", "  ")
"""What phones and word processors turn into something else: dashes, dots and quotes; and a backslash, which stands in
for characters that are not shown."""


def to_type(request: Request, about: About) -> str:
    """What an approval of this request has to hold, exactly."""
    name = about.title if request.kind == "access" else about.resource
    return name if can_be_typed(name) else request.short_id


def can_be_typed(name: str) -> bool:
    """Whether a person can type a name that they see, on any keyboard that has its letters."""
    plain = unicodedata.normalize("NFC", name)
    return (
        0 < len(plain) <= TYPED_MOST
        and plain == name == name.strip() == one_line(name)
        and HIDDEN not in name
        and not any(bad in name for bad in _CHANGED_BY_KEYBOARDS)
        # A space that is no plain space looks like one, and a mark without its letter looks like nothing.
        and all(letter == " " or _is_on_keys(unicodedata.category(letter)) for letter in name)
        and unicodedata.normalize("NFKC", name) == name
        and len({_script(letter) for letter in name if letter.isalpha()}) <= 1
    )


def _is_on_keys(category: str) -> bool:
    """Letters, digits, punctuation and signs; pictures are another thing on every keyboard."""
    return category[0] in "LNPS" and category != "So"


def _script(letter: str) -> str:
    """The alphabet of a letter: two of them in one name look like one, and only one of them is on a keyboard."""
    return unicodedata.name(letter, "").partition(" ")[0]


def is_typed(typed: str, wanted: str) -> bool:
    """Whether what was typed is what was wanted: every letter and its case; space around it does not count."""
    return bool(wanted) and unicodedata.normalize("NFC", typed.strip()) == wanted
