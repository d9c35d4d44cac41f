"""The dashboard, put together with the rest of the house."""

import anyio
from starlette.routing import BaseRoute

from approvalbot.dashboard.door import Door
from approvalbot.dashboard.inbox import Inbox
from approvalbot.dashboard.live import Live
from approvalbot.dashboard.oidc import Issuer
from approvalbot.dashboard.render import Render
from approvalbot.dashboard.requests import RequestPages
from approvalbot.dashboard.routes import Dashboard
from approvalbot.dashboard.signin import Note, SignIn
from approvalbot.request.request import Person
from approvalbot.request.trail import Draft
from approvalbot.store.chains import Chains
from approvalbot.store.sessions import Sessions
from approvalbot.store.trail import TrailStore
from approvalbot.web.waiting import Changes
from approvalbot.wiring.house import House


def dashboard_routes(house: House, changes: Changes) -> list[BaseRoute]:
    """Every page."""
    settings = house.settings
    door = Door(
        journey=house.journey,
        sessions=Sessions(house.redis),
        render=Render(local=settings.is_local_slack),
        url=settings.url,
        admins=frozenset(settings.approvalbot_admins),
        limiter=anyio.CapacityLimiter(settings.approvalbot_threads),
    )
    trail = TrailStore(house.redis)
    pages = Dashboard(
        door=door,
        signin=SignIn(door, _issuer(house), _noting(house)),
        inbox=Inbox(door, house.requests),
        requests=RequestPages(door, house.requests, trail),
        live=Live(door, house.requests, changes),
    )
    return pages.routes()


def _issuer(house: House) -> Issuer | None:
    """Where people sign in, or None while no client is set up."""
    settings = house.settings
    secret = settings.slack_client_secret.get_secret_value()
    if not settings.slack_client_id or not secret:
        return None

    def teams() -> frozenset[str]:
        return frozenset(settings.approvalbot_teams) or frozenset({house.ourselves.bot().team})

    return Issuer(settings.slack_api_url, settings.slack_client_id, secret, f"{settings.url}/signin/callback", teams)


def _noting(house: House) -> Note:
    chains = Chains(house.redis)

    def note(what: str, slack: str) -> None:
        member = house.people.who(slack)
        known = house.policies.identities.lookup("slack", slack)
        person = Person(key=known or f"slack:{member.team}/{slack}", name=member.name, slack=slack)
        chains.append("signin", [Draft(what, person)])

    return note
