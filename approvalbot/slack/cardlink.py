"""Where a request's card stands, as a link."""

from collections.abc import Mapping

from approvalbot.request.posting import Posting


def card_link(postings: Mapping[str, Posting], url: str) -> str:
    """The address of the card that was posted first, in the workspace at `url`; empty while none stands."""
    cards = [held for purpose, held in postings.items() if purpose.startswith("card:") and held.is_posted]
    first = min(cards, key=lambda held: held.ts, default=None)
    return "" if first is None else f"{url}/archives/{first.channel}/p{first.ts.replace('.', '')}"
