"""Official downloads into the user cache: fetch, verify, turn into the course edition, keep.

In: a `Card` with a download address. Out: the cache folder that holds train.npz, test.npz and PREPARED.json (their
digests). An interrupted transfer goes on where it stopped. `fetch_within_budget` is what `load` tries without being
asked: it gives up soon, so that a lesson without a network starts at once.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np

from tdl_course.datasets import bidmc, fsdd, mitbih, speech_commands
from tdl_course.datasets.card import Card, DatasetError
from tdl_course.datasets.files import PARTS, PREPARED, Raw, cache_folder

TIMEOUTS = (3.05, 20.0)  # seconds to connect, and between two pieces
UNASKED_SECONDS = 120.0  # a download that nobody asked for must promise to end within this


@dataclass(frozen=True)
class Archive:
    """An official file: its name in the cache, its size in words, what reads it, its SHA-256 where one is published.

    Where none is, `read` checks the members.
    """

    file: str
    size: str
    read: Callable[[Path], Raw]
    sha256: str = ""


ARCHIVES = {
    "ecg": Archive("mit-bih-arrhythmia-database-1.0.0.zip", "73.5 MB", mitbih.read_archive),
    "keywords": Archive(
        "speech_commands_test_set_v0.02.tar.gz",
        "112.6 MB",
        speech_commands.read_archive,
        "cc2a00c1147c2254e9be3fa0f779d8c17421dc349b86366567a8edfa9acd51df",
    ),
    "ppg": Archive("bidmc-ppg-and-respiration-dataset-1.0.0.zip", "about 210 MB", bidmc.read_archive),
    "digits": Archive("free-spoken-digit-dataset-26eb9aa.tar.gz", "about 15 MB", fsdd.read_archive),
}

_failed: dict[str, str] = {}  # dataset -> why the unasked download failed in this process: no second wait


class Unreachable(DatasetError):
    """The official files cannot be had now: no connection, too slow, or switched off."""


def fetch(card: Card, budget: float | None = None) -> Path:
    """Download, verify and prepare `card`; returns the folder in the cache.

    Raises
    ------
    Unreachable
        If there is no official download, TDL_OFFLINE is set, the connection fails, or `budget` seconds do not suffice.
    DatasetError
        If what arrived is not the official file.
    """
    if card.name not in ARCHIVES:
        raise Unreachable(
            f"{card.name!r} has no automatic download yet (its home is {card.home}): let TDL_DATA name a folder that "
            f"holds {card.folder}, or ask for source='synthetic'"
        )
    if os.environ.get("TDL_OFFLINE", "0") not in ("", "0"):
        raise Unreachable("TDL_OFFLINE is set, so nothing is downloaded")
    archive = ARCHIVES[card.name]
    path = _retrieve(card, archive.file, archive.size, budget)
    try:
        _check(path, archive.sha256, card.name)
        raw = archive.read(path)
    except DatasetError:
        path.unlink(missing_ok=True)
        raise
    return keep(card, raw, cache_folder() / card.name)


def _check(path: Path, expected: str, name: str) -> None:
    """Raise DatasetError where a digest is published and the file has another."""
    if not expected:
        return
    with path.open("rb") as file:
        got = hashlib.file_digest(file, "sha256").hexdigest()
    if got != expected:
        raise DatasetError(
            f"{path} is not the official file and was deleted:\n  expected SHA-256 {expected}\n"
            f"  got      SHA-256 {got}\nRun: tdl data fetch {name}"
        )


def fetch_within_budget(card: Card) -> Path:
    """`fetch` for a caller who was not asked: fails at once where it failed before, and never takes long."""
    if card.name not in _failed:
        try:
            return fetch(card, UNASKED_SECONDS)
        except Unreachable as error:
            _failed[card.name] = str(error)
    raise Unreachable(_failed[card.name])


def keep(card: Card, raw: Raw, folder: Path) -> Path:
    """Write the course edition and its digests to `folder`, all or nothing."""
    partial = folder.with_name(f"{folder.name}.{os.getpid()}.partial")
    shutil.rmtree(partial, ignore_errors=True)
    partial.mkdir(parents=True)
    digests = {}
    for part in PARTS:
        path = partial / f"{part}.npz"
        arrays: dict[str, Any] = dict(raw[part])
        np.savez_compressed(path, **arrays)
        digests[path.name] = hashlib.sha256(path.read_bytes()).hexdigest()
    facts = {"dataset": card.name, "from": card.download, "licence": card.licence, "sha256": digests}
    (partial / PREPARED).write_text(json.dumps(facts, indent=1) + "\n", encoding="utf-8")
    shutil.rmtree(folder, ignore_errors=True)
    partial.replace(folder)
    return folder


def _retrieve(card: Card, name: str, size: str, budget: float | None) -> Path:
    """The archive in the cache, not yet checked."""
    import pooch
    import requests

    pooch.get_logger().setLevel(logging.WARNING)
    folder = cache_folder() / "downloads"
    if not (folder / name).is_file():
        host = urlsplit(card.download).hostname
        print(f"fetching {card.title}: {size} from {host} into {folder} (TDL_OFFLINE=1 switches this off)", flush=True)
    try:
        return Path(
            pooch.retrieve(card.download, None, name, folder, downloader=_Resuming(folder / f"{name}.part", budget))
        )
    except requests.RequestException as error:
        raise Unreachable(f"no connection to {urlsplit(card.download).hostname} ({type(error).__name__})") from error


class _Resuming:
    """A pooch downloader that goes on where the last attempt stopped, with a progress bar."""

    def __init__(self, part: Path, budget: float | None) -> None:
        self.part, self.budget = part, budget

    def __call__(self, url: str, output_file: str, pooch: Any) -> None:
        import requests
        from tqdm.auto import tqdm

        have = self.part.stat().st_size if self.part.is_file() else 0
        headers = {"Range": f"bytes={have}-"} if have else {}
        with requests.get(url, headers=headers, stream=True, timeout=TIMEOUTS) as answer:
            if answer.status_code == 416:  # nothing is left to send, or the file has changed: start over
                self.part.unlink()
                raise requests.ConnectionError("the server refused to go on; the next attempt starts over")
            answer.raise_for_status()
            have = have if answer.status_code == 206 else 0
            total = have + int(answer.headers.get("Content-Length", 0))
            start = time.monotonic()
            with (
                open(self.part, "ab" if have else "wb") as file,
                tqdm(total=total or None, initial=have, unit="B", unit_scale=True, leave=False) as bar,
            ):
                done = 0
                for chunk in answer.iter_content(1 << 16):
                    file.write(chunk)
                    bar.update(len(chunk))
                    done += len(chunk)
                    self._check_budget(done, total - have, time.monotonic() - start)
        if total and have + done != total:
            raise requests.ConnectionError(f"{have + done} of {total} bytes arrived")
        os.replace(self.part, output_file)

    def _check_budget(self, done: int, wanted: int, seconds: float) -> None:
        if self.budget is None or seconds < 5:
            return
        expected = seconds * max(wanted, done) / done
        if max(expected, seconds) > self.budget:
            raise Unreachable(f"the download would take about {expected / 60:.0f} minutes; what arrived is kept")
