"""The policies follow their files: all of the new ones, or all of the old."""

import gc
import os
import signal
import threading
from pathlib import Path

import pytest
import yaml

from approvalbot.cli.serve import follow
from approvalbot.errors import SettingsFault
from approvalbot.policy.faults import PolicyFaults
from approvalbot.policy.policyset import PolicySet
from approvalbot.reloading import TELL_AGAIN_S, PolicyKeeper, Reloaded
from tests.bot import POLICIES, Bot

MORE = """
version: 1
kind: Calendar
id: more
owner: dan
tz: UTC
weekly: {mon: ['08:00-09:00']}
"""
BROKEN = "version: 1\nkind: Policy\nid: broken\nowner: me\nbananas: 7\n"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "policies"
    made.mkdir()
    (made / "all.yaml").write_bytes((POLICIES / "all.yaml").read_bytes())
    return made


def retitle(folder: Path, title: str) -> None:
    documents = list(yaml.safe_load_all((folder / "all.yaml").read_text()))
    documents[1]["title"] = title
    (folder / "all.yaml").write_text(yaml.safe_dump_all(documents, sort_keys=False))


def titles(policies: PolicySet) -> list[str]:
    return [one.title for one in policies.policies]


def test_a_change_counts_once_it_holds_still(folder: Path) -> None:
    keeper = PolicyKeeper(folder)
    assert not keeper.look()

    retitle(folder, "A deploy, newly named")

    assert [keeper.look(), keeper.look(), keeper.look()] == [False, True, False]
    assert "A deploy, newly named" in titles(keeper.current())


def test_garbage_is_collected_again_after_reading_whether_it_went_well_or_not(folder: Path) -> None:
    keeper = PolicyKeeper(folder)
    after_the_first = gc.isenabled()
    (folder / "all.yaml").write_text(BROKEN)
    keeper.reload()

    assert keeper.fault
    assert (after_the_first, gc.isenabled()) == (True, True)


def test_the_index_stands_before_the_first_event(folder: Path) -> None:
    assert "matcher" in vars(PolicyKeeper(folder).current())


def test_a_file_that_comes_or_goes_is_a_change(folder: Path) -> None:
    keeper = PolicyKeeper(folder)
    count = len(keeper.current().policies)
    (folder / "calendar.yaml").write_text(
        "version: 1\nkind: Calendar\nid: office\nowner: me\ntz: Europe/Berlin\nweekly: {mon-fri: ['08:00-19:00']}\n"
    )
    keeper.look()
    assert keeper.look()
    assert "office" in keeper.current().calendars

    (folder / "calendar.yaml").unlink()
    keeper.look()
    assert keeper.look()
    assert "office" not in keeper.current().calendars
    assert len(keeper.current().policies) == count


def test_a_broken_file_leaves_the_set_before_in_force_and_is_said_until_it_is_mended(folder: Path) -> None:
    keeper, told = PolicyKeeper(folder), list[Reloaded]()
    keeper.tell(told.append)
    before = keeper.current()
    (folder / "broken.yaml").write_text(BROKEN)

    keeper.ask()
    assert keeper.look()

    assert keeper.current() is before
    assert "broken.yaml:" in keeper.fault
    (folder / "broken.yaml").unlink()
    keeper.ask()
    keeper.look()
    assert keeper.fault == ""
    assert told[0].fault
    assert told[1:] == [Reloaded()]


def test_what_hangs_on_the_set_follows_it_or_keeps_it_where_it_is(folder: Path) -> None:
    keeper, seen, refuse = PolicyKeeper(folder), list[str](), list[str]()

    def prepare(policies: PolicySet) -> object:
        if refuse:
            raise SettingsFault("A secret is missing.")
        return lambda: seen.append(policies.digest)

    keeper.prepare(prepare)  # type: ignore[arg-type]
    first = keeper.current()
    assert seen == [first.digest]

    refuse.append("now")
    retitle(folder, "Another")
    keeper.reload()
    assert keeper.current() is first
    assert keeper.fault == "A secret is missing."

    refuse.clear()
    keeper.reload()
    assert seen == [first.digest, keeper.current().digest]
    assert keeper.current() is not first


def test_a_folder_that_vanishes_takes_nothing_away(folder: Path) -> None:
    keeper = PolicyKeeper(folder)
    before = keeper.current()
    (folder / "all.yaml").unlink()
    folder.rmdir()

    keeper.ask()
    keeper.look()

    assert keeper.current() is before
    assert keeper.fault


def test_a_link_that_leads_nowhere_takes_nothing_away_and_is_named(folder: Path) -> None:
    keeper, told = PolicyKeeper(folder), list[Reloaded]()
    keeper.tell(told.append)
    before = keeper.current()
    (folder / "lost.yaml").symlink_to(folder / "nowhere")

    keeper.reload()

    assert keeper.current() is before
    assert keeper.fault.startswith("lost.yaml:1:1: the file cannot be read: No such file or directory")
    (folder / "lost.yaml").unlink()
    keeper.reload()
    assert keeper.fault == ""


