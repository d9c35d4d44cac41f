"""The tour: the whole story, played by hand and checked at every step.

It does what people would do, through the doors they would use: signed events over HTTP, presses and forms in the
workspace, a service that waits. A step that does not hold ends the tour with what was expected and what was there.
"""

import time
from contextlib import ExitStack
from datetime import UTC, datetime
from typing import Any

import httpx
import orjson
from redis import Redis

from approvalbot.answers.receipts import verify
from approvalbot.cli.output import say
from approvalbot.cli.samples import ADMIN, DEPLOY, READ_ONLY, enveloped
from approvalbot.cli.stage import Stage
from approvalbot.cli.telling import PATIENCE_S, chapter, last, pressed, private, same, shows, step, wait
from approvalbot.client import Approvals
from approvalbot.store.connection import connect
from approvalbot.store.trail import TrailStore, prove
from approvalbot.workspace.hands import Form, Hands, Message


def tour(stage: Stage) -> None:
    """Play it all. Raises `Broken` at the first step that does not hold."""
    began = time.monotonic()
    with ExitStack() as stack:
        play = Play(stage, stack)
        play.escalation()
        play.deploy()
        play.question()
        play.access()
        play.silence()
        play.trail()
    say(f"\nEvery step held, in {time.monotonic() - began:.0f} s.", "bold green")


