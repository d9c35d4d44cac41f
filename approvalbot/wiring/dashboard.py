"""The dashboard, put together with the rest of the house."""

import base64
from collections.abc import Callable
from functools import partial

import anyio
from cryptography.fernet import Fernet
from starlette.routing import BaseRoute

from approvalbot.answers.receipts import Receipts
from approvalbot.dashboard.catalogue import Catalogue
from approvalbot.dashboard.conditions import Conditions
from approvalbot.dashboard.confirming import Confirming
from approvalbot.dashboard.conversing import Conversing
from approvalbot.dashboard.counted import RecentCounts
from approvalbot.dashboard.door import Door
from approvalbot.dashboard.grants import GrantPages
from approvalbot.dashboard.holding import Holding
from approvalbot.dashboard.inbox import Inbox
from approvalbot.dashboard.live import Live
from approvalbot.dashboard.looking import Looking
from approvalbot.dashboard.oidc import Issuer
from approvalbot.dashboard.passkeys import PasskeyPages, Tell
from approvalbot.dashboard.recognising import Recognition
from approvalbot.dashboard.render import Render
from approvalbot.dashboard.requests import RequestPages
from approvalbot.dashboard.routes import Dashboard
from approvalbot.dashboard.signin import Note, SignIn
from approvalbot.dashboard.totp import OneTimeCodes
from approvalbot.dashboard.webauthn import Authenticators
from approvalbot.flow.members import full_member
from approvalbot.flow.narrowing import is_heard
from approvalbot.log import get_logger
from approvalbot.request.answer import answer_of
from approvalbot.request.request import Person, Request
from approvalbot.request.trail import Draft
from approvalbot.slack.api import SlackFault
from approvalbot.slack.cardlink import card_link
from approvalbot.slack.text import safe
from approvalbot.store.chains import Chains
from approvalbot.store.listing import Listing
from approvalbot.store.passkeys import Passkeys
from approvalbot.store.server import server_state
from approvalbot.store.sessions import Sessions
from approvalbot.store.trail import TrailStore
from approvalbot.web.health import Health
from approvalbot.web.waiting import Changes
from approvalbot.wiring.house import House
from approvalbot.wiring.reading import reading_pages

log = get_logger("dashboard")


def dashboard_routes(house: House, changes: Changes, health: Health) -> list[BaseRoute]:
    """Every page."""
    settings = house.settings
    sessions = Sessions(house.redis)
    conditions = Conditions(health.checks, lambda: server_state(house.redis), sessions)
    door = Door(
        journey=house.journey,
        sessions=sessions,
        render=Render(local=settings.is_local_slack, notices=conditions.notices),
        url=settings.url,
        admins=frozenset(settings.approvalbot_admins),
        limiter=anyio.CapacityLimiter(settings.approvalbot_threads),
        recognition=Recognition(partial(full_member, house.people), house.people.last_known),
    )
    trail, looking = TrailStore(house.redis), Looking(house.requests, Listing(house.redis))
    passkeys, authenticators = Passkeys(house.redis), Authenticators(settings.url)
    holding, counts = Holding(door), RecentCounts(health.figures.statistics)
    codes = _one_time_codes(house, passkeys) if settings.approvalbot_totp else None
    pages = Dashboard(
        door=door,
        signin=SignIn(door, _issuer(house), _noting(house)),
        inbox=Inbox(door, looking, trail),
        requests=RequestPages(
            door,
            house.requests,
            trail,
            Confirming(door, passkeys, authenticators, codes),
            holding,
            Conversing(door),
            _card_of(house),
            _receipts(house),
        ),
        live=Live(door, house.requests, trail, changes),
        grants=GrantPages(door, looking, trail, holding),
        catalogue=Catalogue(door),
        passkeys=PasskeyPages(door, passkeys, authenticators, codes, tell_of_passkeys(house)),
        reading=reading_pages(house, door, conditions, health.figures, counts),
    )
    return pages.routes()


def _card_of(house: House) -> Callable[[str], str]:
    def link(request_id: str) -> str:
        try:
            return card_link(house.postings.all(request_id), house.ourselves.bot().url)
        except SlackFault:
            # A process that has not met Slack yet does not know the workspace's address; the page is drawn anyway.
            return ""

    return link


def _receipts(house: House) -> Callable[[Request], str]:
    receipts = Receipts(house.settings.key("receipts"), house.settings.url)

    def signed(request: Request) -> str:
        assert request.decision is not None  # noqa: S101 - only what is settled is asked for
        heard = is_heard(house.policies, request)
        return receipts.sign(answer_of(request, accepts_less=heard), request.decision.at)

    return signed


def _issuer(house: House) -> Issuer | None:
    """Where people sign in, or None while no client is set up."""
    settings = house.settings
    secret = settings.slack_client_secret.get_secret_value()
    if not settings.slack_client_id or not secret:
        return None

    def teams() -> frozenset[str]:
        return frozenset(settings.approvalbot_teams) or frozenset({house.ourselves.bot().team})

    return Issuer(settings.slack_api_url, settings.slack_client_id, secret, f"{settings.url}/signin/callback", teams)


def _one_time_codes(house: House, passkeys: Passkeys) -> OneTimeCodes:
    seal = Fernet(base64.urlsafe_b64encode(house.settings.key("totp")))
    return OneTimeCodes(seal, passkeys, house.guards, "approvalbot")


def tell_of_passkeys(house: House) -> Tell:
    """Keeps in the trail what became of somebody's passkeys, and tells their owner and the alarm channel.

    Whoever enrols in somebody's name has to reckon with that person hearing of it at once.
    """
    chains = Chains(house.redis)

    def tell(slack: str, what: str, name: str) -> None:
        known = house.policies.identities.lookup("slack", slack)
        person = Person(key=known or f"slack:{slack}", name=slack, slack=slack)
        chains.append("passkeys", [Draft(what, person, {"name": name})])
        said = {
            "passkey_enrolled": f"A passkey was enrolled for you: {safe(name)}.",
            "passkey_removed": f"A passkey of yours was removed: {safe(name)}.",
            "passkey_invited": f"{safe(name)} made a code with which you can enrol a passkey.",
        }[what]
        warning = "If this was not you, tell an admin at once."
        try:
            house.press_api.write("chat.postMessage", channel=slack, text=f":key: {said} {warning}")
        except SlackFault as fault:
            log.warning("owner not told of a passkey", what=what, error=fault.error)
        house.messenger.warn(f"{what.replace('_', ' ')}: <@{slack}>, {name}")

    return tell


def _noting(house: House) -> Note:
    chains = Chains(house.redis)

    def note(what: str, slack: str) -> None:
        member = house.people.who(slack)
        known = house.policies.identities.lookup("slack", slack)
        person = Person(key=known or f"slack:{member.team}/{slack}", name=member.name, slack=slack)
        chains.append("signin", [Draft(what, person)])

    return note
