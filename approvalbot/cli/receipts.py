"""`receipt verify`: what an answer says, without asking anybody."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import httpx
import orjson
import typer

from approvalbot.answers.receipts import verify
from approvalbot.cli.callers import AsJson, exit_code, shown_terms
from approvalbot.cli.files import read_body
from approvalbot.cli.output import emit
from approvalbot.errors import ApprovalBotError
from approvalbot.plaintext import one_line

app = typer.Typer(help="Receipts: answers that verify offline.", no_args_is_help=True)


@app.command("verify")
def receipt_verify(
    file: Annotated[str, typer.Argument(help="The receipt, or - for standard input.")],
    keys: Annotated[str, typer.Option(help="The public keys: a file, or the address of /.well-known/jwks.json.")],
    json: AsJson = False,
) -> None:
    """Verify a receipt offline and print what it says; the exit code is what it says too, 3 if it does not verify."""
    receipt = read_body(file).decode(errors="replace")
    claims = verify(receipt.strip(), _jwks(keys), datetime.now(UTC))
    if json:
        emit(claims)
    else:
        by = ", ".join(person["name"] for person in claims["decided_by"]) or "nobody"
        less = f", with less: {shown_terms(claims['terms'])}" if claims.get("terms") else ""
        typer.echo(one_line(f"verified: request {claims['jti']} is {claims['status']}, decided by {by}{less}"))
    raise typer.Exit(exit_code(claims["status"], allowed=claims["allowed"] is True))


def _jwks(where: str) -> dict[str, Any]:
    try:
        if where.startswith(("https://", "http://")):
            content = httpx.get(where, timeout=10).raise_for_status().content
        else:
            content = Path(where).read_bytes()
        found = orjson.loads(content)
    except (httpx.HTTPError, httpx.InvalidURL, OSError, orjson.JSONDecodeError) as fault:
        raise ApprovalBotError("parameter_invalid", f"No public keys at {where}: {fault}") from fault
    if not isinstance(found, dict):
        raise ApprovalBotError("parameter_invalid", f"{where} holds no key set.")
    return found