class Play:
    """The people, the services, and what happens between them."""

    def __init__(self, stage: Stage, stack: ExitStack) -> None:
        self._stage = stage
        self._http = stack.enter_context(httpx.Client(base_url=stage.place.bot, trust_env=False, timeout=10))
        self.ann, self.bob, self.cat, self.dan, self.eve = (
            stack.enter_context(Hands(stage.place.workspace, user=f"U0{name}"))
            for name in ("ANN", "BOB", "CAT", "DAN", "EVE")
        )
        self._redis: Redis = connect(stage.environment["REDIS_URL"])
        stack.callback(self._redis.close)

    def escalation(self) -> None:
        """An event from the audit log; a refused self-approval; two votes of different groups."""
        chapter("Admin privilege escalation requested")
        with step("an event that no policy asks about bothers nobody"):
            same(self._send_aws(READ_ONLY).json(), {"status": "no_match"})
        event = enveloped(ADMIN)
        with step("CloudTrail reports that Eve made herself administrator: accepted, 202"):
            accepted = self._send_aws(event)
            same(accepted.status_code, 202)
        with step("the same event again gets the same answer, and opens nothing new"):
            same(self._send_aws(event).json(), accepted.json())
        with step("the same id with another body is refused, 409"):
            other = enveloped({**ADMIN, "sourceIPAddress": "203.0.113.9"})
            same(self._send_aws(other).json()["code"], "event_id_reused")
        with step("a wrong key is refused, 401"):
            same(
                self._http.post("/v1/events/aws.cloudtrail", json=event, headers={"x-api-key": "guess"}).status_code,
                401,
            )
        with step("the card stands in #aws-approvals with its buttons"):
            card = self._card(self.ann, "#aws-approvals", "Admin privilege escalation")
            same(set(card.buttons) >= {"request.approve", "request.deny"}, True)
            shows(card, "AttachUserPolicy", "who decides", "if nobody acts")
        with step("Eve, who did it, is refused in private"):
            pressed(self.eve.press(card.channel, card.ts, "request.approve", confirmed=True))
            private(self.eve, card, "someone else has to decide")
        with step("Dan, whose group comes second, is told from when he is asked"):
            pressed(self.dan.press(card.channel, card.ts, "request.approve", confirmed=True))
            private(self.dan, card, "you cannot vote yet")
        with step("Bob of the on-call acknowledges: one of two"):
            pressed(self.bob.press(card.channel, card.ts, "request.approve", confirmed=True))
            self._shows(self.ann, card, "1 of 2")
        with step("Cat of the platform leads acknowledges: settled, the buttons are gone"):
            pressed(self.cat.press(card.channel, card.ts, "request.approve", confirmed=True))
            done = self._shows(self.ann, card, "Acknowledged by")
            same("request.approve" in done.buttons, False)
        with step("a press on the settled card says who settled it"):
            pressed(self.bob.press(card.channel, card.ts, "request.details"))
            self.bob.close_modal()

    def deploy(self) -> None:
        """A service waits; a denial needs a reason; an approval releases it."""
        chapter("A deploy tool waits for an answer")
        with step("the deploy tool posts a signed event and waits; Eve asks, Bob approves, the tool goes on"):
            asked = self._deploys().ask({**DEPLOY, "id": "deploy-yes"})
            card = self._card(self.bob, "#deploys", "Production deploy")
            pressed(self.bob.press(card.channel, card.ts, "request.approve"))
            answer = self._deploys().wait(asked.id, timeout_s=PATIENCE_S)
            same((answer.status, answer.allowed), ("approved", True))
        with step("the answer carries a receipt that verifies with the published key"):
            self._receipt(str(answer.receipt))
        with step("an approval is used once: the second time 409"):
            same([self._consume(asked.id), self._consume(asked.id)], [200, 409])
        with step("the signed callback reached the tool, and verified there"):
            self._received("callbacks", asked.id, "request.approved")
        with step("the next one Dan denies, with a reason that goes back as a code"):
            asked = self._deploys().ask({**DEPLOY, "id": "deploy-no", "sha": "badc0de"})
            card = self._card(self.dan, "#deploys", "badc0de")
            pressed(self.dan.press(card.channel, card.ts, "request.deny"))
            same(self._form(self.dan).title, "Deny request")
            pressed(
                self.dan.submit({"reason_code": {"reason_code": "not_now"}, "note": {"note": "freeze until Monday"}})
            )
            answer = self._deploys().wait(asked.id, timeout_s=PATIENCE_S)
            same((answer.status, answer.allowed, answer.reason_code), ("denied", False, "not_now"))
            self._shows(self.dan, card, "freeze until Monday")

    def question(self) -> None:
        """Somebody looks, somebody asks, and the clock stands still until the answer."""
        asked = self._deploys().ask({**DEPLOY, "id": "deploy-asked", "sha": "c0ffee1"})
        with step("Dan looks, and everybody sees it; Bob may still decide"):
            card = self._card(self.bob, "#deploys", "c0ffee1")
            pressed(self.dan.press(card.channel, card.ts, "request.claim"))
            card = self._shows(self.bob, card, "Dan Dean is looking")
        with step("Bob asks Eve something first, and the clock stops"):
            pressed(self.bob.choose(card, "Ask a question…"))
            same(self._form(self.bob).title, "Ask a question")
            pressed(self.bob.submit({"written": {"written": "Is the freeze over?"}}))
            shows(
                self._shows(self.bob, card, "Is the freeze over?"), "waiting for eve eade", "the clock is paused until"
            )
        with step("Eve answers in her message; the answer stands on the card and approves nothing"):
            put = wait(self.eve, lambda: last(self.eve.direct_messages(), "Is the freeze over?"), "Bob's question")
            pressed(self.eve.press(put.channel, put.ts, "request.answer"))
            pressed(self.eve.submit({"written": {"written": "Yes, since noon."}}))
            shows(self._shows(self.bob, card, "Yes, since noon."), "Dan Dean is looking")
            pressed(self.bob.press(card.channel, card.ts, "request.approve"))
            same(self._deploys().wait(asked.id, timeout_s=PATIENCE_S).status, "approved")

    def access(self) -> None:
        """An engineer asks, gets access, and it ends by itself."""
        chapter("Access for a while, asked for with /access")
        with step("/access help answers in private"):
            pressed(self.eve.command("/access", "help", channel="#general"))
            self.eve.wait_for(lambda: any("/access request" in one.words for one in self.eve.only_you("#general")))
        with step("Dan is no engineer and may ask for nothing"):
            pressed(self.dan.command("/access", "request", channel="#general"))
            self.dan.wait_for(lambda: any("nothing you may ask" in one.words for one in self.dan.only_you("#general")))
        with step("Eve fills in the form"):
            pressed(self.eve.command("/access", "request prod-database", channel="#general"))
            same(self._form(self.eve).title, "Request access")
            values = {
                "entitlement": {"entitlement": "prod-database"},
                "duration": {"duration": "4"},
                "input.database": {"database": "shop"},
                "reason": {"reason": "the stuck order queue"},
            }
            pressed(self.eve.submit(values))
        with step("she hears whom was asked"):
            self.eve.wait_for(lambda: last(self.eve.direct_messages(), "Asked @service-owners"), timeout_s=PATIENCE_S)
        with step("Dan approves; the grant is opened by a signed webhook and Eve is told how to use it"):
            card = self._card(self.dan, "#access-requests", "Production database")
            pressed(self.dan.press(card.channel, card.ts, "request.approve"))
            self._shows(self.dan, card, "Active until")
            self.eve.wait_for(lambda: last(self.eve.direct_messages(), "How to use"), timeout_s=PATIENCE_S)
            self._granted("grant.start")
        with step("/access list shows what she holds"):
            pressed(self.eve.command("/access", "list active", channel="#general"))
            self.eve.wait_for(lambda: any("Production database" in one.words for one in self.eve.only_you("#general")))
        with step("after its four seconds the access ends by itself, and the provider confirms"):
            self._shows(self.dan, card, "Access ended")
            self._granted("grant.end")

    def silence(self) -> None:
        """Nobody acts: a reminder, the next level, and then it fails closed."""
        chapter("Nobody acts")
        with step("a request that nobody answers is reminded in its thread"):
            asked = self._deploys().ask({**DEPLOY, "id": "deploy-silent", "target": {"environment": "prod-silent"}})
            card = self._card(self.cat, "#deploys", "prod-silent")
            self._threads(self.cat, card, "Still waiting")
        with step("silence escalates to the next level, in the same thread"):
            self._threads(self.cat, card, "did not act")
            self._shows(self.cat, card, "Escalated to step 2 of 2")
        with step("silence there too: expired, which is never called denied, and is not a yes"):
            answer = self._deploys().wait(asked.id, timeout_s=PATIENCE_S)
            same((answer.status, answer.allowed, answer.reason_code), ("expired", False, "nobody_acted"))
            self._shows(self.cat, card, "Expired, nobody acted")
            self._received("callbacks", asked.id, "request.expired")
        with step("a press on the expired card is answered"):
            same("request.approve" in self._shows(self.cat, card, "Expired").buttons, False)

    def trail(self) -> None:
        """Every step stands in the trail, and an edit of it is found."""
        chapter("The trail")
        trail = TrailStore(self._redis)
        with step("every step is there, unbroken"):
            proof = prove(trail)
            same(proof.faults, [])
        with step("refused presses and deliveries stand in it too"):
            steps = {str(record.entry["what"]) for record in trail.records()}
            wanted = {"opened", "voted", "approved", "denied", "expired", "escalated", "reminded", "press_refused"}
            same(wanted | {"active", "ended", "answer_delivered"} <= steps, True)
        with step(f"one of its {proof.entries} entries removed is found"):
            self._redis.xdel("ab:trail", "5-0")
            same(bool(prove(trail).faults), True)

    def _send_aws(self, event: dict[str, Any]) -> httpx.Response:
        key = self._stage.secrets["AWS_EVENTS_KEY"]
        return self._http.post("/v1/events/aws.cloudtrail", content=orjson.dumps(event), headers={"x-api-key": key})

    def _deploys(self) -> Approvals:
        return Approvals(self._stage.place.bot, source="deploy-tool", key=self._stage.secrets["DEPLOY_TOOL_SECRET"])

    def _consume(self, request_id: str) -> int:
        headers = {"authorization": f"Bearer {self._stage.secrets['DEPLOY_TOOL_SECRET']}"}
        return self._http.post(f"/v1/requests/{request_id}/consume", headers=headers).status_code

    def _receipt(self, receipt: str) -> None:
        claims = verify(receipt, self._http.get("/.well-known/jwks.json").json(), datetime.now(UTC))
        same((claims["status"], claims["allowed"]), ("approved", True))

    def _card(self, hands: Hands, channel: str, text: str) -> Message:
        return wait(hands, lambda: last(hands.messages(channel), text), f"a card with “{text}” in {channel}")

    def _form(self, hands: Hands) -> Form:
        return wait(hands, hands.modal, "a form")

    def _shows(self, hands: Hands, card: Message, text: str) -> Message:
        def look() -> Message | None:
            drawn = next(one for one in hands.messages(card.channel) if one.ts == card.ts)
            return drawn if text in drawn.words else None

        return wait(hands, look, f"the card to show “{text}”")

    def _threads(self, hands: Hands, card: Message, text: str) -> None:
        wait(hands, lambda: last(hands.thread(card.channel, card.ts), text), f"“{text}” in the thread")

    def _received(self, endpoint: str, request_id: str, kind: str) -> None:
        def look() -> bool:
            return any(
                one["endpoint"] == endpoint and one["verified"] and kind in str(one) and request_id in str(one)
                for one in self.bob.service()["received"]
            )

        wait(self.bob, look, f"a verified {kind} for {request_id}")

    def _granted(self, kind: str) -> None:
        def look() -> bool:
            return any(one["verified"] and kind in str(one) for one in self.bob.service()["received"])

        wait(self.bob, look, f"a verified {kind}")
