"""The one place where policy files are read: a folder, or the same held in memory."""

import fnmatch
import os
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath

SIGMA = "sigma"
MAPPINGS = "mappings"
"""Folders below the root that hold no policy documents: Sigma rules, and the user's own mapping tables."""

LICENCE = "LICENSE"
"""How the file that goes with a set of Sigma rules is called."""

MOST_READ = 8 << 20
"""Bytes that are read of a file, whatever it has: more than any file may have here, and not a disk image by mistake."""

_SUFFIXES = (".yaml", ".yml", ".ics")


@dataclass(frozen=True, slots=True)
class Folder:
    """Files by their path from the root, with forward slashes. Bodies are read when they are asked for."""

    names: tuple[str, ...]
    root: Path | None = None
    held: Mapping[str, bytes] | None = None
    _known: frozenset[str] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        # `read` asks for each of the names once: in a tuple, ten thousand files would be looked for for half a second.
        object.__setattr__(self, "_known", frozenset(self.names))

    @classmethod
    def at(cls, root: Path) -> "Folder":
        """The YAML and calendar files below `root`."""
        return cls(tuple(sorted(_walk(root))), root=root)

    @classmethod
    def of(cls, held: Mapping[str, bytes]) -> "Folder":
        """The same from memory."""
        return cls(tuple(sorted(held)), held=held)

    def read_whole(self) -> "Folder":
        """The same with every body read now: what is loaded from it is what the files held at one moment.

        A file that cannot be read now is left for whoever asks for it, and says so there.
        """
        held: dict[str, bytes] = {}
        for name in self.names:
            with suppress(OSError):
                held[name] = self.read(name) or b""
        return replace(self, held=held)

    def documents(self) -> Iterator[str]:
        """The names of the files that hold policy documents."""
        return (name for name in self.names if not name.startswith((f"{SIGMA}/", f"{MAPPINGS}/")) and is_yaml(name))

    def below(self, folder: str) -> Iterator[tuple[str, bytes]]:
        """The YAML files below a folder."""
        return self._bodies(name for name in self.names if name.startswith(f"{folder}/") and is_yaml(name))

    def matching(self, pattern: str) -> list[str]:
        """The names of the YAML files that a glob names; `**` stands for any folders, also none."""
        wanted = PurePosixPath(pattern).parts
        return [name for name in self.names if is_yaml(name) and _parts_match(PurePosixPath(name).parts, wanted)]

    def read(self, name: str) -> bytes | None:
        """A file by its path from the root, or None where there is none."""
        if name not in self._known:
            return None
        if self.held is not None and (name in self.held or self.root is None):
            return self.held[name]
        with ((self.root or Path()) / name).open("rb") as file:
            return file.read(MOST_READ)

    def name_of(self, path: str | None) -> str:
        """The name of a file here that lies at a path; the path itself where it is none of ours."""
        held = {str((self.root or Path()) / name): name for name in self.names}
        return held.get(str(path), str(path))

    def _bodies(self, names: Iterator[str]) -> Iterator[tuple[str, bytes]]:
        for name in names:
            body = self.read(name)
            if body is not None:
                yield name, body


def _walk(root: Path) -> Iterator[str]:
    """The names below `root`. Links to folders are followed (a rule set is often a link), each real folder once."""
    seen: set[str] = set()
    for folder, folders, files in os.walk(root, followlinks=True):
        real = os.path.realpath(folder)
        # Editors, synchronisers and mounted config maps leave hidden names beside the real ones.
        folders[:] = [] if real in seen else sorted(name for name in folders if not name.startswith("."))
        if real in seen:
            continue
        seen.add(real)
        for file in (name for name in files if not name.startswith(".")):
            if file.endswith(_SUFFIXES) or file.startswith(LICENCE):
                yield (Path(folder) / file).relative_to(root).as_posix()


def is_yaml(name: str) -> bool:
    """Whether a file is YAML, by its name."""
    return name.endswith((".yaml", ".yml"))


def _parts_match(parts: tuple[str, ...], patterns: tuple[str, ...]) -> bool:
    if not patterns:
        return not parts
    if patterns[0] == "**":
        return any(_parts_match(parts[skip:], patterns[1:]) for skip in range(len(parts) + 1))
    return bool(parts) and fnmatch.fnmatchcase(parts[0], patterns[0]) and _parts_match(parts[1:], patterns[1:])
