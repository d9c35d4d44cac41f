"""storm: a hundred requests for one channel at once, with Slack's own limits in force, through every real process.

The local workspace counts calls as Slack does and would answer 429. While the storm is being told, one request is
decided from its card: a decision waits for nothing of this.
"""

import tempfile
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from approvalbot.cli.demo import TOUR_POLICIES
from approvalbot.cli.samples import DEPLOY
from approvalbot.cli.stage import Place, Stage, free_port, staged
from approvalbot.client import Approvals
from approvalbot.workspace.hands import Hands, Message
from bench.report import Claim, Report, Row

CHANNEL = "#deploys"
PRESSER = "U0BOB"
SEEN_WITHIN_S = 15.0
LONGEST_S = 60.0
"""Seconds after which a bench that does not end is a fault."""

BURST, PER_S = 10, 1.0
"""Messages that one channel takes at once, and then each second (slack/budget.py)."""


@dataclass(frozen=True, slots=True)
class Size:
    """How many requests, sent by how many at once."""

    requests: int = 100
    senders: int = 8


@dataclass(frozen=True, slots=True)
class Seen:
    """What was found in the channel, and after how many seconds from the first event."""

    all_s: float
    first_s: float
    decided_s: float
    told_s: float
    messages: Sequence[Message]

    @property
    def digests(self) -> int:
        """How many messages stand for many requests."""
        return sum("Slack is limiting posts" in one.words for one in self.messages)


def run(size: Size = Size()) -> Report:
    """Let the storm come and look at the channel until everything is there."""
    with tempfile.TemporaryDirectory(prefix="approvalbot-storm-") as folder:
        place = Place(Path(folder), TOUR_POLICIES, free_port(), free_port())
        with staged(place) as stage, Hands(place.workspace, user=PRESSER) as hands:
            began = time.monotonic()
            requests = sent(stage, size)
            sent_s = time.monotonic() - began
            seen = watched(stage, hands, requests, began)
            calls = [one for one in hands.traffic("call") if one["what"].startswith("chat.")]
    stopped = sum("ratelimited" in str(one) for one in calls)
    edits = sum(one["what"] == "chat.update" for one in calls)
    allowed = BURST + int(PER_S * seen.all_s) + 1
    return Report(
        "storm",
        f"{size.requests} deploys for one channel from {size.senders} senders, every process real, Slack's limits on",
        [
            Row("all events accepted", sent_s, "s"),
            Row("first card seen", seen.first_s, "s"),
            Row("every request seen in the channel", seen.all_s, "s", most=SEEN_WITHIN_S),
            Row("Approve pressed meanwhile → waiting service released", seen.decided_s * 1000, "ms", most=500),
            Row("Approve pressed meanwhile → callback received", seen.told_s * 1000, "ms"),
            Row("messages in the channel", len(seen.messages), "", most=allowed),
            Row("edits", edits),
        ],
        [
            Claim("every request is named in the channel", named(seen.messages, requests), f"{len(requests)}"),
            Claim("at most one digest", seen.digests <= 1, f"{seen.digests}"),
            Claim("Slack never had to say stop", stopped == 0, f"{stopped} answers of 429"),
        ],
    )


def sent(stage: Stage, size: Size) -> list[str]:
    """Send the events; gives their requests."""
    key = stage.secrets["DEPLOY_TOOL_SECRET"]

    def send(numbers: Sequence[int]) -> list[str]:
        with Approvals(stage.place.bot, source="deploy-tool", key=key) as approvals:
            return [approvals.ask({**DEPLOY, "id": f"storm-{n}", "sha": f"{n:08x}"}).id for n in numbers]

    shares = [range(size.requests)[start :: size.senders] for start in range(size.senders)]
    with ThreadPoolExecutor(size.senders) as pool:
        return [request for made in pool.map(send, shares) for request in made]


def watched(stage: Stage, hands: Hands, requests: Sequence[str], began: float) -> Seen:
    """Look at the channel until it names every request; decide one as soon as it has a card.

    Raises:
        RuntimeError: it does not within a minute.
    """
    first_s = decided_s = told_s = 0.0
    while time.monotonic() - began < LONGEST_S:
        messages = [one for one in hands.messages(CHANNEL) if not one.only_you]
        if messages and not first_s:
            first_s = time.monotonic() - began
            decided_s, told_s = decided(stage, hands, messages[0], requests)
        if named(messages, requests):
            return Seen(time.monotonic() - began, first_s, decided_s, told_s, messages)
        time.sleep(0.05)
    raise RuntimeError(f"not every request was seen in {LONGEST_S:.0f} s")


def decided(stage: Stage, hands: Hands, card: Message, requests: Sequence[str]) -> tuple[float, float]:
    """Press Approve on a card; gives the seconds until a waiting service knows, and until the callback came."""
    request = next(one for one in requests if one[:6] in card.words)
    pressed_at = time.monotonic()
    hands.press(CHANNEL, card.ts, "request.approve", confirmed=True)
    with Approvals(stage.place.bot, source="deploy-tool", key=stage.secrets["DEPLOY_TOOL_SECRET"]) as approvals:
        answer = approvals.wait(request)
    if not answer.allowed:
        raise RuntimeError(f"approved, and answered {answer.status}")
    released_s = time.monotonic() - pressed_at
    hands.wait_for(lambda: request in str(hands.service()["received"]), timeout_s=LONGEST_S)
    return released_s, time.monotonic() - pressed_at


def named(messages: Sequence[Message], requests: Sequence[str]) -> bool:
    """Whether each request stands in some message by the name that people call it."""
    words = " ".join(one.words for one in messages)
    return all(request[:6] in words for request in requests)
