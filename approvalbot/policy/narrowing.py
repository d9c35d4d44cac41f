"""What the narrower choices of a document may say: less of what is given, never something else and never to another.

Whether a role or a permission set holds less than another, no provider says in a way that could be compared; the order
is its author's word. What can be checked is that a choice changes nothing but what is given.
"""

from collections.abc import Iterator, Mapping
from fnmatch import fnmatchcase
from typing import Any

from approvalbot.policy.documents import Policy
from approvalbot.policy.entitlement import Entitlement
from approvalbot.policy.faults import Finding, KeyPath, guess
from approvalbot.policy.granters import ALLOW, Provider, check_given, faults_of
from approvalbot.policy.scopes import Scope
from approvalbot.policy.templates import check_template, paths_in


def check_narrower_gate(policy: Policy) -> Iterator[Finding]:
    """An action knows nothing of terms: it does all of it, or tells a whole yes, also where less was approved."""
    for place, effect in enumerate(policy.on_approve if policy.narrower is not None else ()):
        if effect.action is not None:
            problem = f"{effect.action} knows nothing of less, so an approval with less would do all of it"
            yield Finding(("narrower",), problem, f"leave it out, or on_approve[{place}]", "bad-value")


def check_narrower_grant(
    entitlement: Entitlement, providers: Mapping[str, Provider], scope: Scope
) -> Iterator[Finding]:
    """What a choice changes of the grant must be what is given, in a form that its provider takes."""
    provider = providers.get(entitlement.grant.provider)
    if entitlement.narrower is None or provider is None:
        return
    given = entitlement.grant.with_
    for place, one in enumerate(entitlement.narrower.scopes):
        path: KeyPath = ("narrower", "scopes", place, "with")
        yield from check_template(one.with_, scope, path)
        for key, value in one.with_.items():
            yield from _changed(entitlement, provider, key, value, (*path, key))
        if all(given.get(key) == value for key, value in one.with_.items()):
            yield Finding(path, "it gives all that is asked", "write what is given instead", "bad-value")


def _changed(entitlement: Entitlement, provider: Provider, key: str, value: Any, path: KeyPath) -> Iterator[Finding]:
    may_change = set(entitlement.grant.with_) - {"to"} if provider.takes_more else set(provider.gives)
    if key not in may_change:
        problem = f"{key} is not what {entitlement.grant.provider} gives, so changing it gives something else, not less"
        yield Finding(path, problem, guess(key, sorted(may_change), "leave it out"), "bad-parameter")
        return
    if not provider.takes_more:
        yield from (Finding(path, *told) for told in faults_of(key, value, provider))
    merged = {**entitlement.grant.with_, key: value}
    yield from check_given(entitlement, provider, merged, path)
    yield from _listed(provider, value, merged.get(ALLOW), path)


def _listed(provider: Provider, value: Any, allow: Any, path: KeyPath) -> Iterator[Finding]:
    """A written value that the grant's own list does not have would be refused when it is given."""
    written = isinstance(value, str) and not any(paths_in(value))
    if not isinstance(allow, list) or path[-1] not in provider.gives or not written:
        return
    if not any(fnmatchcase(value, str(one)) for one in allow):
        yield Finding(path, f"{value} is not on the grant's own list", "add it to grant.with.allow", "bad-value")
