"""The people and places of a workspace for a command that asks once: no store, no process to keep."""

from collections.abc import Callable
from dataclasses import dataclass

from approvalbot.answers.fetching import Fetcher
from approvalbot.errors import SettingsFault
from approvalbot.oncall.book import OnCallBook
from approvalbot.policy.policyset import PolicySet
from approvalbot.settings import Settings
from approvalbot.slack.api import SlackApi
from approvalbot.slack.notebook import Notebook
from approvalbot.slack.ourselves import Ourselves
from approvalbot.slack.people import SlackPeople
from approvalbot.wiring.secrets import provider_of
from approvalbot.wiring.slackclient import slack_api


@dataclass(frozen=True, slots=True)
class Live:
    """Who and what is there now."""

    people: SlackPeople
    api: SlackApi


def live(settings: Settings, policies: Callable[[], PolicySet]) -> Live:
    """The workspace of the bot's token.

    Raises:
        SettingsFault: no token is set.
    """
    if not settings.slack_bot_token.get_secret_value().strip():
        raise SettingsFault("SLACK_BOT_TOKEN is not set.", hint="The live check asks the workspace as the bot.")
    api = slack_api(settings)
    fetch = Fetcher(allow_local=settings.allows("local-destinations")).get
    oncall = OnCallBook(lambda name: provider_of(policies(), name), fetch)
    return Live(
        SlackPeople(api, Notebook(), Ourselves(api), lambda: policies().identities, settings.approvalbot_teams, oncall),
        api,
    )
