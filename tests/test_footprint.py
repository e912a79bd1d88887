"""What layers take of a linked file: the parts add up, constants are those of the compiler, a kernel counts once."""

import io
from dataclasses import replace

import numpy as np
import pytest
from elftools.elf.elffile import ELFFile

from tdl_course import footprint, ops, toolchain
from tdl_course.compiler import emit_c, plan_memory, read_tflite
from tdl_course.graph import Graph, Op
from tdl_course.ops import ConstArray
from tests.golden_vectors import golden_vector

pytestmark = pytest.mark.sim
TFLITE = golden_vector("fully_connected")[0]


def relu_twice() -> Graph:
    """FULLY_CONNECTED and two RELU6 of the same kernel."""
    graph = read_tflite(TFLITE)
    last = graph.outputs[0]
    middle = replace(graph.tensors[last], name="middle")
    end = replace(graph.tensors[last], name="end")
    count = len(graph.tensors)
    ops_ = (*graph.ops, Op("RELU6", (last,), (count,)), Op("RELU6", (count,), (count + 1,)))
    return replace(graph, tensors=(*graph.tensors, middle, end), ops=ops_, outputs=(count + 1,))


def parameter_bytes(graph: Graph) -> int:
    """Bytes of the arrays among the parameters of the kernels."""
    calls = [ops.operator(op.kind).kernel_call(graph, op) for op in graph.ops]
    arrays = [param.value for call in calls for param in call.params if isinstance(param.value, ConstArray)]
    width = {"int8_t": 1, "int16_t": 2, "int32_t": 4, "float": 4}
    return sum(np.asarray(array.values).size * width[array.ctype] for array in arrays)


@pytest.fixture(scope="module", params=["zig", "gcc"])
def built(request, need):
    if request.param == "gcc":
        need("gcc")
    graph = relu_twice()
    sources = emit_c(graph, plan_memory(graph), "model")
    return sources, toolchain.build(sources, toolchain=request.param)


def test_constants_are_the_arrays_that_the_compiler_wrote(built):
    sources, elf = built
    assert footprint.constant_bytes(elf) == parameter_bytes(sources.graph) > 0
    assert footprint.code_bytes(elf) + footprint.constant_bytes(elf) == elf.flash_bytes


def test_layers_fit_in_the_flash_and_count_a_kernel_once(built):
    sources, elf = built
    first, relu, again = footprint.layers(sources, elf)
    assert first.flash_bytes + relu.flash_bytes + again.flash_bytes < elf.flash_bytes
    kernel = footprint.kernel_bytes(elf, "tdl_lookup_s8", "lookup_ref.c")
    assert kernel > 0
    calls = [elf.symbol(name).size for name in sources.layer_names]
    assert relu.flash_bytes - calls[1] == again.flash_bytes - calls[2] + kernel
    assert [layer.ram_bytes for layer in (first, relu, again)] == list(sources.plan.live_bytes)


def test_a_constant_operand_counts_as_constant_and_at_its_layer():
    """ADD of a tensor and a constant: the constant is an array of its own, not a parameter."""
    graph = read_tflite(golden_vector("add")[0])
    (fixed,) = (tensor for tensor in graph.input_tensors(graph.ops[0]) if tensor.is_constant)
    sources = emit_c(graph, plan_memory(graph), "model")
    elf = toolchain.build(sources)
    assert footprint.constant_bytes(elf) == fixed.size + parameter_bytes(graph)
    (layer,) = footprint.layers(sources, elf)
    kernel = footprint.kernel_bytes(elf, "tdl_add_s8", "add_ref.c")
    assert layer.flash_bytes >= kernel + fixed.size + elf.symbol("layer_00").size


def test_static_symbols_know_their_file(built):
    _, elf = built
    assert {s.file for s in elf.objects if s.name.startswith("layer_00")} == {"model.c"}
    assert elf.symbol("tdl_infer").file == ""
    table = ELFFile(io.BytesIO(elf.path.read_bytes())).get_section_by_name(".symtab")
    files = {entry.name for entry in table.iter_symbols() if entry["st_info"]["type"] == "STT_FILE"}
    assert {s.file for s in (*elf.objects, *elf.functions)} - {""} <= files
