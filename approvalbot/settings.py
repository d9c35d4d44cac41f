"""Settings: read once from the environment (and `.env`) when a process starts, never while a module is imported.

Every setting stands in `.env.example` with a sentence; a test holds the two together.
"""

import contextlib
import hashlib
import hmac
import os
import secrets
from functools import cached_property
from ipaddress import IPv4Network, IPv6Network
from pathlib import Path
from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from approvalbot.errors import SettingsFault

Override = Literal["eviction", "no-aof", "plain-redis", "local-destinations", "redis-version"]

_LISTS = (
    "approvalbot_teams",
    "approvalbot_allow",
    "approvalbot_admins",
    "approvalbot_checkpoints",
    "approvalbot_proxies",
)
"""Settings written with commas between."""

_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1", "[::1]"})


class Settings(BaseSettings):
    """Everything that can be set from outside."""

    model_config = SettingsConfigDict(env_file=".env", env_file_encoding="utf-8", extra="ignore", frozen=True)

    slack_bot_token: SecretStr = SecretStr("")
    slack_signing_secret: SecretStr = SecretStr("")
    slack_app_token: SecretStr = SecretStr("")
    slack_client_id: str = ""
    slack_client_secret: SecretStr = SecretStr("")
    slack_api_url: str = "https://slack.com/api/"
    redis_url: SecretStr = SecretStr("")
    approvalbot_policies: Path = Path("policies")
    approvalbot_data_dir: Path = Path(".approvalbot")
    approvalbot_host: str = "127.0.0.1"
    approvalbot_port: Annotated[int, Field(ge=0, le=65535)] = 8080
    approvalbot_url: str = ""
    approvalbot_secret: SecretStr = SecretStr("")
    approvalbot_teams: Annotated[tuple[str, ...], NoDecode] = ()
    approvalbot_totp: bool = False
    approvalbot_admins: Annotated[tuple[str, ...], NoDecode] = ()
    approvalbot_alarm_channel: str = ""
    approvalbot_proxies: Annotated[tuple[IPv4Network | IPv6Network, ...], NoDecode] = ()
    approvalbot_allow: Annotated[tuple[Override, ...], NoDecode] = ()
    approvalbot_workers: Annotated[int, Field(ge=1, le=64)] = 2
    approvalbot_threads: Annotated[int, Field(ge=2, le=200)] = 32
    approvalbot_decisions_per_minute: Annotated[int, Field(ge=0, le=1000)] = 30
    approvalbot_capture: Annotated[int, Field(ge=0, le=10_000_000)] = 10_000
    approvalbot_slack_pace: Literal["slack", "unlimited"] = "slack"
    approvalbot_checkpoints: Annotated[tuple[str, ...], NoDecode] = ()
    approvalbot_checkpoint_minutes: Annotated[int, Field(ge=1, le=1440)] = 5
    approvalbot_retention_days: Annotated[int, Field(ge=0, le=36_500)] = 0
    approvalbot_log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = "INFO"

    @field_validator(*_LISTS, mode="before")
    @classmethod
    def _comma_separated(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @property
    def url(self) -> str:
        """Our own address as others reach it, without a slash at the end."""
        return (self.approvalbot_url or f"http://{self.approvalbot_host}:{self.approvalbot_port}").rstrip("/")

    @property
    def has_socket(self) -> bool:
        """Whether Slack is reached by Socket Mode, instead of HTTP or beside it."""
        return _is_set(self.slack_app_token)

    @property
    def has_http_door(self) -> bool:
        """Whether Slack's signed requests can be verified."""
        return _is_set(self.slack_signing_secret)

    @property
    def is_local_slack(self) -> bool:
        """Whether Slack is a server on this machine."""
        return urlsplit(self.slack_api_url).hostname in _LOOPBACK

    def allows(self, override: Override) -> bool:
        """Whether a safety check is overridden by name."""
        return override in self.approvalbot_allow

    @cached_property
    def secret(self) -> bytes:
        """The root of every key we derive; from `APPROVALBOT_SECRET`, or made once and kept in the data folder."""
        given = self.approvalbot_secret.get_secret_value()
        if given:
            if len(given) < 32:
                raise SettingsFault(
                    f"APPROVALBOT_SECRET has {len(given)} characters; it needs at least 32.",
                    hint="Make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'",
                )
            return given.encode()
        return _kept_secret(self.approvalbot_data_dir / "secret")

    def key(self, purpose: str) -> bytes:
        """A key of 32 bytes for one purpose (HMAC-SHA-256 of the purpose under the root secret)."""
        return hmac.digest(self.secret, f"approvalbot/{purpose}".encode(), hashlib.sha256)


def load_settings(**overrides: object) -> Settings:
    """The settings of this process.

    Raises:
        SettingsFault: a value that cannot be, with the variable's name and what it takes.
    """
    try:
        return Settings(**overrides)  # type: ignore[arg-type]
    except ValidationError as fault:
        first = fault.errors()[0]
        name = str(first["loc"][0]).upper() if first["loc"] else "a setting"
        raise SettingsFault(f"{name}={first.get('input')!r} is not valid: {first['msg']}.") from None


def check_slack(settings: Settings) -> None:
    """Refuse to start without what Slack needs: a token to speak with, and a door to be reached by.

    Bolt starts with an empty signing secret and then answers 500 to all. With an app-level token Slack is reached by a
    socket, where nothing is signed; then the secret may be missing, and the HTTP door stays shut.

    Raises:
        SettingsFault: the name of the variable that is missing or wrong.
    """
    kept = "docs/slack-setup.md shows where Slack keeps it; `make demo` needs none."
    if not _is_set(settings.slack_bot_token):
        raise SettingsFault("SLACK_BOT_TOKEN is not set.", hint=kept)
    if settings.has_socket and not settings.slack_app_token.get_secret_value().startswith("xapp-"):
        raise SettingsFault("SLACK_APP_TOKEN is no app-level token: those begin with xapp-.", hint=kept)
    if not settings.has_socket and not _is_set(settings.slack_signing_secret):
        raise SettingsFault("SLACK_SIGNING_SECRET is not set, nor is SLACK_APP_TOKEN for Socket Mode.", hint=kept)


def _is_set(secret: SecretStr) -> bool:
    return bool(secret.get_secret_value().strip())


def _kept_secret(path: Path) -> bytes:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        made = path.with_name(f"{path.name}.{os.getpid()}")
        made.touch(mode=0o600)
        made.write_text(secrets.token_urlsafe(48), encoding="ascii")
        # Linked, not renamed: of two processes that start at once the first wins, and neither reads half a secret.
        with contextlib.suppress(FileExistsError):
            os.link(made, path)
        made.unlink()
    return path.read_bytes().strip()
