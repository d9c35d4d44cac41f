"""The Bolt app: thin listeners that hand everything on. Each acknowledges within 3 s and leaves nothing unanswered."""

import re
import secrets
from collections.abc import Callable, Collection, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, TypeVar

from slack_bolt import Ack, App, BoltResponse
from slack_bolt.authorization import AuthorizeResult
from slack_sdk import WebClient

from approvalbot.log import get_logger
from approvalbot.slack.accessform import ACCESS_FORM, ENTITLEMENT
from approvalbot.slack.api import SlackFault
from approvalbot.slack.asking import Access
from approvalbot.slack.attending import Attending
from approvalbot.slack.commands import Commands
from approvalbot.slack.deciding import FORMS, REDRAWN_BY
from approvalbot.slack.forms import text_form
from approvalbot.slack.grantforms import END_FORM, EXTEND_FORM
from approvalbot.slack.holding import Holding
from approvalbot.slack.home import Home
from approvalbot.slack.homeblocks import BACK, REQUEST
from approvalbot.slack.ourselves import Bot
from approvalbot.slack.payloads import Command, Interaction
from approvalbot.slack.people import SlackPeople
from approvalbot.slack.presses import Presses
from approvalbot.slack.questionforms import ANSWER_FORM, ASK_FORM, NOTE_FORM
from approvalbot.slack.replies import Replies, Reply
from approvalbot.slack.shortcuts import Shortcuts
from approvalbot.slack.text import Block

log = get_logger("bolt")

T = TypeVar("T")

ANYTHING = re.compile(r".*", re.DOTALL)

LOST = "Something broke on our side (ref {ref}). Do not rely on this press; press again, it cannot count twice."

Submitted = tuple[dict[str, str], Block | None]
"""What a submitted form gives: the faults by field, or a form that replaces it, or neither: it is done and closes."""


def lost_reply(ref: str) -> Reply | None:
    """What somebody is told when a handler broke; `ref` stands in the log beside what broke."""
    return Reply(LOST.format(ref=ref))


def lost_form(ref: str) -> Submitted:
    """The same, in place of a form."""
    return {}, text_form("Not recorded", LOST.format(ref=ref))


@dataclass(frozen=True, slots=True)
class Listeners:
    """What the listeners hand on to."""

    presses: Presses
    access: Access
    commands: Commands
    holding: Holding
    attending: Attending
    home: Home
    people: SlackPeople
    replies: Replies
    shortcuts: Shortcuts
    recheck: Callable[[Collection[str]], int]


def make_app(
    listeners: Listeners, *, client: WebClient, signing_secret: str, threads: int, bot: Callable[[], Bot]
) -> App:
    """The Bolt app with every listener registered.

    The gate in front has verified the signature already; Bolt checks it again, and with the secret at hand that costs
    nothing. `token_verification_enabled` would call Slack in the constructor: no network, no start.

    Who the app is we say ourselves: with SLACK_CLIENT_ID and SLACK_CLIENT_SECRET in the environment, which are there
    for the dashboard's sign-in, Bolt would look for an installation of its own OAuth flow and find none.
    """
    app = App(
        client=client,
        signing_secret=signing_secret,
        token_verification_enabled=False,
        authorize=lambda: _authorized(client, bot),
        raise_error_for_unhandled_request=False,
        listener_executor=ThreadPoolExecutor(threads, thread_name_prefix="bolt"),
    )
    handle = _Handlers(listeners)
    app.command(ANYTHING)(handle.command)
    app.action(ANYTHING)(handle.action)
    app.view(ANYTHING)(handle.view)
    app.view_closed(ANYTHING)(handle.acknowledge)
    app.shortcut(ANYTHING)(handle.shortcut)
    app.options(ANYTHING)(handle.options)
    app.event(ANYTHING)(handle.event)
    app.error(handle.broken)
    return app


def _authorized(client: WebClient, bot: Callable[[], Bot]) -> AuthorizeResult:
    """The one installation there is. While Slack has not said who we are, the listeners run all the same and say so."""
    try:
        us = bot()
    except SlackFault:
        return AuthorizeResult(enterprise_id=None, team_id=None, bot_token=client.token)
    return AuthorizeResult(
        enterprise_id=None, team_id=us.team, bot_id=us.bot, bot_user_id=us.user, bot_token=client.token
    )


