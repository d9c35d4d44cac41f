"""Private answers: what only the person who pressed sees. Never the only copy of a decision."""

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import urlsplit

from slack_sdk.webhook import WebhookClient

from approvalbot.log import get_logger
from approvalbot.slack.api import SlackApi, SlackFault
from approvalbot.slack.text import Block

log = get_logger("replies")

SLACK_HOOKS = "hooks.slack.com"

NOT_CONFIRMED = (
    "NOT confirmed: our storage did not answer. Do not rely on this press. "
    "Press again in a minute; it cannot count twice."
)


@dataclass(frozen=True, slots=True)
class Reply:
    """A private message, in mrkdwn. `then` is done once it was said, for it is nothing that anybody waits for."""

    text: str
    blocks: tuple[Block, ...] = ()
    then: Callable[[], None] | None = None


class Replies:
    """Sends private answers by the payload's own address, if that is one of Slack's, else as an ephemeral message."""

    def __init__(self, api: SlackApi, base_url: str) -> None:
        self._api = api
        parts = urlsplit(base_url)
        self._local = f"{parts.scheme}://{parts.netloc}" if parts.hostname in {"127.0.0.1", "localhost"} else ""

    def send(self, reply: Reply, *, response_url: str, channel: str = "", user: str = "") -> bool:
        """Say it. False when no way led to the person; the press stands or falls without it."""
        blocks = list(reply.blocks) or None
        if self._is_slacks(response_url):
            try:
                # No retries: the address takes five answers, and a second one of these would be noise.
                hook = WebhookClient(response_url, timeout=3, retry_handlers=[])
                said = hook.send(text=reply.text, blocks=blocks, response_type="ephemeral", replace_original=False)
                if said.status_code == 200:
                    return True
                log.warning("private answer not taken", status=said.status_code)
            except Exception as fault:  # noqa: BLE001 - the SDK raises urllib's, http.client's and its own errors here
                log.warning("private answer not sent", error=type(fault).__name__)
        if not channel or not user:
            return False
        try:
            self._api.write("chat.postEphemeral", channel=channel, user=user, text=reply.text, blocks=blocks)
        except SlackFault as fault:
            log.warning("private answer not sent", error=fault.error)
            return False
        return True

    def _is_slacks(self, url: str) -> bool:
        """Whether the address is Slack's own: the payload names it, so it is not simply believed."""
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        slack = parts.scheme == "https" and parts.hostname == SLACK_HOOKS and parts.port is None and not parts.username
        return slack or bool(self._local and origin == self._local)
