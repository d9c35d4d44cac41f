"""Opsgenie: a schedule, by name or id. Who is on Call API, with `flat=true`: user names, which are e-mails there."""

import re
from urllib.parse import quote

from approvalbot.oncall.asking import Asking, NotThere, text, unreadable

URL = "https://api.opsgenie.com"
"""Accounts of the EU instance have https://api.eu.opsgenie.com."""

_ID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")


def headers(token: str) -> dict[str, str]:
    """How a call proves itself."""
    return {"authorization": f"GenieKey {token}"}


def on_call(asking: Asking, name: str) -> frozenset[str] | None:
    """The e-mails of those on call now; None when there is no such schedule.

    Raises:
        Unknown: Opsgenie does not say.
    """
    asked = {"scheduleIdentifierType": "id" if _ID.fullmatch(name) else "name", "flat": "true"}
    try:
        found = asking.get(f"/v2/schedules/{quote(name, safe='')}/on-calls", asked).get("data")
    except NotThere:
        return None
    names = found.get("onCallRecipients") if isinstance(found, dict) else None
    if not isinstance(names, list):
        raise unreadable()
    return frozenset(text(one) for one in names)
