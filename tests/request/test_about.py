"""What a request is about, and the digest that tells whether two requests ask the same question."""

import hashlib

import rfc8785

from approvalbot.request.about import About, Line

ABOUT = About(
    title="Deploy", severity="medium", who="Ève\n\u001b<!channel> \U0001f680", lines=(Line(label="é", value="1"),)
)


def test_the_digest_is_the_sha256_of_canonical_json_by_rfc_8785() -> None:
    shown = ABOUT.model_dump(mode="json", exclude={"event", "facts", "happened_at", "banners", "before"})

    assert ABOUT.digest == hashlib.sha256(rfc8785.dumps(shown)).hexdigest()


def test_the_digest_covers_what_is_shown_and_not_the_event_behind_it() -> None:
    assert ABOUT.digest == ABOUT.model_copy(update={"event": {"id": "1"}, "facts": {"id": "1"}}).digest
    assert ABOUT.digest != ABOUT.model_copy(update={"title": "Another"}).digest
    assert ABOUT.digest != ABOUT.model_copy(update={"banners": ("Production",)}).digest
