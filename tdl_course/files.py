"""write_atomically: a file is there whole, or as it was before."""

from __future__ import annotations

import os
from pathlib import Path


def write_atomically(path: Path, content: bytes | str) -> Path:
    """Write `content` to `path` (folders are made) through a file beside it that is renamed at the end.

    Raises
    ------
    OSError
        Disk full, no permission, ...; what was at `path` before is untouched and no partial file stays.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    partial = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        partial.write_bytes(content.encode("utf-8") if isinstance(content, str) else content)
        os.replace(partial, path)
    finally:
        partial.unlink(missing_ok=True)
    return path
