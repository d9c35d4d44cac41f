"""Who we are in Slack: asked once, when first needed, and kept."""

from dataclasses import dataclass

from approvalbot.slack.api import SlackApi


@dataclass(frozen=True, slots=True)
class Bot:
    """The bot that our token belongs to."""

    team: str
    user: str
    bot: str
    app: str
    url: str


class Ourselves:
    """Asks Slack who we are. An outage at start-up does not matter: the next caller asks again."""

    def __init__(self, api: SlackApi) -> None:
        self._api = api
        self._bot: Bot | None = None

    def bot(self) -> Bot:
        """Our ids.

        Raises:
            SlackFault: Slack does not say, and never has since this process started.
        """
        if self._bot is None:
            said = self._api.read("auth.test")
            app = self._api.read("bots.info", bot=said["bot_id"]).get("bot", {}).get("app_id", "")
            self._bot = Bot(said["team_id"], said["user_id"], said["bot_id"], app, str(said.get("url", "")).rstrip("/"))
        return self._bot
