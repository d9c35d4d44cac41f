"""The words of `/access`, pure: what was typed becomes a verb with its parts, or the nearest guess at one.

/access                                                     the request form
/access request <entitlement> [for <dur>] [because <text>]  ask in one line; missing parts open the form
/access list [waiting|mine|active]
/access show <id>
/access cancel <id>
/access extend <id> [for <dur>] [because <text>]
/access revoke <id> [because <text>]
/access oncall [<entitlement>]
/access away [until <date, time or dur> [delegate @person] [because <text>] | off]
/access mute [@person [for <dur>]]
/access unmute @person
/access help [<verb>]
"""

import difflib
import re
from dataclasses import dataclass

from approvalbot.errors import BadInput

LISTS = ("waiting", "mine", "active")

HELP = {
    "request": "`/access request <what> [for <time>] [because <reason>]` asks for access; missing parts open the form.",
    "list": "`/access list [waiting|mine|active]` shows what waits for you, what you asked for, and what you hold.",
    "show": "`/access show <id>` shows one request, with what you may do about it.",
    "cancel": "`/access cancel <id>` takes back what you asked for.",
    "extend": "`/access extend <id> [for <time>] [because <reason>]` asks for more time; missing parts open the form.",
    "revoke": "`/access revoke <id> [because <reason>]` ends access: your own, or what you are an owner of.",
    "oncall": "`/access oncall [<what>]` shows who would be asked now.",
    "away": (
        "`/access away until <date, time or length> [delegate @person] [because <reason>]` says that you are away and "
        "who stands in; `/access away off` that you are back; `/access away` shows it."
    ),
    "mute": (
        "`/access mute @person [for <time>]` spares you direct messages of what they ask, for 1h where no time is "
        "named; `/access mute` shows whom you muted."
    ),
    "unmute": "`/access unmute @person` lets you hear of them again.",
    "help": "`/access help [<verb>]` shows this.",
}

MEANT = {"end": "revoke", "stop": "revoke", "withdraw": "cancel", "ask": "request", "back": "away off"}
"""Words that the cards and messages use for what a verb does; by their letters alone, `end` looks like `extend`."""

_DURATION = re.compile(r"(?:(\d{1,3})d)?(?:(\d{1,3})h)?(?:(\d{1,4})m)?")
_REQUEST = re.compile(
    r"(?P<what>\S+)(?:\s+for\s+(?P<length>\S+))?(?:\s+because\s+(?P<why>.+))?", re.IGNORECASE | re.DOTALL
)
_AWAY = re.compile(
    r"until\s+(?P<until>\S+(?:\s+\d{1,2}:\d{2})?)(?:\s+delegate\s+(?P<who>\S+))?(?:\s+because\s+(?P<why>.+))?",
    re.IGNORECASE | re.DOTALL,
)
_MUTE = re.compile(r"(?:(?P<who>\S+)(?:\s+for\s+(?P<length>\S+))?)?", re.IGNORECASE)
_MENTION = re.compile(r"<@(?P<id>[UW][A-Z0-9]{2,})(?:\|[^>]*)?>")


@dataclass(frozen=True, slots=True)
class Typed:
    """A command: the verb, and what went with it. `duration_s` is in seconds, `person` a Slack id."""

    verb: str
    what: str = ""
    duration_s: int | None = None
    reason: str = ""
    person: str = ""


def read_command(text: str) -> Typed:
    """What was typed after `/access`.

    Raises:
        BadInput: code `command_unknown`, with the nearest guess.
    """
    verb, _, rest = text.strip().partition(" ")
    match verb.lower():
        case "":
            return Typed("form")
        case "request":
            return _read_request(rest.strip())
        case "list":
            return Typed("list", _one_of(rest.strip().lower(), LISTS, "list"))
        case "show" | "cancel" | "revoke" | "extend" as named:
            return _read_named(named, rest.strip())
        case "away":
            return _read_away(rest.strip())
        case "mute" | "unmute" as named:
            return _read_mute(named, rest.strip())
        case "oncall":
            return Typed("oncall", rest.strip().lower())
        case "help":
            return Typed("help", rest.strip().lower())
        case other:
            raise unknown(other)


