"""Which provider performs which action, and that an action without one is not done and says so."""

import threading
from typing import Any

import pytest

from approvalbot.actions.calling import Network
from approvalbot.actions.order import Provider
from approvalbot.actions.registry import Registry
from approvalbot.answers.addresses import Reach, target_of
from approvalbot.errors import DeliveryFailed
from approvalbot.policy.actions import ACTIONS, provider_type
from tests.actions.standin import NETWORK, NOW, Got, Say, provider, standing_in

WRITTEN: dict[str, Any] = {
    "parameters": {},
    "facts": {},
    "approved": False,
    "happened_at": None,
    "decided_at": None,
    "credit": "",
}


def run(action: str, providers: list[Provider], **parameters: Any) -> str:
    registry = Registry(NETWORK, lambda kind: [one for one in providers if one.type == kind])
    return registry.run(action, {**WRITTEN, "parameters": parameters}, "R:1:0", NOW)


def test_every_action_that_policies_may_name_can_be_run_and_no_other() -> None:
    assert Registry(NETWORK, lambda _kind: []).names == set(ACTIONS)
    assert {provider_type(name) for name in ACTIONS} == {"aws", "github", "kubernetes", "okta"}


@pytest.mark.parametrize("action", [*ACTIONS, "nobody.knows"])
def test_an_action_without_its_provider_is_refused_for_good_and_says_what_to_add(action: str) -> None:
    with pytest.raises(DeliveryFailed) as caught:
        run(action, [], cluster="prod-1")

    assert caught.value.final
    assert "providers of a Sources document" in caught.value.text() or action == "nobody.knows"


def test_a_cluster_is_the_one_that_is_named_and_never_another() -> None:
    with standing_in(lambda _got: Say(404)) as at:
        there = [provider("kubernetes", at.url, f"kubernetes/{name}", token="t") for name in ("prod-1", "prod-2")]
        assert run("kubernetes.delete_pod", there, cluster="prod-2", namespace="a", name="b") == "it was gone already"
        with pytest.raises(DeliveryFailed) as caught:
            run("kubernetes.delete_pod", there, cluster="prod-3", namespace="a", name="b")

    assert len(at.got) == 1
    assert "kubernetes/prod-3" in caught.value.text()


def test_a_provider_that_answers_too_late_is_asked_again_and_holds_nobody_up() -> None:
    enough = threading.Event()

    def slow(_got: Got) -> Say:
        enough.wait(5)
        return Say(200)

    with standing_in(slow) as at:
        there = [provider("okta", at.url, token="t"), provider("github", at.url, token="t")]
        registry = Registry(Network(allow_local=True, total_s=0.3), lambda kind: [p for p in there if p.type == kind])
        with pytest.raises(DeliveryFailed, match=r"okta did not answer in 0\.3 s") as caught:
            registry.run("okta.revoke_admin_role", {**WRITTEN, "parameters": {"user": "00u1"}}, "R:1:0", NOW)
        enough.set()

    assert not caught.value.final


def nameserver(*answers: str) -> Any:
    return lambda _host, _port: list(answers)


@pytest.mark.parametrize(
    "address", ["10.0.0.1", "172.16.3.4", "192.168.1.1", "100.64.0.1", "fd00::1", "::ffff:10.0.0.1"]
)
def test_an_inside_is_called_only_where_the_configuration_says_so(address: str) -> None:
    inside = Reach(private=True, any_port=True)

    assert target_of("https://k8s.internal:6443/x", resolve=nameserver(address), reach=inside).port == 6443
    for reach in (Reach(), Reach(any_port=True)):
        with pytest.raises(DeliveryFailed):
            target_of("https://k8s.internal:6443/x", resolve=nameserver(address), reach=reach)


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "169.254.169.254", "::1", "fe80::1", "0.0.0.0", "224.0.0.1", "64:ff9b::a9fe:a9fe", "2002:7f00:1::"],
)
def test_an_inside_is_never_this_machine_nor_the_service_that_hands_out_its_credentials(address: str) -> None:
    with pytest.raises(DeliveryFailed) as caught:
        target_of("https://k8s.internal/x", resolve=nameserver(address), reach=Reach(private=True, any_port=True))

    assert caught.value.final


def test_an_inside_wants_tls_too() -> None:
    with pytest.raises(DeliveryFailed):
        target_of("http://k8s.internal/", resolve=nameserver("10.0.0.1"), reach=Reach(private=True, any_port=True))


def test_a_provider_keeps_its_secrets_out_of_what_is_printed() -> None:
    shown = repr(Provider("okta", "okta", "https://acme.okta.com", {"token": "env:OKTA_TOKEN"}, lambda _: "s3cret"))

    assert "env:OKTA_TOKEN" in shown
    assert "lambda" not in shown
    assert "s3cret" not in shown
