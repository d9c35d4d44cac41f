"""`link`: the accounts that were tied to people besides the identity document, and taking one back."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Annotated

import typer

from approvalbot.cli.output import emit, err, say
from approvalbot.errors import NotFound
from approvalbot.plaintext import one_line
from approvalbot.request.links import Account
from approvalbot.request.trail import Draft
from approvalbot.settings import load_settings
from approvalbot.store.chains import Chains
from approvalbot.store.connection import connect
from approvalbot.store.links import LinkStore
from approvalbot.wiring.address import redis_address

app = typer.Typer(help="Accounts that were linked to people from a card.", no_args_is_help=True)


@app.command("list")
def show(json: Annotated[bool, typer.Option("--json", help="One JSON document.")] = False) -> None:
    """List the links. Whoever writes the identities can take them over there and remove them here."""
    with _opened() as (links, _):
        held = sorted(links.all(), key=lambda one: (one.account.system, one.account.name))
    if json:
        emit({"links": [asdict(one) for one in held]})
        return
    for one in held:
        account = f"{one.account.system}:{one_line(one.account.name)}"
        say(f"{account}  is {one_line(one.person)}  said {one_line(one.proposed)}  confirmed {one_line(one.confirmed)}")
    if not held:
        err.print("none", style="yellow")


@app.command()
def remove(
    system: Annotated[str, typer.Argument(metavar="SYSTEM", help="As `link list` names it: github, aws, emails…")],
    account: Annotated[str, typer.Argument(metavar="ACCOUNT", help="The account.")],
) -> None:
    """Take a link back, at once. What was decided by then stays decided."""
    with _opened() as (links, chains):
        if not links.remove(Account(system, account)):
            raise NotFound("not_found", "There is no such link.", hint="approvalbot link list names them.")
        chains.append("links", [Draft("link_removed", None, {"system": system, "account": account[:200]})])
    say("removed", "green")


@contextmanager
def _opened() -> Iterator[tuple[LinkStore, Chains]]:
    with redis_address(load_settings()) as url:
        redis = connect(url)
        yield LinkStore(redis), Chains(redis)
