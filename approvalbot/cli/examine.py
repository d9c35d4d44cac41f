"""What `doctor` looks at: settings, store, policies, secrets, Slack, workers. Each finding says what to do."""

import time
from collections.abc import Iterator
from email.utils import parsedate_to_datetime

from approvalbot.cli.examine_grants import grants_told, scopes_needed
from approvalbot.cli.examine_oncall import oncall_findings
from approvalbot.cli.examine_sources import source_findings
from approvalbot.cli.finding import Finding, checked
from approvalbot.cli.live import unreachable
from approvalbot.cli.policies import contents
from approvalbot.errors import ApprovalBotError, SettingsFault
from approvalbot.policy.parse import load_policies
from approvalbot.policy.policyset import PolicySet
from approvalbot.settings import Settings, check_slack
from approvalbot.slack.manifest import GROUP_SCOPE
from approvalbot.slack.socket import SOCKET_UP
from approvalbot.store import keys
from approvalbot.store.connection import check_server, connect
from approvalbot.store.guards import Guards
from approvalbot.store.raw import answering, text
from approvalbot.web.health import BEHIND_S
from approvalbot.wiring.action_providers import check_installed, missing_providers
from approvalbot.wiring.address import redis_address
from approvalbot.wiring.live import live
from approvalbot.wiring.secrets import secret_of
from approvalbot.wiring.slackclient import slack_api

MOST_SKEW_S = 60
"""Seconds the clock may differ from Slack's: signatures are refused at 300 (slack.md section 12)."""


def examine(settings: Settings) -> list[Finding]:
    """Every check, in the order in which a start would meet them."""
    return list(_findings(settings))


def _findings(settings: Settings) -> Iterator[Finding]:
    policies, found = _policies(settings)
    yield found
    if policies is not None:
        yield from source_findings(settings, policies)
        yield checked("secrets", lambda: _secrets(policies))
        yield checked("grants", lambda: grants_told(policies))
        yield from oncall_findings(settings, policies)
        yield checked("actions", lambda: _actions(policies))
    yield checked("redis", lambda: _redis(settings))
    yield checked("workers", lambda: _workers(settings))
    yield checked("slack settings", lambda: _slack_settings(settings))
    if settings.slack_bot_token.get_secret_value():
        yield checked("slack", lambda: _slack(settings, policies or PolicySet()))
        if settings.has_socket:
            yield checked("slack socket", lambda: _socket(settings))
        if settings.approvalbot_alarm_channel:
            yield checked("alarm channel", lambda: _alarm_channel(settings, policies or PolicySet()))
    yield _address(settings)


def _policies(settings: Settings) -> tuple[PolicySet | None, Finding]:
    try:
        loaded = load_policies(settings.approvalbot_policies)
    except ApprovalBotError as fault:
        return None, Finding("policies", ok=False, text=fault.text())
    return loaded, Finding("policies", ok=True, text=f"{contents(loaded)} in {settings.approvalbot_policies}")


def _secrets(policies: PolicySet) -> str:
    for to in policies.destinations.values():
        url = to.url if to.url.startswith("env:") else None
        for name in (url, to.secret, to.previous, *to.headers.values()):
            if name:
                secret_of(name)
    for provider in policies.providers.values():
        for name in provider.secrets:
            secret_of(name)
    count = len(policies.providers)
    performing = f" and {count} provider{'s' if count > 1 else ''} of actions" if count else ""
    return f"{len(policies.destinations)} destinations{performing} have theirs"


def _actions(policies: PolicySet) -> str:
    check_installed(policies)
    if missing := list(missing_providers(policies)):
        raise SettingsFault(f"{'; '.join(missing)}.", hint="Add them to the providers of a Sources document.")
    return "every action of a policy in force has its provider" if policies.providers else "no policy needs a provider"


def _redis(settings: Settings) -> str:
    with redis_address(settings) as url:
        client = connect(url)
        check_server(client, settings.approvalbot_allow, settings.key("mark").hex()[:16])
        with answering():
            told = client.info("server")
    version = told.get("valkey_version") or told.get("redis_version")
    kind = "Valkey" if told.get("valkey_version") else "Redis"
    return f"{kind} {version}, append-only, no eviction"


def _workers(settings: Settings) -> str:
    with redis_address(settings) as url, answering():
        seen = connect(url).get(keys.AUDITOR)
    silent_s = time.time() - float(text(seen)) if seen else None
    if silent_s is None or silent_s > BEHIND_S:
        raise ApprovalBotError(
            "unavailable", "No worker has been seen lately; reminders and expiry do not run.", hint="approvalbot work"
        )
    return f"seen {silent_s:.0f} s ago"


def _slack_settings(settings: Settings) -> str:
    check_slack(settings)
    doors = [*(["signing secret"] if settings.has_http_door else []), *(["app token"] if settings.has_socket else [])]
    return f"token and {' and '.join(doors)} are set"


def _socket(settings: Settings) -> str:
    """Whether the app token opens sockets, and whether a web process holds one."""
    slack_api(settings, token=settings.slack_app_token).read("apps.connections.open")
    with redis_address(settings) as url:
        held = Guards(connect(url)).recall(SOCKET_UP, "up")
    if held is None:
        raise ApprovalBotError(
            "unavailable",
            "No web process holds a socket: presses and commands reach nobody.",
            hint="approvalbot serve; its log says why a socket is not opened.",
        )
    return "the app token is good, and a web process holds a socket"


def _address(settings: Settings) -> Finding:
    """Slack calls https only; over a socket it calls nobody, and the address is for people and services."""
    good = settings.url.startswith("https://") or settings.is_local_slack or not settings.has_http_door
    return Finding(
        "address", good, settings.url if good else f"{settings.url}: Slack calls https only; set APPROVALBOT_URL."
    )


def _alarm_channel(settings: Settings, policies: PolicySet) -> str:
    channel = settings.approvalbot_alarm_channel
    for smell in unreachable(channel, live(settings, lambda: policies)):
        raise SettingsFault(f"{smell.message}.", hint="Until it can, alarms stand in cards' threads and in the log.")
    return f"the bot is in {channel}"


def _slack(settings: Settings, policies: PolicySet) -> str:
    answer = slack_api(settings).test()
    scopes = {one.strip() for one in str(answer.headers.get("x-oauth-scopes", "")).split(",")}
    needed = scopes_needed(policies)
    missing = [scope for scope in needed if scope not in scopes]
    if missing:
        raise ApprovalBotError(
            "slack_failed",
            f"The bot's token lacks {', '.join(missing)}.",
            hint=f"Install the app again with the manifest of `{_manifest(needed)}`.",
        )
    date = answer.headers.get("date")
    skew_s = abs(time.time() - parsedate_to_datetime(date).timestamp()) if date else 0.0
    if skew_s > MOST_SKEW_S:
        raise ApprovalBotError(
            "slack_failed", f"This clock is {skew_s:.0f} s from Slack's.", hint="Run a time service."
        )
    return f"{answer.get('user')} in {answer.get('team')}, all scopes"


def _manifest(needed: tuple[str, ...]) -> str:
    """The command whose manifest has these scopes."""
    return "approvalbot slack manifest" + (" --groups" if GROUP_SCOPE in needed else "")
