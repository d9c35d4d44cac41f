"""A bot whose sources prove themselves in every way there is, and what stands outside of it."""

import hashlib
import itertools
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from string import Template
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from approvalbot.answers.fetching import Fetcher
from tests.bot import Bot, running_bot
from tests.proofs.makers import ACCOUNT, AUDIENCE, TOPIC, certificate
from tests.serving import serving

FLEET = certificate("fleet-1", ec.generate_private_key(ec.SECP256R1()))
FLEET_NEXT = certificate("fleet-1", ec.generate_private_key(ec.SECP256R1()))
STRANGER = certificate("fleet-1", ec.generate_private_key(ec.SECP256R1()))


def fingerprint(of: Any) -> str:
    return hashlib.sha256(of.public_bytes(Encoding.DER)).hexdigest()


@dataclass
class Outdoors:
    """A web server with what a test put there; `asked` has the paths of every request, with their hosts."""

    pages: dict[str, tuple[int, bytes]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    url: str = ""

    def put(self, path: str, document: Any, status: int = 200) -> str:
        body = document if isinstance(document, bytes) else orjson.dumps(document)
        self.pages[path] = (status, body)
        return self.url + path

    async def answer(self, request: Request) -> Response:
        path = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        self.asked.append(path)
        status, body = self.pages.get(request.url.path, (404, b"{}"))
        return Response(body, status)

    def fetch(self, url: str, headers: Mapping[str, str], within_s: float) -> tuple[int, bytes]:
        """The bot's own fetch, with the hosts of SNS standing on this machine."""
        parts = urlsplit(url)
        if (parts.hostname or "").startswith("sns."):
            here = urlsplit(self.url)
            url = urlunsplit((here.scheme, here.netloc, f"/{parts.netloc}{parts.path}", parts.query, ""))
        return Fetcher(allow_local=True).get(url, headers, within_s)


@dataclass
class World:
    """The bot and what is outside."""

    bot: Bot
    outdoors: Outdoors
    numbers: Iterator[int] = field(default_factory=itertools.count)

    def post(self, source: str, body: bytes, **headers: str) -> httpx.Response:
        written = {name.replace("_", "-"): value for name, value in headers.items()}
        return self.bot.http.post(f"/v1/events/{source}", content=body, headers=written)

    def event(self, **changes: Any) -> bytes:
        """An event that opens a request, new each time."""
        return orjson.dumps({"id": f"e{next(self.numbers)}", "action": "deploy.requested", **changes})

    def opened(self) -> int:
        return len(self.bot.names("ab:in:pending"))


POLICIES = """
version: 1
id: deploys
owner: team-platform
title: Production deploy
request: review
severity: low
source: [okta, okta-named, keyed, pubsub, odd, silent, discovered, misled, fleet, topic, trail]
match:
  any: [{action: deploy.requested}, {eventType: deploy.requested}, {eventName: DeleteTrail}]
approval:
  levels: [{name: owners, approvers: [{usergroup: '@service-owners'}], timeout: 10m}]
---
version: 1
kind: Sources
id: sources
owner: team-platform
sources:
  - {name: okta, mapping: okta.system_log, auth: {type: okta, secret: env:OKTA, previous: env:OKTA_OLD}}
  - {name: okta-named, mapping: okta.system_log, auth: {type: okta, secret: env:OKTA, header: X-Hook-Key}}
  - {name: keyed, mapping: generic, auth: {type: bearer, secret: env:OKTA, previous: env:OKTA_OLD}}
  - name: pubsub
    mapping: generic
    auth: {type: oidc, issuer: $URL, audience: $AUDIENCE, email: $ACCOUNT, jwks_url: $URL/certs}
    may_wait: true
  - name: odd
    mapping: generic
    auth: {type: oidc, issuer: $URL, audience: $AUDIENCE, email: $ACCOUNT, jwks_url: $URL/odd}
  - name: silent
    mapping: generic
    auth: {type: oidc, issuer: $URL, audience: $AUDIENCE, email: $ACCOUNT, jwks_url: $URL/silent}
  - {name: discovered, mapping: generic, auth: {type: oidc, issuer: $URL/tenant, audience: $AUDIENCE, subject: robot-7}}
  - {name: misled, mapping: generic, auth: {type: oidc, issuer: $URL/other, audience: $AUDIENCE, subject: robot-7}}
  - name: fleet
    mapping: generic
    auth: {type: mtls, header: X-Forwarded-Client-Cert, fingerprints: ['$FLEET', '$NEXT']}
    may_wait: true
  - {name: topic, mapping: generic, auth: {type: sns, topics: ['$TOPIC']}, replay_window: 2h}
  - name: grid
    mapping: azure.activity
    auth: {type: header, header: x-grid-key, secret: env:OKTA}
    origins: [eventgrid.azure.net]
    rate: 50
  - {name: trail, mapping: aws.cloudtrail, auth: {type: sns, topics: ['$TOPIC']}}
"""
"""Every source proves itself in its own way, and every event of a deploy opens a request."""


def policies(url: str) -> str:
    """The policies with what they name of the outside."""
    return Template(POLICIES).substitute(
        URL=url,
        AUDIENCE=AUDIENCE,
        ACCOUNT=ACCOUNT,
        TOPIC=TOPIC,
        FLEET=fingerprint(FLEET),
        NEXT=fingerprint(FLEET_NEXT).upper(),
    )


@contextmanager
def running_world(redis_url: str, folder: Path) -> Iterator[World]:
    outdoors = Outdoors()
    app = Starlette(routes=[Route("/{path:path}", outdoors.answer, methods=["GET"])])
    with serving(app) as url, pytest.MonkeyPatch.context() as patch:
        outdoors.url = url
        patch.setenv("OKTA", "okta-shared-secret")
        patch.setenv("OKTA_OLD", "the-secret-before")
        written = folder / "written"
        written.mkdir()
        (written / "all.yaml").write_text(policies(url), encoding="utf-8")
        settings = {"approvalbot_proxies": "127.0.0.1,10.9.0.0/16"}
        with running_bot(redis_url, folder, patch, policies=written, fetch=outdoors.fetch, settings=settings) as bot:
            yield World(bot, outdoors)
