"""Who is on call: `pagerduty/security-primary` is the provider's name here, and its schedule there.

No answer is ever "anybody": a provider or a schedule that is not there names nobody, and what a provider does not say
is unknown. People are known by their e-mail alone; a display name is whatever somebody typed.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, assert_never

from approvalbot.errors import MoveRefused, SettingsFault
from approvalbot.log import get_logger
from approvalbot.oncall import grafana, opsgenie, pagerduty
from approvalbot.oncall.asking import Asking, Fetch, Unknown, Unreached

log = get_logger("oncall")

Vendor = Literal["pagerduty", "opsgenie", "grafana"]

SHOWN: dict[Vendor, str] = {"pagerduty": "PagerDuty", "opsgenie": "Opsgenie", "grafana": "Grafana"}

WITHIN_S = 8.0
"""Seconds for one question of a worker."""

PRESS_WITHIN_S = 1.5
"""Seconds for one question while somebody waits for their press to be answered: Slack gives up after 3 s, and is asked
about the people too."""

QUIET_S = 3.0
"""A provider that did not answer is not asked again so soon: a press asks about every schedule of its policy."""


@dataclass(frozen=True, slots=True)
class Provider:
    """A vendor's account, as the policies name it. `stack` is the Grafana stack of a service account's token."""

    vendor: Vendor
    token: str
    url: str | None = None
    stack: str | None = None


class OnCallBook:
    """Looks schedules up at their providers. `find` gives the provider of a name, as it is configured now."""

    def __init__(
        self,
        find: Callable[[str], Provider | None],
        fetch: Fetch,
        *,
        within_s: float = WITHIN_S,
        now_s: Callable[[], float] = time.monotonic,
    ) -> None:
        self._find = find
        self._fetch = fetch
        self._within_s = within_s
        self._now_s = now_s
        self._quiet_until_s: dict[str, float] = {}

    def on_call(self, name: str) -> frozenset[str] | None:
        """The e-mails of those on call now; None when there is no such provider or no such schedule.

        Raises:
            MoveRefused: code `membership_unknown`, the provider does not say now.
        """
        try:
            return self.ask(name)
        except (Unknown, SettingsFault) as fault:
            log.error("on-call unknown", entry=name, fault=str(fault)[:300])
            raise MoveRefused(
                "membership_unknown",
                "{provider} did not say who is on call just now. Nothing was recorded.",
                hint="Press again in a minute; operators have been told.",
                provider=self._shown(name),
            ) from fault

    def ask(self, name: str) -> frozenset[str] | None:
        """The same, with what is wrong.

        Raises:
            Unknown: the provider does not say now, and why.
            SettingsFault: its token is missing.
        """
        account, _, schedule = name.partition("/")
        provider = self._find(account)
        if provider is None or not schedule:
            return None
        if self._now_s() < self._quiet_until_s.get(account, 0.0):
            raise Unreached("it did not answer a moment ago")
        try:
            return self._answer(provider, schedule)
        except Unreached:
            self._quiet_until_s[account] = self._now_s() + QUIET_S
            raise

    def _answer(self, provider: Provider, schedule: str) -> frozenset[str] | None:
        match provider.vendor:
            case "pagerduty":
                asking = self._asking(provider.url or pagerduty.URL, pagerduty.headers(provider.token))
                return pagerduty.on_call(asking, schedule)
            case "opsgenie":
                asking = self._asking(provider.url or opsgenie.URL, opsgenie.headers(provider.token))
                return opsgenie.on_call(asking, schedule)
            case "grafana":
                asking = self._asking(provider.url or "", grafana.headers(provider.token, provider.stack))
                return grafana.on_call(asking, schedule)
            case _:
                assert_never(provider.vendor)

    def _asking(self, url: str, headers: dict[str, str]) -> Asking:
        return Asking(self._fetch, url, headers, within_s=self._within_s, now_s=self._now_s)

    def _shown(self, name: str) -> str:
        try:
            provider = self._find(name.partition("/")[0])
        except SettingsFault:
            provider = None
        return SHOWN[provider.vendor] if provider else name.partition("/")[0]
