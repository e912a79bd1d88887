"""RESHAPE: the values in order under a given shape. See `shape` for the definition."""

from tdl_course.ops.operator import Option, OptionTable
from tdl_course.ops.shape import kernel_call, macs, overlap, reference, validate

KIND = "RESHAPE"
OPTIONS = OptionTable(17, "ReshapeOptions", (Option("new_shape", 0, "int32[]", ()),))

__all__ = ["KIND", "OPTIONS", "kernel_call", "macs", "overlap", "reference", "validate"]
