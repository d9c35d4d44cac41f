"""Azure Event Grid's own question: whether we want the events of a subscription.

Source: "Webhook event delivery" of Azure Event Grid, the synchronous handshake. The address that the question also
names is never called: answering is enough, and an address in an event is somebody's choice.
"""

import re

from approvalbot.errors import BadInput
from approvalbot.events.reading import read_json
from approvalbot.web.delivery import Delivery

_CODE = re.compile(r"[A-Za-z0-9-]{1,200}")
_TYPE = "Microsoft.EventGrid.SubscriptionValidationEvent"


def asks_for_validation(delivery: Delivery) -> bool:
    """Whether a delivery is the question and no event."""
    return delivery.headers.get("aeg-event-type", "").lower() == "subscriptionvalidation"


def validation_of(delivery: Delivery) -> dict[str, str]:
    """The answer to the question.

    Raises:
        BadInput: it is not the one event that Event Grid sends, with a code to give back.
    """
    events = read_json(delivery.body, strict=True)
    first = events[0] if isinstance(events, list) and len(events) == 1 else None
    data = first.get("data") if isinstance(first, dict) and first.get("eventType") == _TYPE else None
    code = data.get("validationCode") if isinstance(data, dict) else None
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        raise BadInput("event_invalid", "This is no subscription validation of Event Grid.")
    return {"validationResponse": code}
