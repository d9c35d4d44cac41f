"""Each vendor asked over real HTTP: who is on call, and every way in which it can fail to say so."""

from collections.abc import Iterator
from typing import Any, cast

import pytest

from approvalbot.answers.fetching import Fetcher
from approvalbot.errors import MoveRefused, SettingsFault
from approvalbot.oncall.book import QUIET_S, OnCallBook, Provider, Vendor
from tests.oncall.rota import TOKEN, Rota
from tests.oncall.vendors import VENDORS, running

ANN, BOB, DAN = "ann@example.com", "bob@example.com", "dan@example.com"
UUID = "d875a1f4-9b4e-4219-a1f3-0c26936d18de"
IDS = {"pagerduty": "PI7DH85", "opsgenie": UUID, "grafana": "SBM7DV7BKFUYU"}


@pytest.fixture(scope="module", params=sorted(VENDORS))
def running_vendor(request: pytest.FixtureRequest) -> Iterator[tuple[str, Rota]]:
    with running(str(request.param)) as found:
        yield str(request.param), found


@pytest.fixture
def vendor(running_vendor: tuple[str, Rota]) -> str:
    return running_vendor[0]


@pytest.fixture
def rota(running_vendor: tuple[str, Rota]) -> Rota:
    """The vendor with one schedule that two people are on."""
    name, found = running_vendor
    found.forget()
    found.schedules[IDS[name]] = ("sre primary", [ANN, BOB])
    return found


def book(vendor: str, rota: Rota, token: str = TOKEN, **how: Any) -> OnCallBook:
    provider = Provider(cast("Vendor", vendor), token, rota.url)
    return OnCallBook(lambda name: provider if name == "rota" else None, Fetcher(allow_local=True).get, **how)


def test_a_schedule_is_found_by_its_name_and_by_its_id(vendor: str, rota: Rota) -> None:
    for name in ("sre primary", IDS[vendor]):
        assert book(vendor, rota).on_call(f"rota/{name}") == frozenset({ANN, BOB})


def test_a_schedule_with_nobody_on_it_names_nobody(vendor: str, rota: Rota) -> None:
    rota.schedules[IDS[vendor]] = ("sre primary", [])

    assert book(vendor, rota).on_call("rota/sre primary") == frozenset()


NOWHERE = ["nobody", "sre", "sre primary 2", "../sre primary", "P0000000", ""]


@pytest.mark.parametrize("name", [*(f"rota/{one}" for one in NOWHERE), "rota", "other/sre primary", "", "/"])
def test_what_is_not_there_is_none_and_never_everybody(vendor: str, rota: Rota, name: str) -> None:
    assert book(vendor, rota).on_call(name) is None


FAILURES: dict[str, dict[str, Any]] = {
    "401": {"status": 401},
    "403": {"status": 403},
    "429": {"status": 429},
    "500": {"status": 500},
    "503": {"status": 503},
    "302": {"status": 302},
    "204": {"status": 204, "body": b""},
    "empty": {"status": 200, "body": b""},
    "html": {"status": 200, "body": b"<html>"},
    "an array": {"status": 200, "body": b"[]"},
    "null": {"status": 200, "body": b"null"},
    "another form": {"status": 200, "body": b'{"schedules": 7, "data": [], "results": {}}'},
    "texts for objects": {"status": 200, "body": b'{"schedules": ["x"], "results": ["x"]}'},
    "numbers for people": {"status": 200, "body": b'{"data": {"onCallRecipients": [7]}, "schedules": [7]}'},
    "nulls": {"status": 200, "body": b'{"schedules": null, "data": null, "results": null}'},
    "too slow": {"slow_s": 5.0},
}  # fmt: skip


@pytest.mark.parametrize("how", FAILURES)
def test_a_vendor_that_does_not_say_makes_membership_unknown(vendor: str, rota: Rota, how: str) -> None:
    for name, value in FAILURES[how].items():
        setattr(rota, name, value)

    with pytest.raises(MoveRefused) as caught:
        book(vendor, rota, within_s=0.5).on_call("rota/sre primary")

    assert caught.value.code == "membership_unknown"
    assert "did not say who is on call just now. Nothing was recorded." in caught.value.text()
    assert TOKEN not in caught.value.text()


def test_a_wrong_token_and_nobody_listening_make_it_unknown(vendor: str, rota: Rota) -> None:
    for asked in (book(vendor, rota, token="guessed"), book(vendor, Rota(url="http://127.0.0.1:1"))):
        with pytest.raises(MoveRefused) as caught:
            asked.on_call("rota/sre primary")
        assert caught.value.code == "membership_unknown"


def test_a_token_that_is_not_set_makes_it_unknown() -> None:
    def missing(_name: str) -> Provider:
        raise SettingsFault("The secret env:PD is empty or missing.")

    with pytest.raises(MoveRefused) as caught:
        OnCallBook(missing, Fetcher().get).on_call("pagerduty/sre")

    assert caught.value.text().startswith("pagerduty did not say who is on call")


