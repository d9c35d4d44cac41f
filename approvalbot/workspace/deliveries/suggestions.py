"""block_suggestion: what the bot offers while somebody types into an external select."""

from approvalbot.workspace.blockkit.composition import OPTION_GROUP, PLAIN_OPTION
from approvalbot.workspace.blockkit.findings import Findings
from approvalbot.workspace.blockkit.rules import items
from approvalbot.workspace.deliveries.acting import channel_of, check_installed, open_view, place_of, seen_message
from approvalbot.workspace.deliveries.deliver import deliver
from approvalbot.workspace.deliveries.link import Delivery, Reply
from approvalbot.workspace.deliveries.payloads import envelope, message_place, view_place
from approvalbot.workspace.errors import Json, Unable
from approvalbot.workspace.state.cast import Person
from approvalbot.workspace.workspace import Workspace

KEPT_OFFERS = 500
"""For each person and select; a list holds at most a hundred."""


async def suggest(
    workspace: Workspace, person: Person, where: Json, action_id: str, block_id: str | None, typed: str
) -> Json:
    """The options the bot offers for what was typed: `{"options": […]}` or `{"option_groups": […]}`.

    `where` names the surface: `{"channel", "ts"}`, `{"view_id"}` or `{"home": true}`.

    Raises:
        Unable: the bot gave no list that Slack would show.
    """
    check_installed(workspace)
    payload = envelope(workspace, "block_suggestion", person)
    if "channel" in where:
        channel = channel_of(workspace, person, where["channel"])
        message = seen_message(workspace, person, channel, where["ts"])
        blocks = list(message.blocks)
        payload |= message_place(workspace, message, channel, person)
        payload.pop("response_url")
    else:
        view = open_view(workspace, person, where.get("view_id"), home=bool(where.get("home")))
        blocks = view.blocks
        payload |= view_place(workspace, view)
    place = place_of(blocks, action_id, block_id)
    if "external" not in place.element["type"] or len(typed) < place.element.get("min_query_length", 3):
        raise Unable(f"{place.action_id!r} asks the bot for nothing when {typed!r} is typed", status=400)
    payload |= {"action_id": place.action_id, "block_id": place.block_id, "value": typed}
    reply, entry = await deliver(workspace, Delivery("interactive", "block_suggestion", payload), person.id)
    if reply.failure:
        raise Unable(entry.failure, status=502)
    return _remember(workspace, person, place.action_id, reply)


def _remember(workspace: Workspace, person: Person, action_id: str, reply: Reply) -> Json:
    answer = reply.json() or {}
    findings = Findings("modal")
    if "option_groups" in answer:
        items(OPTION_GROUP, 0, 100)(findings, answer["option_groups"], "/option_groups")
    else:
        items(PLAIN_OPTION, 0, 100)(findings, answer.get("options"), "/options")
    if findings.faults:
        raise Unable(f"the bot's options are not ones: {findings.faults[0].line()}", status=502)
    offered = [*answer.get("options", ())]
    for group in answer.get("option_groups", ()):
        offered.extend(group["options"])
    held = workspace.offers.setdefault(person.id, {})
    # What was offered for an earlier word may be chosen already and stays good; the newest of one value wins.
    known = {option["value"]: option for option in (*held.get(action_id, ()), *offered)}
    held[action_id] = list(known.values())[-KEPT_OFFERS:]
    return {key: answer[key] for key in ("options", "option_groups") if key in answer}
