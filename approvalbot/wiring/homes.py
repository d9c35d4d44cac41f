"""The home tabs, put together; and the thread of a worker that keeps those which were opened lately up to date."""

import threading
import time
from collections.abc import Sequence

from redis.exceptions import RedisError

from approvalbot.errors import DeliveryFailed, MoveRefused, Unavailable
from approvalbot.log import get_logger
from approvalbot.slack.home import Home
from approvalbot.store import keys
from approvalbot.store.homes import HomeMarks
from approvalbot.store.raw import text
from approvalbot.wiring.house import House
from approvalbot.wiring.lists import make_lists

log = get_logger("home")

AT_ONCE = 10
LOOK_S = 1.0
"""Tabs drawn in one look, and seconds between two."""

RATE_PER_S, BURST = 1.5, 20.0
"""Drawings of all processes: `views.publish` is tier 4, a hundred a minute at least (docs.slack.dev, "Rate limits")."""

BEHIND_S = 15
"""Seconds without a sign of any worker's clock after which reminders must be late. As `/readyz` counts it."""


def make_home(house: House) -> Home:
    """What draws home tabs."""
    return Home(
        house.journey,
        house.press_api,
        make_lists(house),
        house.values,
        HomeMarks(house.redis),
        house.guards,
        house.ourselves,
        lambda: _notices(house),
        frozenset(house.settings.approvalbot_teams),
    )


def _notices(house: House) -> Sequence[str]:
    """What is not as it should be, for whoever only reads Slack."""
    found = []
    if house.keeper.fault:
        found.append("The newest policy files have a fault; the policies before them stay in force.")
    try:
        seen = house.redis.get(keys.AUDITOR)
        stopped = house.redis.zcount(keys.FROZEN, int(time.time() * 1000), "+inf")
    except RedisError:
        return [*found, "Our storage does not answer."]
    if stopped:
        found.append("Slack is limiting posts: cards come late. What waits for you can be decided here.")
    if seen is None or time.time() - float(text(seen)) > BEHIND_S:
        found.append("No worker is running: cards, reminders and escalations are late until one does.")
    return found


def draw_due(house: House, home: Home) -> int:
    """Draw the tabs that are due, as many as Slack takes now; gives how many were looked at."""
    marks = HomeMarks(house.redis)
    due = marks.take_due(AT_ONCE)
    for place, slack in enumerate(due):
        wait_s = house.guards.wait_s("homes", "all", rate_per_s=RATE_PER_S, burst=BURST)
        try:
            if not wait_s:
                home.draw(slack, unless_same=True)
                continue
        except DeliveryFailed as fault:
            wait_s = fault.retry_after_s or 0.0
            log.warning("home not drawn", code=fault.code, retry_after_s=wait_s)
        except MoveRefused as fault:
            log.warning("home not drawn", code=fault.code)
        if wait_s:
            # Slack said stop, or we did: the others wait as long.
            for other in due[place:]:
                marks.later(other, wait_s)
            break
    return len(due)


class HomeDrawing(threading.Thread):
    """Draws what is due, for as long as the process lives."""

    def __init__(self, house: House) -> None:
        super().__init__(name="homes", daemon=True)
        self._house = house
        self._home = make_home(house)

    def run(self) -> None:
        """Look, draw, rest; a store that does not answer is asked again."""
        while True:
            try:
                draw_due(self._house, self._home)
            except Unavailable:
                log.warning("homes cannot reach the store")
            except Exception as fault:  # outermost edge: a thread that ended would let every tab grow old unseen
                log.exception("homes broke", error=type(fault).__name__)
            time.sleep(LOOK_S)
