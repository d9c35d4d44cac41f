"""One GET of what the configuration names, such as a key set, a certificate or a schedule."""

from collections.abc import Mapping
from urllib.parse import urlsplit

from approvalbot.answers.addresses import Resolve, resolve, target_of
from approvalbot.answers.exchange import exchange
from approvalbot.errors import DeliveryFailed

MOST_FETCHED = 1024 * 1024
"""Bytes of what is fetched: a page of a hundred on-call entries with their people has about 300 KiB. Chosen by us."""


class Fetcher:
    """Fetches over the same pinned addresses that deliveries go to."""

    def __init__(self, *, allow_local: bool = False, resolve: Resolve = resolve) -> None:
        self._allow_local = allow_local
        self._resolve = resolve

    def get(self, url: str, headers: Mapping[str, str], within_s: float) -> tuple[int, bytes]:
        """The status and the whole body, whatever the status is.

        Raises:
            DeliveryFailed: the address may not be called, nothing answered in time, or the body is too long.
        """
        target = target_of(url, allow_local=self._allow_local, resolve=self._resolve)
        named = urlsplit(url).hostname or "it"
        answer = exchange(target, "GET", headers, named=named, within_s=within_s, most_read=MOST_FETCHED)
        if not answer.whole:
            raise DeliveryFailed("delivery_failed", f"{named} answered with over {MOST_FETCHED // 1024} KiB.")
        return answer.status, answer.body
