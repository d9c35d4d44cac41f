"""Who counts as a person of ours, by the facts Slack gives and by those it leaves out (threats 9 to 11)."""

from typing import Any, cast

import pytest

from approvalbot.errors import MoveRefused
from approvalbot.flow.members import full_member
from approvalbot.flow.ports import Member
from approvalbot.policy.approval import Approver
from approvalbot.policy.environment import Identities
from approvalbot.slack.api import SlackApi, SlackFault
from approvalbot.slack.ourselves import Bot, Ourselves
from approvalbot.slack.people import KEEP_S, SlackPeople

ANN: dict[str, Any] = {
    "id": "U0ANN",
    "team_id": "T0ACME",
    "deleted": False,
    "is_bot": False,
    "is_restricted": False,
    "is_ultra_restricted": False,
    "profile": {"real_name": "Ann Ames"},
}
NOBODY = Identities.model_validate({"version": 1, "kind": "Identities", "id": "people", "owner": "team-identity"})


class Slack:
    """Slack and the shared memory, as plain values."""

    def __init__(self, user: dict[str, Any] | None = None) -> None:
        self.said: dict[str, Any] = {"users.info": {"user": user}}
        self.kept: dict[str, str] = {}

    def read(self, method: str, *, usergroup: str = "", **_: Any) -> Any:
        if method + usergroup not in self.said:
            raise SlackFault(method, "internal_error")
        return self.said[method + usergroup]

    def bot(self) -> Bot:
        return Bot("T0ACME", "U0APPROVE", "B0", "A0", "")

    def recall(self, _what: str, value: str) -> str | None:
        return self.kept.get(value)

    def remember(self, _what: str, value: str, answer: str, *, keep_s: int) -> None:
        assert keep_s >= KEEP_S
        self.kept[value] = answer


def people_of(slack: Slack) -> SlackPeople:
    api = cast("SlackApi", slack)
    return SlackPeople(api, cast("Any", slack), cast("Ourselves", slack), lambda: NOBODY)


@pytest.mark.parametrize(
    ("facts", "code"),
    [
        ({"is_restricted": True}, "not_a_member"),
        ({"is_ultra_restricted": True}, "not_a_member"),
        ({"is_stranger": True}, "not_a_member"),
        ({"deleted": True}, "not_a_member"),
        ({"team_id": "T0OTHER"}, "not_a_member"),
        ({"is_bot": True}, "not_a_person"),
        ({"is_app_user": True}, "not_a_person"),
        ({"is_workflow_bot": True}, "not_a_person"),
        ({"is_connector_bot": True}, "not_a_person"),
        ({"id": "USLACKBOT"}, "not_a_person"),
    ],
)
def test_whoever_is_no_full_member_may_not_decide(facts: dict[str, Any], code: str) -> None:
    with pytest.raises(MoveRefused) as caught:
        full_member(people_of(Slack({**ANN, **facts})), "U0ANN")
    assert caught.value.code == code


@pytest.mark.parametrize("absent", ["team_id", "deleted", "is_bot", "is_restricted", "is_ultra_restricted"])
def test_a_fact_that_slack_leaves_out_is_a_no(absent: str) -> None:
    user = {name: value for name, value in ANN.items() if name != absent}

    with pytest.raises(MoveRefused):
        full_member(people_of(Slack(user)), "U0ANN")
    assert full_member(people_of(Slack(ANN)), "U0ANN").name == "Ann Ames"


def test_a_handle_that_moved_to_another_group_names_the_old_one_for_a_minute_at_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    slack, now = Slack(ANN), 1000.0
    monkeypatch.setattr("approvalbot.slack.people.time.time", lambda: now)
    people, entry = people_of(slack), Approver(kind="usergroup", name="@oncall")
    ann = Member(slack="U0ANN", team="T0ACME", name="Ann")
    slack.said |= {"usergroups.list": {"usergroups": [{"handle": "oncall", "id": "S1"}]}}
    slack.said |= {"usergroups.users.listS1": {"users": ["U0ANN"]}}
    assert people.is_member(entry, "@oncall", ann)

    slack.said |= {"usergroups.list": {"usergroups": [{"handle": "oncall", "id": "S2"}]}}
    slack.said |= {"usergroups.users.listS2": {"users": ["U0BOB"]}}
    now += KEEP_S + 1

    assert not people.is_member(entry, "@oncall", ann)
    slack.said.clear()
    now += KEEP_S + 1
    with pytest.raises(MoveRefused) as caught:
        people.is_member(entry, "@oncall", ann)
    assert caught.value.code == "membership_unknown"
