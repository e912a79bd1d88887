"""Peers: what other engines need for the same models, as cited in benchmarks/peers.json of a checkout.

In: that file. Out: `Peers`, frozen. Nothing here is computed: the file says who measured what, how, and where it was
published. An installed package without a checkout has no such file; then there are no peers, and the tables say so.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

PEERS = Path(__file__).resolve().parents[2] / "benchmarks" / "peers.json"


@dataclass(frozen=True)
class Engine:
    """One engine: figures by model key ("kws"), each a mapping of "cycles", "ram", "flash", "code", ..."""

    name: str
    version: str
    source: str
    note: str
    models: Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Silicon:
    """Published times of one inference on a real board, milliseconds by entry and model key."""

    board: str
    source: str
    clock_hz: int
    calibration: str
    milliseconds: Mapping[str, Mapping[str, float]]


@dataclass(frozen=True)
class Peers:
    """The other engines, the conditions under which they were counted, and published results.

    `cycles_per_mac`: what TFLM + CMSIS-NN needs for kinds of layers, from and to.
    """

    engines: tuple[Engine, ...]
    conditions: Mapping[str, str]
    silicon: Silicon | None
    notes: tuple[str, ...]
    cycles_per_mac: Mapping[str, tuple[float, float]]


NOBODY = Peers((), {}, None, (), {})


def load_peers(path: Path = PEERS) -> Peers:
    """The peers of the checkout; `NOBODY` where the file is not there.

    Raises
    ------
    ValueError
        The file is not of the form that `benchmarks/peers.json` has.
    """
    if not path.is_file():
        return NOBODY
    try:
        facts = json.loads(path.read_text("utf-8"))
        engines = tuple(Engine(**engine) for engine in facts["engines"])
        ranges = {kind: span(text) for kind, text in facts["cycles_per_mac_tflm_cmsis_nn"].items()}
        return Peers(engines, facts["conditions"], Silicon(**facts["silicon"]), tuple(facts["notes"]), ranges)
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(f"{path} is not a file of peers ({error!r}); restore it: git checkout {path.name}") from None


def span(text: str) -> tuple[float, float]:
    """`"2.1-2.7"` and `"8.3"` as (from, to)."""
    ends = [float(end) for end in text.split("-")]
    return ends[0], ends[-1]
