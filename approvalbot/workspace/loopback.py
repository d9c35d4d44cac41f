"""How the workspace calls others: this machine only, in plain HTTP, whatever the environment says about proxies."""

import ssl
from typing import Any


def plain_http() -> dict[str, Any]:
    """The options of an httpx client that talks to this machine.

    Proxy settings are for the world outside. Nothing here speaks TLS, so no certificates are loaded either: reading
    the machine's list takes 17 ms, which is most of what a short-lived client costs.
    """
    return {"trust_env": False, "follow_redirects": False, "verify": ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)}
