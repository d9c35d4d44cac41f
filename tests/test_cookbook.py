"""The recipes of docs/policies.md are policies: each loads, is clean, and its tests and its trial hold."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from approvalbot.policy.documents import Policy
from approvalbot.policy.entitlement import Entitlement
from approvalbot.policy.folder import Folder
from approvalbot.policy.pack import SigmaPack
from approvalbot.policy.parse import load_policies
from approvalbot.policy.policyset import PolicySet
from tests.cli.conftest import Cli, cli
from tests.docs_pages import read

__all__ = ["cli"]

PAGE = read("docs/policies.md")
SHARED = "What the recipes share"
PARTS = ("The problem", "What approvers see", "Try it", "Pitfalls")
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


@dataclass
class Recipe:
    """One section of the page: its text, its files by their path from the policy folder, and its shell blocks."""

    title: str
    text: str
    files: dict[str, bytes] = field(default_factory=dict)
    shell: list[str] = field(default_factory=list)


def recipes() -> Iterator[Recipe]:
    for part in re.split(r"^## ", PAGE, flags=re.MULTILINE)[1:]:
        title, _, text = part.partition("\n")
        recipe = Recipe(title, text)
        for language, body in _BLOCK.findall(text):
            if language == "yaml":
                first = body.splitlines()[0]
                assert re.fullmatch(r"# policies/[\w./-]+", first), f"{title}: a block starts with {first!r}"
                recipe.files[first.removeprefix("# policies/")] = body.encode()
            else:
                assert language == "sh"
                recipe.shell.append(body)
        yield recipe


EVERYTHING = list(recipes())
COMMON = next(one for one in EVERYTHING if one.title == SHARED).files
RECIPES = [one for one in EVERYTHING if one.title != SHARED]
each = pytest.mark.parametrize("recipe", RECIPES, ids=[one.title for one in RECIPES])


def folder_of(where: Path, files: dict[str, bytes]) -> Path:
    for name, body in files.items():
        path = where / "policies" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(body)
    return where / "policies"


def asking(policies: PolicySet, recipe: Recipe) -> list[Policy | SigmaPack | Entitlement]:
    documents = [one for one in policies.documents if one.place is not None and one.place.file in recipe.files]
    return [one for one in documents if isinstance(one, Policy | SigmaPack | Entitlement)]


def test_there_are_at_least_ten_recipes_and_the_page_lists_them_in_order() -> None:
    listed = re.findall(r"\d+\. \[([^\]]+)\]", PAGE)

    assert len(RECIPES) >= 10
    assert listed == [one.title for one in RECIPES]


@each
def test_a_recipe_has_every_part(recipe: Recipe) -> None:
    marked = re.findall(r"^\*\*([A-Z][^*]+)\.\*\*", recipe.text, re.MULTILINE)

    assert tuple(marked) == PARTS
    problem = recipe.text.strip().split("\n\n")[0]
    assert problem.count(". ") <= 1, "the problem is one sentence"
    assert recipe.text.partition("**Pitfalls.**")[2].count("\n- ") >= 3


@each
def test_a_recipe_is_clean_by_itself_with_what_is_shared(recipe: Recipe, cli: Cli, tmp_path: Path) -> None:
    folder = folder_of(tmp_path, {**COMMON, **recipe.files})

    ran = cli("policy", "check", "--strict", folder)

    assert (ran.code, ran.out.splitlines()[:-1], ran.err) == (0, [], "")


def test_all_recipes_together_are_clean_and_their_tests_hold(cli: Cli, tmp_path: Path) -> None:
    files = dict(COMMON)
    for recipe in RECIPES:
        assert not files.keys() & recipe.files.keys()
        files |= recipe.files
    folder = folder_of(tmp_path, files)

    checked, tested = cli("policy", "check", "--strict", folder), cli("policy", "test", folder, "--json").json()

    assert (checked.code, checked.err) == (0, "")
    assert len(tested["tests"]) >= 50
    assert [one for one in tested["tests"] if not one["ok"] or one["left_out"]] == []


@each
def test_a_recipe_says_when_somebody_is_asked_and_when_nobody_is(recipe: Recipe) -> None:
    policies = load_policies(Folder.of({**COMMON, **recipe.files}))

    assert asking(policies, recipe)
    for document in asking(policies, recipe):
        assert any(_asks(test) for test in document.tests), document.id
        assert any(not _asks(test) for test in document.tests), document.id


def _asks(test: dict[str, Any]) -> bool:
    return test.get("expect") == "match" or bool(test.get("opens"))


@each
def test_the_sentence_that_a_recipe_shows_is_the_one_on_the_card(recipe: Recipe) -> None:
    """The quoted sentence is the `summary` of a test; an entitlement's is put together from what was asked for."""
    policies = load_policies(Folder.of({**COMMON, **recipe.files}))
    shown = re.findall(r"^> (.+)$", recipe.text, re.MULTILINE)
    held = [
        str(test["summary"]) for document in asking(policies, recipe) for test in document.tests if "summary" in test
    ]

    assert len(shown) == 1
    assert shown[0] in held


def commands(recipe: Recipe) -> Iterator[tuple[list[str], bytes]]:
    """The trials of a recipe: `approvalbot policy …`, or `echo EVENT | approvalbot policy …`."""
    for line in (line for block in recipe.shell for line in block.replace("\\\n", " ").splitlines()):
        words = shlex.split(line)
        if words[:2] == ["approvalbot", "policy"]:
            yield words[1:], b""
        elif words[0] == "echo":
            assert words[2:4] == ["|", "approvalbot"], line
            yield words[4:], words[1].encode()


@each
def test_a_recipe_can_be_tried_as_it_says(
    recipe: Recipe, cli: Cli, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder_of(tmp_path, {**COMMON, **recipe.files})
    monkeypatch.chdir(tmp_path)
    tried = list(commands(recipe))

    assert tried
    for words, stdin in tried:
        ran = cli(*words, stdin=stdin)
        assert (words, ran.code, ran.err) == (words, 0, "")
        assert ("passed" if words[1] == "test" else " matches") in ran.out
