"""What a workspace is started with, and what it refuses to be started with."""

import ipaddress
import re
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from approvalbot.workspace.state.cast import ACME, Cast

BOT_SCOPES = (
    "commands",
    "chat:write",
    "im:write",
    "users:read",
    "users:read.email",
    "usergroups:read",
    "channels:read",
    "groups:read",
    "team:read",
)
"""The bot scopes of the app's manifest, the optional ones left out."""

EVENTS = (
    "app_home_opened",
    "app_uninstalled",
    "tokens_revoked",
    "user_change",
    "subteam_members_changed",
    "subteam_updated",
    "channel_deleted",
    "member_left_channel",
)
"""The events the app's manifest subscribes to."""


def is_loopback(url: str) -> bool:
    """Whether an http(s) or ws(s) address names this machine and nothing else."""
    host = urlsplit(url).hostname or ""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _loopback_url(value: str) -> str:
    if urlsplit(value).scheme not in {"http", "ws"} or not is_loopback(value):
        raise ValueError(f"{value!r} is not a plain http address of this machine; the local workspace calls no other")
    return value


LoopbackUrl = Annotated[str, AfterValidator(_loopback_url)]


class Part(BaseModel):
    """A closed, frozen piece of configuration: an unknown key is an error."""

    # A setting that is refused may be a real secret: no message repeats it.
    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class Command(Part):
    """A slash command of the app."""

    command: Annotated[str, Field(pattern=r"^/[a-z0-9_-]{1,31}$")]
    description: str = ""
    usage_hint: str = ""
    should_escape: bool = True


class Shortcut(Part):
    """A shortcut of the app: `global` stands in the composer's menu, `message` in a message's menu."""

    callback_id: str
    name: Annotated[str, Field(max_length=24)]
    kind: Literal["global", "message"]


class RateLimits(Part):
    """How Slack counts calls. Over the limit the answer is 429 with `Retry-After`.

    Posting has its own limit for each channel: `posts_per_s`, with `post_burst` posts that may come at once, and one
    for the whole workspace, of which Slack says "several hundred messages per minute". The tiers are calls a minute
    for each method; Slack promises at least these (docs.slack.dev, "Rate limits"). Over `events_per_hour`, events are
    held back and `app_rate_limited` says so. From `health_from_events` deliveries an hour on, an app that takes fewer
    than one in twenty loses its subscription until its address is verified anew.
    """

    enforced: bool = True
    posts_per_s: Annotated[float, Field(gt=0)] = 1.0
    post_burst: Annotated[int, Field(ge=1)] = 20
    all_posts_per_min: Annotated[int, Field(ge=1)] = 300
    events_per_hour: Annotated[int, Field(ge=0)] = 30_000
    health_from_events: Annotated[int, Field(ge=1)] = 1_000
    tier_per_min: dict[int, int] = Field(default_factory=lambda: {1: 1, 2: 20, 3: 50, 4: 100})


class Timing(Part):
    """Slack's own times, in seconds. Tests make them shorter; nothing else should."""

    ack_s: Annotated[float, Field(gt=0)] = 3.0
    event_retries_s: tuple[float, ...] = (0.0, 60.0, 300.0)
    trigger_life_s: Annotated[float, Field(gt=0)] = 3.0
    response_url_life_s: Annotated[float, Field(gt=0)] = 1800.0
    response_url_uses: Annotated[int, Field(ge=1)] = 5


class SampleAuth(Part):
    """How a sample event proves itself to the bot's webhook. `header` names the header of `type: header`."""

    type: Literal["standard_webhooks", "bearer", "header", "none"]
    secret: str = ""
    header: str = "x-api-key"


class Sample(Part):
    """One event that the page can send. `body` is sent as it stands, but for the fresh id and the fresh time.

    `fresh_id_path` and `fresh_time_path` are dotted paths into `body` (`Records.0.eventID`). With `wait`, the workspace
    plays the service that waits: it long-polls the `wait_url` of the answer with `wait_auth`, or with `auth`.
    """

    id: str
    title: str
    description: str = ""
    url: LoopbackUrl
    auth: SampleAuth
    body: dict[str, Any]
    headers: dict[str, str] = Field(default_factory=dict)
    fresh_id_path: str | None = None
    fresh_time_path: str | None = None
    wait: bool = False
    wait_auth: SampleAuth | None = None


