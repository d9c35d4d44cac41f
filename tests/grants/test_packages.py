"""A provider whose package is not installed stops a start, and a reload keeps what is."""

import sys

import pytest

from approvalbot.errors import SettingsFault
from approvalbot.wiring.providers import check_packages
from tests.policy.makers import entitlement_document, load

POSTGRES = {"provider": "postgres", "with": {"dsn": "env:DSN", "role": "readonly", "user": "{{ $requester.email }}"}}


def test_a_provider_without_its_package_is_refused_with_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)

    with pytest.raises(SettingsFault, match="its provider postgres needs the package psycopg") as fault:
        check_packages(load(entitlement_document(grant=POSTGRES)))

    assert fault.value.hint == "pip install 'approvalbot[postgres]'"


def test_what_needs_no_package_asks_for_none(monkeypatch: pytest.MonkeyPatch) -> None:
    for package in ("psycopg", "boto3"):
        monkeypatch.setitem(sys.modules, package, None)

    check_packages(load(entitlement_document()))()
