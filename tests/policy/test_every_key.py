"""Every key of the policy language, and every word of its closed lists, stands in a document that a test loads.

The schema is walked beside the documents: those of `policies/`, of the pages, and of `keys/` here, which holds what no
example needs. A new key without a document fails here.
"""

from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from approvalbot.events.yamlreader import read_yaml
from approvalbot.policy.faults import PolicyFaults
from approvalbot.policy.folder import Folder
from approvalbot.policy.inline.running import run_tests
from approvalbot.policy.parse import load_policies
from approvalbot.policy.schema import policy_schema
from approvalbot.request.playing import PlayedLifecycle
from tests.docs_pages import ROOT, blocks, pages

KEYS = Path(__file__).parent / "keys"
KEYS_CEL = Path(__file__).parent / "keys_cel"


def texts() -> Iterator[bytes]:
    for folder in (ROOT / "policies", KEYS, KEYS_CEL, ROOT / "tests" / "policies"):
        yield from (path.read_bytes() for path in sorted(folder.glob("*.yaml")))
    for page in pages():
        for block in blocks(page.read_text(encoding="utf-8"), "yaml"):
            if block.startswith("# policies/"):
                yield block.encode()


class Walk:
    """What a set of documents uses of the schema."""

    def __init__(self) -> None:
        self.schema = policy_schema()
        self.keys: set[tuple[str, str]] = set()
        self.words: set[tuple[str, str, Any]] = set()

    def document(self, value: dict[str, Any]) -> None:
        self.value({"$ref": f"#/$defs/{value.get('kind', 'Policy')}"}, value, ("", ""))

    def value(self, schema: dict[str, Any], value: Any, at: tuple[str, str]) -> None:
        if "$ref" in schema:
            name = schema["$ref"].rpartition("/")[2]
            self.value(self.schema["$defs"][name], value, (name, at[1] if at[0] else ""))
            return
        for branch in schema.get("anyOf", []):
            self.value(branch, value, at)
        for word in words_in(schema):
            if word == value and type(word) is type(value):
                self.words.add((*at, word))
        if isinstance(value, dict) and schema.get("type") == "object":
            self.inside(schema, value, at)
        if isinstance(value, list) and isinstance(schema.get("items"), dict):
            for item in value:
                self.value(schema["items"], item, at)

    def inside(self, schema: dict[str, Any], value: dict[str, Any], at: tuple[str, str]) -> None:
        for key, inner in value.items():
            known = schema.get("properties", {}).get(key)
            if known is not None:
                self.keys.add((at[0], key))
                self.value(known, inner, (at[0], key))
            elif isinstance(schema.get("additionalProperties"), dict):
                self.value(schema["additionalProperties"], inner, at)


def words_in(schema: dict[str, Any]) -> list[Any]:
    return [*schema.get("enum", []), *([schema["const"]] if "const" in schema else [])]


def walked() -> Walk:
    walk = Walk()
    for text in texts():
        read = read_yaml(text)
        assert not read.faults
        for document in read.documents:
            # A Sigma rule among the blocks of a page is no document of ours.
            if isinstance(document.value, dict) and "version" in document.value:
                walk.document(document.value)
    return walk


def every_key(schema: dict[str, Any]) -> set[tuple[str, str]]:
    return {(name, key) for name, model in schema["$defs"].items() for key in model.get("properties", {})}


def every_word(schema: dict[str, Any]) -> set[tuple[str, str, Any]]:
    def words(part: dict[str, Any]) -> list[Any]:
        inner = [*part.get("anyOf", []), *([part["items"]] if isinstance(part.get("items"), dict) else [])]
        return [*words_in(part), *(word for one in inner for word in words(one))]

    return {
        (name, key, word)
        for name, model in schema["$defs"].items()
        for key, part in model.get("properties", {}).items()
        for word in words(part)
    }


def test_every_key_stands_in_a_document_that_a_test_loads() -> None:
    walk = walked()

    assert sorted(every_key(walk.schema) - walk.keys) == []


def test_every_word_of_a_closed_list_stands_in_a_document_that_a_test_loads() -> None:
    walk = walked()

    assert sorted(every_word(walk.schema) - walk.words, key=str) == []


def test_the_documents_of_this_folder_load_and_their_tests_hold() -> None:
    policies = load_policies(Folder.at(KEYS))
    results = list(run_tests(policies, policies.documents, PlayedLifecycle()))

    assert len(results) > 15
    assert [str(one) for one in results if not one.ok or one.left_out] == []


def test_an_expression_works_with_the_extra_and_says_what_to_install_without() -> None:
    if find_spec("cel_expr_python") is None:
        with pytest.raises(PolicyFaults) as caught:
            load_policies(KEYS_CEL)
        assert {(one.path, one.hint) for one in caught.value.faults} == {
            (("when",), "run pip install 'approvalbot[cel]'")
        }
        return
    policies = load_policies(KEYS_CEL)
    results = list(run_tests(policies, policies.documents, PlayedLifecycle()))

    assert [str(one) for one in results if not one.ok] == []


@pytest.mark.parametrize("path", sorted((ROOT / "tests" / "policies").glob("*.yaml")), ids=lambda path: path.name)
def test_the_policies_of_the_bot_s_own_tests_load(path: Path) -> None:
    assert load_policies(path).documents
