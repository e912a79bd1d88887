"""SUB: the difference of two tensors, broadcast against each other. ADD with the second operand's sign turned."""

from __future__ import annotations

from tdl_course.ops import add
from tdl_course.ops.add import kernel_call, macs, overlap, reference, validate
from tdl_course.ops.operator import OptionTable

KIND = "SUB"
OPTIONS = OptionTable(28, "SubOptions", add.OPTIONS.fields)

__all__ = ["KIND", "OPTIONS", "kernel_call", "macs", "overlap", "reference", "validate"]
