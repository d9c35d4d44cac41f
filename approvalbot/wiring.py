"""Wiring: the one place where the parts meet. Settings in; ports, the Bolt app and the ASGI app out."""

import os
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from dotenv import dotenv_values
from redis import Redis
from starlette.applications import Starlette

from approvalbot.answers.callback import Callbacks
from approvalbot.answers.receipts import Receipts
from approvalbot.answers.sending import Destination, Sender
from approvalbot.errors import DeliveryFailed, SettingsFault
from approvalbot.flow.ports import Journey
from approvalbot.grants.webhook import Post, Providers, WebhookGrants
from approvalbot.policy.policyset import PolicySet
from approvalbot.policy.snapshots import from_snapshot
from approvalbot.reloading import PolicyKeeper
from approvalbot.request.request import Person, Request
from approvalbot.settings import Settings, check_slack
from approvalbot.slack.api import PRESS_TIMEOUT_S, TIMEOUT_S, SlackApi
from approvalbot.slack.app import Listeners, make_app
from approvalbot.slack.asking import Access
from approvalbot.slack.gate import Gate
from approvalbot.slack.home import Home
from approvalbot.slack.messenger import SlackMessenger
from approvalbot.slack.ourselves import Ourselves
from approvalbot.slack.people import SlackPeople
from approvalbot.slack.presses import Presses
from approvalbot.slack.replies import Replies
from approvalbot.slack.values import Values
from approvalbot.store import keys
from approvalbot.store.capture import Capture
from approvalbot.store.connection import check_address, check_server, connect, connect_async
from approvalbot.store.counting import CountStore
from approvalbot.store.embedded import embedded_valkey
from approvalbot.store.guards import Guards
from approvalbot.store.jobs import Jobs
from approvalbot.store.outbox import Outbox
from approvalbot.store.postings import PostingStore
from approvalbot.store.requests import RequestStore
from approvalbot.web.counts import POLICIES_BROKEN, RELOADS
from approvalbot.web.doors import Doors, open_doors
from approvalbot.web.health import Health
from approvalbot.web.intake import Intake
from approvalbot.web.requests import RequestRoutes
from approvalbot.web.server import make_server
from approvalbot.web.waiting import Changes


@dataclass(frozen=True, slots=True)
class House:
    """A process's parts. `press_api` is the Slack client of whoever waits for an answer: it gives up sooner."""

    settings: Settings
    redis: Redis
    redis_url: str
    keeper: PolicyKeeper
    requests: RequestStore
    outbox: Outbox
    postings: PostingStore
    guards: Guards
    jobs: Jobs
    ourselves: Ourselves
    people: SlackPeople
    values: Values
    press_api: SlackApi
    messenger: SlackMessenger
    journey: Journey

    @property
    def policies(self) -> PolicySet:
        """The set that is in force now."""
        return self.keeper.current()


@contextmanager
def redis_address(settings: Settings) -> Iterator[str]:
    """The URL of the Redis to use: the one that is set, else the embedded Valkey of the data folder."""
    given = settings.redis_url.get_secret_value()
    if given:
        check_address(given, settings.approvalbot_allow)
        yield given
        return
    with embedded_valkey(settings.approvalbot_data_dir) as url:
        yield url


def build(settings: Settings, redis_url: str, *, for_presses: bool = False) -> House:
    """Put the parts together, once the surroundings are fit for them.

    Raises:
        SettingsFault: a setting is missing or wrong, or the Redis would lose decisions.
        PolicyFaults: the policies do not load.
    """
    check_slack(settings)
    if settings.is_local_slack:
        # urllib, which the Slack SDK uses, asks the environment's proxies even for loopback.
        os.environ["NO_PROXY"] = ",".join(filter(None, (os.environ.get("NO_PROXY"), "127.0.0.1,localhost")))
    redis = connect(redis_url, most=settings.approvalbot_threads * 2)
    check_server(redis, settings.approvalbot_allow, settings.key("mark").hex()[:16])
    keeper = PolicyKeeper(settings.approvalbot_policies)
    guards, requests, postings = Guards(redis), RequestStore(redis, from_snapshot), PostingStore(redis)
    api = _slack(settings, PRESS_TIMEOUT_S if for_presses else TIMEOUT_S)
    ourselves = Ourselves(api)
    people = SlackPeople(api, guards, ourselves, lambda: keeper.current().identities, settings.approvalbot_teams)
    values = Values(settings.key("values"))
    outbox, jobs = Outbox(redis), Jobs(redis, settings.key("jobs"))
    sender = Sender(allow_local=settings.allows("local-destinations"))
    messenger = SlackMessenger(
        api, people, ourselves, postings, guards, values, requests, settings.approvalbot_alarm_channel
    )
    journey = Journey(
        requests=requests,
        effects=outbox,
        outgoing=jobs,
        people=people,
        messenger=messenger,
        answers=Callbacks(sender, lambda name: _destination(keeper.current(), name)),
        granter=Providers({"webhook": WebhookGrants(_posting(sender, keeper.current))}),
        policies=keeper.current,
        counts=CountStore(redis),
        url=settings.url,
    )
    return House(
        settings=settings,
        redis=redis,
        redis_url=redis_url,
        keeper=keeper,
        requests=requests,
        outbox=outbox,
        postings=postings,
        guards=guards,
        jobs=jobs,
        ourselves=ourselves,
        people=people,
        values=values,
        press_api=api,
        messenger=messenger,
        journey=journey,
    )


