"""Faults on request: each is a switch, for one method or all, for the next so many calls or until it is taken back."""

from collections.abc import Iterable
from typing import Annotated, Literal, get_args

from pydantic import BaseModel, ConfigDict, Field

from approvalbot.workspace.errors import Json

CallFaultKind = Literal["rate_limited", "http_error", "drop", "slow", "error", "token_revoked", "missing_scope"]
DeliveryFaultKind = Literal["duplicate", "expired_trigger", "lost_socket", "refresh_socket"]
CALL_FAULTS: frozenset[str] = frozenset(get_args(CallFaultKind))
DELIVERY_FAULTS: frozenset[str] = frozenset(get_args(DeliveryFaultKind))
TRANSPORT_FAULTS: frozenset[str] = frozenset({"rate_limited", "http_error", "drop", "slow"})
"""Those that know nothing of the Web API's envelope, and so may strike an answer by response_url as well."""

RESPONSE_URL = "response_url"


class FaultOrder(BaseModel):
    """What is to go wrong. `target` is a Web API method, a delivery's type (`block_actions`, …) or `*` for any of them.

    Answers by response_url have a target of their own, `response_url`, which `*` does not mean.

    - `rate_limited`: 429 with `retry_after` as the header says it, which may be fractional or nonsense.
    - `http_error`: `status` with a body that is not JSON; with `after`, the call was carried out all the same.
    - `drop`: the call is carried out, then the line goes dead without a byte of answer.
    - `slow`: the call is carried out, the answer comes `delay_s` late.
    - `error`: `ok: false` with `error`. `token_revoked`, `missing_scope`: as if the token had lost it.
    - `duplicate`: the bot gets the same delivery twice. `expired_trigger`: its trigger_id is already dead.
    - `lost_socket`: the Socket Mode connection breaks just before the delivery. `refresh_socket`: Slack says first that
      it will, as it does when it moves a connection.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    kind: CallFaultKind | DeliveryFaultKind
    target: str = "*"
    times: Annotated[int, Field(ge=1)] | None = 1
    retry_after: str = "1"
    status: Literal[500, 502, 503, 504] = 503
    after: bool = False
    delay_s: Annotated[float, Field(ge=0, le=60)] = 4.0
    error: str = "internal_error"


class Faults:
    """The faults that are switched on, by number."""

    def __init__(self) -> None:
        self._number = 0
        self._orders: dict[int, FaultOrder] = {}
        self._left: dict[int, int | None] = {}

    def add(self, order: FaultOrder) -> int:
        """Switch one on; gives its number."""
        self._number += 1
        self._orders[self._number] = order
        self._left[self._number] = order.times
        return self._number

    def remove(self, number: int) -> bool:
        """Switch one off; False when it is not on."""
        self._left.pop(number, None)
        return self._orders.pop(number, None) is not None

    def clear(self) -> None:
        """Switch all off."""
        self._orders.clear()
        self._left.clear()

    def take(self, kinds: Iterable[str], target: str) -> FaultOrder | None:
        """The oldest fault of these kinds that applies to `target`; one of its times is used up."""
        wanted = frozenset(kinds)
        targets = {target} if target == RESPONSE_URL else {"*", target}
        for number, order in self._orders.items():
            if order.kind in wanted and order.target in targets:
                left = self._left[number]
                if left is not None and left <= 1:
                    self.remove(number)
                elif left is not None:
                    self._left[number] = left - 1
                return order
        return None

    def shown(self) -> list[Json]:
        """The faults as the page lists them, with how many times are left."""
        return [
            {"id": number, **order.model_dump(mode="json"), "left": self._left[number]}
            for number, order in self._orders.items()
        ]
