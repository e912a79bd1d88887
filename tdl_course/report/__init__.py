"""Results as tables and plots: every number labelled, every plot with its sentence."""

from tdl_course.picture import Picture
from tdl_course.report.device import cost_plot, layer_plot, layer_table, mark_table, spent_in
from tdl_course.report.page import write_page
from tdl_course.report.pareto import pareto, pareto_of_lessons
from tdl_course.report.plots import (
    bars,
    confusion,
    examples,
    gallery,
    histogram,
    lines,
    panels,
    rows,
    scatter,
    spread,
    timelines,
)
from tdl_course.report.profile import marks_json, profile_json
from tdl_course.report.sound import spectrograms, stream
from tdl_course.report.variants import Variant, keep_variants, kept_variants, pareto_front
from tdl_course.table import Table, si

__all__ = [
    "Picture",
    "Table",
    "Variant",
    "bars",
    "confusion",
    "cost_plot",
    "examples",
    "gallery",
    "histogram",
    "keep_variants",
    "kept_variants",
    "layer_plot",
    "layer_table",
    "lines",
    "mark_table",
    "marks_json",
    "panels",
    "pareto",
    "pareto_front",
    "pareto_of_lessons",
    "profile_json",
    "rows",
    "scatter",
    "si",
    "spectrograms",
    "spent_in",
    "spread",
    "stream",
    "timelines",
    "write_page",
]
