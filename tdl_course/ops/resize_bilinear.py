"""RESIZE_BILINEAR: an image of another size; each output pixel is a mean of four, weighted by their distances.

In: NHWC int8, a constant int32 size (height, width). Out: NHWC int8 of that size and the input's scale. Places along an
axis are counted in 1,024th parts of a pixel. With `align_corners` the first and last places of input and output meet;
with `half_pixel_centers` places are counted between the middles of pixels.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.ops.check import require, require_int8
from tdl_course.ops.operator import KernelCall, Option, OptionTable, Param
from tdl_course.ops.resize import sides, size_params, validate_resize

KIND = "RESIZE_BILINEAR"
OPTIONS = OptionTable(
    15,
    "ResizeBilinearOptions",
    (Option("align_corners", 2, "bool", False), Option("half_pixel_centers", 3, "bool", False)),
)
ONE = 1 << 10
"""Parts of a pixel."""


@dataclass(frozen=True)
class Axis:
    """Place of output index o: `o * step + first`, in parts of a pixel."""

    step: int
    first: int
    length: int
    output: int

    def places(self) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Pixel before, pixel after, and parts from the one towards the other, of each output index; int64.

        Outside the middles of the first and last pixels both are one pixel, whatever the parts.
        """
        place = np.arange(self.output, dtype=np.int64) * self.step + self.first
        before = np.maximum(place // ONE, 0)
        after = np.minimum(-(-place // ONE), self.length - 1)
        return before, np.maximum(after, 0), place - before * ONE


def validate(graph: Graph, op: Op) -> None:
    """Raise `OperatorError` unless int8 goes to the constant size and no place lies beyond the last pixel."""
    validate_resize(graph, op)
    require_int8(op, graph.tensors[op.inputs[0]], graph.tensors[op.outputs[0]])
    both = bool(op.options.get("align_corners")) and bool(op.options.get("half_pixel_centers"))
    require(not both, op, "has align_corners and half_pixel_centers; only one of them is allowed")
    for axis in _axes(graph, op):
        last = int(axis.places()[0].max())
        require(
            last < axis.length,
            op,
            f"from {axis.length} to {axis.output} the rounded step of {axis.step}/{ONE} pixels leads to pixel {last},"
            " which the input does not have. Resize less at once, or by a power of two",
        )


def reference(graph: Graph, op: Op, inputs: list[np.ndarray | None]) -> list[np.ndarray]:
    """The definition: four pixels times their weights, rounded to nearest, halves away from zero."""
    assert inputs[0] is not None
    x = inputs[0].astype(np.int64)
    (top, bottom, down), (left, right, along) = (axis.places() for axis in _axes(graph, op))
    down, along = down[:, None, None], along[:, None]
    upper = x[:, top][:, :, left] * (ONE - along) + x[:, top][:, :, right] * along
    lower = x[:, bottom][:, :, left] * (ONE - along) + x[:, bottom][:, :, right] * along
    total = upper * (ONE - down) + lower * down
    half = ONE * ONE // 2
    return [(np.sign(total) * ((np.abs(total) + half) // (ONE * ONE))).astype(np.int8)]


def macs(graph: Graph, op: Op) -> int:
    """Four of each output value."""
    return 4 * graph.tensors[op.outputs[0]].size


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_resize_bilinear_s8`."""
    vertical, horizontal = _axes(graph, op)
    params = (
        *size_params(graph, op),
        Param("int32_t", "channels", graph.tensors[op.inputs[0]].shape[3]),
        Param("int32_t", "step_height", vertical.step),
        Param("int32_t", "first_height", vertical.first),
        Param("int32_t", "step_width", horizontal.step),
        Param("int32_t", "first_width", horizontal.first),
    )
    name = "tdl_resize_bilinear"
    return KernelCall("resize_bilinear", f"{name}_s8", f"{name}_params", params, op.inputs[:1], op.outputs)


def overlap(graph: Graph, op: Op) -> dict[int, int]:
    """The kernel goes from output pixel to output pixel; it reads from the upper left of the four on.

    It reads a channel of all four, then writes it: when channel c of a pixel is written, channel c of the same pixel
    has been read, and what is read next lies at channel c + 1 or above. So the pixel that is written counts as read.
    """
    batches, height, width, channels = graph.tensors[op.inputs[0]].shape
    (top, _, _), (left, _, _) = (axis.places() for axis in _axes(graph, op))
    first = ((np.arange(batches)[:, None, None] * height + top[:, None]) * width + left).reshape(-1)
    return {0: max(0, int((np.arange(len(first)) - first).max()) * channels)}


def _axes(graph: Graph, op: Op) -> tuple[Axis, Axis]:
    """Height and width; steps are rounded to whole parts, as TFLM does."""
    axes = []
    for length, output in sides(graph, op):
        pixels, intervals = length, output
        if op.options.get("align_corners") and output > 1:
            pixels, intervals = length - 1, output - 1
        step = (ONE * pixels + intervals // 2) // intervals
        axes.append(Axis(step, step // 2 - ONE // 2 if op.options.get("half_pixel_centers") else 0, length, output))
    return axes[0], axes[1]
