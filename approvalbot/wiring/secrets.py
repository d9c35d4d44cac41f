"""Secrets and destinations by the names that the policies give them."""

import os
from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from dotenv import dotenv_values

from approvalbot.answers.sending import Destination, Sender
from approvalbot.errors import DeliveryFailed, SettingsFault
from approvalbot.grants.webhook import Post
from approvalbot.oncall.book import Provider
from approvalbot.policy.policyset import PolicySet


def secret_of(name: str) -> str:
    """A secret by the name that a policy gives it: `env:NAME` (the environment, else `.env`) or `file:path`.

    Raises:
        SettingsFault: there is none.
    """
    kind, _, where = name.partition(":")
    if kind == "env":
        found = os.environ.get(where) or dotenv_values(".env").get(where) or ""
    else:
        path = Path(where)
        found = path.read_text(encoding="utf-8").strip() if path.is_file() else ""
    if not found:
        raise SettingsFault(
            f"The secret {name} is empty or missing.", hint="The policies name it; set it, or remove it there."
        )
    return found


def destination_of(policies: PolicySet, name: str) -> Destination | None:
    found = policies.destinations.get(name)
    if found is None:
        return None
    url = secret_of(found.url) if found.url.startswith("env:") else found.url
    keys_ = tuple(secret_of(one) for one in (found.secret, found.previous) if one)
    return Destination(name, url, keys_, {header: secret_of(value) for header, value in found.headers.items()})


def provider_of(policies: PolicySet, name: str) -> Provider | None:
    """The account at a vendor of on-call schedules that the policies call `name`.

    Raises:
        SettingsFault: its token is missing.
    """
    found = policies.oncall.get(name)
    return None if found is None else Provider(found.type, secret_of(found.token), found.url, found.stack)


def posting(sender: Sender, policies: Callable[[], PolicySet]) -> Post:
    def post(to: str, body: Mapping[str, Any], key: str, now: datetime) -> tuple[int, bytes]:
        destination = destination_of(policies(), to)
        if destination is None:
            raise DeliveryFailed("grant_failed", f"No destination is called {to}.", final=True)
        response = sender.post(destination, body, key, now)
        return response.status, response.body

    return post
