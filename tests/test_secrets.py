"""Where a secret that a policy names is looked for."""

from pathlib import Path

import pytest

from approvalbot.errors import SettingsFault
from approvalbot.wiring.secrets import secret_of


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("CI_SECRET", raising=False)
    return tmp_path


def test_the_environment_comes_before_the_file(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (folder / ".env").write_text("CI_SECRET=from-the-file\n")
    assert secret_of("env:CI_SECRET") == "from-the-file"

    monkeypatch.setenv("CI_SECRET", "from-outside")
    assert secret_of("env:CI_SECRET") == "from-outside"


def test_a_file_of_its_own_is_read_without_its_line_end(folder: Path) -> None:
    (folder / "key").write_text("a-key\n")

    assert secret_of(f"file:{folder / 'key'}") == "a-key"


@pytest.mark.parametrize("name", ["env:CI_SECRET", "file:nowhere"])
def test_a_missing_secret_is_named(name: str) -> None:
    with pytest.raises(SettingsFault, match=name):
        secret_of(name)
