"""EXPAND_DIMS: inserts an axis of length 1. See `shape` for the definition."""

from tdl_course.ops.operator import OptionTable
from tdl_course.ops.shape import kernel_call, macs, overlap, reference, validate

KIND = "EXPAND_DIMS"
OPTIONS = OptionTable(52, "ExpandDimsOptions", ())

__all__ = ["KIND", "OPTIONS", "kernel_call", "macs", "overlap", "reference", "validate"]
