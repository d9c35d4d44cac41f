from approvalbot.request.belonging import ALARM_AFTER
from approvalbot.request.effects import Alarm, CheckMember, EndGrant
from approvalbot.request.moves import End, Recheck, Wake
from approvalbot.request.reports import Left, MembershipRead, MembershipUnread
from approvalbot.request.request import Request, State
from approvalbot.request.trail import Entry
from tests.request.makers import EVE, T0, active, change_of, make_entitlement, minutes, taken

TERMS = make_entitlement(grant={"end_on": ["duration", "withdraw", "requester_leaves_group"]})


def check_at(request: Request) -> object:
    assert request.grant is not None
    return request.grant.check_at


def test_the_holders_groups_are_looked_at_every_five_minutes_without_filling_the_trail() -> None:
    request = active(TERMS)
    assert request.due_at == T0 + minutes(6)

    look = change_of(request, TERMS, Wake(), T0 + minutes(6))

    assert look.effects == (CheckMember(),)
    assert look.entries == ()
    assert not look.is_nothing
    assert look.request.due_at == T0 + minutes(11)
    assert look.request.trail_head == request.trail_head


def test_what_does_not_depend_on_a_group_is_never_looked_at() -> None:
    request = active(make_entitlement())

    assert check_at(request) is None
    assert request.due_at == T0 + minutes(51)
    assert change_of(request, make_entitlement(), Recheck(), T0 + minutes(5)).is_nothing
    assert change_of(request, make_entitlement(), Left("left_group"), T0 + minutes(5)).is_nothing


def test_a_change_that_slack_reports_is_looked_at_at_once() -> None:
    look = change_of(active(TERMS), TERMS, Recheck(), T0 + minutes(2))

    assert look.effects == (CheckMember(),)
    assert look.request.due_at == T0 + minutes(7)


def test_leaving_ends_the_access_with_its_reason() -> None:
    left = change_of(active(TERMS), TERMS, Left("left_group"), T0 + minutes(5))

    assert left.effects[0] == EndGrant(attempt=1)
    assert left.entries[-1].detail == {"because": "left_group"}
    assert check_at(left.request) is None
    assert change_of(left.request, TERMS, Left("deactivated"), T0 + minutes(5)).is_nothing
    assert change_of(left.request, TERMS, MembershipUnread("down"), T0 + minutes(5)).is_nothing


def test_not_knowing_ends_nothing_is_tried_again_and_after_a_while_said_aloud() -> None:
    request = active(TERMS)
    alarms: list[Alarm] = []
    entries: list[Entry] = []
    for look in range(ALARM_AFTER + 2):
        change = change_of(request, TERMS, MembershipUnread("Slack is down"), T0 + minutes(6 + look))
        assert change.request.state is State.ACTIVE
        assert change.request.due_at == T0 + minutes(7 + look), "looked at again in a minute"
        alarms += [effect for effect in change.effects if isinstance(effect, Alarm)]
        entries += change.entries
        request = change.request

    assert [alarm.what for alarm in alarms] == ["membership_unread"]
    assert [entry.detail["looks"] for entry in entries] == ["1", str(ALARM_AFTER)]
    known = change_of(request, TERMS, MembershipRead(), T0 + minutes(30))
    assert [entry.what for entry in known.entries] == ["membership_read"]
    assert change_of(known.request, TERMS, MembershipRead(), T0 + minutes(30)).is_nothing


def test_what_is_ending_is_looked_at_no_more() -> None:
    ending = taken(active(TERMS), TERMS, End(EVE), T0 + minutes(5))

    assert change_of(ending, TERMS, Recheck(), T0 + minutes(5)).is_nothing
