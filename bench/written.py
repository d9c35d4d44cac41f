"""Documents as a policy folder in memory: files of a hundred, as `Folder.of` takes them."""

import yaml

from bench.documents import Document

PER_FILE = 100
"""Documents of one file: a hundred make 70 kB, and a megabyte is the most a file may have."""


def held(documents: list[Document]) -> dict[str, bytes]:
    """The files by their name."""
    return {
        f"policies-{start:06}.yaml": yaml.dump_all(
            documents[start : start + PER_FILE], sort_keys=False, Dumper=yaml.CSafeDumper
        ).encode()
        for start in range(0, len(documents), PER_FILE)
    }
