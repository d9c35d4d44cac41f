"""`/openapi.json` is true: it names every route and nothing else, is valid, and a bot answers as it says."""

import contextlib
import re
from collections.abc import Iterator
from typing import Any

import httpx
import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from hypothesis.errors import Unsatisfiable
from jsonschema import Draft202012Validator
from referencing import Registry, Resource
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.routing import Route

from approvalbot.errors import CODES
from approvalbot.wiring.webside import make_asgi
from tests.bot import AWS_KEY, Bot

EXAMPLES = 40
"""Calls of each operation in each mode; the whole run takes some ten seconds."""

CHECKS = [
    *(not_a_server_error, status_code_conformance, content_type_conformance),
    *(response_headers_conformance, response_schema_conformance),
]
"""That what is answered is what the document says. What a caller should have been refused is for tests of its own: a
key, an event or a name that happens to be good is no fault."""

FORBIDDEN = re.compile(r"Traceback|File \"|<class|0x[0-9a-f]{6,}")


def document(bot: Bot) -> dict[str, Any]:
    answer = bot.http.get("/openapi.json")
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    return dict(answer.json())


def operations(found: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, item in found["paths"].items():
        for method, operation in item.items():
            yield path, method.upper(), operation


def test_it_names_every_route_of_the_api_and_no_other(bot: Bot) -> None:
    routes = {
        (route.path, method)
        for route in make_asgi(bot.house).routes
        if isinstance(route, Route)
        for method in set(route.methods or ()) - {"HEAD"}
        if route.path.startswith(("/v1", "/healthz", "/readyz", "/metrics", "/.well-known", "/openapi.json"))
    }

    assert {(path, method) for path, method, _ in operations(document(bot))} == routes


def test_every_schema_is_valid_and_every_reference_leads_somewhere(bot: Bot) -> None:
    found = document(bot)

    def references(value: Any) -> Iterator[str]:
        if isinstance(value, dict):
            yield from ([value["$ref"]] if "$ref" in value else [])
            for one in value.values():
                yield from references(one)
        elif isinstance(value, list):
            for one in value:
                yield from references(one)

    for schema in found["components"]["schemas"].values():
        Draft202012Validator.check_schema(schema)
    for reference in set(references(found)):
        place = found
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]
    names = [operation["operationId"] for _, _, operation in operations(found)]
    assert len(names) == len(set(names))
    assert found["openapi"] == "3.1.0"
    assert found["servers"] == [{"url": bot.house.settings.url}]


def test_every_operation_says_what_it_answers_and_whom_it_asks(bot: Bot) -> None:
    found = document(bot)

    for path, method, operation in operations(found):
        assert {"200"} <= operation["responses"].keys(), (path, method)
        assert {"400", "431", "503"} <= operation["responses"].keys(), (path, method)
        named = set(re.findall(r"\{(\w+)\}", path))
        assert named == {one["name"] for one in operation.get("parameters", []) if one["in"] == "path"}
        for need in operation["security"]:
            assert need.keys() <= found["components"]["securitySchemes"].keys()
    assert set(found["components"]["schemas"]["Code"]["enum"]) == set(CODES)


def test_real_answers_are_as_it_says(bot: Bot) -> None:
    found = document(bot)
    registry: Registry[Any] = Registry().with_resource("urn:us", Resource.opaque(found))

    def check(path: str, method: str, answer: httpx.Response) -> None:
        said = found["paths"][path][method]["responses"][str(answer.status_code)]
        kind = answer.headers["content-type"].partition(";")[0]
        schema = said["content"][kind]["schema"]
        whole = {"$ref": "#/there", "there": schema, "components": found["components"]}
        Draft202012Validator(whole, registry=registry).validate(answer.json())

    opened = bot.deploy()
    name, bearer = opened.json()["id"], bot.bearer()
    check("/v1/events/{source}", "post", opened)
    check("/v1/events/{source}", "post", bot.deploy(action="nothing.here"))
    check("/v1/events/{source}", "post", bot.deploy(sha="another"))
    check("/v1/events/{source}", "post", bot.post("deploy-tool", b'[{"id":"a","action":"x"},{},7]'))
    check("/v1/events/{source}", "post", bot.http.post("/v1/events/deploy-tool", content=b"{}"))
    check("/v1/events/{source}", "post", bot.http.post("/v1/events/nobody", content=b"{}"))
    check("/v1/events/{source}", "get", bot.http.get("/v1/events/deploy-tool"))
    bot.settle()
    for pressed in (False, True):
        if pressed:
            with bot.hands("BOB") as bob:
                (card,) = bob.messages("#deploys")
                bob.press(card.channel, card.ts, "request.approve")
        check("/v1/requests", "get", bot.http.get("/v1/requests", headers=bearer))
        check("/v1/requests/{id}", "get", bot.http.get(f"/v1/requests/{name}", headers=bearer))
        check("/v1/requests/{id}/consume", "post", bot.http.post(f"/v1/requests/{name}/consume", headers=bearer))
    check("/v1/requests/{id}/consume", "post", bot.http.post(f"/v1/requests/{name}/consume", headers=bearer))
    check("/v1/requests/{id}", "get", bot.http.get("/v1/requests/nope", headers=bearer))
    check("/readyz", "get", bot.http.get("/readyz"))
    check("/.well-known/jwks.json", "get", bot.http.get("/.well-known/jwks.json"))


@pytest.mark.timeout(300)
@pytest.mark.parametrize("mode", [GenerationMode.POSITIVE, GenerationMode.NEGATIVE], ids=["good", "bad"])
def test_whatever_is_made_from_it_is_answered_as_it_says_and_never_by_a_fault_of_ours(
    bot: Bot, mode: GenerationMode
) -> None:
    name = str(bot.deploy().json()["id"])
    schema = schemathesis.openapi.from_dict(document(bot))
    proofs = {**bot.bearer(), "x-api-key": AWS_KEY}
    made: dict[int, int] = {}

    for found in schema.get_all_operations():
        operation: Any = found.ok()  # type: ignore[union-attr]

        @settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy(generation_mode=mode), known=st.booleans())
        def play(case: Any, known: bool) -> None:
            if known:
                # A stream of a request that is open would go on; its ids are unknown ones.
                there = {"source": "aws.cloudtrail", **({} if case.path.endswith("/events") else {"id": name})}
                case.path_parameters.update({key: there[key] for key in there if key in case.path_parameters})
            if case.query:
                case.query.pop("wait", None)
            answer = case.call(base_url=str(bot.http.base_url), headers=proofs if known else {}, timeout=10)
            made[answer.status_code] = made.get(answer.status_code, 0) + 1
            assert answer.status_code < 500, answer.text
            assert not FORBIDDEN.search(answer.text)
            case.validate_response(answer, checks=CHECKS)

        # Nothing bad can be made for an operation that takes nothing, or any text.
        with contextlib.suppress(Unsatisfiable):
            play()

    assert sum(made.values()) > EXAMPLES
    assert {200, 401, 404} <= made.keys() if mode is GenerationMode.POSITIVE else made.keys() - {200}