def test_a_vendor_that_fell_silent_is_left_alone_for_a_moment(vendor: str, rota: Rota) -> None:
    now = 100.0
    asked = book(vendor, rota, now_s=lambda: now)
    rota.status = 503
    for _ in range(3):
        with pytest.raises(MoveRefused):
            asked.on_call("rota/sre primary")
    assert len(rota.asked) == 1

    rota.status, now = None, now + QUIET_S
    assert asked.on_call("rota/sre primary") == frozenset({ANN, BOB})


@pytest.mark.parametrize("vendor", ["pagerduty", "grafana"])
def test_a_fault_of_one_schedule_does_not_silence_the_others(vendor: str) -> None:
    with running(vendor) as rota:
        rota.schedules = {"PTWIN001": ("twins", [DAN]), "PTWIN002": ("twins", [ANN]), "PSINGLE1": ("sre", [BOB])}
        asked = book(vendor, rota)

        with pytest.raises(MoveRefused):
            asked.on_call("rota/twins")
        assert asked.on_call("rota/sre") == frozenset({BOB})
        assert asked.on_call("rota/PTWIN001") == frozenset({DAN})


def test_an_address_inside_is_not_asked(vendor: str, rota: Rota) -> None:
    provider = Provider(cast("Vendor", vendor), TOKEN, rota.url)

    with pytest.raises(MoveRefused):
        OnCallBook(lambda _: provider, Fetcher().get).on_call("rota/sre primary")
    assert rota.asked == []


@pytest.fixture(scope="module")
def running_pagerduty() -> Iterator[Rota]:
    with running("pagerduty") as found:
        yield found


@pytest.fixture
def pagerduty(running_pagerduty: Rota) -> Rota:
    running_pagerduty.forget()
    return running_pagerduty


def test_the_first_level_of_an_escalation_policy_is_who_is_on_call(pagerduty: Rota) -> None:
    pagerduty.policies["PT20YPA"] = ("security", [[ANN, BOB], [DAN]])

    for name in ("security", "Security", "PT20YPA"):
        assert book("pagerduty", pagerduty).on_call(f"rota/{name}") == frozenset({ANN, BOB})


def test_a_first_level_with_nobody_on_call_leaves_the_second(pagerduty: Rota) -> None:
    pagerduty.policies["PT20YPA"] = ("security", [[], [DAN]])

    assert book("pagerduty", pagerduty).on_call("rota/security") == frozenset({DAN})


def test_a_schedule_goes_before_a_policy_of_the_same_name(pagerduty: Rota) -> None:
    pagerduty.schedules["PI7DH85"] = ("security", [ANN])
    pagerduty.policies["PT20YPA"] = ("security", [[DAN]])

    assert book("pagerduty", pagerduty).on_call("rota/security") == frozenset({ANN})


def test_people_who_are_only_referred_to_are_looked_up_and_who_is_gone_counts_for_nobody(pagerduty: Rota) -> None:
    pagerduty.schedules["PI7DH85"] = ("sre", [ANN, BOB])
    pagerduty.bare_users, pagerduty.gone = True, {BOB}

    assert book("pagerduty", pagerduty).on_call("rota/sre") == frozenset({ANN})


def test_every_page_is_read_and_a_list_without_end_is_none(pagerduty: Rota) -> None:
    people = [f"p{number}@example.com" for number in range(5)]
    pagerduty.schedules["PI7DH85"] = ("sre", people)
    pagerduty.per_page = 2
    assert book("pagerduty", pagerduty).on_call("rota/sre") == frozenset(people)

    pagerduty.schedules["PI7DH85"] = ("sre", [f"p{number}@example.com" for number in range(50)])
    with pytest.raises(MoveRefused):
        book("pagerduty", pagerduty).on_call("rota/sre")


def test_all_calls_of_one_question_share_one_time(pagerduty: Rota) -> None:
    now, left = [0.0], []

    def fetch(url: str, headers: Any, within_s: float) -> tuple[int, bytes]:
        left.append(within_s)
        now[0] += 0.6
        return Fetcher(allow_local=True).get(url, headers, 5)

    provider = Provider("pagerduty", TOKEN, pagerduty.url)
    asked = OnCallBook(lambda _: provider, fetch, within_s=1.0, now_s=lambda: now[0])

    with pytest.raises(MoveRefused):
        asked.on_call("rota/P0000000")
    assert left == [1.0, 0.4]


def test_grafanas_service_account_names_its_stack() -> None:
    seen: list[Any] = []

    def fetch(_url: str, headers: Any, _within_s: float) -> tuple[int, bytes]:
        seen.append(headers)
        return 200, b'{"results": []}'

    provider = Provider("grafana", TOKEN, "https://oncall.example.com/oncall", "https://acme.grafana.net")
    assert OnCallBook(lambda _: provider, fetch).on_call("rota/sre") is None
    assert seen == [{"authorization": TOKEN, "x-grafana-url": "https://acme.grafana.net"}]
