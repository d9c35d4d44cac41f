"""Snapshots: a policy frozen into a request, word for word, so that a later edit changes no open question.

The stored form is append-only: new keys come last and may be missing, old ones keep their meaning.
"""

from collections.abc import Mapping
from typing import Any

from approvalbot.policy.base import Place
from approvalbot.policy.credit import Credit
from approvalbot.policy.documents import Policy
from approvalbot.policy.entitlement import Entitlement

FORMAT = 1


def snapshot(terms: Policy | Entitlement) -> dict[str, Any]:
    """The policy as JSON: its document as written, the Sigma rule it stands on, and where it was read from."""
    made: dict[str, Any] = {"format": FORMAT, "digest": terms.digest, "document": dict(terms.document)}
    if terms.place is not None:
        made["place"] = {"file": terms.place.file, "line": terms.place.line}
    if isinstance(terms, Policy) and terms.rule is not None:
        made |= {"rule": terms.rule.to_record(), "pack": terms.pack}
    return made


def from_snapshot(stored: Mapping[str, Any]) -> Policy | Entitlement:
    """The policy of a snapshot.

    Raises:
        ValueError: the snapshot is of a newer format, or its document does not validate any more.
    """
    if stored.get("format", FORMAT) > FORMAT:
        raise ValueError(f"the snapshot has format {stored['format']}; this version reads up to {FORMAT}")
    document = stored["document"]
    terms: Policy | Entitlement = (
        Entitlement.model_validate(document)
        if document.get("kind") == "Entitlement"
        else Policy.model_validate(document)
    )
    if "place" in stored:
        terms.stands_at(Place(**stored["place"]))
    if isinstance(terms, Policy) and "rule" in stored:
        terms.of_rule(Credit.from_record(stored["rule"]), pack=stored.get("pack", ""))
    return terms
