"""How the service was told to answer, for tests of what a bot does when its receiver fails."""

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field

Endpoint = Literal["callbacks", "grants"]


class Behaviour(BaseModel):
    """How the service is to answer the next deliveries: with a status, late, or with a body of its own."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    endpoint: Endpoint
    status: Annotated[int, Field(ge=200, le=599)] = 200
    times: Annotated[int, Field(ge=1)] | None = 1
    delay_s: Annotated[float, Field(ge=0, le=60)] = 0.0
    retry_after: str | None = None
    body: dict[str, Any] | None = None