class _Handlers:
    """One method for each kind of thing that Slack sends."""

    def __init__(self, to: Listeners) -> None:
        self._to = to

    def command(self, ack: Ack, body: dict[str, Any]) -> None:
        """A slash command."""
        command = Command.model_validate(body)
        reply = _tried(lambda: self._to.commands.on_command(command), lost_reply)
        ack()
        self._say(reply, command.response_url, command.channel_id, command.user_id)

    def action(self, ack: Ack, body: dict[str, Any]) -> None:
        """A button or a choice, on a card, in a form or on the home tab."""
        payload = Interaction.model_validate(body)
        action = payload.actions[0].action_id if payload.actions else ""
        if action == ENTITLEMENT and payload.view is not None:
            _tried(lambda: self._to.access.on_choice(payload), _nothing)
            ack()
            return
        if action in REDRAWN_BY and payload.view is not None:
            _tried(lambda: self._to.presses.deciding.on_choice(payload), _nothing)
            ack()
            return
        if action == REQUEST and payload.view is not None:
            _tried(lambda: self._to.shortcuts.on_shortcut(payload), _nothing)
            ack()
            return
        if payload.view is not None and not action.startswith(("request.", "grant.", "home.")):
            # An element of a form that needs no answer of its own.
            ack()
            return
        press = self._to.home.back if action == BACK else self._to.presses.on_card
        reply = _tried(lambda: press(payload), lost_reply)
        ack()
        if payload.view is not None:
            self._to.home.answer(payload, reply)
            return
        self._say(reply, payload.response_url, payload.container.channel_id, payload.user.id)

    def view(self, ack: Ack, body: dict[str, Any]) -> None:
        """A submitted form."""
        payload = Interaction.model_validate(body)
        callback = payload.view.callback_id if payload.view else ""
        on_form = self._forms().get(callback)
        if on_form is None:
            ack()
            return
        errors, instead = _tried(lambda: on_form(payload), lost_form)
        _close(ack, errors, instead)

    def _forms(self) -> Mapping[str, Callable[[Interaction], Submitted]]:
        """Who takes which form."""
        presses = self._to.presses
        return {
            ACCESS_FORM: self._to.access.on_form,
            EXTEND_FORM: self._to.holding.on_form,
            END_FORM: self._to.holding.on_form,
            **dict.fromkeys((ASK_FORM, ANSWER_FORM, NOTE_FORM), self._to.attending.on_form),
            **dict.fromkeys(FORMS, presses.on_form),
        }

    def shortcut(self, ack: Ack, body: dict[str, Any]) -> None:
        """A shortcut, global or on a message."""
        payload = Interaction.model_validate(body)
        _tried(lambda: self._to.shortcuts.on_shortcut(payload), _nothing)
        ack()

    def options(self, ack: Ack, body: dict[str, Any]) -> None:
        """The options of a menu that is too long to be sent whole."""
        payload = Interaction.model_validate(body)
        none: list[Block] = []
        ask = payload.action_id == ENTITLEMENT
        ack(options=_tried(lambda: self._to.access.on_options(payload), lambda _: none) if ask else none)

    def acknowledge(self, ack: Ack) -> None:
        """A closed form needs no more than this."""
        ack()

    def event(self, body: dict[str, Any]) -> None:
        """Something changed in the workspace: forget what it changes, draw what shows it."""
        event = body.get("event") or {}
        user = event.get("user")
        name = user.get("id") if isinstance(user, dict) else user
        match event.get("type"):
            case "user_change":
                self._to.people.forget(f"user:{name}")
                if isinstance(user, dict) and user.get("deleted"):
                    self._recheck({str(name)})
            case "subteam_members_changed" | "subteam_updated" | "subteam_created":
                self._group_changed(event)
            case "member_left_channel" | "channel_deleted":
                self._to.people.forget(f"channel:{event.get('channel')}")
                self._to.people.forget("channels")
            case "app_home_opened" if event.get("tab") == "home":
                self._to.home.opened(str(name))
            case "app_uninstalled" | "tokens_revoked":
                log.error("the app was uninstalled or its token revoked: nobody can be asked", kind=event.get("type"))
            case other:
                log.debug("event", kind=other)

    def _group_changed(self, event: dict[str, Any]) -> None:
        group = event.get("subteam") or {}
        self._to.people.forget(f"usergroup:{event.get('subteam_id') or group.get('id')}")
        self._to.people.forget("usergroups")
        if removed := event.get("removed_users"):
            self._recheck({str(user) for user in removed})
        elif group.get("date_delete"):
            # A group that is gone has lost everybody, and Slack names nobody of them.
            self._recheck(())

    def _recheck(self, people: Collection[str]) -> None:
        """Look at once at what these people hold; without this it is looked at some minutes later."""
        _tried(lambda: self._to.recheck(people), lambda _: 0)

    @staticmethod
    def broken(error: Exception, body: dict[str, Any]) -> BoltResponse:
        """The last resort. Slack shows its own failure to the user for a 500, and nothing was recorded."""
        log.error("listener broke", error=type(error).__name__, kind=body.get("type"), exc_info=error)
        return BoltResponse(status=200, body="")

    def _say(self, reply: Reply | None, response_url: str, channel: str, user: str) -> None:
        if reply is not None:
            self._to.replies.send(reply, response_url=response_url, channel=channel, user=user)
            if reply.then is not None:
                _tried(reply.then, _nothing)


def _close(ack: Ack, errors: dict[str, str], instead: Block | None) -> None:
    if errors:
        ack(response_action="errors", errors=errors)
    elif instead is not None:
        ack(response_action="update", view=instead)
    else:
        ack()


def _nothing(_ref: str) -> None:
    return None


def _tried(act: Callable[[], T], otherwise: Callable[[str], T]) -> T:
    """Run a handler; a fault of ours is logged with everything, and the user is told without any of it."""
    try:
        return act()
    except Exception as fault:  # outermost edge: whatever it is, the user must get an answer within 3 s
        ref = secrets.token_hex(3)
        log.exception("handler broke", error=type(fault).__name__, ref=ref)
        return otherwise(ref)
