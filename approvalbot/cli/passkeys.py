"""`passkey`: let somebody enrol a passkey, and take one back: for the first admin, and for whoever lost theirs."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Annotated

import typer

from approvalbot.cli.output import emit, err, say
from approvalbot.errors import BadInput, NotFound
from approvalbot.events.times import show_time
from approvalbot.plaintext import one_line
from approvalbot.policy.parse import load_policies
from approvalbot.policy.people import slack_named
from approvalbot.request.request import Person
from approvalbot.request.trail import Draft
from approvalbot.settings import Settings, load_settings
from approvalbot.store.chains import Chains
from approvalbot.store.connection import connect
from approvalbot.store.passkeys import Passkeys, shown_code
from approvalbot.wiring.address import redis_address

app = typer.Typer(help="Passkeys that confirm approvals on the dashboard.", no_args_is_help=True)

Who = Annotated[str, typer.Argument(metavar="PERSON", help="A Slack id, a person's id or an e-mail.")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON document.")]


@app.command()
def invite(person: Who, json: AsJson = False) -> None:
    """Make a code with which somebody may enrol one passkey, once, within a day. Hand it over outside Slack."""
    with _opened(person) as (owner, passkeys, chains):
        code = shown_code(passkeys.invite(owner, by="the command line"))
        _note(chains, owner, "passkey_invited", "the command line")
    if json:
        emit({"owner": owner, "code": code})
    else:
        say(code)


@app.command("list")
def show(person: Who, json: AsJson = False) -> None:
    """List somebody's passkeys."""
    with _opened(person) as (owner, passkeys, _):
        held, totp = passkeys.of(owner), passkeys.totp(owner) is not None
    if json:
        emit({"owner": owner, "passkeys": [one.model_dump(exclude={"public_key"}) for one in held], "totp": totp})
        return
    for one in held:
        say(f"{one.id}  {one_line(one.name)}  since {show_time(datetime.fromtimestamp(one.enrolled_at, UTC))}")
    if totp:
        say("totp  one-time codes")
    if not held and not totp:
        err.print("none", style="yellow")


@app.command()
def revoke(
    person: Who, passkey_id: Annotated[str, typer.Argument(metavar="ID", help="As `passkey list` names it, or totp.")]
) -> None:
    """Take a passkey from somebody, at once."""
    with _opened(person) as (owner, passkeys, chains):
        gone = passkeys.drop_totp(owner) if passkey_id == "totp" else passkeys.drop(owner, passkey_id)
        if not gone:
            raise NotFound(
                "not_found", f"{owner} has no passkey of that id.", hint="approvalbot passkey list names them."
            )
        _note(chains, owner, "passkey_removed", passkey_id)
    say("revoked", "green")


@contextmanager
def _opened(person: str) -> Iterator[tuple[str, Passkeys, Chains]]:
    settings = load_settings()
    owner = _owner(settings, person)
    with redis_address(settings) as url:
        redis = connect(url)
        yield owner, Passkeys(redis), Chains(redis)


def _owner(settings: Settings, person: str) -> str:
    identities = load_policies(settings.approvalbot_policies).identities
    owner = slack_named(identities, person)
    if owner is None:
        hint = "Write a Slack id, or a person's id or e-mail of the identities."
        raise BadInput("parameter_invalid", f"Nobody is known as {person[:100]!r}.", hint=hint)
    return owner


def _note(chains: Chains, owner: str, what: str, name: str) -> None:
    chains.append("passkeys", [Draft(what, Person(key=f"slack:{owner}", name=owner, slack=owner), {"name": name})])
