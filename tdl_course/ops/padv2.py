"""PADV2: a border of a given value. See `pad` for the definition."""

from tdl_course.ops.operator import OptionTable
from tdl_course.ops.pad import kernel_call, macs, overlap, reference, validate

KIND = "PADV2"
OPTIONS = OptionTable(43, "PadV2Options", ())

__all__ = ["KIND", "OPTIONS", "kernel_call", "macs", "overlap", "reference", "validate"]
