"""What a waiting service makes of odd answers: nothing but a plain yes about its own request is a yes."""

import pytest

from approvalbot.client import Approvals, NoAnswer
from tests.answers.receiver import answer, receiving

ID = "7K3FABCDEFGHJKMNPQRS"
YES = b'"status":"approved","allowed":true'


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, b"{" + YES + b"}"),
        (200, b'{"id":"AAAAAAAAAAAAAAAAAAAA",' + YES + b"}"),
        (200, b'{"id":null,' + YES + b"}"),
        (200, b'{"id":"7K3FABCDEFGHJKMNPQRS","status":null,"allowed":true}'),
        (200, b'{"id":"7K3FABCDEFGHJKMNPQRS","allowed":true}'),
        (200, b"<html>approved</html>"),
        (200, b'{"id":"7K3FABCDEFGHJKMNPQRS",' + YES + b',"terms":"read-only"}'),
        (200, b'{"id":"7K3FABCDEFGHJKMNPQRS",' + YES + b',"terms":false}'),
        (200, b"[]"),
        (200, b""),
        (302, b'{"id":"7K3FABCDEFGHJKMNPQRS",' + YES + b"}"),
        (500, b'{"id":"7K3FABCDEFGHJKMNPQRS",' + YES + b"}"),
    ],
)
def test_an_answer_that_is_none_of_ours_is_no_answer(status: int, body: bytes) -> None:
    with (
        receiving(answer(status, body)) as server,
        Approvals(server.url, source="deploy-tool", key="k") as approvals,
        pytest.raises(NoAnswer),
    ):
        approvals.look(ID)


@pytest.mark.parametrize("allowed", [b'"true"', b"1", b"null", b"[true]", b"false"])
def test_only_a_plain_true_allows(allowed: bytes) -> None:
    body = b'{"id":"7K3FABCDEFGHJKMNPQRS","status":"approved","allowed":' + allowed + b"}"

    with (
        receiving(answer(200, body)) as server,
        Approvals(server.url, source="deploy-tool", key="k") as approvals,
    ):
        assert not approvals.look(ID).allowed


@pytest.mark.parametrize("accepts", [False, True])
def test_an_approval_with_less_is_a_yes_only_for_a_caller_that_accepts_it(accepts: bool) -> None:
    body = b'{"id":"7K3FABCDEFGHJKMNPQRS",' + YES + b',"terms":{"less":true,"scope":"read"}}'

    with (
        receiving(answer(200, body)) as server,
        Approvals(server.url, source="deploy-tool", key="k", accepts_less=accepts) as approvals,
    ):
        told = approvals.look(ID)

    assert told.allowed is accepts
    assert told.terms == {"less": True, "scope": "read"}
