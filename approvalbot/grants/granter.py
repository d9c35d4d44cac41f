"""Every provider by its name, as the entitlements write it."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Protocol

from approvalbot.errors import DeliveryFailed


class Provider(Protocol):
    """Gives and takes access. All three are safe to repeat under one key; each raises `DeliveryFailed` for a no."""

    def start(self, order: Mapping[str, Any], key: str, now: datetime) -> str:
        """Give access; gives the provider's own name for it."""

    def extend(self, order: Mapping[str, Any], key: str, now: datetime) -> None:
        """Let access last until the order's `ends_at`."""

    def end(self, order: Mapping[str, Any], key: str, now: datetime) -> None:
        """Take access back; returning means that it is proven gone."""


class Providers:
    """Hands an order on to the provider that an entitlement names. Each is made when it is first needed."""

    def __init__(self, makers: Mapping[str, Callable[[], Provider]]) -> None:
        self._makers = makers
        self._made: dict[str, Provider] = {}

    def start(self, provider: str, order: Mapping[str, Any], key: str, now: datetime) -> str:
        """Give access through a provider."""
        return self._named(provider).start(order, key, now)

    def extend(self, provider: str, order: Mapping[str, Any], key: str, now: datetime) -> None:
        """Extend access through a provider."""
        self._named(provider).extend(order, key, now)

    def end(self, provider: str, order: Mapping[str, Any], key: str, now: datetime) -> None:
        """Take access back through a provider."""
        self._named(provider).end(order, key, now)

    def _named(self, provider: str) -> Provider:
        make = self._makers.get(provider)
        if make is None:
            known = ", ".join(sorted(self._makers))
            raise DeliveryFailed("grant_failed", f"No provider is called {provider}; there are: {known}.", final=True)
        if provider not in self._made:
            self._made[provider] = make()
        return self._made[provider]
