"""The client of Slack's Web API that the settings name."""

import os

from pydantic import SecretStr

from approvalbot.settings import Settings
from approvalbot.slack.api import TIMEOUT_S, SlackApi


def slack_api(settings: Settings, timeout_s: int = TIMEOUT_S, token: SecretStr | None = None) -> SlackApi:
    """The client of the bot's token, or of another one of the app's."""
    if settings.is_local_slack:
        # urllib, which the Slack SDK uses, asks the environment's proxies even for loopback.
        os.environ["NO_PROXY"] = ",".join(filter(None, (os.environ.get("NO_PROXY"), "127.0.0.1,localhost")))
    held = token or settings.slack_bot_token
    return SlackApi(held.get_secret_value(), settings.slack_api_url, timeout_s=timeout_s)
