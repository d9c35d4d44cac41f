from approvalbot.events.bodies import is_lines, read_lines
from approvalbot.events.cloudevents import fold_binary_mode, is_binary_mode


def test_a_body_is_ndjson_by_its_content_type_or_by_its_first_line() -> None:
    assert is_lines(b'{"a":1}', "application/x-ndjson; charset=utf-8")
    assert is_lines(b'{"a":1}\n{"a":2}\n')
    assert not is_lines(b'{"a":1}\n')
    assert not is_lines(b'{\n "a": 1\n}')
    assert not is_lines(b'[\n{"a":1}\n]')


def test_a_line_that_cannot_be_read_is_a_value_and_the_others_still_count() -> None:
    lines = list(read_lines(b'{"a":1}\n\n{"a":\r\n{"a":2}\r\n'))

    assert [(line.number, line.value) for line in lines if line.fault is None] == [(1, {"a": 1}), (4, {"a": 2})]
    assert [(line.number, line.body) for line in lines if line.fault] == [(3, b'{"a":\r')]


def test_a_binary_mode_cloudevent_is_folded_into_its_structured_form() -> None:
    headers = {"ce-id": "7", "ce-source": "/a%20b", "ce-type": "t", "ce-specversion": "1.0", "host": "x"}

    assert is_binary_mode(headers)
    assert fold_binary_mode(headers, {"x": 1}) == {
        "id": "7",
        "source": "/a b",
        "type": "t",
        "specversion": "1.0",
        "data": {"x": 1},
    }
    assert not is_binary_mode({"ce-id": "7"})
