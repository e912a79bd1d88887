"""emit_c: one graph and its memory plan as one C file.

In: `Graph`, `MemoryPlan`. Out: `Sources` with `model.c`: constant arrays, the arena, one function a layer and
`tdl_infer`, which calls them in order. Inputs and outputs lie in the arena, at symbols of their own. Every computation
is in `firmware/kernels`; Python prints tables and calls only.
The same graph gives the same bytes. This module knows neither compiler nor board.
"""

from __future__ import annotations

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from tdl_course import kernels
from tdl_course.compiler.emit_host import EmitError, host_c
from tdl_course.compiler.memory import MemoryPlan, block_bytes, block_offsets
from tdl_course.graph import Graph, Op, Tensor, shape_text
from tdl_course.ops.operator import ConstArray, KernelCall

LINE = 110
LAYER = "__attribute__((noinline)) void"  # a symbol of its own: the simulators count by it
C_TYPES = {
    "int8": "int8_t",
    "uint8": "uint8_t",
    "int16": "int16_t",
    "int32": "int32_t",
    "int64": "int64_t",
    "float32": "float",
}


@dataclass(frozen=True, eq=False)
class Sources:
    """The C program of one model: file name -> text, and the files of `firmware/kernels` that it links."""

    name: str
    files: MappingProxyType[str, str]
    kernels: tuple[str, ...]
    graph: Graph
    plan: MemoryPlan

    @property
    def layer_names(self) -> tuple[str, ...]:
        return tuple(layer_function(index, op) for index, op in enumerate(self.graph.ops))

    def __str__(self) -> str:
        sizes = ", ".join(f"{name} ({len(text):,} characters)" for name, text in self.files.items())
        return f"Sources of {self.name!r}: {sizes}; kernels {', '.join(self.kernels)}"

    __repr__ = __str__

    def _repr_html_(self) -> str:
        parts = [
            f"<details><summary>{html.escape(name)}: {len(text):,} characters</summary>"
            f"<pre>{html.escape(shortened(text))}</pre></details>"
            for name, text in self.files.items()
        ]
        return "".join([f"<p>C sources; kernels: {', '.join(self.kernels)}</p>", *parts])


def emit_c(graph: Graph, plan: MemoryPlan, name: str | None = None, host: str = "tensors") -> Sources:
    """Write `graph` as C.

    Parameters
    ----------
    graph : Graph
        Its inputs and outputs are int8, uint8, int16, int32, int64 or float32.
    plan : MemoryPlan
        Made from the same graph.
    name : str, optional
        The name that the firmware reports, `graph.name` by default: letters, digits, `_`, `-`, `.`.
    host : str
        What the firmware exchanges with its host over the serial port: see `emit_host`.

    Raises
    ------
    EmitError
        A dtype that the firmware's edge does not have, or a bad name.
    """
    name = graph.name if name is None else name
    check_edges(graph)
    if not re.fullmatch(r"[A-Za-z0-9_.-]{1,40}", name):
        raise EmitError(f"model name {name!r}: 1 to 40 letters, digits, '_', '-' or '.' are allowed; pass name=...")
    calls = [kernels.kernel_call(graph, op) for op in graph.ops]
    parts = [head(graph, name), storage(graph, plan), operands_c(graph, calls)]
    parts += layers_c(graph, plan, calls)
    storage_of_host, fields_of_host = host_c(graph, host)
    parts += [*storage_of_host, tail(graph, plan, name, fields_of_host)]
    files = tuple(sorted({call.file for call in calls}))
    return Sources(name, MappingProxyType({"model.c": "\n".join(parts)}), files, graph, plan)


