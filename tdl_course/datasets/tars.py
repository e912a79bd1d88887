"""Members of an official .tar.gz, one after the other, without unpacking it to a disk.

In: the archive and the most that it may hold. Out: names and bytes. Nothing of the archive is trusted: links, folders
and devices are passed over, and a member is measured before it is read. It knows no format.
"""

from __future__ import annotations

import tarfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path, PurePosixPath

from tdl_course.datasets.card import DatasetError

MEMBER_BYTES = 1 << 20  # no clip of the official sets is larger
MEMBERS = 1 << 14  # nor has one of the archives we read more members


def wanted_members(
    path: Path, wanted: Callable[[PurePosixPath], bool], dataset: str
) -> Iterator[tuple[PurePosixPath, bytes]]:
    """Name and content of each regular file for which `wanted(name)` is true.

    Raises
    ------
    DatasetError
        If the archive is damaged, or has more or larger members than the official one.
    """
    again = f"Delete the file and run: tdl data fetch {dataset}"
    try:
        with tarfile.open(path, "r:gz") as archive:
            for count, member in enumerate(archive):
                name = PurePosixPath(member.name)
                if count >= MEMBERS:
                    raise DatasetError(f"{path} has more than {MEMBERS} members. {again}")
                if not member.isfile() or not wanted(name):
                    continue
                if member.size > MEMBER_BYTES:
                    raise DatasetError(f"{path}: {name} claims {member.size} bytes, at most {MEMBER_BYTES}. {again}")
                file = archive.extractfile(member)
                yield name, file.read() if file else b""
    except (tarfile.TarError, zlib.error, OSError, EOFError) as error:
        raise DatasetError(f"{path} is not a readable .tar.gz ({error}). {again}") from error
