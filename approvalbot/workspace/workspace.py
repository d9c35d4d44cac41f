"""One running workspace: its configuration, everything it holds, and the line to the bot."""

import asyncio
from collections.abc import Coroutine
from dataclasses import dataclass, field
from typing import Any

import httpx

from approvalbot.workspace.config import WorkspaceConfig
from approvalbot.workspace.deliveries.link import BotLink, HttpLink
from approvalbot.workspace.deliveries.sockets import Sockets
from approvalbot.workspace.errors import Json
from approvalbot.workspace.loopback import plain_http
from approvalbot.workspace.outside.behaviour import Behaviour
from approvalbot.workspace.outside.book import Book
from approvalbot.workspace.signin.provider import Provider
from approvalbot.workspace.state.clock import Clock
from approvalbot.workspace.state.directory import Directory
from approvalbot.workspace.state.faults import Faults
from approvalbot.workspace.state.files import Upload
from approvalbot.workspace.state.health import EventHealth
from approvalbot.workspace.state.hub import Hub
from approvalbot.workspace.state.limits import Limits
from approvalbot.workspace.state.messages import Messages
from approvalbot.workspace.state.response_urls import ResponseUrls
from approvalbot.workspace.state.store import Store
from approvalbot.workspace.state.tokens import Tokens
from approvalbot.workspace.state.traffic import Traffic
from approvalbot.workspace.state.triggers import Triggers
from approvalbot.workspace.state.views import Views


@dataclass(slots=True)
class Workspace:
    """All parts of one workspace. Everything in it is used from the server's own event loop only.

    `scheduled` holds channel and Unix time of messages to come, `uploads` the files announced, by id.
    `offers` holds what the bot last suggested for external selects, by person and action_id. `last_press_s` is the
    Unix time of the last press or submission, against which a released wait is measured.
    """

    config: WorkspaceConfig
    store: Store
    clock: Clock
    hub: Hub
    directory: Directory
    messages: Messages
    views: Views
    triggers: Triggers
    tokens: Tokens
    traffic: Traffic
    faults: Faults
    limits: Limits
    health: EventHealth
    link: BotLink
    sockets: Sockets
    response_urls: ResponseUrls
    signing: Provider
    book: Book
    http: httpx.AsyncClient
    offers: dict[str, dict[str, list[Json]]] = field(default_factory=dict)
    behaviours: list[Behaviour] = field(default_factory=list)
    scheduled: dict[str, tuple[str, int]] = field(default_factory=dict)
    uploads: dict[str, Upload] = field(default_factory=dict)
    last_press_s: float = 0.0
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    @classmethod
    def open(cls, config: WorkspaceConfig, clock: Clock | None = None) -> "Workspace":
        """Build a workspace and read back what its state file holds."""
        clock = clock or Clock()
        store = Store(config.state_path)
        hub = Hub()
        directory = Directory(config.cast, store, clock)
        sockets = Sockets(clock, hub, directory.app.id, is_enabled=config.mode == "socket")
        return cls(
            config=config,
            store=store,
            clock=clock,
            hub=hub,
            directory=directory,
            messages=Messages(store, clock),
            views=Views(store, clock),
            triggers=Triggers(clock, config.timing.trigger_life_s),
            tokens=Tokens(config.bot_token, config.app_token, directory.app.user_id, config.scopes),
            traffic=Traffic(clock, hub),
            faults=Faults(),
            limits=Limits(config.rate_limits, clock),
            health=EventHealth(clock, config.rate_limits.health_from_events),
            link=sockets if config.mode == "socket" else HttpLink(config.bot_url, config.signing_secret),
            sockets=sockets,
            signing=Provider(config.sign_in.client_id, clock),
            response_urls=ResponseUrls(clock, config.timing),
            book=Book(store, hub),
            http=httpx.AsyncClient(**plain_http()),
        )

    @property
    def origin(self) -> str:
        """The workspace's own address."""
        return self.config.origin

    @property
    def installed(self) -> bool:
        """Whether the app is part of the workspace; a revoked token alone does not remove it."""
        return self.tokens.bot.fault != "account_inactive"

    def next_behaviour(self, endpoint: str) -> Behaviour | None:
        """The oldest order for an endpoint of the service; one of its times is used up."""
        for index, order in enumerate(self.behaviours):
            if order.endpoint == endpoint:
                left = None if order.times is None else order.times - 1
                if left == 0:
                    del self.behaviours[index]
                else:
                    self.behaviours[index] = order.model_copy(update={"times": left})
                return order
        return None

    def in_background(self, work: Coroutine[Any, Any, None]) -> None:
        """Run something beside the request that caused it; `close` cancels what is still running."""
        task = asyncio.get_running_loop().create_task(work)
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)

    def reset(self) -> None:
        """Everything as at the first start: the cast, no messages, no faults, nothing under way."""
        for task in self.tasks:
            task.cancel()
        self.store.clear()
        self.directory.load()
        self.messages.load()
        self.views.load()
        self.book.load()
        self.faults.clear()
        self.behaviours.clear()
        self.offers.clear()
        self.scheduled.clear()
        self.uploads.clear()
        self.traffic.clear()
        self.health.restore()
        self.limits = Limits(self.config.rate_limits, self.clock)
        self.tokens = Tokens(
            self.config.bot_token, self.config.app_token, self.directory.app.user_id, self.config.scopes
        )
        self.hub.tell("*")

    async def close(self) -> None:
        """Stop what runs in the background and let go of the bot and the file."""
        for task in list(self.tasks):
            task.cancel()
        await asyncio.gather(*self.tasks, return_exceptions=True)
        await self.link.close()
        await self.http.aclose()
        self.store.close()
