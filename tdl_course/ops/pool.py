"""What AVERAGE_POOL_2D and MAX_POOL_2D share: options, checks and the fields of `tdl_pool_2d_params`.

In: a graph and a pooling operator over NHWC int8 or int16. Out: the window and the kernel call. Input and output share
one scale and zero point, so pooling needs no requantization.
"""

from __future__ import annotations

from tdl_course.graph import Graph, Op
from tdl_course.ops.check import (
    positive_option,
    require_activation_function,
    require_operands,
    require_quantized,
    require_rank,
    require_same_quantization,
    require_shape,
)
from tdl_course.ops.fixed_point import ACTIVATIONS
from tdl_course.ops.numbers import SUFFIXES, typed_call
from tdl_course.ops.operator import KernelCall, Option, OptionTable, Param
from tdl_course.ops.weighted import clamp
from tdl_course.ops.window import PADDINGS, Window, window_of

POOL_OPTIONS = OptionTable(
    5,
    "Pool2DOptions",
    (
        Option("padding", 0, PADDINGS, "SAME"),
        Option("stride_w", 1, "int32", 0),
        Option("stride_h", 2, "int32", 0),
        Option("filter_width", 3, "int32", 0),
        Option("filter_height", 4, "int32", 0),
        Option("fused_activation_function", 5, ACTIVATIONS, "NONE"),
    ),
)


def validate_pool(graph: Graph, op: Op) -> None:
    """Raise `OperatorError` unless input and output are NHWC int8 or int16 of one quantization and the shapes agree."""
    require_operands(graph, op, (1,))
    source, target = graph.tensors[op.inputs[0]], graph.tensors[op.outputs[0]]
    require_quantized(op, source, target)
    require_same_quantization(op, source, target)
    require_activation_function(op)
    require_rank(op, source, 4)
    require_shape(op, target, (source.shape[0], *pool_window(graph, op).output, source.shape[3]))


def pool_window(graph: Graph, op: Op) -> Window:
    kernel = positive_option(op, "filter_height"), positive_option(op, "filter_width")
    return window_of(op, graph.tensors[op.inputs[0]].shape, kernel)


def pool_call(graph: Graph, op: Op, name: str, variant: str = "ref") -> KernelCall:
    """`tdl_<name>_s8` or `_s16` with `tdl_pool_2d_params`."""
    source, target = graph.tensors[op.inputs[0]], graph.tensors[op.outputs[0]]
    low, high = clamp(op, target)
    params = (
        Param("int32_t", "batches", source.shape[0]),
        *pool_window(graph, op).params(),
        Param("int32_t", "channels", source.shape[3]),
        Param("int32_t", "activation_min", low),
        Param("int32_t", "activation_max", high),
    )
    return typed_call(name, SUFFIXES[source.dtype], params, op.inputs, op.outputs, "pool_2d", variant)
