"""The stage of the demo: Valkey, the local workspace, the web process and the workers, each a real process."""

import base64
import os
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import orjson

from approvalbot.cli.samples import samples
from approvalbot.errors import SettingsFault
from approvalbot.store.embedded import embedded_valkey

GALLERY = Path(__file__).parents[2] / "tests" / "slack" / "golden"
"""Every card and form as the tests hold them; only a checkout has them, and only there the page shows a gallery."""

START_WITHIN_S = 40
"""Seconds for all processes to answer. A slow laptop takes ten; past this something is wrong and its log says what."""

STOP_WITHIN_S = 8

CLIENT_ID = "111.222"
"""The app's client in the local workspace."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where the demo lives: its data, its policies, and its two addresses."""

    data: Path
    policies: Path
    bot_port: int
    workspace_port: int

    @property
    def bot(self) -> str:
        """The bot's own address."""
        return f"http://127.0.0.1:{self.bot_port}"

    @property
    def url(self) -> str:
        """Its address for people: passkeys belong to a name, and an IP address is none (WebAuthn section 5.1.2)."""
        return f"http://localhost:{self.bot_port}"

    @property
    def workspace(self) -> str:
        """The local workspace's address."""
        return f"http://127.0.0.1:{self.workspace_port}"


@dataclass(frozen=True, slots=True)
class Stage:
    """The running demo. `environment` is what its processes were started with."""

    place: Place
    environment: dict[str, str]
    secrets: dict[str, str]
    children: dict[str, subprocess.Popen[bytes]]

    def ended(self) -> str | None:
        """The name of a process that ended by itself, or None."""
        return next((name for name, child in self.children.items() if child.poll() is not None), None)

    def log_of(self, name: str, lines: int = 15) -> str:
        """The end of a process's log."""
        path = self.place.data / f"{name}.log"
        return "\n".join(path.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


@contextmanager
def staged(place: Place) -> Iterator[Stage]:
    """Start everything, wait until it answers, and stop it all at the end.

    Raises:
        SettingsFault: a port is taken, or a process does not come up; the message holds the end of its log.
    """
    for name, port in (("approvalbot", place.bot_port), ("the workspace", place.workspace_port)):
        _check_free(name, port)
    place.data.mkdir(parents=True, exist_ok=True, mode=0o700)
    kept = _kept_secrets(place.data / "demo-secrets.json")
    with ExitStack() as stack:
        redis_url = stack.enter_context(embedded_valkey(place.data / "valkey"))
        environment = {**os.environ, **_environment(place, kept, redis_url)}
        config = place.data / "workspace.json"
        config.write_bytes(orjson.dumps(_workspace(place, kept)))
        stage = Stage(place, environment, kept, {})
        stack.callback(_stop_all, stage)
        _start(stage, "workspace", ["approvalbot.workspace", "--config", str(config)])
        _start(stage, "web", ["approvalbot", "serve"])
        _start(stage, "worker", ["approvalbot", "work"])
        _wait(stage)
        yield stage


def free_port() -> int:
    """A port of this machine that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _kept_secrets(path: Path) -> dict[str, str]:
    """The demo's own secrets, made once: a restart must still verify what the run before signed."""
    kept: dict[str, str] = orjson.loads(path.read_bytes()) if path.exists() else {}
    made = {
        "AWS_EVENTS_KEY": secrets.token_urlsafe(24),
        "GITHUB_WEBHOOK_SECRET": secrets.token_urlsafe(24),
        "K8S_AUDIT_TOKEN": secrets.token_urlsafe(24),
        "OKTA_HOOK_KEY": secrets.token_urlsafe(24),
        "DEPLOY_TOOL_SECRET": _webhook_secret(),
        "DEPLOY_TOOL_CALLBACK_SECRET": _webhook_secret(),
        "GRANTS_SECRET": _webhook_secret(),
        "SLACK_SIGNING_SECRET": f"local-{secrets.token_urlsafe(24)}",
        "SLACK_CLIENT_SECRET": f"local-{secrets.token_urlsafe(24)}",
        "APPROVALBOT_SECRET": secrets.token_urlsafe(48),
    }
    if made.keys() <= kept.keys():
        return kept
    # A demo of an older version lacks what is new; what it has stays.
    path.touch(mode=0o600)
    path.write_bytes(orjson.dumps(made | kept))
    return made | kept


def _webhook_secret() -> str:
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def _environment(place: Place, kept: dict[str, str], redis_url: str) -> dict[str, str]:
    return {
        **kept,
        "SLACK_BOT_TOKEN": "xoxb-local-approvalbot",
        "SLACK_API_URL": f"{place.workspace}/api/",
        "SLACK_CLIENT_ID": CLIENT_ID,
        "SLACK_CLIENT_SECRET": kept["SLACK_CLIENT_SECRET"],
        "REDIS_URL": redis_url,
        "APPROVALBOT_POLICIES": str(place.policies),
        "APPROVALBOT_DATA_DIR": str(place.data),
        "APPROVALBOT_HOST": "127.0.0.1",
        "APPROVALBOT_PORT": str(place.bot_port),
        "APPROVALBOT_URL": place.url,
        "APPROVALBOT_ALARM_CHANNEL": "#general",
        "APPROVALBOT_ADMINS": "U0CAT",
        "APPROVALBOT_ALLOW": "local-destinations",
        "DEPLOY_TOOL_CALLBACK_URL": f"{place.workspace}/service/callbacks",
        "GRANTS_URL": f"{place.workspace}/service/grants",
        "NO_PROXY": "127.0.0.1,localhost",
        "PYTHONUNBUFFERED": "1",
    }


def _workspace(place: Place, kept: dict[str, str]) -> dict[str, object]:
    return {
        "port": place.workspace_port,
        "bot_url": f"{place.bot}/slack/events",
        "signing_secret": kept["SLACK_SIGNING_SECRET"],
        "sign_in": {
            "client_id": CLIENT_ID,
            "client_secret": kept["SLACK_CLIENT_SECRET"],
            "redirect_urls": [f"{place.url}/signin/callback"],
        },
        "state_path": str(place.data / "workspace.sqlite"),
        "verify_bot_at_start": False,
        "gallery": str(GALLERY) if GALLERY.is_dir() else None,
        "samples": samples(place.bot, kept),
        "service": {
            "callback_secrets": [kept["DEPLOY_TOOL_CALLBACK_SECRET"]],
            "grant_secrets": [kept["GRANTS_SECRET"]],
        },
    }


def _start(stage: Stage, name: str, module: list[str]) -> None:
    command = [sys.executable, "-m", *module]
    with (stage.place.data / f"{name}.log").open("wb") as log:
        # A session of its own: Ctrl-C reaches us alone, and we stop the others in order.
        stage.children[name] = subprocess.Popen(  # noqa: S603 - our own programs
            command, env=stage.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
        )


def _wait(stage: Stage) -> None:
    until = time.monotonic() + START_WITHIN_S
    with httpx.Client(trust_env=False, timeout=2) as http:
        while not _answers(http, stage.place):
            if (name := stage.ended()) is not None:
                raise SettingsFault(f"The {name} process ended at its start:\n{stage.log_of(name)}")
            if time.monotonic() > until:
                logs = "\n".join(f"{name}:\n{stage.log_of(name, 5)}" for name in stage.children)
                raise SettingsFault(f"The demo did not come up in {START_WITHIN_S} s.\n{logs}")
            time.sleep(0.1)


def _answers(http: httpx.Client, place: Place) -> bool:
    """Whether the bot is ready, its workers have been seen, and the workspace answers."""
    try:
        ready = http.get(f"{place.bot}/readyz")
        return (
            ready.status_code == httpx.codes.OK
            and bool(ready.json()["checks"]["workers"]["ok"])
            and http.get(place.workspace).status_code == httpx.codes.OK
        )
    except (httpx.HTTPError, ValueError, KeyError):
        return False


def _stop_all(stage: Stage) -> None:
    for child in stage.children.values():
        child.terminate()
    until = time.monotonic() + STOP_WITHIN_S
    for child in stage.children.values():
        try:
            child.wait(max(0.1, until - time.monotonic()))
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()


def _check_free(name: str, port: int) -> None:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            raise SettingsFault(
                f"Port {port}, meant for {name}, is taken.",
                hint="Is the demo running already? Or choose --port and --workspace-port.",
            ) from None