def check_edges(graph: Graph) -> None:
    for what, indices in (("input", graph.inputs), ("output", graph.outputs)):
        for index in indices:
            tensor = graph.tensors[index]
            if tensor.dtype not in C_TYPES:
                raise EmitError(f"{what} {tensor.name!r} is {tensor.dtype}; {', '.join(C_TYPES)} are supported")
            if tensor.is_constant:
                raise EmitError(f"{what} {tensor.name!r} is a constant; there is nothing to compute")
    both = set(graph.inputs) & set(graph.outputs)
    if both or not graph.inputs or not graph.outputs:
        what = "an output that is its input" if both else "no input or no output"
        raise EmitError(f"graph {graph.name!r} has {what}; there is nothing to compute")


def layer_function(index: int, op: Op) -> str:
    return f"tdl_layer_{index:02d}_{op.kind.lower()}"


def tensor_pointers(graph: Graph, plan: MemoryPlan) -> dict[int, str]:
    """The C expression that points to each activation, and to each constant that a kernel takes as an operand."""
    pointers = {}
    for index, tensor in enumerate(graph.tensors):
        if index in plan.offsets:
            pointers[index] = f"({C_TYPES[tensor.dtype]} *)(void *)(tdl_arena + {plan.offsets[index]})"
        elif tensor.is_constant:
            pointers[index] = constant_name(index)
    return pointers


def constant_name(index: int) -> str:
    return f"layer_constant_{index}"


def head(graph: Graph, name: str) -> str:
    edges = [", ".join(shape_text(graph.tensors[i]) for i in block) for block in (graph.inputs, graph.outputs)]
    return (
        f"/* {name}: {edges[0]} -> {edges[1]}, {len(graph.ops)} operators, {graph.weight_bytes} bytes of constants.\n"
        " * Written by tdl_course's compiler; the kernels are in firmware/kernels. Do not edit. */\n"
        '#include "tdl_kernels.h"\n#include "tdl_model.h"\n'
    )


def storage(graph: Graph, plan: MemoryPlan) -> str:
    """The arena, aligned so that any element type may lie in it, and the symbols of input and output in it.

    Where inference overwrites the input, room for a copy of the first outputs: see `tdl_model_info`.
    """
    lines = [f"int8_t tdl_arena[{plan.arena_bytes}] __attribute__((aligned(16)));"]
    for name, block in (("tdl_input", graph.inputs), ("tdl_output", graph.outputs)):
        lines.append(f"TDL_PLACE({name}, tdl_arena, {plan.offsets[block[0]]}, {block_bytes(graph, block)});")
    if not plan.keeps_input:
        lines.append(f"static int8_t first_output[{block_bytes(graph, graph.outputs)}];")
    return "\n".join(lines) + "\n"


def operands_c(graph: Graph, calls: Sequence[KernelCall]) -> str:
    """The constants that kernels take as operands, in flash, each once."""
    used = sorted({index for call in calls for index in call.inputs if graph.tensors[index].is_constant})
    arrays = []
    for index in used:
        tensor = graph.tensors[index]
        arrays.append(array_c(ConstArray(C_TYPES[tensor.dtype], np.asarray(tensor.data)), constant_name(index)))
    return "\n".join(arrays)


def layers_c(graph: Graph, plan: MemoryPlan, calls: Sequence[KernelCall], linkage: str = LAYER) -> list[str]:
    """Of each layer: the constants, the parameter struct and the function."""
    pointers = tensor_pointers(graph, plan)
    layers = []
    for index, (op, call) in enumerate(zip(graph.ops, calls, strict=True)):
        scratch = [f"tdl_arena + {plan.scratch[index]}"] if index in plan.scratch else []
        arguments = [*(pointers[t] for t in (*call.inputs, *call.outputs)), *scratch]
        layers.append(layer_c(index, op, call, arguments, linkage))
    return layers


