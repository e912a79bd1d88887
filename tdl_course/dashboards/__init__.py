"""Dashboards: what the notebooks of the folder dashboards/ show, one function each.

In: files that `python -m tdl_course.dashboards` has prepared (`tdl dashboards` does so before it serves). Out: an
ipywidgets box. A kernel that shows one reads these files and computes with NumPy, Unicorn and Matplotlib: it never
imports TensorFlow, so that thirty of them have room on a laptop.
"""

from tdl_course.dashboards.boxes import fit, irrigation, pruning, quantization, spotting
from tdl_course.dashboards.prepared import NotPrepared

__all__ = ["NotPrepared", "fit", "irrigation", "pruning", "quantization", "spotting"]