def unknown(word: str) -> BadInput:
    """Nobody knows that word; the nearest one may be meant."""
    near = [MEANT[word]] if word in MEANT else difflib.get_close_matches(word, HELP, n=1, cutoff=0.4)
    guess = f" Did you mean `{near[0]}`?" if near else ""
    return BadInput(
        "command_unknown", f"I do not know `{{word}}`.{guess} `/access help` lists everything.", word=word[:40]
    )


def read_length(text: str) -> int:
    """A length as people type it in chat: `15m`, `2h`, `1d`, `1h30m`; in seconds.

    Raises:
        BadInput: it is none, with what to write.
    """
    found = _DURATION.fullmatch(text.lower())
    seconds = 0
    if found is not None:
        days, hours, minutes = (int(part or 0) for part in found.groups())
        seconds = days * 86_400 + hours * 3600 + minutes * 60
    if seconds == 0:
        raise BadInput(
            "command_unknown", "`{text}` is not a length of time. Write 15m, 2h, 1d or 1h30m.", text=text[:40]
        )
    return seconds


def _read_request(rest: str) -> Typed:
    if not rest:
        return Typed("form")
    found = _REQUEST.fullmatch(rest)
    if found is None:
        raise BadInput("command_unknown", "I cannot read that.", hint=HELP["request"])
    length = read_length(found["length"]) if found["length"] else None
    return Typed("request", found["what"].lower(), length, (found["why"] or "").strip())


def _read_named(verb: str, rest: str) -> Typed:
    """A verb about one request. Whatever goes with another verb is not passed over, but said not to be understood."""
    found = _REQUEST.fullmatch(rest)
    taken = {"extend": {"length", "why"}, "revoke": {"why"}}.get(verb, set())
    if found is None or any(found[part] for part in {"length", "why"} - taken):
        raise BadInput("command_unknown", "I cannot read that.", hint=HELP[verb])
    length = read_length(found["length"]) if found["length"] else None
    return Typed(verb, found["what"].strip("`"), length, (found["why"] or "").strip())


def _read_away(rest: str) -> Typed:
    if rest.lower() in {"", "off"}:
        return Typed("away", rest.lower())
    found = _AWAY.fullmatch(rest)
    if found is None:
        raise BadInput("command_unknown", "I cannot read that.", hint=HELP["away"])
    return Typed("away", found["until"], reason=(found["why"] or "").strip(), person=_mentioned(found["who"] or ""))


def _read_mute(verb: str, rest: str) -> Typed:
    found = _MUTE.fullmatch(rest)
    if found is None or (verb == "unmute" and (found["length"] or not found["who"])):
        raise BadInput("command_unknown", "I cannot read that.", hint=HELP[verb])
    length = read_length(found["length"]) if found["length"] else None
    return Typed(verb, duration_s=length, person=_mentioned(found["who"] or ""))


def _mentioned(text: str) -> str:
    """The Slack id of a mention, as Slack hands one over; empty for an empty text.

    Raises:
        BadInput: it names nobody.
    """
    if not text:
        return ""
    found = _MENTION.fullmatch(text)
    if found is None:
        sentence = "`{text}` is no person whom Slack knows here. Choose them from the list that opens at @."
        raise BadInput("command_unknown", sentence, text=text[:40])
    return found["id"]


def _one_of(word: str, known: tuple[str, ...], verb: str) -> str:
    if word and word not in known:
        near = difflib.get_close_matches(word, known, n=1, cutoff=0.4)
        guess = f" Did you mean `{verb} {near[0]}`?" if near else ""
        raise BadInput(
            "command_unknown", f"I do not know `{verb} {{word}}`.{guess} It takes {', '.join(known)}.", word=word[:40]
        )
    return word
