"""Linking: an account that nobody is known to hold is tied to a person, and the presses that waited for it count then.

An unknown actor bars everybody from approving, for it may be whoever presses. So a link lifts a bar, and nobody lifts
one for themselves: who pressed says whose account it is, and an owner of the identities, who could as well have written
it there, confirms it, and is barred from what it lets through. A press that waited is pressed anew; every check is made
again, as if it had come that moment.
"""

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager

from approvalbot.errors import MoveRefused
from approvalbot.flow.advance import advance
from approvalbot.flow.links import Links
from approvalbot.flow.members import full_member, person_of
from approvalbot.flow.pacing import paced
from approvalbot.flow.ports import Journey, Member
from approvalbot.flow.refusing import in_the_trail
from approvalbot.policy.approval import Approver
from approvalbot.policy.environment import Identities
from approvalbot.policy.people import owner_entry
from approvalbot.request.case import Case
from approvalbot.request.links import Account, Link, Proposal
from approvalbot.request.moves import Noted
from approvalbot.request.refusals import shown_entry
from approvalbot.request.request import Request, Role

KNOWN = "This account is known by now. Press Approve again."
OVER = "This is over: presses are kept for 10 minutes. Press Approve again to ask anew."


def identities_now(journey: Journey) -> Identities:
    """The identities in force, with the accounts that were linked besides."""
    known = journey.policies().identities
    links = journey.links.all() if journey.links is not None else ()
    return known.with_accounts((one.account.system, one.account.name, one.person) for one in links) if links else known


def linkers(journey: Journey, request: Request) -> Mapping[str, Role]:
    """Who confirmed whose account it is that this request depends on: they do not decide it."""
    if journey.links is None:
        return {}
    document = journey.policies().identities
    bars = (bar for bar in request.bars if document.lookup(bar.system, bar.account) is None)
    unknown = {Account(bar.system, bar.account).key for bar in bars}
    links = journey.links.all() if unknown else ()
    return {one.confirmed: "linker" for one in links if one.account.key in unknown}


def account_to_link(case: Case, identities: Identities) -> Account | None:
    """The account whose link would let people approve, or None where a link does not help.

    It does not where only the sender vouches for the actor, where somebody is excluded whom nobody knows, and where
    two accounts of the actor belong to two people: then somebody has to look into it, and not at who it is.
    """
    bars = case.request.bars
    unknown = [one for one in bars if one.system != "slack" and identities.lookup(one.system, one.account) is None]
    if case.about.claimed_by or not unknown or len(unknown) < len([one for one in bars if one.role != "excluded"]):
        return None
    if any(one.role == "excluded" for one in unknown):
        return None
    return Account(unknown[0].system, unknown[0].account)


class KeptForLink(MoveRefused):
    """The press is refused now and pressed anew once the account is linked; whoever pressed has to be told so."""


@contextmanager
def kept_for_link(journey: Journey, request_id: str, press: str) -> Iterator[None]:
    """Keep a press that is refused because nobody knows the actor. `press` is empty for one that is not to be kept.

    Raises:
        KeptForLink: it was kept.
    """
    try:
        yield
    except MoveRefused as fault:
        if fault.code != "actor_unknown" or not press or journey.links is None:
            raise
        case, _ = journey.requests.load(request_id)
        account = account_to_link(case, identities_now(journey))
        if account is None:
            raise
        journey.links.keep(account, press)
        raise KeptForLink(fault.code, fault.sentence, hint=fault.hint, **fault.facts) from fault


def let_go(journey: Journey, case: Case, slack: str) -> None:
    """Forget what somebody pressed that waits for a link: they have changed their mind."""
    # Without the links, which are not read for it: what waited for one that stands is gone already.
    account = account_to_link(case, journey.policies().identities)
    if account is not None and journey.links is not None:
        journey.links.forget(account, case.request.id, slack)