def test_nothing_starts_on_broken_policies(folder: Path) -> None:
    (folder / "broken.yaml").write_text(BROKEN)

    with pytest.raises(PolicyFaults):
        PolicyKeeper(folder)


def test_a_hang_up_reloads(folder: Path) -> None:
    keeper, done = PolicyKeeper(folder), threading.Event()
    keeper.tell(lambda _fault: done.set())
    kept = signal.getsignal(signal.SIGHUP)
    try:
        follow(keeper)
        os.kill(os.getpid(), signal.SIGHUP)
        assert done.wait(10)
    finally:
        signal.signal(signal.SIGHUP, kept)


def test_a_running_bot_takes_new_policies_and_keeps_open_requests_as_they_were(bot: Bot) -> None:
    folder = bot.house.settings.approvalbot_policies
    asked = bot.deploy().json()
    retitle(folder, "A deploy, newly named")

    bot.house.keeper.reload()

    assert bot.house.requests.load(asked["id"])[0].terms.title == "Production deploy"
    later = bot.deploy(id="deploy-2").json()
    assert bot.house.requests.load(later["id"])[0].terms.title == "A deploy, newly named"


def test_a_new_source_gets_its_door_and_one_without_a_secret_gets_none(
    bot: Bot, monkeypatch: pytest.MonkeyPatch
) -> None:
    source = {"name": "ci", "mapping": "generic", "auth": {"type": "bearer", "secret": "env:CI_SECRET"}}
    path = bot.house.settings.approvalbot_policies / "ci.yaml"
    path.write_text(yaml.safe_dump({"version": 1, "kind": "Sources", "id": "ci", "owner": "me", "sources": [source]}))

    bot.house.keeper.reload()
    assert "CI_SECRET" in bot.house.keeper.fault
    assert bot.http.post("/v1/events/ci", json={}).status_code == 404

    monkeypatch.setenv("CI_SECRET", "a-key-of-the-ci-that-is-long-enough")
    bot.house.keeper.reload()
    body = {"id": "1", "action": "x"}
    assert bot.http.post("/v1/events/ci", json=body).status_code == 401
    headers = {"authorization": "Bearer a-key-of-the-ci-that-is-long-enough"}
    assert bot.http.post("/v1/events/ci", json=body, headers=headers).json()["status"] == "no_match"


def test_files_that_change_while_they_are_read_are_read_again(folder: Path) -> None:
    (folder / "more.yaml").write_text(MORE)
    keeper = PolicyKeeper(folder)
    before = keeper.current()
    (folder / "more.yaml").unlink()
    os.mkfifo(folder / "more.yaml")
    reading = threading.Thread(target=keeper.reload)
    reading.start()

    with (folder / "more.yaml").open("w") as slow:  # the keeper waits in the middle of its reading
        retitle(folder, "Half of a change")
        slow.write(MORE)
    reading.join()

    assert keeper.current() is before
    assert keeper.fault == ""
    (folder / "more.yaml").unlink()
    (folder / "more.yaml").write_text(MORE)
    assert keeper.look()
    assert "Half of a change" in titles(keeper.current())


def test_every_fault_is_owed_to_the_owner_of_its_document(folder: Path) -> None:
    (folder / "more.yaml").write_text(MORE)
    keeper, told = PolicyKeeper(folder), list[Reloaded]()
    keeper.tell(told.append)

    (folder / "a.yaml").write_text(
        "version: 1\nid: a\nowner: ann\n---\nversion: 1\nid: b\nowner: '#bob'\nkind: Calender\n"
    )
    (folder / "c.yaml").write_text("version: 1\nowner: cat  # she left\ntitle:\n\t- tab\n")
    (folder / "d.yaml").write_text("just a text")
    (folder / "more.yaml").write_text(MORE.replace("owner: dan\n", ""))
    keeper.reload()

    owed = {owner: {fault.split(":")[0] for fault in faults} for owner, faults in told[0].owed.items()}
    assert owed == {"ann": {"a.yaml"}, "#bob": {"a.yaml"}, "cat": {"c.yaml"}, "": {"d.yaml"}, "dan": {"more.yaml"}}


def test_whoever_cannot_be_told_now_is_told_later_and_holds_up_nobody(folder: Path) -> None:
    now, reached, told = [100.0], list[bool](), list[Reloaded]()

    def unreachable(ended: Reloaded) -> None:
        if not reached:
            raise SettingsFault("Nobody answers.")
        told.append(ended)

    keeper = PolicyKeeper(folder, now_s=lambda: now[0])
    keeper.tell(unreachable)
    others = list[Reloaded]()
    keeper.tell(others.append)
    keeper.reload()
    assert others == [Reloaded()]
    reached.append(True)

    keeper.look()
    assert told == []
    now[0] += TELL_AGAIN_S
    keeper.look()
    keeper.look()

    assert told == others == [Reloaded()]
