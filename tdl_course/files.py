"""A file is there whole, or as it was before: `write_atomically`, and `replacing` for writers that want a path."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path beside `path` to write to (same ending, folders are made); it takes the place of `path` at the end.

    Where the body or the renaming fails, what was at `path` before is untouched and no partial file stays.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        yield partial
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)


def write_atomically(path: Path, content: bytes | str) -> Path:
    """Write `content` to `path`, whole or not at all.

    Raises
    ------
    OSError
        Disk full, no permission, ...
    """
    with replacing(path) as partial:
        partial.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
    return path
