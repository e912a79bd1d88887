"""tdl bench: models built, run, compared with TFLM, and set beside other engines.

In: paths or names of models. Out: `Measurement`s, tables (text, Markdown, JSON) and pictures.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from tdl_course import datasets
from tdl_course.bench.measure import INPUTS, LayerFigures, Measurement, measure
from tdl_course.bench.peers import Peers, load_peers
from tdl_course.bench.plots import pictures
from tdl_course.bench.readme import generated, rewrite
from tdl_course.bench.tables import (
    by_first_toolchain,
    comparison,
    equality,
    from_json,
    kinds,
    layers,
    markdown,
    silicon,
    to_json,
)
from tdl_course.files import write_atomically
from tdl_course.table import Table

__all__ = [
    "INPUTS",
    "LayerFigures",
    "Measurement",
    "Peers",
    "comparison",
    "details",
    "equality",
    "from_json",
    "kinds",
    "layers",
    "generated",
    "load_peers",
    "markdown",
    "measure",
    "model_path",
    "page",
    "pictures",
    "rewrite",
    "save",
    "silicon",
    "to_json",
]


def model_path(name: str) -> Path:
    """The file of a model: a path, or a name of `datasets.MODELS`, whole or without "mlperf_tiny/".

    Raises DatasetError where a reference model cannot be had, ValueError where it is neither name nor file.
    """
    for known in (name, f"mlperf_tiny/{name}"):
        if known in datasets.MODELS:
            return datasets.model(known)
    if not Path(name).is_file():
        raise ValueError(f"{name!r} is no file and no reference model; those are {', '.join(datasets.MODELS)}")
    return Path(name)


def page(measurements: Sequence[Measurement], peers: Peers, folder: str = "benchmarks") -> str:
    """The tables as Markdown, with the pictures that lie in `folder`, seen from the page."""
    published = silicon(measurements, peers)
    tables = [comparison(measurements, peers), *([published] if published else [])]
    shown = [f"![{picture.words}]({folder}/{name})\n" for name, picture in pictures(measurements, peers).items()]
    return "\n".join([*map(markdown, tables), *shown])


def details(measurements: Sequence[Measurement]) -> list[Table]:
    """Of each model, where its cycles go: by layers, and by what instructions do. Of the first toolchain's firmware."""
    shown = by_first_toolchain(measurements)
    return [table for each in shown for table in (layers(each), kinds(each)) if table is not None]


def save(measurements: Sequence[Measurement], peers: Peers, out: Path) -> None:
    """Write results.json, results.md and the pictures into the folder `out`."""
    write_atomically(out / "results.json", to_json(measurements))
    tables = [page(measurements, peers, "."), *map(markdown, details(measurements))]
    write_atomically(out / "results.md", "\n".join(tables))
    for name, picture in pictures(measurements, peers).items():
        write_atomically(out / name, picture.png)
