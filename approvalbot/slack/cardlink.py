"""Where a request's card stands, as a link."""

from collections.abc import Mapping

from approvalbot.request.posting import Posting


def card_link(postings: Mapping[str, Posting], url: str) -> str:
    """The address of the card that was posted first, else of a digest that stands for it, in the workspace at `url`;
    empty while none stands in a channel.
    """
    standing = [
        (purpose.startswith("digest:"), held.ts, held)
        for purpose, held in postings.items()
        if purpose.startswith(("card:", "digest:")) and held.is_posted and not held.person
    ]
    first = min(standing, key=lambda one: one[:2], default=(False, "", None))[2]
    return "" if first is None else f"{url}/archives/{first.channel}/p{first.ts.replace('.', '')}"
