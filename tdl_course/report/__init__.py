"""Results as tables and plots: every number labelled, every plot with its sentence."""

from tdl_course.picture import Picture
from tdl_course.report.device import cost_plot, layer_plot, layer_table, mark_table, spent_in
from tdl_course.report.page import write_page
from tdl_course.report.plots import bars, confusion, examples, histogram, lines, panels, rows, scatter, timelines
from tdl_course.report.profile import marks_json, profile_json
from tdl_course.table import Table, si

__all__ = [
    "Picture",
    "Table",
    "bars",
    "confusion",
    "cost_plot",
    "examples",
    "histogram",
    "layer_plot",
    "layer_table",
    "lines",
    "mark_table",
    "marks_json",
    "panels",
    "profile_json",
    "rows",
    "timelines",
    "scatter",
    "si",
    "spent_in",
    "write_page",
]
