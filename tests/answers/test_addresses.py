import ipaddress
import time
from threading import Event
from typing import Any

import pytest

from approvalbot.answers.addresses import is_public, resolve, target_of
from approvalbot.errors import DeliveryFailed

PRIVATE = [
    "127.0.0.1",
    "127.255.255.254",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "0.0.0.0",
    "100.64.0.1",
    "192.0.0.8",
    "192.0.2.1",
    "192.88.99.1",
    "198.18.0.1",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "::127.0.0.1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "64:ff9b::a00:1",
    "64:ff9b::7f00:1",
    "64:ff9b:1::1",
    "2002:7f00:1::",
    "2002:a00:1::",
    "fe80::1",
    "fec0::1",
    "fc00::1",
    "fd12:3456::1",
    "ff02::1",
    "100::1",
    "2001:db8::1",
    "2001:0:4136:e378:8000:63bf:f5ff:fffe",
]
PUBLIC = ["8.8.8.8", "93.184.216.34", "2606:4700:4700::1111", "64:ff9b::808:808", "2002:808:808::1"]


@pytest.mark.parametrize("address", PRIVATE)
def test_an_address_that_is_not_public_is_not_called(address: str) -> None:
    assert not is_public(ipaddress.ip_address(address))
    with pytest.raises(DeliveryFailed) as caught:
        target_of("https://hooks.example.com/x", resolve=lambda _host, _port: [address])
    assert caught.value.code == "address_refused"
    assert caught.value.final


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_called_by_its_number(address: str) -> None:
    target = target_of("https://hooks.example.com/x", resolve=lambda _host, _port: [address])

    assert (target.address, target.host, target.port) == (address, "hooks.example.com", 443)


def test_one_private_answer_among_public_ones_is_enough_to_refuse() -> None:
    with pytest.raises(DeliveryFailed):
        target_of("https://a.example/", resolve=lambda _host, _port: ["8.8.8.8", "10.0.0.1"])


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example.com/",
        "https://user@hooks.example.com/",
        "https://hooks.example.com:22/",
        "https://hooks.example.com:6379/",
        "ftp://hooks.example.com/",
        "javascript:alert(1)",
        "https:///x",
        "",
    ],
)
def test_only_plain_https_on_its_ports_is_called(url: str) -> None:
    with pytest.raises(DeliveryFailed) as caught:
        target_of(url, resolve=lambda _host, _port: ["8.8.8.8"])
    assert caught.value.final


@pytest.mark.parametrize("host", ["127.1", "2130706433", "0x7f.0.0.1", "017700000001", "0", "localhost", "①②⑦.⓪.⓪.①"])
def test_odd_spellings_of_loopback_are_refused_by_what_they_resolve_to(host: str) -> None:
    with pytest.raises(DeliveryFailed):
        target_of(f"https://{host}/")


def test_a_name_service_that_does_not_answer_holds_nobody_up() -> None:
    ever = Event()

    def silent(*_asked: Any, **_how: Any) -> list[Any]:
        ever.wait(60)
        return []

    started = time.monotonic()
    with pytest.raises(DeliveryFailed, match=r"a\.example could not be resolved: no answer within 0\.05 s") as refused:
        target_of("https://a.example/", resolve=lambda host, port: resolve(host, port, within_s=0.05, look_up=silent))
    ever.set()

    assert time.monotonic() - started < 5
    assert not refused.value.final


def test_what_the_name_service_says_is_what_the_system_knows() -> None:
    assert "127.0.0.1" in resolve("localhost", 443)
    with pytest.raises(OSError, match=r"."):
        resolve("nobody.invalid", 443)


def test_a_name_that_does_not_resolve_now_may_resolve_later() -> None:
    def fails(_host: str, _port: int) -> list[str]:
        raise OSError("no such host")

    with pytest.raises(DeliveryFailed) as caught:
        target_of("https://a.example/", resolve=fails)
    assert not caught.value.final


def test_the_demo_may_call_loopback_and_nothing_else() -> None:
    assert target_of("http://127.0.0.1:9/x", allow_local=True).port == 9
    with pytest.raises(DeliveryFailed):
        target_of("http://10.0.0.1/x", allow_local=True, resolve=lambda _host, _port: ["10.0.0.1"])


@pytest.mark.parametrize(
    "url",
    [
        "https://[::1/t0ken",
        "https://hooks.example.com:port/t0ken",
        "https://hooks.example.com:99999/t0ken",
        "https://user@hooks.example.com/t0ken",
        "https://:pass@hooks.example.com/t0ken",
        "ftp://hooks.example.com/t0ken",
        "http://hooks.example.com/t0ken",
        "https://hooks.example.com:22/t0ken",
        "https://hooks.example.com/t0ken",
        "t0ken",
        "",
    ],
)
def test_whatever_is_refused_is_refused_for_good_and_its_secret_path_is_told_to_nobody(url: str) -> None:
    with pytest.raises(DeliveryFailed) as caught:
        target_of(url, resolve=lambda _host, _port: ["10.0.0.1"])

    assert caught.value.final
    assert "t0ken" not in caught.value.text()
