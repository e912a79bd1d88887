"""A folder with real data for computers without a network: `TDL_DATA` of every one of them names it.

In: a folder, on a USB stick for instance, and names of datasets and reference models (none: all). Out: those that can
be had here, from the folders of `$TDL_DATA`, the user cache or the official download, each verified, in the layout that
the loaders read; README.txt with sources and licences; SHA256SUMS. A dataset is there whole or not at all; what is
already there is kept, so that an interrupted run goes on. It knows nothing of what is inside the files.
"""

from __future__ import annotations

import errno
import hashlib
import shutil
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tdl_course.datasets import download
from tdl_course.datasets.card import Card, DatasetError
from tdl_course.datasets.files import PREPARED, cache_folder, expected_digests, mirror_folder, verified_bytes
from tdl_course.datasets.reference_models import MODELS, ReferenceModel, model
from tdl_course.datasets.registry import CARDS
from tdl_course.files import write_atomically

SUMS, README = "SHA256SUMS", "README.txt"
TEXTS = ("README.md", "LICENSE.txt")  # beside the data, where a source has them: they travel with it
# Licences begin so that allow to pass the data on, with the names of its authors.
PASSED_ON = ("CC0", "CC BY 4.0", "CC BY-SA 4.0", "ODC-By", "ODbL", "public domain", "Apache", "MIT")


@dataclass(frozen=True)
class Copy:
    """What became of one dataset or model: "copied", "kept" (it was there), "missing" or "left out", and why."""

    name: str
    state: str
    detail: str

    def __str__(self) -> str:
        return f"{self.state:9} {self.name}: {self.detail}"


def make_mirror(folder: Path, names: Sequence[str] = ()) -> Iterator[Copy]:
    """Bring the named datasets and models (none: all) into `folder`; yields what became of each, as it happens.

    Raises
    ------
    DatasetError
        A name is unknown, or the disk of `folder` is full. What is complete by then stays.
    """
    known: dict[str, Card | ReferenceModel] = {**CARDS, **MODELS}
    unknown = [name for name in names if name not in known]
    if unknown:
        raise DatasetError(f"no dataset or model {', '.join(unknown)}; known are {', '.join(known)}")
    folder.mkdir(parents=True, exist_ok=True)
    for name in names or known:
        facts = known[name]
        with _full_disk(folder, name):
            try:
                yield _model(folder, facts) if isinstance(facts, ReferenceModel) else _dataset(folder, facts)
            except DatasetError as error:
                yield Copy(name, "missing", str(error))
    with _full_disk(folder, SUMS):
        _write_lists(folder)


def check_mirror(folder: Path) -> list[str]:
    """What is wrong with a mirror, one line each: files that are missing or not those of SHA256SUMS. Empty: nothing.

    Raises
    ------
    DatasetError
        There is no SHA256SUMS that can be read.
    """
    again = "Run: tdl data mirror"
    try:
        lines = (folder / SUMS).read_text(encoding="utf-8").splitlines()
        listed = [line.split("  ", 1) for line in lines]
        expected = {name: digest for digest, name in listed}
    except (OSError, ValueError) as error:
        raise DatasetError(f"{folder} is no mirror: {SUMS} cannot be read ({error}). {again} {folder}") from error
    problems = []
    for name, digest in expected.items():
        path = folder / name
        if not path.resolve().is_relative_to(folder.resolve()):
            problems.append(f"{name}: {SUMS} names a file outside {folder}")
        elif not path.is_file():
            problems.append(f"{name}: missing. {again} {folder}")
        elif (got := _digest(path)) != digest:
            problems.append(f"{name}: damaged, expected SHA-256 {digest}, got {got}. Delete it, then: {again} {folder}")
    return problems


def _dataset(folder: Path, card: Card) -> Copy:
    target = folder / card.folder
    if not card.licence.startswith(PASSED_ON):
        return Copy(card.name, "left out", f"its licence, {card.licence}, does not allow to pass it on ({card.home})")
    if not _damage(card, target):
        return Copy(card.name, "kept", f"{card.folder} is there already")
    source = _source(card)
    contents = {name: verified_bytes(source / name, digest) for name, digest in expected_digests(card, source).items()}
    extra = [name for name in (*TEXTS, PREPARED) if (source / name).is_file()]
    contents |= {name: (source / name).read_bytes() for name in extra}
    partial = folder / f".{card.folder}.partial"
    shutil.rmtree(partial, ignore_errors=True)
    try:
        for name, content in contents.items():
            write_atomically(partial / name, content)
        shutil.rmtree(target, ignore_errors=True)
        partial.replace(target)
    finally:
        shutil.rmtree(partial, ignore_errors=True)
    return Copy(card.name, "copied", f"{_megabytes(sum(map(len, contents.values())))} from {source}")


