"""PhysioNet's zips: every member is checked against PhysioNet's own SHA-256 list before it is used.

In: the zip, the digests of the members that are wanted (a JSON file beside this one), the name of the dataset. Out: a
function from a member's file name to its bytes. PhysioNet publishes no digest of the zip itself. It knows no format.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from importlib.resources import files as package_files
from pathlib import Path

from tdl_course.datasets.card import DatasetError


def published_digests(name: str) -> dict[str, str]:
    """File name -> SHA-256, from `name` in this package."""
    return dict(json.loads((package_files("tdl_course.datasets") / name).read_text(encoding="ascii")))


@contextmanager
def verified_members(
    path: Path, digests: Mapping[str, str], largest: int, dataset: str
) -> Iterator[Callable[[str], bytes]]:
    """`with verified_members(...) as content:` gives `content(file name)`, the bytes of that member.

    Raises
    ------
    DatasetError
        If the zip is damaged, a member is missing, claims more than `largest` bytes, or its SHA-256 is not
        PhysioNet's.
    """
    again = f"Delete the file and run: tdl data fetch {dataset}"
    try:
        with zipfile.ZipFile(path) as archive:
            members = {info.filename.rsplit("/", 1)[-1]: info for info in archive.infolist()}

            def content(name: str) -> bytes:
                if name not in members:
                    raise DatasetError(f"{path} has no {name}. {again}")
                if members[name].file_size > largest:
                    raise DatasetError(f"{path}: {name} claims {members[name].file_size} bytes, at most {largest}")
                data = archive.read(members[name])
                got = hashlib.sha256(data).hexdigest()
                if got != digests[name]:
                    raise DatasetError(
                        f"{name} in {path} is not PhysioNet's:\n  expected SHA-256 {digests[name]}\n"
                        f"  got      SHA-256 {got}\n{again}"
                    )
                return data

            yield content
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError) as error:
        raise DatasetError(
            f"{path} is not a readable zip ({error}). Delete it and run: tdl data fetch {dataset}"
        ) from error
