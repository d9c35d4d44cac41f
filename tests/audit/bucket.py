"""A stand-in for an S3-compatible store, as strict as the real one where we meet it.

It verifies Signature Version 4 by itself, from AWS' description of it; it wants a checksum where a bucket is locked,
knows `If-None-Match: *`, lists in pages, and answers faults in S3's own XML.

Source: docs.aws.amazon.com, "Authenticating Requests (AWS Signature Version 4)", "PutObject", "ListObjectsV2".
"""

import base64
import hashlib
import hmac
import zlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from urllib.parse import quote, unquote
from xml.sax.saxutils import escape

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

KEY_ID, SECRET, REGION = "AKIATESTSOFTHEBUCKET", "the-secret-of-the-tests-of-the-bucket", "eu-test-1"
SKEW = timedelta(minutes=15)

STATUS = {
    "AccessDenied": 403,
    "SignatureDoesNotMatch": 403,
    "InvalidAccessKeyId": 403,
    "RequestTimeTooSkewed": 403,
    "NoSuchBucket": 404,
    "NoSuchKey": 404,
    "PreconditionFailed": 412,
    "InvalidRequest": 400,
    "BadDigest": 400,
    "SlowDown": 503,
    "InternalError": 500,
}


class Refused(Exception):
    """S3's own word for what is wrong."""


@dataclass
class Store:
    """Buckets with their objects. `faults` are answered first, one a call; `may` is what the credentials allow."""

    buckets: dict[str, dict[str, bytes]] = field(default_factory=dict)
    locked: bool = True
    may: set[str] = field(default_factory=lambda: {"GET", "PUT", "HEAD"})
    faults: list[str] = field(default_factory=list)
    calls: list[tuple[str, str]] = field(default_factory=list)
    kinds: dict[str, str] = field(default_factory=dict)

    def app(self) -> Starlette:
        """Its HTTP door."""
        return Starlette(routes=[Route("/{path:path}", self._answer, methods=["GET", "PUT", "HEAD"])])

    async def _answer(self, request: Request) -> Response:
        body = await request.body()
        path = unquote(request.scope["raw_path"].decode())
        self.calls.append((request.method, path))
        try:
            check(request, body)
            self._allow(request.method)
            return self._done(request, *path.lstrip("/").partition("/")[::2], body)
        except Refused as fault:
            code = str(fault)
            told = f"<Error><Code>{code}</Code><Message>{code}</Message><RequestId>1</RequestId></Error>"
            return Response("" if request.method == "HEAD" else told, STATUS[code], media_type="application/xml")

    def _allow(self, method: str) -> None:
        if self.faults:
            raise Refused(self.faults.pop(0))
        if method not in self.may:
            raise Refused("AccessDenied")

    def _done(self, request: Request, bucket: str, key: str, body: bytes) -> Response:
        if bucket not in self.buckets:
            raise Refused("NoSuchBucket")
        held = self.buckets[bucket]
        if request.method == "PUT":
            return self._put(request, held, key, body)
        if not key:
            return listed(bucket, held, request.query_params)
        if key not in held:
            raise Refused("NoSuchKey")
        return Response(held[key], headers={"etag": etag(held[key])}, media_type=self.kinds[key])

    def _put(self, request: Request, held: dict[str, bytes], key: str, body: bytes) -> Response:
        checked = (
            any(name.startswith("x-amz-checksum-") for name in request.headers) or "content-md5" in request.headers
        )
        if self.locked and not checked:
            # "Content-MD5 OR x-amz-checksum- HTTP header is required for Put Object requests with Object Lock".
            raise Refused("InvalidRequest")
        crc = request.headers.get("x-amz-checksum-crc32")
        if crc is not None and crc != base64.b64encode(zlib.crc32(body).to_bytes(4, "big")).decode():
            raise Refused("BadDigest")
        if request.headers.get("if-none-match") == "*" and key in held:
            raise Refused("PreconditionFailed")
        held[key], self.kinds[key] = body, request.headers.get("content-type", "binary/octet-stream")
        return Response(headers={"etag": etag(body)})


def etag(body: bytes) -> str:
    return f'"{hashlib.md5(body).hexdigest()}"'  # noqa: S324 - what an ETag of S3 is


def listed(bucket: str, held: Mapping[str, bytes], query: Mapping[str, str]) -> Response:
    """ListObjectsV2, two keys a page, so that whoever lists has to go on."""
    if query.get("list-type") != "2":
        raise Refused("InvalidRequest")
    prefix, after = query.get("prefix", ""), query.get("continuation-token", "")
    keys = sorted(key for key in held if key.startswith(prefix) and key > after)
    page, more = keys[:2], len(keys) > 2
    rows = "".join(f"<Contents><Key>{escape(key)}</Key><Size>{len(held[key])}</Size></Contents>" for key in page)
    further = f"<NextContinuationToken>{escape(page[-1])}</NextContinuationToken>" if more else ""
    return Response(
        f'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>{bucket}</Name>'
        f"<Prefix>{escape(prefix)}</Prefix><KeyCount>{len(page)}</KeyCount><MaxKeys>2</MaxKeys>"
        f"<IsTruncated>{str(more).lower()}</IsTruncated>{further}{rows}</ListBucketResult>",
        media_type="application/xml",
    )


def check(request: Request, body: bytes) -> None:
    """Signature Version 4, over what arrived.

    Raises:
        Refused: it does not verify.
    """
    kind, _, rest = request.headers.get("authorization", "").partition(" ")
    parts = dict(part.strip().partition("=")[::2] for part in rest.split(","))
    if kind != "AWS4-HMAC-SHA256" or not {"Credential", "SignedHeaders", "Signature"} <= parts.keys():
        raise Refused("AccessDenied")
    key_id, day, region, service, end = parts["Credential"].split("/")
    if key_id != KEY_ID:
        raise Refused("InvalidAccessKeyId")
    if (region, service, end) != (REGION, "s3", "aws4_request"):
        raise Refused("SignatureDoesNotMatch")
    at = request.headers["x-amz-date"]
    if abs(datetime.now(UTC) - datetime.strptime(at, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)) > SKEW:
        raise Refused("RequestTimeTooSkewed")
    names = parts["SignedHeaders"].split(";")
    unsigned = [name for name in request.headers if name.startswith("x-amz-") and name not in names]
    if "host" not in names or unsigned or names != sorted(names):
        raise Refused("SignatureDoesNotMatch")
    said = request.headers["x-amz-content-sha256"]
    if said != hashlib.sha256(body).hexdigest():
        raise Refused("SignatureDoesNotMatch")
    query = "&".join(sorted(f"{_coded(name)}={_coded(value)}" for name, value in request.query_params.multi_items()))
    canonical = "\n".join(
        [
            request.method,
            quote(unquote(request.scope["raw_path"].decode()), safe="/-_.~"),
            query,
            *(f"{name}:{' '.join(request.headers[name].split())}" for name in names),
            "",
            parts["SignedHeaders"],
            said,
        ]
    )
    scope = f"{day}/{region}/s3/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{at}\n{scope}\n{hashlib.sha256(canonical.encode()).hexdigest()}"
    secret = f"AWS4{SECRET}".encode()
    for word in (day, region, "s3", "aws4_request"):
        secret = hmac.digest(secret, word.encode(), "sha256")
    if not hmac.compare_digest(hmac.digest(secret, text.encode(), "sha256").hex(), parts["Signature"]):
        raise Refused("SignatureDoesNotMatch")


def _coded(text: str) -> str:
    return quote(text, safe="-_.~")