class Service(Part):
    """The stand-in for a service that waits for answers and gives access.

    Secrets are Standard Webhooks keys (`whsec_…`); a delivery that verifies under none of them is refused with 401. An
    empty list refuses every delivery.
    """

    callback_secrets: tuple[str, ...] = ()
    grant_secrets: tuple[str, ...] = ()
    how_to_use: str = "Run `acme login`; your access is already there."


class SignIn(Part):
    """The app's registration, for Sign in with Slack and for its installation."""

    client_id: str = "111.222"
    client_secret: str = "local-client-secret"  # noqa: S105 - opens nothing outside this machine
    redirect_urls: tuple[LoopbackUrl, ...] = ()
    optional_scopes: tuple[str, ...] = (
        *("channels:join", "chat:write.public", "files:write", "reactions:write", "metadata.message:read"),
    )

    @property
    def installable(self) -> tuple[str, ...]:
        """The bot scopes that an installation may ask for: those of the manifest, the optional ones too."""
        return (*BOT_SCOPES, *self.optional_scopes)


class WorkspaceConfig(Part):
    """Everything a workspace is started with. `load` reads it from a JSON file.

    `bot_url` is where HTTP deliveries go; with `mode: socket` they go through the bot's WebSockets instead. Without
    `state_path` nothing outlives the process. `host` is always this machine. On the free plan there are no user
    groups. `edit_window_s` is the team's setting after which no message may be edited any more (None: no limit).
    `gallery` is a folder of drawn messages and views, which the page shows side by side.
    """

    port: Annotated[int, Field(ge=0, le=65_535)] = 8300
    host: Literal["127.0.0.1"] = "127.0.0.1"
    mode: Literal["http", "socket"] = "http"
    bot_url: LoopbackUrl = "http://127.0.0.1:8000/slack/events"
    bot_token: str = "xoxb-local-approvalbot"  # noqa: S105 - opens nothing outside this machine
    app_token: str = "xapp-local-approvalbot"  # noqa: S105 - opens nothing outside this machine
    signing_secret: Annotated[str, Field(min_length=8)] = "local-signing-secret"  # noqa: S105 - as above
    scopes: tuple[str, ...] = BOT_SCOPES
    events: tuple[str, ...] = EVENTS
    commands: tuple[Command, ...] = (
        Command(
            command="/access",
            description="Request or review just-in-time access",
            usage_hint="[request|list|show|cancel|revoke|oncall|help]",
        ),
    )
    shortcuts: tuple[Shortcut, ...] = (
        Shortcut(callback_id="request_access", name="Request access", kind="global"),
        Shortcut(callback_id="request_about_message", name="Request approval", kind="message"),
    )
    plan: Literal["standard", "free"] = "standard"
    edit_window_s: Annotated[float, Field(ge=0)] | None = None
    file_uploads: bool = True
    messages_tab: Literal["read_only", "writable", "off"] = "read_only"
    home_tab: bool = True
    start_persona: str = "U0EVE"
    verify_bot_at_start: bool = True
    cast: Cast = ACME
    samples: tuple[Sample, ...] = ()
    service: Service = Service()
    sign_in: SignIn = SignIn()
    timing: Timing = Timing()
    rate_limits: RateLimits = RateLimits()
    state_path: Path | None = None
    gallery: Path | None = None

    @model_validator(mode="after")
    def _is_local(self) -> Self:
        for name, value in (("bot_token", self.bot_token), ("app_token", self.app_token)):
            if fault := production_fault(name, value):
                raise ValueError(fault)
        if re.fullmatch(r"[0-9a-f]{32}", self.signing_secret):
            raise ValueError("signing_secret has the shape of a real Slack app's; the local workspace wants its own")
        if self.start_persona not in {person.id for person in self.cast.people}:
            raise ValueError(f"start_persona {self.start_persona!r} is not in the cast")
        return self

    @property
    def origin(self) -> str:
        """The workspace's own address, without a trailing slash."""
        return f"http://{self.host}:{self.port}"

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a JSON file.

        Raises:
            pydantic.ValidationError: a key is unknown, a value is wrong, or a setting looks like production.
        """
        return cls.model_validate_json(path.read_bytes())


def production_fault(name: str, value: str) -> str | None:
    """Why `value` must not be used here: it is not one of the workspace's own tokens. None when it is.

    The message never holds the value: it may be a real token.
    """
    if re.fullmatch(r"(xoxb|xapp)-local-[A-Za-z0-9-]{1,80}", value):
        return None
    return f"{name} is not a token of the local workspace (xoxb-local-… or xapp-local-…); it may open a real workspace"
