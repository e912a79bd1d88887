"""FULLY_CONNECTED: each output is a weighted sum of a whole row of inputs.

In: input of any shape, seen as rows of `weights.shape[1]` values; weights [outputs, inputs]; bias; of the types of
numbers in `weighted`. Out: one row of `outputs` for each row of inputs.
"""

from __future__ import annotations

import numpy as np

from tdl_course.graph import Graph, Op
from tdl_course.ops.check import require, require_rank
from tdl_course.ops.fixed_point import ACTIVATIONS
from tdl_course.ops.operator import KernelCall, Option, OptionTable, Param
from tdl_course.ops.overlap import apart
from tdl_course.ops.weighted import (
    centered,
    channel_ratios,
    operands,
    output_stage,
    require_scalable,
    validate_weighted,
    weighted_call,
    weighted_params,
)

KIND = "FULLY_CONNECTED"
OPTIONS = OptionTable(
    8,
    "FullyConnectedOptions",
    (
        Option("fused_activation_function", 0, ACTIVATIONS, "NONE"),
        Option("weights_format", 1, ("DEFAULT", "SHUFFLED4x16INT8"), "DEFAULT"),
        Option("keep_num_dims", 2, "bool", False),
        Option("quantized_bias_type", 4, "int8", 0),
    ),
)
overlap = apart


def validate(graph: Graph, op: Op) -> None:
    """Raise `OperatorError` unless `op` is a product of rows by [outputs, inputs] weights."""
    require(len(op.inputs) > 1 and op.inputs[1] >= 0, op, "has no weights")
    require_rank(op, graph.tensors[op.inputs[1]], 2)
    validate_weighted(graph, op, channel_axis=0)
    layout = op.options.get("weights_format", "DEFAULT")
    require(layout == "DEFAULT", op, f"weights_format {layout!r} is not supported; use 'DEFAULT'")
    source, weights, _ = operands(graph, op)
    target = graph.tensors[op.outputs[0]]
    assert weights.quantization is not None
    require(
        weights.dtype == "int8" or not weights.quantization.per_channel,
        op,
        f"int4 weights {weights.name!r} have {len(weights.quantization.scale)} scales; TFLM takes one. Quantize them"
        " per tensor, or to int8",
    )
    outputs, inputs = weights.shape
    require(
        inputs > 0 and source.size % inputs == 0,
        op,
        f"input {source.name!r} has {source.size} values, not a multiple of the {inputs} columns of the weights",
    )
    require(
        len(target.shape) > 0 and target.shape[-1] == outputs and target.size * inputs == source.size * outputs,
        op,
        f"output {target.name!r} is {list(target.shape)}; {source.size // inputs} rows of {outputs} are needed",
    )
    require_scalable(graph, op, _ratios(graph, op))


def reference(graph: Graph, op: Op, inputs: list[np.ndarray | None]) -> list[np.ndarray]:
    """The definition: one matrix product."""
    weights = operands(graph, op)[1]
    assert inputs[0] is not None
    rows = centered(graph, op, inputs[0]).reshape(-1, weights.shape[1])
    accumulator = rows @ np.asarray(weights.data).astype(np.float64).T
    return [output_stage(graph, op, accumulator, _ratios(graph, op)).reshape(graph.tensors[op.outputs[0]].shape)]


def macs(graph: Graph, op: Op) -> int:
    """Multiply-accumulates: every weight once for each row."""
    return graph.tensors[op.outputs[0]].size * operands(graph, op)[1].shape[1]


def kernel_call(graph: Graph, op: Op) -> KernelCall:
    """`tdl_fully_connected_s8`, `_s4` or `_s16`."""
    source, weights, _ = operands(graph, op)
    params = (
        Param("int32_t", "rows", source.size // weights.shape[1]),
        Param("int32_t", "inputs", weights.shape[1]),
        Param("int32_t", "outputs", weights.shape[0]),
        *weighted_params(graph, op, _ratios(graph, op)),
    )
    return weighted_call(graph, op, params)


def _ratios(graph: Graph, op: Op) -> np.ndarray:
    """One ratio of scales for each output."""
    return channel_ratios(graph, op, operands(graph, op)[1].shape[0])
