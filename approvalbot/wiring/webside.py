"""The web process: the HTTP doors, with Slack behind its gate."""

import secrets
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

import anyio.to_thread
from starlette.applications import Starlette

from approvalbot.answers.receipts import Receipts
from approvalbot.audit.sealing import opened
from approvalbot.flow.belonging import recheck
from approvalbot.policy.policyset import PolicySet
from approvalbot.reloading import Reloaded
from approvalbot.slack.app import Listeners, make_app
from approvalbot.slack.asking import Access
from approvalbot.slack.attending import Attending
from approvalbot.slack.commands import Commands
from approvalbot.slack.deciding import Deciding
from approvalbot.slack.gate import Gate
from approvalbot.slack.holding import Holding
from approvalbot.slack.linking import Linking
from approvalbot.slack.naming import Named
from approvalbot.slack.once import Once
from approvalbot.slack.orphans import Orphans
from approvalbot.slack.presses import Presses
from approvalbot.slack.replies import Replies
from approvalbot.slack.shortcuts import Shortcuts
from approvalbot.slack.socket import SocketDoor
from approvalbot.store import keys
from approvalbot.store.capture import Capture
from approvalbot.store.connection import connect_async
from approvalbot.store.statistics import Statistics
from approvalbot.store.trail import TrailStore
from approvalbot.web.doors import Doors, open_doors
from approvalbot.web.figures import Figures
from approvalbot.web.handshakes import Handshakes
from approvalbot.web.health import Health
from approvalbot.web.intake import Intake
from approvalbot.web.openapi import openapi_door
from approvalbot.web.proofs import Outside
from approvalbot.web.requests import RequestRoutes
from approvalbot.web.server import make_server
from approvalbot.web.streaming import Streams
from approvalbot.web.waiting import Changes
from approvalbot.wiring.dashboard import dashboard_routes
from approvalbot.wiring.homes import make_home
from approvalbot.wiring.house import House
from approvalbot.wiring.lists import make_lists
from approvalbot.wiring.news import tell_of_reloads
from approvalbot.wiring.secrets import secret_of
from approvalbot.wiring.slackclient import slack_api
from approvalbot.wiring.trail import public_keys, tell_of_policies


def make_asgi(house: House) -> Starlette:
    """The web process."""
    settings = house.settings
    loop_redis = connect_async(house.redis_url)
    doors = _live_doors(house)
    tell_of_reloads(house)
    figures = Figures(
        house.redis,
        Statistics(house.redis, house.requests.find_many),
        lambda signed: opened(signed, None).number,
        house.jobs.waiting,
    )
    slack = make_slack(house)
    socket_is_up = slack.socket.is_up if slack.socket is not None else None
    health = Health(house.redis, house.journey.policies, lambda: house.keeper.fault, figures, socket_is_up)
    changes = Changes(loop_redis, keys.CHANGES)
    streams = Streams(house.requests, TrailStore(house.redis), changes)
    receipts = Receipts(settings.key("receipts"), settings.url)
    note_policies = tell_of_policies(house.redis, house.keeper.current)
    note_policies(Reloaded())
    house.keeper.tell(note_policies)

    @asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with changes:
            if slack.socket is not None:
                slack.socket.start()
            yield
            if slack.socket is not None:
                await anyio.to_thread.run_sync(slack.socket.stop)
        await loop_redis.aclose(close_connection_pool=True)

    return make_server(
        intake=Intake(
            house.journey,
            doors,
            Capture(loop_redis, cap=settings.approvalbot_capture),
            url=settings.url,
            threads=settings.approvalbot_threads,
        ),
        handshakes=Handshakes(doors),
        requests=RequestRoutes(house.requests, doors, changes, receipts, public_keys(settings, receipts.key), streams),
        health=health,
        slack=slack.gate.answer if slack.gate is not None else None,
        lifespan=lifespan,
        openapi=openapi_door(settings.url),
        more=dashboard_routes(house, changes, health),
    )


@dataclass(frozen=True, slots=True)
class SlackDoors:
    """How Slack reaches this process: signed requests, a socket, or both."""

    gate: Gate | None
    socket: SocketDoor | None


def make_slack(house: House) -> SlackDoors:
    """Slack's doors, with one Bolt behind them."""
    settings = house.settings
    listing = make_lists(house)
    teams = frozenset(settings.approvalbot_teams)
    journey, api, values = house.journey, house.press_api, house.values
    access = Access(journey, api, house.ourselves, listing, teams)
    holding = Holding(journey, api, house.ourselves, values, teams)
    attending = Attending(journey, api, house.ourselves, values, teams)
    named = Named(journey, holding, listing, house.postings, house.ourselves, values)
    listeners = Listeners(
        presses=Presses(
            *(journey, api, house.ourselves, house.postings, values),
            holding=holding,
            attending=attending,
            deciding=Deciding(journey, api, house.ourselves, values, teams),
            access=access,
            orphans=Orphans(house.paced, values),
            linking=Linking(journey, api, values),
            kept_days=settings.approvalbot_retention_days,
            teams=teams,
        ),
        access=access,
        commands=Commands(access, named),
        holding=holding,
        attending=attending,
        home=make_home(house),
        people=house.people,
        replies=Replies(api, settings.slack_api_url),
        shortcuts=Shortcuts(access),
        recheck=partial(recheck, journey, listing),
    )
    # A door without a secret is not opened; Bolt takes no empty one, and nobody can sign with what nobody knows.
    secret = settings.slack_signing_secret.get_secret_value().strip() or secrets.token_hex(16)
    threads = settings.approvalbot_threads
    bolt = make_app(
        listeners, client=house.press_api.client, signing_secret=secret, threads=threads, bot=house.ourselves.bot
    )
    once = Once(bolt.dispatch, house.guards)
    return SlackDoors(
        gate=Gate(secret, once, time.time, threads=threads) if settings.has_http_door else None,
        socket=_socket(house, once) if settings.has_socket else None,
    )


def _socket(house: House, once: Once) -> SocketDoor:
    settings = house.settings
    return SocketDoor(
        slack_api(settings, token=settings.slack_app_token),
        once,
        house.guards,
        threads=settings.approvalbot_threads,
        local=settings.is_local_slack,
    )


def _live_doors(house: House) -> Callable[[], Doors]:
    """The doors of the sources in force; they open anew with each reload, and a set whose doors cannot open is none."""
    held = Doors()
    outside = Outside.of(house.fetch, house.settings.approvalbot_proxies)

    def put(doors: Doors) -> None:
        nonlocal held
        held = doors

    def prepare(policies: PolicySet) -> Callable[[], None]:
        opened = open_doors(policies.sources, policies.tables, secret_of, outside, before=held)
        return lambda: put(opened)

    house.keeper.prepare(prepare)
    return lambda: held
