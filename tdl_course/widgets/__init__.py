"""Explorers: ipywidgets boxes that a lesson shows and a dashboard reuses. Each loads when it is first used."""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tdl_course.widgets.beat import BeatOnChip as BeatOnChip
    from tdl_course.widgets.bits import BitsExplorer as BitsExplorer
    from tdl_course.widgets.codebook import CodebookExplorer as CodebookExplorer
    from tdl_course.widgets.distillation import DistillationExplorer as DistillationExplorer
    from tdl_course.widgets.fit import FitExplorer as FitExplorer
    from tdl_course.widgets.microphone import Microphone as Microphone
    from tdl_course.widgets.node import NodeExplorer as NodeExplorer
    from tdl_course.widgets.pruning import PruningExplorer as PruningExplorer
    from tdl_course.widgets.quantization import QuantizationExplorer as QuantizationExplorer
    from tdl_course.widgets.season import SeasonExplorer as SeasonExplorer
    from tdl_course.widgets.spotting import LiveSpotter as LiveSpotter

WHERE = {
    "BeatOnChip": "beat",
    "BitsExplorer": "bits",
    "CodebookExplorer": "codebook",
    "DistillationExplorer": "distillation",
    "FitExplorer": "fit",
    "LiveSpotter": "spotting",
    "Microphone": "microphone",
    "NodeExplorer": "node",
    "PruningExplorer": "pruning",
    "QuantizationExplorer": "quantization",
    "SeasonExplorer": "season",
}

__all__ = list(WHERE)


def __getattr__(name: str) -> object:
    if name not in WHERE:
        raise AttributeError(f"module 'tdl_course.widgets' has no attribute {name!r}; it has {', '.join(WHERE)}")
    return getattr(import_module(f"tdl_course.widgets.{WHERE[name]}"), name)


def __dir__() -> list[str]:
    return sorted([*globals(), *WHERE])
