"""Explorers: ipywidgets boxes that a lesson shows and a dashboard reuses."""

from tdl_course.widgets.pruning import PruningExplorer
from tdl_course.widgets.quantization import QuantizationExplorer

__all__ = ["PruningExplorer", "QuantizationExplorer"]
