"""Variant: a model in one of its sizes, what it knows and what it costs; and the ledger of all that lessons have made.

In: the variants of a lesson. Out: a JSON file for each lesson in the user cache, and the variants of all lessons again.
This module knows no axis and no colour.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from pathlib import Path

from tdl_course.datasets.files import cache_folder
from tdl_course.files import write_atomically

COSTS = ("flash_bytes", "ram_bytes", "cycles")


@dataclass(frozen=True)
class Variant:
    """A model as it was measured.

    Attributes
    ----------
    name
        What was done to it, short enough for a label: "int8", "pruned 50 %".
    lesson, dataset
        The lesson's number as in its file's name ("05"), and what `accuracy` was measured on.
    accuracy, low, high
        Shares from 0 to 1: the accuracy and its 95 % interval (`metrics.evaluate(...).accuracy_interval`).
    flash_bytes, ram_bytes, cycles
        Measured, measured, and modelled: of one inference.
    synthetic
        True where the dataset is the synthetic stand-in.
    baseline
        True for the one variant of the lesson's dataset that the others are compared with.

    Raises
    ------
    ValueError
        A number that none of these can be.
    """

    name: str
    lesson: str
    dataset: str
    accuracy: float
    low: float
    high: float
    flash_bytes: int
    ram_bytes: int
    cycles: int
    synthetic: bool = False
    baseline: bool = False

    def __post_init__(self) -> None:
        if not re.fullmatch(r"[0-9a-z_]+", self.lesson):
            raise ValueError(f'lesson {self.lesson!r}: give its number as in the name of its file, "05"')
        if not 0 <= self.low <= self.accuracy <= self.high <= 1:
            raise ValueError(
                f"variant {self.name!r}: low {self.low:g} <= accuracy {self.accuracy:g} <= high {self.high:g} is"
                " needed, all from 0 to 1; divide percentages by 100"
            )
        for cost in COSTS:
            if getattr(self, cost) < 1:
                raise ValueError(f"variant {self.name!r}: {cost} is {getattr(self, cost)}; 1 or more is needed")


def pareto_front(variants: Sequence[Variant], cost: str) -> tuple[Variant, ...]:
    """The variants that no other one dominates, by rising `cost`: "flash_bytes", "ram_bytes" or "cycles".

    One dominates another where it is at least as accurate and costs no more, and is better in one of both. Of several
    that are equal in both, none dominates.

    Raises
    ------
    ValueError
        `cost` is none of these.
    """
    if cost not in COSTS:
        raise ValueError(f"cost {cost!r}: what a variant costs is one of {', '.join(COSTS)}")
    front: list[Variant] = []
    for variant in sorted(variants, key=lambda v: (getattr(v, cost), -v.accuracy)):
        last = front[-1] if front else None
        better = last is None or variant.accuracy > last.accuracy
        if better or (last and (variant.accuracy, getattr(variant, cost)) == (last.accuracy, getattr(last, cost))):
            front.append(variant)
    return tuple(front)


def baselines(variants: Sequence[Variant]) -> dict[tuple[str, str], Variant]:
    """The baseline for each (lesson, dataset), in the order of lessons.

    Raises
    ------
    ValueError
        A lesson has none for a dataset, or several.
    """
    found = {}
    for lesson, dataset in sorted({(v.lesson, v.dataset) for v in variants}):
        own = [v for v in variants if v.baseline and (v.lesson, v.dataset) == (lesson, dataset)]
        if len(own) != 1:
            named = ", ".join(repr(v.name) for v in own) or "none"
            raise ValueError(
                f"baselines of lesson {lesson} on {dataset!r}: {named}; one is needed. Give one variant baseline=True"
            )
        found[lesson, dataset] = own[0]
    return found


def keep_variants(variants: Sequence[Variant]) -> Path:
    """Write the variants of one lesson to the user cache, in place of those that it wrote before; returns the file.

    Raises
    ------
    ValueError
        The variants are of no lesson or of several, or have no baseline: see `baselines`.
    OSError
        The file cannot be written; an older one is then still whole.
    """
    lessons = sorted({variant.lesson for variant in variants})
    if len(lessons) != 1:
        raise ValueError(f"variants of lessons {', '.join(lessons) or '(none)'}; keep those of one lesson at a time")
    baselines(variants)
    content = json.dumps([asdict(variant) for variant in variants], indent=1)
    return write_atomically(_folder() / f"{lessons[0]}.json", content + "\n")


def kept_variants() -> tuple[Variant, ...]:
    """All variants that lessons have kept on this computer, lesson after lesson; none before the first lesson.

    Raises
    ------
    ValueError
        A file holds something else; it is named.
    """
    return tuple(variant for path in sorted(_folder().glob("*.json")) for variant in _read(path))


def _folder() -> Path:
    return cache_folder() / "variants"


def _read(path: Path) -> list[Variant]:
    try:
        variants = [Variant(**entry) for entry in json.loads(path.read_text(encoding="utf-8"))]
        for variant in variants:
            _check_types(variant)
        baselines(variants)
    except (ValueError, TypeError) as error:
        raise ValueError(
            f"{path} is not what `keep_variants` writes ({error}). Delete it, and run lesson {path.stem} again"
        ) from error
    return variants


def _check_types(variant: Variant) -> None:
    kinds: dict[str, type | tuple[type, ...]] = {"str": str, "float": (float, int), "int": int, "bool": bool}
    for field in fields(variant):
        value = getattr(variant, field.name)
        if not isinstance(value, kinds[str(field.type)]):
            raise TypeError(f"{field.name} is {value!r}; {field.type} is needed")