def make_asgi(house: House) -> Starlette:
    """The web process."""
    settings = house.settings
    loop_redis = connect_async(house.redis_url)
    doors = _live_doors(house.keeper)
    house.keeper.tell(_tell_of_reload(house))
    changes = Changes(loop_redis, keys.CHANGES)
    receipts = Receipts(settings.key("receipts"), settings.url)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with changes:
            yield
        await loop_redis.aclose(close_connection_pool=True)

    return make_server(
        intake=Intake(
            house.journey,
            doors,
            Capture(loop_redis, cap=settings.approvalbot_capture),
            url=settings.url,
            threads=settings.approvalbot_threads,
        ),
        requests=RequestRoutes(house.requests, doors, changes, receipts),
        health=Health(house.redis, house.journey.policies, lambda: house.keeper.fault),
        slack=make_gate(house).answer,
        lifespan=lifespan,
    )


def make_gate(house: House) -> Gate:
    """Slack's door: the gate, with Bolt behind it."""
    settings = house.settings
    listing = Lists(house.requests)
    teams = frozenset(settings.approvalbot_teams)
    listeners = Listeners(
        presses=Presses(house.journey, house.press_api, house.ourselves, house.postings, house.values, teams),
        access=Access(house.journey, house.press_api, house.ourselves, listing, teams),
        home=Home(house.journey, house.press_api, listing),
        people=house.people,
        replies=Replies(house.press_api, settings.slack_api_url),
    )
    secret = settings.slack_signing_secret.get_secret_value()
    threads = settings.approvalbot_threads
    bolt = make_app(listeners, client=house.press_api.client, signing_secret=secret, threads=threads)
    return Gate(secret, bolt.dispatch, house.guards, time.time, threads=threads)


@dataclass(frozen=True, slots=True)
class Lists:
    """Finds what `/access list` and the home tab show."""

    requests: RequestStore

    def waiting_for(self, person: Person, most: int) -> list[tuple[Request, str]]:
        """Open requests that this person was asked to decide and has not, the one that ends soonest first."""
        names = [name for name, _ in self.requests.listed(keys.in_state("pending"), most=200)]
        mine = [
            request
            for request in self.requests.find_many(names)
            if any(person.slack in asked.people for asked in request.asked)
            and not any(vote.by.is_same(person) for vote in request.votes)
        ]
        soonest = sorted(mine, key=lambda request: (request.expires_at is None, request.expires_at))
        return self._titled(soonest[:most])

    def asked_by(self, person: Person, most: int) -> list[tuple[Request, str]]:
        """What this person asked for, newest first."""
        names = [name for name, _ in self.requests.listed(keys.asked_by(person.key), most=most)]
        return self._titled(self.requests.find_many(names))

    def _titled(self, requests: list[Request]) -> list[tuple[Request, str]]:
        abouts = self.requests.abouts([request.id for request in requests])
        return [(request, abouts[request.id].title) for request in requests if request.id in abouts]


def secret_of(name: str) -> str:
    """A secret by the name that a policy gives it: `env:NAME` (the environment, else `.env`) or `file:path`.

    Raises:
        SettingsFault: there is none.
    """
    kind, _, where = name.partition(":")
    if kind == "env":
        found = os.environ.get(where) or dotenv_values(".env").get(where) or ""
    else:
        path = Path(where)
        found = path.read_text(encoding="utf-8").strip() if path.is_file() else ""
    if not found:
        raise SettingsFault(
            f"The secret {name} is empty or missing.", hint="The policies name it; set it, or remove it there."
        )
    return found


def _slack(settings: Settings, timeout_s: int) -> SlackApi:
    return SlackApi(settings.slack_bot_token.get_secret_value(), settings.slack_api_url, timeout_s=timeout_s)


def _live_doors(keeper: PolicyKeeper) -> Callable[[], Doors]:
    """The doors of the sources in force; they open anew with each reload, and a set whose doors cannot open is none."""
    held = Doors()

    def put(doors: Doors) -> None:
        nonlocal held
        held = doors

    def prepare(policies: PolicySet) -> Callable[[], None]:
        opened = open_doors(policies.sources, policies.tables, secret_of, before=held)
        return lambda: put(opened)

    keeper.prepare(prepare)
    return lambda: held


def _tell_of_reload(house: House) -> Callable[[str], None]:
    def tell(fault: str) -> None:
        RELOADS.labels("broken" if fault else "ok").inc()
        POLICIES_BROKEN.set(1 if fault else 0)
        if fault:
            house.messenger.warn(f"The policies were changed and do not load; the set before stays in force. {fault}")

    return tell


def _destination(policies: PolicySet, name: str) -> Destination | None:
    found = policies.destinations.get(name)
    if found is None:
        return None
    url = secret_of(found.url) if found.url.startswith("env:") else found.url
    keys_ = tuple(secret_of(one) for one in (found.secret, found.previous) if one)
    return Destination(name, url, keys_, {header: secret_of(value) for header, value in found.headers.items()})


def _posting(sender: Sender, policies: Callable[[], PolicySet]) -> Post:
    def post(to: str, body: Mapping[str, Any], key: str, now: datetime) -> tuple[int, bytes]:
        destination = _destination(policies(), to)
        if destination is None:
            raise DeliveryFailed("grant_failed", f"No destination is called {to}.", final=True)
        response = sender.post(destination, body, key, now)
        return response.status, response.body

    return post
