"""Who belongs to what in the live workspace, for a command that needs nothing else of a process: no Redis, no policies
in force.
"""

import os

from approvalbot.errors import SettingsFault
from approvalbot.policy.environment import Identities
from approvalbot.settings import Settings
from approvalbot.slack.api import SlackApi
from approvalbot.slack.ourselves import Ourselves
from approvalbot.slack.people import SlackPeople


class _Recalled:
    """What Slack said, kept as long as the command runs."""

    def __init__(self) -> None:
        self._held: dict[tuple[str, str], str] = {}

    def remember(self, what: str, value: str, answer: str, *, keep_s: int) -> None:  # noqa: ARG002 - a port's own words
        self._held[what, value] = answer

    def recall(self, what: str, value: str) -> str | None:
        return self._held.get((what, value))

    def forget(self, what: str, value: str) -> None:
        self._held.pop((what, value), None)


def people_alone(settings: Settings, identities: Identities) -> SlackPeople:
    """The people of the workspace that the settings name.

    Raises:
        SettingsFault: there is no token to ask with.
    """
    token = settings.slack_bot_token.get_secret_value().strip()
    if not token:
        raise SettingsFault("SLACK_BOT_TOKEN is not set.", hint="Slack is asked with it; without --live it is not.")
    if settings.is_local_slack:
        # urllib, which the Slack SDK uses, asks the environment's proxies even for loopback.
        os.environ["NO_PROXY"] = ",".join(filter(None, (os.environ.get("NO_PROXY"), "127.0.0.1,localhost")))
    api = SlackApi(token, settings.slack_api_url)
    return SlackPeople(api, _Recalled(), Ourselves(api), lambda: identities, settings.approvalbot_teams)
