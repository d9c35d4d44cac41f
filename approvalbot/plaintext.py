"""Untrusted text made safe to show: one field, one line, nothing hidden, nothing cut without saying so."""

import unicodedata

_KEPT = frozenset({"\u200d"})
"""Joins emoji; shown as it is inside one, and visible as an escape anywhere else would break names of people."""


def visible(text: str) -> str:
    r"""The text with every control, bidi, zero-width and private character written out as `\u202e`.

    Unicode's own categories decide (Cc, Cf, Co, Cs, Zl, Zp): a list of known tricks would always be one behind.
    """
    return "".join(_shown(letter) for letter in text)


def _shown(letter: str) -> str:
    if letter == " " or letter in _KEPT or unicodedata.category(letter) not in {"Cc", "Cf", "Co", "Cs", "Zl", "Zp"}:
        return letter
    return f"\\u{ord(letter):04x}" if ord(letter) <= 0xFFFF else f"\\U{ord(letter):08x}"


def one_line(text: str) -> str:
    """The same on one line: a line break or a tab becomes a visible mark, so that a field cannot fake another."""
    return visible(text.replace("\r\n", "\n").replace("\n", " ⏎ ").replace("\t", " ⇥ "))


def cut(text: str, most: int) -> str:
    """At most `most` characters, and if some are gone, how many. Too short for the note, it is only cut."""
    if len(text) <= most:
        return text
    # The note takes room from the text and so makes itself longer: "99 characters" leaves one more to cut than it says.
    gone, note = 0, ""
    while len(text) - gone + len(note) > most and gone < len(text):
        gone = min(len(text), len(text) + len(note) - most)
        note = f"… ({gone} characters cut)"
    return (text[: len(text) - gone] + note)[:most]
