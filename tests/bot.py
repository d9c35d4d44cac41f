"""A whole bot for a test: the real web process in a thread, a real Valkey, the local workspace over real HTTP.

Only the carrier of work is the test's own: it keeps what was handed to the workers, and `settle` performs it here, one
after the other, so that a test knows when everything is said.
"""

import base64
import socket
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Literal

import httpx
import orjson
import yaml

from approvalbot.answers.sending import signed
from approvalbot.cli.samples import ADMIN
from approvalbot.errors import ApprovalBotError
from approvalbot.flow.perform import perform
from approvalbot.request.change import Change
from approvalbot.request.request import Request
from approvalbot.settings import load_settings
from approvalbot.sources.remembered import Fetch
from approvalbot.web.heads import Heads
from approvalbot.wiring.house import House, build
from approvalbot.wiring.webside import make_asgi
from approvalbot.worker import wake
from approvalbot.workspace.config import BOT_SCOPES, RateLimits, Service, SignIn, WorkspaceConfig
from approvalbot.workspace.hands import Hands
from approvalbot.workspace.serving import Running, running_workspace
from tests.serving import serving

SIGNING_SECRET = "local-signing-secret-of-the-tests"
KEY = "whsec_" + base64.b64encode(b"a deploy tool's key of 32 bytes!").decode()
CALLBACK_KEY = "whsec_" + base64.b64encode(b"the callback's own key, 32 bytes").decode()
AWS_KEY = "the-key-of-the-audit-log"
CLIENT_SECRET = "local-client-secret-of-the-tests"
POLICIES = Path(__file__).parent / "policies"
LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DUMPER = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


@dataclass
class Carrier:
    """Keeps what was handed to the workers."""

    effects: list[str] = field(default_factory=list)
    wakes: list[str] = field(default_factory=list)

    def send(self, effect_ids: Sequence[str], *, first: bool = False) -> None:
        place = 0 if first else len(self.effects)
        self.effects[place:place] = effect_ids

    def wake(self, request_ids: Sequence[str]) -> None:
        self.wakes.extend(request_ids)


@dataclass
class Bot:
    """The bot and its surroundings."""

    house: House
    carrier: Carrier
    http: httpx.Client
    workspace: str
    environment: dict[str, str]
    running: Running

    def hands(self, name: str) -> Hands:
        return Hands(self.workspace, user=f"U0{name}")

    def deploy(self, **event: Any) -> httpx.Response:
        """Send a deploy event, signed with Standard Webhooks, as the deploy tool does."""
        body = {
            "id": "deploy-1",
            "action": "deploy.requested",
            "actor": {"id": "eve@example.com", "name": "Eve Eade"},
            "resource": {"id": "acme/shop"},
            "target": {"environment": "production"},
            **event,
        }
        return self.post("deploy-tool", orjson.dumps(body))

    def post(self, source: str, content: bytes, **headers: str) -> httpx.Response:
        """Send bytes to a source, signed with the deploy tool's key."""
        proof = signed((KEY,), "msg_1", datetime.now(UTC), content)
        return self.http.post(f"/v1/events/{source}", content=content, headers={**proof, **headers})

    def aws(self, event: Any, **headers: str) -> httpx.Response:
        headers = {"x-api-key": AWS_KEY, **headers}
        return self.http.post("/v1/events/aws.cloudtrail", content=orjson.dumps(event), headers=headers)

    def aws_escalation(self, **changes: Any) -> str:
        """Report the admin escalation of the samples; gives the request's id."""
        return str(self.aws({**ADMIN, **changes}).json()["id"])

    def bearer(self) -> dict[str, str]:
        return {"authorization": f"Bearer {KEY}"}

    def settle(self, most: int = 200) -> list[str]:
        """Perform everything that was handed to the workers, and what that leads to; gives what was performed."""
        done = []
        while self.carrier.effects or self.carrier.wakes:
            while self.carrier.wakes:
                wake(self.house.journey, self.carrier.wakes.pop(0))
            if self.carrier.effects:
                effect = self.carrier.effects.pop(0)
                perform(self.house.journey, effect)
                done.append(effect)
            if len(done) > most:
                raise ApprovalBotError("unavailable", "effects never settle")
        return done

    def request(self, request_id: str) -> Request:
        found = self.house.requests.find(request_id)
        assert found is not None
        return found

    def later(self, request_id: str, by: timedelta) -> None:
        """Let time pass for one request: all its moments move into the past, and what is due then is done."""
        request = self.request(request_id)
        moved = request.model_validate(_earlier(request.model_dump(), by)).model_copy(
            update={"version": request.version + 1}
        )
        assert self.house.requests.commit(Change(moved, request.version))
        wake(self.house.journey, request_id)
        self.settle()

    def names(self, index: str) -> list[str]:
        """What a sorted set of the store holds, in order."""
        return [bytes(name).decode() for name in self.house.redis.zrange(index, 0, -1)]  # type: ignore[arg-type]

    def steps(self, request_id: str) -> list[str]:
        """The request's trail, by what its entries are."""
        from approvalbot.store.trail import TrailStore  # noqa: PLC0415 - a reader of the same store

        records = TrailStore(self.house.redis).records()
        return [str(one.entry["what"]) for one in records if one.entry["request"] == request_id]


