"""Where the Redis of a process is: a command that needs no more than that loads no more."""

from collections.abc import Iterator
from contextlib import contextmanager

from approvalbot.settings import Settings
from approvalbot.store.connection import check_address
from approvalbot.store.embedded import embedded_valkey


@contextmanager
def redis_address(settings: Settings) -> Iterator[str]:
    """The URL of the Redis to use: the one that is set, else the embedded Valkey of the data folder."""
    given = settings.redis_url.get_secret_value()
    if given:
        check_address(given, settings.approvalbot_allow)
        yield given
        return
    with embedded_valkey(settings.approvalbot_data_dir) as url:
        yield url
