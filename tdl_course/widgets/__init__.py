"""Explorers: ipywidgets boxes that a lesson shows and a dashboard reuses."""

from tdl_course.widgets.bits import BitsExplorer
from tdl_course.widgets.codebook import CodebookExplorer
from tdl_course.widgets.distillation import DistillationExplorer
from tdl_course.widgets.fit import FitExplorer
from tdl_course.widgets.microphone import Microphone
from tdl_course.widgets.node import NodeExplorer
from tdl_course.widgets.pruning import PruningExplorer
from tdl_course.widgets.quantization import QuantizationExplorer
from tdl_course.widgets.season import SeasonExplorer
from tdl_course.widgets.spotting import LiveSpotter

__all__ = [
    "BitsExplorer",
    "CodebookExplorer",
    "DistillationExplorer",
    "FitExplorer",
    "LiveSpotter",
    "Microphone",
    "NodeExplorer",
    "PruningExplorer",
    "QuantizationExplorer",
    "SeasonExplorer",
]
