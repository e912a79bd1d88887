"""emit_c: one graph and its memory plan as one C file.

In: `Graph`, `MemoryPlan`. Out: `Sources` with `model.c`: constant arrays, the arena, one function a layer and
`tdl_infer`, which calls them in order. Every computation is in `firmware/kernels`; Python prints tables and calls only.
The same graph gives the same bytes. This module knows neither compiler nor board.
"""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from tdl_course import ops
from tdl_course.compiler.memory import MemoryPlan
from tdl_course.graph import Graph, Op, shape_text
from tdl_course.ops.operator import ConstArray, KernelCall

LINE = 110
C_TYPES = {"int8": "int8_t", "int16": "int16_t", "int32": "int32_t", "float32": "float"}


class EmitError(ValueError):
    """The graph cannot be written as firmware; the message names what is in the way."""


@dataclass(frozen=True, eq=False)
class Sources:
    """The C program of one model: file name -> text, and the kernels that it links."""

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


def emit_c(graph: Graph, plan: MemoryPlan, name: str | None = None) -> Sources:
    """Write `graph` as C.

    Parameters
    ----------
    graph : Graph
        One input and one output; each int8 or float32.
    plan : MemoryPlan
        Made from the same graph.
    name : str, optional
        The name that the firmware reports, `graph.name` by default: letters, digits, `_`, `-`, `.`.

    Raises
    ------
    EmitError
        More than one input or output, a dtype that the firmware's edge does not have, or a bad name.
    """
    name = graph.name if name is None else name
    check_edges(graph)
    if not re.fullmatch(r"[A-Za-z0-9_.-]{1,40}", name):
        raise EmitError(f"model name {name!r}: 1 to 40 letters, digits, '_', '-' or '.' are allowed; pass name=...")
    calls = [ops.operator(op.kind).kernel_call(graph, op) for op in graph.ops]
    pointers = tensor_pointers(graph, plan)
    parts = [head(graph, name), storage(graph, plan)]
    parts += [layer_c(index, op, call, pointers) for index, (op, call) in enumerate(zip(graph.ops, calls, strict=True))]
    parts.append(tail(graph, name))
    kernels = tuple(sorted({call.source for call in calls}))
    return Sources(name, MappingProxyType({"model.c": "\n".join(parts)}), kernels, graph, plan)


def check_edges(graph: Graph) -> None:
    for what, indices in (("input", graph.inputs), ("output", graph.outputs)):
        if len(indices) != 1:
            raise EmitError(f"graph {graph.name!r} has {len(indices)} {what}s; the firmware has one tdl_{what}")
        tensor = graph.tensors[indices[0]]
        if tensor.dtype not in ("int8", "float32"):
            raise EmitError(f"{what} {tensor.name!r} is {tensor.dtype}; int8 and float32 are supported")
        if tensor.is_constant:
            raise EmitError(f"{what} {tensor.name!r} is a constant; there is nothing to compute")
    if graph.inputs == graph.outputs:
        raise EmitError(f"the output of graph {graph.name!r} is its input; there is nothing to compute")


def layer_function(index: int, op: Op) -> str:
    return f"tdl_layer_{index:02d}_{op.kind.lower()}"


def tensor_pointers(graph: Graph, plan: MemoryPlan) -> dict[int, str]:
    """The C expression that points to each activation."""
    pointers = {}
    for index, tensor in enumerate(graph.tensors):
        ctype = C_TYPES.get(tensor.dtype)
        if index in graph.inputs:
            place = "tdl_input"
        elif index in graph.outputs:
            place = "tdl_output"
        elif index in plan.offsets:
            place = f"(tdl_arena + {plan.offsets[index]})"
        else:
            continue
        pointers[index] = f"({ctype} *)(void *){place}"
    return pointers


def head(graph: Graph, name: str) -> str:
    source, target = graph.tensors[graph.inputs[0]], graph.tensors[graph.outputs[0]]
    return (
        f"/* {name}: {shape_text(source)} -> {shape_text(target)}, {len(graph.ops)} operators, "
        f"{graph.weight_bytes} bytes of constants.\n"
        " * Written by tdl_course's compiler; the kernels are in firmware/kernels. Do not edit. */\n"
        '#include "tdl_kernels.h"\n#include "tdl_model.h"\n'
    )


def storage(graph: Graph, plan: MemoryPlan) -> str:
    """Input, output and arena, aligned so that any element type may lie in them."""
    input_bytes = graph.tensors[graph.inputs[0]].nbytes
    output_bytes = graph.tensors[graph.outputs[0]].nbytes
    lines = [
        f"int8_t tdl_input[{input_bytes}] __attribute__((aligned(16)));",
        f"int8_t tdl_output[{output_bytes}] __attribute__((aligned(16)));",
    ]
    if plan.arena_bytes:
        lines.append(f"int8_t tdl_arena[{plan.arena_bytes}] __attribute__((aligned(16)));")
    return "\n".join(lines) + "\n"


def layer_c(index: int, op: Op, call: KernelCall, pointers: dict[int, str]) -> str:
    """The constants, the parameter struct and the function of one layer."""
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
    arguments = ", ".join([f"&layer_{index:02d}", *(pointers[t] for t in (*call.inputs, *call.outputs))])
    lines.append(f"static const {call.params_type} layer_{index:02d} = {{{', '.join(fields)}}};")
    lines.append(f"__attribute__((noinline)) void {function}(void) {{ {call.kernel}({arguments}); }}\n")
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


def tail(graph: Graph, name: str) -> str:
    """The layer table, the model's description and `tdl_infer`."""
    names = [layer_function(index, op) for index, op in enumerate(graph.ops)]
    target = graph.tensors[graph.outputs[0]]
    scale, zero_point = (target.scale, target.zero_point) if target.dtype == "int8" else (0.0, 0)
    table = "\n".join(f'  {{"{op.kind}", {function}}},' for op, function in zip(graph.ops, names, strict=True))
    calls = "\n".join(f"  {function}();" for function in names)
    return (
        f"static const tdl_layer tdl_layers[{len(names)}] = {{\n{table}\n}};\n"
        f'const tdl_model_info tdl_model = {{.name = "{name}", .input_bytes = sizeof tdl_input, '
        f".output_bytes = sizeof tdl_output,\n  .output_count = {target.size}, "
        f".output_scale = {number_c(scale, 'float')}, .output_zero_point = {zero_point},\n"
        f"  .layer_count = {len(names)}, .layers = tdl_layers}};\n\n"
        f"void tdl_infer(void) {{\n{calls}\n}}\n"
    )


def shortened(text: str, limit: int = 4000) -> str:
    return text if len(text) <= limit else text[:limit] + f"\n... {len(text) - limit:,} more characters"
