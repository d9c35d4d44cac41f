"""The dashboard's pages to read, put together."""

from approvalbot import __version__
from approvalbot.answers.signing import key_set
from approvalbot.audit.sealing import opened
from approvalbot.dashboard.conditions import Conditions
from approvalbot.dashboard.counted import RecentCounts
from approvalbot.dashboard.deliveries import DeliveryPages
from approvalbot.dashboard.door import Door
from approvalbot.dashboard.explaining import ExplainPages
from approvalbot.dashboard.insight import InsightPages
from approvalbot.dashboard.people import PeoplePages
from approvalbot.dashboard.policies import PolicyPages
from approvalbot.dashboard.reading import ReadingPages
from approvalbot.dashboard.sources import SourcePages
from approvalbot.dashboard.system import SlackCheck, SystemPage
from approvalbot.dashboard.trail_pages import TrailPages
from approvalbot.store.chains import Chains
from approvalbot.store.checkpoints import CheckpointStore
from approvalbot.store.listing import Listing
from approvalbot.store.trail import TrailStore
from approvalbot.web.figures import Figures
from approvalbot.wiring.house import House
from approvalbot.wiring.trail import checkpoint_key


def reading_pages(
    house: House, door: Door, conditions: Conditions, figures: Figures, counts: RecentCounts
) -> ReadingPages:
    """Every page of them."""
    settings = house.settings
    trail, checkpoints, chains = TrailStore(house.redis), CheckpointStore(house.redis), Chains(house.redis)
    listing = Listing(house.redis)
    trusted = key_set(checkpoint_key(settings))
    return ReadingPages(
        policies=PolicyPages(door, house.requests, listing, counts),
        explain=ExplainPages(door),
        insight=InsightPages(door, counts),
        trail=TrailPages(door, trail, checkpoints, chains, trusted, settings.url),
        deliveries=DeliveryPages(door, house.outbox, chains),
        sources=SourcePages(door, house.redis),
        people=PeoplePages(door, chains),
        system=SystemPage(
            door=door,
            conditions=conditions,
            gauges=figures.gauges,
            queues=house.jobs.waiting,
            slack=SlackCheck(lambda: str(house.press_api.read("auth.test")["team_id"])),
            checkpoints=checkpoints,
            opened=lambda token: opened(token, trusted),
            version=__version__,
        ),
    )
