"""Settings: a value that cannot be is named at the start, with what to write instead."""

from pathlib import Path
from typing import Any

import pytest

from approvalbot.errors import SettingsFault
from approvalbot.settings import check_slack, load_settings


def settings(**given: Any) -> Any:
    return load_settings(_env_file=None, **given)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("approvalbot_port", "70000"),
        ("approvalbot_port", "x"),
        ("approvalbot_workers", "0"),
        ("approvalbot_threads", "1"),
        ("approvalbot_allow", "everything"),
        ("approvalbot_log_level", "LOUD"),
        ("approvalbot_capture", "-1"),
        ("approvalbot_proxies", "10.0.0.1/8"),
        ("approvalbot_proxies", "proxy.example.com"),
    ],
)
def test_a_value_that_cannot_be_is_named(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name.upper(), value)

    with pytest.raises(SettingsFault, match=name.upper()):
        settings()


def test_lists_are_written_with_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("APPROVALBOT_TEAMS", "T1, T2,")
    monkeypatch.setenv("APPROVALBOT_ALLOW", "no-aof,eviction")

    made = settings()

    assert made.approvalbot_teams == ("T1", "T2")
    assert made.allows("eviction")
    assert not made.allows("plain-redis")


def test_a_short_secret_is_refused_and_no_secret_is_made_once(tmp_path: Path) -> None:
    with pytest.raises(SettingsFault, match="at least 32"):
        settings(approvalbot_secret="short").secret  # noqa: B018 - reading it is what fails

    first, second = (settings(approvalbot_secret="", approvalbot_data_dir=tmp_path).secret for _ in range(2))

    assert first == second
    assert len(first) >= 32
    assert (tmp_path / "secret").stat().st_mode & 0o077 == 0


def test_keys_of_two_purposes_differ() -> None:
    made = settings(approvalbot_secret="s" * 40)

    assert made.key("jobs") != made.key("buttons")
    assert made.key("jobs") == settings(approvalbot_secret="s" * 40).key("jobs")


@pytest.mark.parametrize("missing", ["slack_bot_token", "slack_signing_secret"])
@pytest.mark.parametrize("value", ["", "  "])
def test_nothing_starts_without_what_slack_needs(missing: str, value: str) -> None:
    given = {"slack_bot_token": "xoxb-1", "slack_signing_secret": "s", missing: value}

    with pytest.raises(SettingsFault, match=missing.upper()):
        check_slack(settings(**given))


def test_a_socket_needs_no_signing_secret_and_a_token_of_the_app() -> None:
    check_slack(settings(slack_bot_token="xoxb-1", slack_signing_secret="", slack_app_token="xapp-1"))

    with pytest.raises(SettingsFault, match="SLACK_APP_TOKEN"):
        check_slack(settings(slack_bot_token="xoxb-1", slack_signing_secret="s", slack_app_token="xoxb-1"))


def test_no_secret_is_shown_when_settings_are_printed() -> None:
    assert "xoxb-very-secret" not in repr(settings(slack_bot_token="xoxb-very-secret"))