def propose_link(journey: Journey, request_id: str, slack: str, holder: str) -> Proposal:
    """Say whose account the actor's is. `holder` is the Slack id of the person named.

    Raises:
        MoveRefused: nobody is waited for any more, or whoever is named is not in the identities; the trail has it.
    """
    with in_the_trail(journey, request_id, slack, "link"):
        links, member = _links(journey), full_member(journey.people, slack)
        identities = identities_now(journey)
        by = person_of(member, identities)
        case, _ = journey.requests.load(request_id)
        account = account_to_link(case, identities)
        if account is None:
            raise MoveRefused("link_refused", KNOWN)
        person = identities.lookup("slack", holder)
        if person is None:
            raise MoveRefused(
                "link_refused",
                "Whoever you chose is not in the identities, so nothing can be linked to them.",
                hint="An owner of the policies adds them there.",
            )
        before = links.proposed(request_id)
        if before is not None and (before.account, before.person, before.by) == (account, person, by.key):
            raise MoveRefused("link_refused", "You have said so already. An owner of the identities has to confirm it.")
        proposal = Proposal(request_id, account, person, by.key, slack, 1 + secrets.randbelow(999_999))
        # Each asks every owner by a message, so nobody says it faster than they could decide.
        with paced(journey.pace, by.key):
            links.propose(proposal)
        detail = {"system": account.system, "account": account.name[:200], "person": person}
        advance(journey, request_id, Noted("link_asked", by, detail))
    return proposal


def who_confirms(journey: Journey, proposal: Proposal) -> frozenset[str]:
    """The Slack ids of those who may confirm it: the owners of the identities, without whoever asked."""
    entry = _owner(journey)
    return (journey.people.members(entry, entry.name) or frozenset()) - {proposal.by_slack}


def settle_link(journey: Journey, request_id: str, nonce: int, slack: str, *, agreed: bool) -> Proposal:
    """Confirm a link, or refuse it. A link stands from here on; the presses that waited are not counted yet.

    Raises:
        MoveRefused: not theirs to confirm, or over; the trail has it.
    """
    with in_the_trail(journey, request_id, slack, "link.confirm"):
        links, member = _links(journey), full_member(journey.people, slack)
        by = person_of(member, identities_now(journey))
        proposal = links.proposed(request_id)
        if proposal is None or proposal.nonce != nonce:
            raise MoveRefused("link_refused", OVER)
        _check_confirmer(journey, proposal, member, by.key)
        if not links.drop(request_id):
            raise MoveRefused("link_refused", OVER)
        account = proposal.account
        if agreed and identities_now(journey).lookup(account.system, account.name) is not None:
            # Tied to somebody else it would let go of whom it bars by now, and of who confirmed that.
            raise MoveRefused("link_refused", KNOWN)
        detail = {"system": account.system, "account": account.name[:200], "person": proposal.person}
        advance(journey, request_id, Noted("linked" if agreed else "link_refused", by, detail))
        if agreed:
            links.add(Link(account, proposal.person, proposal.by, by.key))
    return proposal


def _check_confirmer(journey: Journey, proposal: Proposal, member: Member, by: str) -> None:
    entry = _owner(journey)
    if not journey.people.is_member(entry, entry.name, member):
        sentence = "Only an owner of the identities ({owner}) can confirm whose account it is."
        raise MoveRefused("not_yours", sentence, owner=shown_entry(entry.key))
    if by == proposal.by or member.slack == proposal.by_slack:
        raise MoveRefused("not_yours", "You said whose account it is, so another owner has to confirm it.")


def _owner(journey: Journey) -> Approver:
    identities = journey.policies().identities
    return owner_entry(identities.owner, identities)


def _links(journey: Journey) -> Links:
    if journey.links is None:
        raise MoveRefused("link_refused", "Accounts cannot be linked here.")
    return journey.links


def waiting_presses(journey: Journey, account: Account) -> Sequence[str]:
    """The presses that waited for an account's link, each given once."""
    return journey.links.take(account) if journey.links is not None else ()