def layer_c(index: int, op: Op, call: KernelCall, arguments: Sequence[str], linkage: str) -> str:
    lines, fields = [], []
    for param in call.params:
        if isinstance(param.value, ConstArray):
            array = f"layer_{index:02d}_{param.name}"
            lines.append(array_c(param.value, array))
            fields.append(f".{param.name} = {array}")
        elif param.value is None:
            fields.append(f".{param.name} = 0")
        else:
            fields.append(f".{param.name} = {number_c(param.value, param.ctype)}")
    function = layer_function(index, op)
    lines.append(f"static const {call.params_type} layer_{index:02d} = {{{', '.join(fields)}}};")
    lines.append(f"{linkage} {function}(void) {{ {call.kernel}({', '.join([f'&layer_{index:02d}', *arguments])}); }}\n")
    return "\n".join(lines)


def array_c(array: ConstArray, name: str) -> str:
    values = [number_c(value, array.ctype) for value in np.asarray(array.values).reshape(-1).tolist()]
    lines, line = [], " "
    for value in values:
        if len(line) + len(value) > LINE:
            lines.append(line)
            line = " "
        line += f" {value},"
    lines.append(line)
    return (
        f"static const {array.ctype} {name}[{len(values)}] __attribute__((aligned(4))) = {{\n"
        + "\n".join(lines)
        + "\n};"
    )


def number_c(value: float | int, ctype: str) -> str:
    """A C constant that reads back as exactly the same value."""
    if ctype == "float":
        return f"{float(value).hex()}f"
    if int(value) == -(2**31):
        return "INT32_MIN"
    return str(int(value))


def tail(graph: Graph, plan: MemoryPlan, name: str, more_fields: str = "") -> str:
    """The tables of outputs and layers, the model's description and `tdl_infer`."""
    names = [layer_function(index, op) for index, op in enumerate(graph.ops)]
    outputs = "\n".join(
        output_c(graph.tensors[index], offset)
        for index, offset in zip(graph.outputs, block_offsets(graph, graph.outputs), strict=True)
    )
    table = "\n".join(f'  {{"{op.kind}", {function}}},' for op, function in zip(graph.ops, names, strict=True))
    return (
        f"static const tdl_tensor tdl_outputs[{len(graph.outputs)}] = {{\n{outputs}\n}};\n"
        f"static const tdl_layer tdl_layers[{len(names)}] = {{\n{table}\n}};\n"
        f'const tdl_model_info tdl_model = {{.name = "{name}",\n'
        f"  .input = tdl_arena + {plan.offsets[graph.inputs[0]]}, "
        f".output = tdl_arena + {plan.offsets[graph.outputs[0]]},\n"
        f"  .first_output = {'0' if plan.keeps_input else 'first_output'},\n"
        f"  .input_bytes = {block_bytes(graph, graph.inputs)}, .output_bytes = {block_bytes(graph, graph.outputs)},\n"
        f"  .output_count = {len(graph.outputs)}, .outputs = tdl_outputs,\n"
        f"  .layer_count = {len(names)}, .layers = tdl_layers{more_fields}}};\n\n"
        f"{infer_c(graph)}"
    )


def infer_c(graph: Graph) -> str:
    """`tdl_infer`: the layers in order."""
    calls = "\n".join(f"  {layer_function(index, op)}();" for index, op in enumerate(graph.ops))
    return f"void tdl_infer(void) {{\n{calls}\n}}\n"


def output_c(tensor: Tensor, offset: int) -> str:
    """One row of the table of outputs; a scale of 0 says that the numbers are what they are."""
    quantized = tensor.quantization is not None and tensor.dtype in ("int8", "uint8", "int16")
    scale, zero_point = (tensor.scale, tensor.zero_point) if quantized else (0.0, 0)
    return (
        f"  {{.type = TDL_{tensor.dtype.upper()}, .offset = {offset}, .count = {tensor.size}, "
        f".scale = {number_c(scale, 'float')}, .zero_point = {zero_point}}},"
    )


def shortened(text: str, limit: int = 4000) -> str:
    return text if len(text) <= limit else text[:limit] + f"\n... {len(text) - limit:,} more characters"
