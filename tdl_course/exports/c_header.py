"""The public header of an exported library, and what its README says of the same edges.

In: the compiler's `Sources`. Out: text. Each input and output gets macros (type, shape, scale, zero point), a
function that returns its pointer, and, where it is quantized, one that converts a number.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tdl_course.compiler import Sources
from tdl_course.compiler.emit_c import C_TYPES
from tdl_course.graph import Tensor, shape_text


@dataclass(frozen=True)
class Edge:
    """An input or output: `what` it is, and the `word` of its names in C ("input", or "input_1" of several)."""

    what: str
    word: str
    tensor: Tensor
    offset: int

    @property
    def ctype(self) -> str:
        return C_TYPES[self.tensor.dtype]

    @property
    def quantized(self) -> bool:
        return self.tensor.quantization is not None and self.tensor.dtype in ("int8", "uint8", "int16")


def edges(sources: Sources, what: str) -> list[Edge]:
    """The inputs (`what` is "input") or outputs ("output") of a model."""
    graph, offsets = sources.graph, sources.plan.offsets
    indices = graph.inputs if what == "input" else graph.outputs
    words = [what] if len(indices) == 1 else [f"{what}_{number}" for number in range(len(indices))]
    return [Edge(what, word, graph.tensors[i], offsets[i]) for word, i in zip(words, indices, strict=True)]


def functions(edge: Edge, name: str) -> str:
    """The functions of one edge: its pointer, and the conversion of its numbers."""
    comment = "where to write it" if edge.what == "input" else "where to read it after an inference"
    return "\n\n".join(filter(None, [f"/* {edge.word}: {comment}. */\n{pointer(edge, name)}", conversion(edge, name)]))


def macros(edge: Edge, name: str) -> str:
    """Sizes, shape and quantization of one edge."""
    tensor, head = edge.tensor, f"#define {name.upper()}_{edge.word.upper()}"
    lines = [
        f"/* {edge.word}: {shape_text(tensor)} */",
        f"{head}_COUNT {tensor.size}",
        f"{head}_BYTES {tensor.nbytes}",
        f"{head}_RANK {len(tensor.shape)}",
        f"{head}_SHAPE {{{', '.join(map(str, tensor.shape))}}}",
        f'{head}_DTYPE "{tensor.dtype}"',
    ]
    if edge.quantized:
        lines += [f"{head}_SCALE {float32_c(tensor.scale)}", f"{head}_ZERO_POINT {parenthesized(tensor.zero_point)}"]
    return "\n".join(lines)


def pointer(edge: Edge, name: str) -> str:
    """The function that returns where the edge lies in the arena."""
    const = "" if edge.what == "input" else "const "
    place = f"({const}{edge.ctype} *)({const}void *)({name}_arena + {edge.offset})"
    return f"static inline {const}{edge.ctype} *{name}_{edge.word}(void) {{ return {place}; }}"


def conversion(edge: Edge, name: str) -> str:
    """Real number to integer for an input, integer to real number for an output; nothing where it is not quantized."""
    if not edge.quantized:
        return ""
    macro = f"{name.upper()}_{edge.word.upper()}"
    if edge.what == "output":
        return (
            f"/* The real number that a value of {edge.word} stands for. */\n"
            f"static inline float {name}_real_{edge.word}({edge.ctype} q) {{\n"
            f"  return {macro}_SCALE * (float)(q - {macro}_ZERO_POINT);\n}}"
        )
    limits = np.iinfo(edge.tensor.dtype)
    return (
        f"/* A real number as a value of {edge.word}: to the nearest, halves away from zero, saturated. */\n"
        f"static inline {edge.ctype} {name}_quantized_{edge.word}(float real) {{\n"
        f"  const float steps = real / {macro}_SCALE;\n"
        f"  const float q = steps + (float){macro}_ZERO_POINT;\n"
        f"  if (!(q > {limits.min}.0f)) return {limits.min};\n"
        f"  if (q >= {limits.max}.0f) return {limits.max};\n"
        f"  return ({edge.ctype})((int32_t)(steps < 0.0f ? steps - 0.5f : steps + 0.5f) + {macro}_ZERO_POINT);\n}}"
    )


def example(inputs: list[Edge], outputs: list[Edge], name: str) -> str:
    """A function that runs one inference, as C."""
    upper, lines = name.upper(), []
    for edge in inputs:
        value = f"{name}_quantized_{edge.word}(0.0f)" if edge.quantized else "0"
        count = f"{upper}_{edge.word.upper()}_COUNT"
        lines.append(f"  for (int i = 0; i < {count}; i++) {name}_{edge.word}()[i] = {value};")
    lines.append(f"  {name}_infer();")
    first = outputs[0]
    value = f"{name}_{first.word}()[0]"
    lines.append(f"  return {name}_real_{first.word}({value});" if first.quantized else f"  return (float){value};")
    return "float first_output(void) {\n" + "\n".join(lines) + "\n}"


def edge_row(edge: Edge) -> str:
    """One row of the README's table."""
    meaning = "the number itself"
    if edge.quantized:
        meaning = f"{float32_c(edge.tensor.scale)[:-1]} x (q - {parenthesized(edge.tensor.zero_point)})"
    return f"| {edge.word} | {edge.ctype} | {list(edge.tensor.shape)} | {meaning} |"


def float32_c(value: float) -> str:
    """The shortest decimal that reads back as the same float32."""
    text = str(np.float32(value))
    return f"{text}f" if any(c in text for c in ".en") else f"{text}.0f"


def parenthesized(value: int) -> str:
    return f"({value})" if value < 0 else str(value)
