"""What gives access, by name, and what each needs to know: the table that an entitlement's `grant` is checked against.

The edges that give and take access are elsewhere. What is given (`gives`) must not be chosen freely by whoever asks:
it is written, or chosen from a menu, or on the list in `allow`.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from approvalbot.policy.durations import show_duration
from approvalbot.policy.entitlement import LONGEST_GRANT_S, Entitlement
from approvalbot.policy.faults import Finding, KeyPath, guess
from approvalbot.policy.templates import paths_in

ALLOW = "allow"
"""The parameter with the patterns that a value of `gives` must match when it is filled from what somebody typed."""

BOOLEANS = frozenset({"valid_until", "end_sessions"})


@dataclass(frozen=True, slots=True)
class Provider:
    """The parameters of one provider. `package` is what it needs installed; `takes_more`: any other is handed on."""

    required: frozenset[str]
    optional: frozenset[str] = frozenset()
    gives: frozenset[str] = frozenset()
    secrets: frozenset[str] = frozenset()
    package: str = ""
    extra: str = ""
    takes_more: bool = False


PROVIDERS: Mapping[str, Provider] = {
    "webhook": Provider(frozenset({"to"}), takes_more=True),
    "slack_group": Provider(frozenset({"group"}), gives=frozenset({"group"})),
    "postgres": Provider(
        frozenset({"dsn", "role", "user"}),
        frozenset({"valid_until", "end_sessions"}),
        gives=frozenset({"role"}),
        secrets=frozenset({"dsn"}),
        package="psycopg",
        extra="postgres",
    ),
    "aws": Provider(
        frozenset({"account", "permission_set", "principal"}),
        frozenset({"region", "instance"}),
        gives=frozenset({"account", "permission_set"}),
        package="boto3",
        extra="aws",
    ),
}


def check_grant(
    entitlement: Entitlement, providers: Mapping[str, Provider], destinations: Collection[str]
) -> Iterator[Finding]:
    """What a grant says that its provider cannot use, or that lasts too long.

    Checked here and not by the model: a request that stands on an older document must stay readable.
    """
    grant, longest_s = entitlement.grant, entitlement.duration.max_s
    if "duration" not in grant.end_on:
        problem = "a grant always ends by its time, so the list must say duration"
        yield Finding(("grant", "end_on"), problem, "write end_on: [duration, …]", "bad-value")
    if grant.extend is not None:
        longest_s += grant.extend.max_times * grant.extend.by_s
        if longest_s > LONGEST_GRANT_S and not entitlement.unsafe:
            problem = f"extended, access could last {show_duration(longest_s)}; over 7d needs unsafe: true"
            yield Finding(("grant", "extend"), problem, "lower max_times or by", "bad-value")
    provider = providers.get(grant.provider)
    if provider is None:
        hint = guess(grant.provider, sorted(providers))
        yield Finding(("grant", "provider"), f"{grant.provider} is no provider here", hint, "unknown-provider")
        return
    yield from _parameters(grant.provider, provider, grant.with_)
    yield from _given(entitlement, provider)
    to = grant.with_.get("to")
    if grant.provider == "webhook" and isinstance(to, str) and to not in destinations:
        hint = guess(str(to), sorted(destinations), "add it to the destinations of a Sources document")
        yield Finding(("grant", "with", "to"), f"{to} is no destination", hint, "unknown-destination")


def _parameters(name: str, provider: Provider, given: Mapping[str, Any]) -> Iterator[Finding]:
    for lacking in sorted(provider.required - set(given)):
        yield Finding(("grant", "with"), f"{name} needs the parameter {lacking}", f"add {lacking}: …", "bad-parameter")
    known = sorted(provider.required | provider.optional | ({ALLOW} if provider.gives else set()))
    for key, value in given.items():
        path = ("grant", "with", key)
        if key in known:
            yield from (Finding(path, *told) for told in faults_of(key, value, provider))
        elif not provider.takes_more:
            yield Finding(path, f"{key} is no parameter of {name}", guess(key, known), "bad-parameter")


def faults_of(key: str, value: Any, provider: Provider) -> Iterator[tuple[str, str, str]]:
    """What is wrong with the value of a parameter that there is: the problem, the hint, the name."""
    if key in provider.secrets:
        if not str(value).startswith(("env:", "file:")):
            yield "a secret is named, never written: env:NAME or file:path", f"write {key}: env:NAME", "literal-secret"
    elif key == ALLOW:
        if not isinstance(value, list) or not value or not all(isinstance(one, str) and one for one in value):
            yield "a list of patterns is needed", f"write {key}: [readonly_*]", "bad-value"
    elif key in BOOLEANS:
        if not isinstance(value, bool):
            yield f"{key} is true or false", f"write {key}: true", "bad-value"
    elif not isinstance(value, str) or not value:
        yield f"{key} is a text", f"write {key}: …", "bad-value"


def _given(entitlement: Entitlement, provider: Provider) -> Iterator[Finding]:
    """What is given must not be free for whoever asks to write."""
    given = entitlement.grant.with_
    for key in sorted(provider.gives & set(given)):
        yield from check_given(entitlement, provider, given, ("grant", "with", key))


def check_given(
    entitlement: Entitlement, provider: Provider, given: Mapping[str, Any], path: KeyPath
) -> Iterator[Finding]:
    """Whether a value of `given` is free for whoever asks to write; `path` leads to where it stands, by its key."""
    key = str(path[-1])
    menus = {f"$input.{one.id}" for one in entitlement.inputs if one.type == "select"}
    typed = [path for path in paths_in(given[key]) if path not in menus] if key in provider.gives else []
    if typed and not given.get(ALLOW):
        hint = "fill it from an input of type select, or add allow: [readonly_*] beside it"
        yield Finding(path, f"{key} would be whatever {typed[0]} says", hint, "template-in-grant")
