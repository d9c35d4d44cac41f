"""Every refused move in words: the stable code, what is so, and what to do next (`docs/errors.md` lists the codes).

Names, groups and times are facts in the sentence, so that Slack can show a mention and the reader's own time zone.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from approvalbot.errors import MoveRefused
from approvalbot.policy.approval import Approval
from approvalbot.policy.durations import show_duration
from approvalbot.request.attention import Claim, Question
from approvalbot.request.moves import (
    CastVote,
)
from approvalbot.request.quorum import filled_name
from approvalbot.request.request import Person, Request, Role
from approvalbot.request.timing import gives_up_at


class Group(str):
    """The name of a group or a person of the policy, as a fact in a sentence."""

    __slots__ = ()


def shown_entry(key: str) -> str:
    """An approver entry for a reader: `usergroup:@sec-oncall` is `@sec-oncall`."""
    kind, _, name = key.partition(":")
    words = {"channel_members": f"members of {name}", "role": f"role {name}", "manager_of": f"the manager of {name}"}
    return words.get(kind, name)


def shown_entries(keys: Iterable[str]) -> Group:
    """Several entries in one phrase."""
    return Group(" or ".join(shown_entry(key) for key in keys) or "nobody")


def shown_people(people: Iterable[Person]) -> str:
    """Several people in one phrase, without Slack mentions."""
    names = [person.name for person in people]
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names) or "nobody"


def stale_card() -> MoveRefused:
    return MoveRefused("stale_card", "The request changed after this card was drawn. Please look again.")


def stale_form() -> MoveRefused:
    return MoveRefused("stale_card", "This form is older than the request. Close it and open it again.")


def past_word(kind: str, choice: str) -> str:
    """What somebody did who pressed: what has already happened is acknowledged or objected to."""
    words = ("acknowledged", "objected") if kind == "review" else ("approved", "denied")
    return words[0 if choice == "approve" else 1]


def already_counted(kind: str, choice: str, at: object) -> MoveRefused:
    word = past_word(kind, choice)
    return MoveRefused("already_counted", f"Your vote is already counted ({word} at {{at}}).", at=at)


def barred(request: Request, approval: Approval, role: Role, *, linked: bool) -> MoveRefused:
    """The requester, the actor, somebody linked to them, or somebody the policy excludes."""
    group = shown_entries(level_entries(request, approval))
    if role == "linker":
        sentence = "You confirmed whose account this is about, so someone else has to decide. Asked: {group}."
        return MoveRefused("excluded", sentence, group=group)
    if role == "excluded":
        return MoveRefused(
            "excluded",
            "The policy keeps you from deciding this one, so someone else has to. Asked: {group}.",
            group=group,
        )
    if linked and request.requester is not None:
        what = "who asked for this" if role == "requester" else "who did this"
        return MoveRefused(
            "self_approval",
            f"You are linked to {{requester}}, {what}. Someone else has to decide. Asked: {{group}}.",
            requester=request.requester,
            group=group,
        )
    what = "You asked for this" if role == "requester" else "This is about your own account"
    return MoveRefused("self_approval", f"{what}, so someone else has to decide. Asked: {{group}}.", group=group)


def not_an_approver(request: Request, approval: Approval, move: CastVote) -> MoveRefused:
    """Not asked at all, or not asked yet; and why not in the place of whoever named them, if anybody did."""
    hindered = move.hindered
    why_not: dict[str, Any] = {"hint": _HINDERED[hindered.why], "absent": hindered.absent} if hindered else {}
    for level in range(request.level + 1, len(approval.levels)):
        if move.entries.intersection(level_entries(request, approval, level)):
            return MoveRefused(
                "not_an_approver",
                "Your group is asked from {at} if nobody acts. You cannot vote yet.",
                at=gives_up_at(request, approval),
                **why_not,
            )
    mine = sorted(shown_entry(key) for key in move.entries)
    return MoveRefused(
        "not_an_approver",
        "You can see this request but not decide it. Needed now: someone from {group}. You are in: {mine}.",
        group=shown_entries(
            key for level in range(request.level + 1) for key in level_entries(request, approval, level)
        ),
        mine=", ".join(mine) or "none of the groups asked",
        **why_not,
    )


_HINDERED = {
    "barred": "You stand in for {absent}, who may not decide this one either.",
    "voted": "You stand in for {absent}, who has voted themselves.",
    "policy": "You stand in for {absent}, and this policy does not take your vote in their place.",
    "away": "You stand in for {absent}, and are away yourself: `/access away off` ends that.",
}


def not_the_owner(owner: str) -> MoveRefused:
    return MoveRefused(
        "not_an_approver",
        "The policy of this request could not be evaluated, so only its owner can approve it: two people of {owner}.",
        hint="Denying works for you.",
        owner=shown_entries([owner]),
    )


def actor_unknown(request: Request) -> MoveRefused:
    account = next((bar.account for bar in request.bars if bar.person is None), "the actor of this event")
    return MoveRefused(
        "actor_unknown",
        "Nobody can approve this yet: {account} is tied to no person here, so it cannot be ruled out that it is you.",
        hint="An owner of the policy can add the account to the identities; denying works now.",
        account=account,
    )


def reason_required(choice: str) -> MoveRefused:
    return MoveRefused("reason_required", f"This policy wants a reason to {choice}.", hint="Write one and press again.")


def other_needs_a_note() -> MoveRefused:
    return MoveRefused("reason_required", "“Other” says nothing by itself.", hint="Write in a note what it is.")


def less_not_offered() -> MoveRefused:
    return MoveRefused(
        "less_not_offered",
        "The policy does not offer that any more, or never did. Nothing was recorded.",
        hint="Look at the choices again, or approve or deny all of it.",
    )


def not_typed(typed: str, wanted: str) -> MoveRefused:
    """The sentence names what is wanted: it is asked for so that somebody reads it, and is no secret."""
    if not typed.strip():
        return MoveRefused(
            "confirmation_required",
            "This policy wants you to type what you approve: {wanted}.",
            hint="Open the request and type it there.",
            wanted=wanted,
        )
    return MoveRefused("confirmation_wrong", "That is not {wanted}: every letter counts.", wanted=wanted)


def step_up_required() -> MoveRefused:
    return MoveRefused(
        "step_up_required",
        "This one needs your passkey: a press in Slack is not enough to approve it.",
        hint="Approve it on the dashboard; denying works here.",
    )


def not_yours(whose: object) -> MoveRefused:
    return MoveRefused("not_yours", "Only {whose} or an owner can do that. Nothing was changed.", whose=whose)


def not_to_be_taken_back() -> MoveRefused:
    return MoveRefused("not_yours", "This has happened already, so it stays open until someone else has looked at it.")


def no_more_time(sentence: str) -> MoveRefused:
    return MoveRefused("not_extendable", sentence, hint="`/access request` asks for it anew when you need it again.")


def too_much_time(most_s: int) -> MoveRefused:
    return MoveRefused("duration_too_long", "At most {most} more; choose less.", most=show_duration(most_s))


def held_to_its_time(title: str, ends_at: datetime) -> MoveRefused:
    sentence = "{title} ends at {at}. Only its owner can end it before. Nothing was changed."
    return MoveRefused("not_yours", sentence, title=title, at=ends_at)


def access_is_gone() -> MoveRefused:
    return MoveRefused("wrong_state", "This access is gone already. Nothing was changed.")


def no_claims() -> MoveRefused:
    return MoveRefused("claim_off", "The policy of this request knows no claims. You may decide it.")


def somebody_looks(held: Claim) -> MoveRefused:
    sentence = "{name} is looking until {until}. You may still decide."
    return MoveRefused("claim_taken", sentence, name=held.by, until=held.until)


def already_looking(held: Claim) -> MoveRefused:
    return MoveRefused("already_looking", "You are looking until {until}; everybody sees it.", until=held.until)


def not_looking(held: Claim | None) -> MoveRefused:
    if held is None:
        return MoveRefused("not_looking", "You are not looking any more. Nothing was changed.")
    sentence = "{name} is looking until {until}, not you. You may still decide."
    return MoveRefused("not_looking", sentence, name=held.by, until=held.until)


def looked_often(turns: int, claim_s: int) -> MoveRefused:
    sentence = "You have looked {turns} times, {length} in all, so it is free for others now. You may still decide."
    return MoveRefused("claim_limit", sentence, turns=turns, length=show_duration(turns * claim_s))


def question_open(asked: Question) -> MoveRefused:
    sentence = "{name} asked something at {at}, and the answer is not there yet. You may still decide."
    return MoveRefused("question_open", sentence, name=asked.by, at=asked.at)


def too_many_questions(most: int) -> MoveRefused:
    return MoveRefused("question_limit", "{most} questions were asked here; that is all. You may decide.", most=most)


def too_many_notes(most: int) -> MoveRefused:
    return MoveRefused("question_limit", "You have added {most} notes; that is all.", most=most)


def nothing_asked(last: Question | None) -> MoveRefused:
    if last is None or last.answered_at is None or last.answered_by is None:
        return MoveRefused("nothing_asked", "Nothing is asked here. Nothing was changed.")
    sentence = "{name} answered this at {at}. Nothing was changed."
    return MoveRefused("nothing_asked", sentence, name=last.answered_by, at=last.answered_at)


def not_yours_to_answer(request: Request) -> MoveRefused:
    sentence = "Only {whose}, an owner of the policy and whoever may decide can answer this. Nothing was recorded."
    return MoveRefused("not_yours", sentence, whose=request.requester or "whoever asked for it")


def not_yours_to_note(request: Request) -> MoveRefused:
    whose = request.requester or "whoever asked for it"
    return MoveRefused("not_yours", "Only {whose} can add a note. Nothing was recorded.", whose=whose)


def level_entries(request: Request, approval: Approval, level: int | None = None) -> tuple[str, ...]:
    """The entry keys of one level (None: the open one), templates filled, in the policy's order."""
    chosen = approval.levels[request.level if level is None else level]
    return tuple(filled_name(entry.key, request.filled) for entry in chosen.approvers)
