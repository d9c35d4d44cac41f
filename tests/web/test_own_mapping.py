"""A mapping of one's own, in YAML alone: loaded, used by a source, and seen by a policy, through the webhook."""

from typing import Any

import orjson
import pytest
import yaml

from tests.bot import KEY, Bot

MAPPING = """
jira.audit:
  unwrap: ["records[]"]
  detect: {all: [id, summary]}
  id: ["{_headers.x-tenant|lower}/{id}"]
  time: [created]
  source.service: ["=jira"]
  source.tenant: [_headers.x-tenant, _cluster]
  action: [summary]
  actor.id: [author.accountId, authorKey]
  actor.name: [author.displayName]
  actor.email: ["author.mail|email"]
  actor.ip: ["remoteAddress|host"]
  resource.id: ["{objectItem.typeName}:{objectItem.name}", objectItem.name, "associatedItems[type=project].name"]
  outcome: ["failed|fail_if_present"]
  links: [self]
"""
SOURCES = {
    "version": 1,
    "kind": "Sources",
    "id": "own-sources",
    "owner": "o",
    "sources": [
        {
            "name": "jira",
            "mapping": "jira.audit",
            "auth": {"type": "bearer", "secret": "env:DEPLOY_TOOL_SECRET"},
            "set": {"_cluster": "site"},
        }
    ],
}
POLICY = {
    "version": 1,
    "id": "jira-admin",
    "owner": "o",
    "title": "A Jira permission changed",
    "request": "review",
    "severity": "low",
    "source": "jira",
    "match": {"$action|contains": "permission", "$actor.ip|cidr": "203.0.113.0/24", "$outcome": "success"},
    "approval": {
        "levels": [{"name": "one", "approvers": [{"usergroup": "@sec-oncall"}], "timeout": "1h"}],
        "unmapped_actor": "extra_vote",
    },
    "message": {"summary": "{{ $actor.name }} of {{ $source.tenant }} changed {{ $resource.id }}"},
}
RECORD = {
    "id": 7,
    "summary": "Permission scheme changed",
    "created": "2026-03-03T10:00:00.000+0000",
    "author": {"accountId": "a-1", "displayName": "Eve Eade", "mail": "eve@example.com"},
    "remoteAddress": "203.0.113.7:4711",
    "objectItem": {"typeName": "SCHEME", "name": "default"},
}


@pytest.fixture
def jira(bot: Bot) -> Bot:
    put(bot, "mappings/jira.yaml", MAPPING)
    put(bot, "jira.yaml", yaml.safe_dump_all([SOURCES, POLICY]))
    bot.house.keeper.reload()
    assert bot.house.keeper.fault == ""
    return bot


def put(bot: Bot, name: str, text: str) -> None:
    path = bot.house.settings.approvalbot_policies / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(text, encoding="utf-8")


def send(bot: Bot, body: Any, **headers: str) -> Any:
    headers = {"authorization": f"Bearer {KEY}", "x-tenant": "Acme", **headers}
    return bot.http.post("/v1/events/jira", content=orjson.dumps(body), headers=headers)


def test_events_of_a_mapping_of_ones_own_open_requests(jira: Bot) -> None:
    answer = send(jira, {"records": [RECORD, {**RECORD, "id": 8, "summary": "Issue created"}, {"id": 9}]})

    results = answer.json()["results"]
    assert [one["status"] for one in results] == ["pending", "no_match", "refused"]
    assert "it has no summary, so it is no event of the mapping jira.audit" in answer.text
    request = jira.request(results[0]["id"])
    assert jira.house.requests.load(request.id)[0].about.summary == "Eve Eade of Acme changed SCHEME:default"
    assert send(jira, {"records": [RECORD]}).json()["id"] == request.id, "the same id is the same delivery"
    assert send(jira, {"records": [{**RECORD, "created": "2026-03-03T11:00:00Z"}]}).status_code == 409


def test_a_fault_in_a_mapping_is_told_with_its_place_and_the_set_before_stays(jira: Bot) -> None:
    put(jira, "mappings/jira.yaml", MAPPING.replace("author.displayName", "author..name"))

    jira.house.keeper.reload()

    assert "mappings/jira.yaml:11:15" in jira.house.keeper.fault
    assert "'author..name' has an empty step" in jira.house.keeper.fault
    assert send(jira, RECORD).json()["status"] == "pending"


def test_a_source_of_a_mapping_that_is_gone_is_refused(jira: Bot) -> None:
    (jira.house.settings.approvalbot_policies / "mappings/jira.yaml").unlink()

    jira.house.keeper.reload()

    assert "jira.audit" in jira.house.keeper.fault
