"""What can be wrong with a YAML file, and what to write instead."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class YamlFault:
    """What is wrong at a place of a file. `line` and `column` count from 1; `name` is stable, `hint` what to write."""

    name: str
    line: int
    column: int
    problem: str
    hint: str = ""
    path: tuple[str | int, ...] = ()


class Refused(Exception):
    """Reading ends here."""

    def __init__(self, fault: YamlFault) -> None:
        super().__init__(fault)
        self.fault = fault


_HINTS = {
    "mapping values are not allowed in this context": "put a text that holds ': ' in quotes",
    "found character that cannot start any token": "indent with spaces, and quote texts that start with @ ` % * & !",
    "found a tab character that violates indentation": "indent with spaces",
    "did not find expected key": "check the indentation, and quotes that do not close",
    "found unexpected ':'": "write a space after the colon of key: value, and quote texts that hold one",
    "could not find expected ':'": "a map's entry is written key: value",
    "found unexpected end of stream": "a quote or bracket does not close",
    "did not find expected node content": "a bracket does not close, or a value is missing",
    "did not find expected <document start>": "divide documents with ---",
    "found a tab character where an indentation space is expected": "indent with spaces",
    "found invalid Unicode character escape code": "write the character itself; half a surrogate pair is none",
    "did not find expected hexdecimal number": "an escape is \\u and four digits; use ' for plain backslashes",
}


def plainly(problem: str) -> tuple[str, str]:
    """What libyaml found wrong, and what to write instead."""
    return f"this is not YAML: {problem}", _HINTS.get(
        problem, "check the indentation, the quotes and the brackets here"
    )
