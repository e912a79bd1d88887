"""Explorers: ipywidgets boxes that a lesson shows and a dashboard reuses."""

from tdl_course.widgets.distillation import DistillationExplorer
from tdl_course.widgets.quantization import QuantizationExplorer

__all__ = ["DistillationExplorer", "QuantizationExplorer"]
