"""PADV2: a border of a given value. See `pad` for the definition."""

from tdl_course.ops.operator import OptionTable
from tdl_course.ops.pad import IN_PLACE, kernel_call, macs, reference, validate

KIND = "PADV2"
OPTIONS = OptionTable(43, "PadV2Options", ())

__all__ = ["IN_PLACE", "KIND", "OPTIONS", "kernel_call", "macs", "reference", "validate"]
