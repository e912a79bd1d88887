"""SQUEEZE: drops axes of length 1. See `shape` for the definition."""

from tdl_course.ops.operator import Option, OptionTable
from tdl_course.ops.shape import kernel_call, macs, overlap, reference, validate

KIND = "SQUEEZE"
OPTIONS = OptionTable(30, "SqueezeOptions", (Option("squeeze_dims", 0, "int32[]", ()),))

__all__ = ["KIND", "OPTIONS", "kernel_call", "macs", "overlap", "reference", "validate"]
