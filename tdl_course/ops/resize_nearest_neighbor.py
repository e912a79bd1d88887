"""RESIZE_NEAREST_NEIGHBOR: an image of another size, made of the nearest pixels.

In: NHWC of any supported element type, a constant int32 size (height, width). Out: NHWC of that size. Output place o is
input place `floor(o * input / output)`; with `align_corners` the first and last places meet, and the nearest is taken;
with `half_pixel_centers` o counts from the middle of the pixel.
"""

from __future__ import annotations

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.ops.move import itemsize
from tdl_course.ops.operator import ConstArray, KernelCall, Option, OptionTable, Param
from tdl_course.ops.overlap import by_runs
from tdl_course.ops.resize import sides, size_params, validate_resize

KIND = "RESIZE_NEAREST_NEIGHBOR"
OPTIONS = OptionTable(
    74,
    "ResizeNearestNeighborOptions",
    (Option("align_corners", 0, "bool", False), Option("half_pixel_centers", 1, "bool", False)),
)
validate = validate_resize


def reference(graph: Graph, op: Op, inputs: list[np.ndarray | None]) -> list[np.ndarray]:
    """The definition: rows and columns picked by their places."""
    assert inputs[0] is not None
    rows, columns = (_places(op, *side) for side in sides(graph, op))
    return [np.ascontiguousarray(inputs[0][:, rows][:, :, columns])]


def macs(graph: Graph, op: Op) -> int:
    """0."""
    return 0


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_resize_nearest_neighbor`."""
    rows, columns = (_places(op, *side) for side in sides(graph, op))
    params = (
        *size_params(graph, op),
        Param("int32_t", "pixel", graph.tensors[op.inputs[0]].shape[3] * itemsize(graph, op)),
        Param("const int16_t *", "rows", ConstArray("int16_t", rows)),
        Param("const int16_t *", "columns", ConstArray("int16_t", columns)),
    )
    name = "resize_nearest_neighbor"
    return KernelCall(name, f"tdl_{name}", f"tdl_{name}_params", params, op.inputs[:1], op.outputs)


def overlap(graph: Graph, op: Op) -> dict[int, int]:
    """The kernel goes from output pixel to output pixel and copies each, byte by byte."""
    batches, height, width, channels = graph.tensors[op.inputs[0]].shape
    rows, columns = (_places(op, *side).astype(np.int64) for side in sides(graph, op))
    pixels = (np.arange(batches)[:, None, None] * height + rows[:, None]) * width + columns
    run = channels * itemsize(graph, op)
    return {0: by_runs(pixels.reshape(-1) * run, run)}


def _places(op: Op, length: int, output: int) -> np.ndarray:
    """The input place of each output place, int16. In float32, as TFLM computes it."""
    corners = bool(op.options.get("align_corners", False))
    half = np.float32(0.5 if op.options.get("half_pixel_centers", False) else 0.0)
    meets = corners and output > 1
    scale = np.float32(length - 1) / np.float32(output - 1) if meets else np.float32(length) / np.float32(output)
    exact = (np.arange(output).astype(np.float32) + half) * scale
    # float64 for the half: in float32, a number just under it would be rounded up to the next place
    nearest = np.floor(exact.astype(np.float64) + 0.5) if corners else np.floor(exact)
    return np.minimum(nearest, length - 1).astype(np.int16)