@contextmanager
def running_bot(
    redis_url: str,
    folder: Path,
    monkeypatch: Any,
    *,
    policies: Path = POLICIES,
    changes: dict[str, Any] | None = None,
    settings: dict[str, Any] | None = None,
    host: str = "127.0.0.1",
    fetch: Fetch | None = None,
    scopes: tuple[str, ...] = BOT_SCOPES,
    mode: Literal["http", "socket"] = "http",
    limited: bool = False,
) -> Iterator[Bot]:
    """Start a workspace and a bot that know each other. `changes` are merged into the policy documents by id, and
    `settings` into the bot's own. `fetch` takes the place of the bot's, where what is fetched has a fixed address.
    With `limited` the workspace counts calls as Slack does, and the bot keeps to that.
    """
    listener = socket.create_server(("127.0.0.1", 0))
    own_url = f"http://{host}:{listener.getsockname()[1]}"
    workspace_config = WorkspaceConfig(
        port=0,
        bot_url=f"{own_url}/slack/events",
        mode=mode,
        signing_secret=SIGNING_SECRET,
        verify_bot_at_start=False,
        scopes=scopes,
        rate_limits=RateLimits(enforced=limited),
        sign_in=SignIn(client_secret=CLIENT_SECRET, redirect_urls=(f"{own_url}/signin/callback",)),
        service=Service(callback_secrets=(CALLBACK_KEY,), grant_secrets=(CALLBACK_KEY,)),
    )
    with running_workspace(workspace_config) as workspace:
        environment = {
            "DEPLOY_TOOL_SECRET": KEY,
            "AWS_EVENTS_KEY": AWS_KEY,
            "DEPLOY_TOOL_CALLBACK_URL": f"{workspace.url}/service/callbacks",
            "DEPLOY_TOOL_CALLBACK_SECRET": CALLBACK_KEY,
            "GRANTS_URL": f"{workspace.url}/service/grants",
            "GRANTS_SECRET": CALLBACK_KEY,
        }
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        loaded = load_settings(
            _env_file=None,
            slack_bot_token="xoxb-local-approvalbot",
            slack_signing_secret=SIGNING_SECRET if mode == "http" else "",
            slack_app_token="xapp-local-approvalbot" if mode == "socket" else "",
            slack_api_url=f"{workspace.url}/api/",
            approvalbot_policies=_changed(policies, folder / "policies", changes or {}),
            approvalbot_data_dir=folder / "data",
            approvalbot_secret="s" * 40,
            approvalbot_allow="local-destinations",
            approvalbot_alarm_channel="#general",
            approvalbot_url=own_url,
            approvalbot_slack_pace="slack" if limited else "unlimited",
            **(settings or {}),
        )
        house = build(loaded, redis_url, for_presses=True)
        carrier = Carrier()
        house = replace(house, journey=replace(house.journey, outgoing=carrier), fetch=fetch or house.fetch)
        with (
            serving(make_asgi(house), listener, http=Heads) as url,
            httpx.Client(base_url=url, transport=httpx.HTTPTransport(verify=False), timeout=20) as http,
        ):
            yield Bot(house, carrier, http, workspace.url, environment, workspace)
            workspace.stop()


def _earlier(value: Any, by: timedelta) -> Any:
    if isinstance(value, datetime):
        return value - by
    if isinstance(value, dict):
        return {name: _earlier(one, by) for name, one in value.items()}
    return [_earlier(one, by) for one in value] if isinstance(value, list | tuple) else value


def _changed(policies: Path, folder: Path, changes: dict[str, Any]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for file in policies.glob("*.yaml"):
        # libyaml where there is one: this is done for every test.
        documents = list(yaml.load_all(file.read_text(encoding="utf-8"), LOADER))
        for document in documents:
            merge(document, changes.get(document["id"], {}))
        written = yaml.dump_all(documents, Dumper=DUMPER, sort_keys=False)
        (folder / file.name).write_text(written, encoding="utf-8")
    return folder


def merge(into: dict[str, Any], changes: dict[str, Any]) -> None:
    """Merge nested maps; None leaves a key out, anything else replaces."""
    for name, value in changes.items():
        if value is None:
            into.pop(name, None)
        elif isinstance(value, dict) and isinstance(into.get(name), dict):
            merge(into[name], value)
        else:
            into[name] = value
