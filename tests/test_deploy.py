"""deploy: one call, every noun, and refusals that say what does not fit."""

import numpy as np
import pytest

import tdl_course as tdl
from tdl_course.kernels import kernel_name
from tests.golden_vectors import golden_vector
from tests.tflite_writer import write_tflite

TFLITE, X, Y = golden_vector("conv_2d")
pytestmark = pytest.mark.sim


@pytest.fixture(scope="module")
def deployment():
    return tdl.deploy(TFLITE, board="tiny32k", name="golden")


def test_every_noun_is_there_and_shows_itself(deployment):
    for noun in (deployment, *(getattr(deployment, n) for n in ("graph", "plan", "sources", "elf", "result", "board"))):
        assert "golden" in noun._repr_html_() or "<table" in noun._repr_html_()
    assert deployment.ram_bytes == deployment.elf.static_ram_bytes + deployment.stack_bytes
    assert deployment.stack_bytes >= deployment.result.stack_bytes


def test_predictions_are_tflms_outputs_in_real_numbers(deployment):
    source, target = deployment.input, deployment.output
    real = tdl.compress.dequantize(X, source.scale, source.zero_point)
    expected = tdl.compress.dequantize(Y, target.scale, target.zero_point)
    for simulator in ("unicorn", "host"):
        np.testing.assert_array_equal(deployment.predict(real, simulator), expected)


def test_a_model_that_takes_float32_is_given_the_numbers():
    tflite, x, y = golden_vector("quantize", 2)
    assert x.dtype == np.float32
    deployment = tdl.deploy(tflite, board="tiny32k")
    expected = tdl.compress.dequantize(y, deployment.output.scale, deployment.output.zero_point)
    np.testing.assert_array_equal(deployment.predict(x[None])[0], expected)


def test_a_model_that_gives_float32_gives_the_numbers():
    tflite, x, y = golden_vector("dequantize", 0)
    assert y.dtype == np.float32
    deployment = tdl.deploy(tflite, board="tiny32k")
    real = tdl.compress.dequantize(x, deployment.input.scale, deployment.input.zero_point)
    np.testing.assert_array_equal(deployment.predict(real[None])[0], y)


def test_a_path_is_as_good_as_bytes(tmp_path):
    path = tmp_path / "a model.tflite"
    path.write_bytes(TFLITE)
    deployment = tdl.deploy(path)
    assert deployment.sources.name == "a_model"
    assert b"m-model-[a_model]" in tdl.sim.Device(deployment.elf).send(b"profile%")


def test_the_same_model_gives_the_same_bytes(deployment):
    again = tdl.deploy(TFLITE, board="tiny32k", name="golden")
    assert again.elf.path.read_bytes() == deployment.elf.path.read_bytes()


@pytest.mark.parametrize("kernel", ["ref", "sparse"])
def test_a_kernel_that_is_asked_for_is_what_runs(kernel):
    tflite, x, y = golden_vector("fully_connected")
    deployment = tdl.deploy(tflite, board="tiny32k", prefer=(kernel,))
    assert [kernel_name(op) for op in deployment.graph.ops] == [kernel]
    real = tdl.compress.dequantize(x[None], deployment.input.scale, deployment.input.zero_point)
    expected = tdl.compress.dequantize(y, deployment.output.scale, deployment.output.zero_point)
    np.testing.assert_array_equal(deployment.predict(real).reshape(y.shape), expected)


def test_an_unknown_board_is_named_with_the_known_ones():
    with pytest.raises(ValueError, match="tiny32k"):
        tdl.deploy(TFLITE, board="esp32")


def test_a_keras_model_needs_calibration():
    with pytest.raises(ValueError, match="calibration"):
        tdl.deploy(object())


def test_what_lies_in_the_arena_is_not_counted_again_where_a_model_does_not_fit():
    scale = tdl.graph.Quantization((0.5,), (0,))
    tensors = tuple(tdl.graph.Tensor(name, (1, 200, 200, 1), "int8", scale) for name in "xy")
    graph = tdl.graph.Graph("large", tensors, (tdl.graph.Op("RELU", (0,), (1,)),), (0,), (1,))
    with pytest.raises(tdl.toolchain.DoesNotFit) as caught:
        tdl.deploy(write_tflite(graph), board="tiny32k")
    assert [name for name, _ in caught.value.largest] == ["tdl_arena", "stack reserve"]
