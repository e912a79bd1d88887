"""Short words to build a graph of one operator, and three ways to run it: NumPy, C on the host, TFLM."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import host_kernels
import numpy as np
from tflite_writer import write_tflite

from tdl_course.graph import Graph, Op, Quantization, Tensor
from tdl_course.ops import operator


@dataclass(frozen=True, eq=False, repr=False)
class Case:
    """A graph of one operator, and an array for each of its inputs."""

    graph: Graph
    inputs: tuple[np.ndarray, ...]

    @property
    def op(self) -> Op:
        return self.graph.ops[0]

    def __repr__(self) -> str:
        lines = [str(self.graph), f"options {dict(self.op.options)}"]
        lines += [f"{t.name} {t.dtype}{list(t.shape)} {t.quantization}" for t in self.graph.tensors]
        return "\n".join(lines)


def quantization(scale: float | Sequence[float], zero_point: int = 0, axis: int = 0) -> Quantization:
    """Scales as a file holds them: rounded to float32."""
    scales = np.atleast_1d(np.asarray(scale, np.float32))
    return Quantization(tuple(float(s) for s in scales), (zero_point,) * len(scales), axis)


def activation(name: str, shape: Sequence[int], scale: float, zero_point: int) -> Tensor:
    return Tensor(name, tuple(shape), "int8", quantization(scale, zero_point))


def constant(name: str, data: np.ndarray, quantized: Quantization | None = None) -> Tensor:
    return Tensor(name, data.shape, str(data.dtype), quantized, data)


def one_op(
    kind: str, tensors: Sequence[Tensor], options: Mapping[str, object], values: Sequence[np.ndarray], outputs: int = 1
) -> Case:
    """The last `outputs` tensors are written, the others are read in order; those without data are graph inputs."""
    first = len(tensors) - outputs
    written = tuple(range(first, len(tensors)))
    op = Op(kind, tuple(range(first)), written, dict(options))
    inputs = tuple(i for i in range(first) if tensors[i].data is None)
    return Case(Graph(kind.lower(), tuple(tensors), (op,), inputs, written), tuple(values))


def run_numpy(case: Case) -> list[np.ndarray]:
    values = dict(zip(case.graph.inputs, case.inputs, strict=True))
    arrays = [values[i] if i in values else case.graph.tensors[i].data for i in case.op.inputs]
    return operator(case.op.kind).reference(case.graph, case.op, arrays)


def run_c(case: Case, over: int | None = None) -> list[np.ndarray]:
    """The C kernel; `over`: the position of an input that the output lies over, as far as `overlap` allows."""
    values = dict(zip(case.graph.inputs, case.inputs, strict=True))
    return host_kernels.run_op(case.graph, case.op, values, over)


def run_tflm(case: Case) -> list[np.ndarray]:
    return run_tflm_bytes(write_tflite(case.graph), case.inputs, len(case.graph.outputs))


def run_tflm_bytes(tflite: bytes, inputs: Sequence[np.ndarray], outputs: int = 1) -> list[np.ndarray]:
    from tflite_micro import runtime

    interpreter = runtime.Interpreter.from_bytes(tflite, arena_size=1 << 20)
    for index, value in enumerate(inputs):
        interpreter.set_input(value, index)
    interpreter.invoke()
    return [interpreter.get_output(index) for index in range(outputs)]


def joined(outputs: list[np.ndarray]) -> np.ndarray:
    """One output as it is; several as one row of values."""
    return outputs[0] if len(outputs) == 1 else np.concatenate([output.reshape(-1) for output in outputs])