def _model(folder: Path, facts: ReferenceModel) -> Copy:
    target = folder / facts.file
    if not facts.licence.startswith(PASSED_ON):
        return Copy(
            facts.name, "left out", f"its licence, {facts.licence}, does not allow to pass it on ({facts.home})"
        )
    if target.is_file() and _digest(target) == facts.sha256:
        return Copy(facts.name, "kept", f"{facts.file} is there already")
    source = model(facts.name)
    content = verified_bytes(source, facts.sha256)
    write_atomically(target, content)
    return Copy(facts.name, "copied", f"{_megabytes(len(content))} from {source}")


def _source(card: Card) -> Path:
    """A folder with the course edition of `card`: of $TDL_DATA, the cache, or downloaded now."""
    found, reason = mirror_folder(card)
    if found is not None:
        return found
    cached = cache_folder() / card.name
    if cached.is_dir():
        return cached
    try:
        return download.fetch(card)
    except download.Unreachable as error:
        raise download.Unreachable(f"{reason}; nothing cached; {error}") from error


def _damage(card: Card, folder: Path) -> str:
    """Why `folder` does not hold `card` whole; "" where it does."""
    try:
        for name, digest in expected_digests(card, folder).items():
            verified_bytes(folder / name, digest)
    except DatasetError as error:
        return str(error)
    return ""


def _write_lists(folder: Path) -> None:
    """README.txt and SHA256SUMS of all that is complete in `folder`, also from earlier runs."""
    cards = [card for card in CARDS.values() if not _damage(card, folder / card.folder)]
    models = [facts for facts in MODELS.values() if (folder / facts.file).is_file()]
    files = sorted(path for card in cards for path in (folder / card.folder).iterdir() if path.is_file())
    files += [folder / facts.file for facts in models]
    write_atomically(folder / README, _readme(cards, models))
    lines = (f"{_digest(path)}  {path.relative_to(folder).as_posix()}\n" for path in [*files, folder / README])
    write_atomically(folder / SUMS, "".join(lines))


def _readme(cards: Sequence[Card], models: Sequence[ReferenceModel]) -> str:
    parts = [USE]
    for card in cards:
        facts = (f"licence: {card.licence}, {card.licence_url}", f"home: {card.home}", f"cite: {card.citation}")
        note = "changed: a small selection, cut and resampled as its dataset card in the course says"
        parts.append(
            "\n    ".join([f"{card.folder}/ ({card.name}): {card.title}", *facts, note, f"beware: {card.warning}"])
        )
    parts += [
        f"{facts.file} ({facts.name}): {facts.title}\n    licence: {facts.licence}\n    home: {facts.url}"
        for facts in models
    ]
    return "\n\n".join(parts) + "\n"


USE = """Datasets and reference models of the course Tiny Deep Learning, for use without a network.

Copy this folder to a computer, or leave it where it is, and let TDL_DATA name it before JupyterLab or tdl starts:
    Linux, macOS:        export TDL_DATA=/path/to/this/folder
    Windows, PowerShell: $env:TDL_DATA = "D:\\path\\to\\this\\folder"
`tdl data` then shows what is found. `tdl data mirror --check FOLDER` (or sha256sum -c SHA256SUMS in this folder) says
whether all files are as they were made. Whoever passes the folder on includes this page: the licences ask for it."""


@contextmanager
def _full_disk(folder: Path, name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
            raise
        free = shutil.disk_usage(folder).free
        raise DatasetError(
            f"no room for {name} in {folder}: {_megabytes(free)} are free. What is complete there stays; make room and "
            f"run the same command again, or name fewer datasets: tdl data mirror {folder} ecg keywords"
        ) from error


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _megabytes(count: int) -> str:
    return f"{count / 1e6:.1f} MB"
