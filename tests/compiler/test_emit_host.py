"""What a firmware exchanges with its host: fields in the C, and models that a form does not suit."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tdl_course.cli import parser
from tdl_course.compiler import emit_c, plan_memory, read_tflite
from tdl_course.compiler.emit_host import MLPERF, EmitError, host_c
from tests.golden_vectors import golden_vector


@pytest.fixture(scope="module")
def graph():
    return read_tflite(golden_vector("conv_2d")[0])


def c_of(graph, host):
    return emit_c(graph, plan_memory(graph), "model", host).files["model.c"]


def test_tensors_need_nothing_pixels_a_field(graph):
    assert "host" not in c_of(graph, "tensors")
    assert ".host = &tdl_host" in c_of(graph, "pixels")


def test_a_score_needs_an_output_like_the_input(graph):
    with pytest.raises(EmitError, match="a score needs one int8 output of the input's"):
        c_of(graph, "score")


def test_an_unknown_form_is_refused_with_those_that_are(graph):
    with pytest.raises(EmitError, match="tensors, pixels, score"):
        c_of(graph, "images")


def test_pixels_need_an_int8_input(graph):
    real = replace(graph.tensors[graph.inputs[0]], dtype="float32", quantization=None)
    tensors = tuple(real if index in graph.inputs else tensor for index, tensor in enumerate(graph.tensors))
    with pytest.raises(EmitError, match="needs one int8 input"):
        host_c(replace(graph, tensors=tensors), "pixels")


@pytest.mark.parametrize("benchmark", MLPERF)
def test_the_command_line_knows_the_benchmarks(benchmark):
    options = parser().parse_args(["build", "model.tflite", "--out", "x", "--mlperf", benchmark])
    assert options.mlperf == benchmark
