"""Pages from templates. Everything in them is escaped; nothing in them is inline code or from another host."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from approvalbot.dashboard.plots import NONE, seconds
from approvalbot.dashboard.viewer import Viewer
from approvalbot.errors import CODES, ApprovalBotError, Busy, Unavailable
from approvalbot.plaintext import one_line, visible
from approvalbot.policy.durations import show_duration

HERE = Path(__file__).parent

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; font-src 'self'; connect-src 'self';"
    " form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
)
HEADERS = {
    "content-security-policy": POLICY,
    "cache-control": "no-store",
    # Under "no-referrer" browsers send "Origin: null" with our own forms, and nothing would tell them from others'.
    "referrer-policy": "same-origin",
    "x-frame-options": "DENY",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "permissions-policy": (
        "camera=(), geolocation=(), microphone=(),"
        " publickey-credentials-create=(self), publickey-credentials-get=(self)"
    ),
}


@dataclass(frozen=True, slots=True)
class Render:
    """Draws pages. `local` says that this is the demo; `notices` gives the banners of a page."""

    local: bool = False
    notices: Callable[[Viewer | None], Sequence[Any]] = lambda _viewer: ()
    environment: Environment = field(default_factory=lambda: make_environment())  # noqa: PLW0108 - it stands below

    def page(self, name: str, viewer: Viewer | None, status: int = 200, **values: Any) -> Response:
        """A whole page for somebody."""
        template = self.environment.get_template(name)
        notices = self.notices(viewer)
        text = template.render(viewer=viewer, shown=Shown(viewer), local=self.local, notices=notices, **values)
        return HTMLResponse(text, status, HEADERS)

    def fault(self, fault: ApprovalBotError, viewer: Viewer | None) -> Response:
        """A refusal as a page: what is so, and what to do next."""
        status = fault.status if fault.status < 500 or fault.status == 503 else 503
        sentence = fault.text().removesuffix(fault.hint).strip() if fault.hint else fault.text()
        response = self.page(
            "fault.html",
            viewer,
            status,
            title=CODES[fault.code].title,
            sentence=sentence,
            hint=fault.hint,
            code=fault.code,
        )
        if isinstance(fault, Busy | Unavailable):
            response.headers["retry-after"] = str(fault.retry_after_s)
        return response


@dataclass(frozen=True, slots=True)
class Shown:
    """How a viewer sees moments: in their own time zone, which the page names once."""

    viewer: Viewer | None

    def time(self, moment: datetime | None) -> str:
        """`14:05`, with the day where it is not today's to them."""
        if moment is None:
            return ""
        return self._local(moment).strftime("%d %b %H:%M")

    def exact(self, moment: datetime | None) -> str:
        """With year and seconds."""
        return "" if moment is None else self._local(moment).strftime("%Y-%m-%d %H:%M:%S %Z")

    def _local(self, moment: datetime) -> datetime:
        return moment.astimezone(self.viewer.zone) if self.viewer else moment


def make_environment() -> Environment:
    """Jinja2 with everything escaped, everything hidden made visible, and every slip of a name an error."""
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        finalize=seen,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters["duration"] = show_duration
    made.filters["line"] = one_line
    made.filters["percent"] = percent
    made.filters["took"] = lambda value: NONE if value is None else seconds(value)
    made.globals["nav"] = NAV
    return made


def seen(value: object) -> object:
    """A text with all that would not be seen written out, in its own lines; anything else as it is."""
    if not isinstance(value, str) or isinstance(value, Markup) or value.isprintable():
        return value
    lines = value.replace("\r\n", "\n").split("\n")
    return "\n".join("\t".join(visible(part) for part in line.split("\t")) for line in lines)


def percent(share: float | None) -> str:
    """A share as whole percent; never 0 or 100 where it is not quite."""
    if share is None:
        return NONE
    shown = min(99, max(1, round(share * 100))) if 0 < share < 1 else round(share * 100)
    return f"{shown} %"


def size(count: float) -> str:
    """Bytes as people read them."""
    for unit in ("B", "KiB", "MiB"):
        if count < 1024:
            return f"{count:.0f} {unit}"
        count /= 1024
    return f"{count:.1f} GiB"


NAV: Mapping[str, tuple[str, str]] = {
    "/": ("Waiting", ""),
    "/access": ("Access", ""),
    "/grants": ("Grants", ""),
    "/policies": ("Policies", "viewer"),
    "/insight": ("Insight", "viewer"),
    "/trail": ("Trail", "auditor"),
    "/deliveries": ("Deliveries", "admin"),
    "/sources": ("Sources", "admin"),
    "/people": ("People", ""),
    "/passkeys": ("Passkeys", ""),
    "/system": ("System", ""),
}
"""What the navigation lists: address to its name, and the role it is for (empty: everybody)."""
