"""deploy: one call, every noun, and refusals that say what does not fit."""

from pathlib import Path

import numpy as np
import pytest

import tdl_course as tdl

GOLDEN = Path(__file__).parent / "golden" / "conv_2d.npz"
pytestmark = pytest.mark.sim


@pytest.fixture(scope="module")
def golden():
    with np.load(GOLDEN) as stored:
        return {name: stored[name] for name in ("tflite_0", "input_0_0", "output_0")}


@pytest.fixture(scope="module")
def deployment(golden):
    return tdl.deploy(golden["tflite_0"].tobytes(), board="tiny32k", name="golden")


def test_every_noun_is_there_and_shows_itself(deployment):
    for noun in (deployment, *(getattr(deployment, n) for n in ("graph", "plan", "sources", "elf", "result", "board"))):
        assert "golden" in noun._repr_html_() or "<table" in noun._repr_html_()
    assert deployment.ram_bytes == deployment.elf.static_ram_bytes + deployment.stack_bytes
    assert deployment.stack_bytes >= deployment.result.stack_bytes


def test_predictions_are_tflms_outputs_in_real_numbers(deployment, golden):
    source, target = deployment.input, deployment.output
    real = tdl.compress.dequantize(golden["input_0_0"], source.scale, source.zero_point)
    expected = tdl.compress.dequantize(golden["output_0"], target.scale, target.zero_point)
    for simulator in ("unicorn", "host"):
        np.testing.assert_array_equal(deployment.predict(real, simulator), expected)


def vector(kind, number):
    """Model, input and TFLM's output of one recorded vector."""
    with np.load(GOLDEN.with_name(f"{kind}.npz")) as stored:
        return stored[f"tflite_{number}"].tobytes(), stored[f"input_{number}_0"], stored[f"output_{number}"]


def test_a_model_that_takes_float32_is_given_the_numbers():
    tflite, x, y = vector("quantize", 2)
    assert x.dtype == np.float32
    deployment = tdl.deploy(tflite, board="tiny32k")
    expected = tdl.compress.dequantize(y, deployment.output.scale, deployment.output.zero_point)
    np.testing.assert_array_equal(deployment.predict(x[None])[0], expected)


def test_a_model_that_gives_float32_gives_the_numbers():
    tflite, x, y = vector("dequantize", 0)
    assert y.dtype == np.float32
    deployment = tdl.deploy(tflite, board="tiny32k")
    real = tdl.compress.dequantize(x, deployment.input.scale, deployment.input.zero_point)
    np.testing.assert_array_equal(deployment.predict(real[None])[0], y)


def test_a_path_is_as_good_as_bytes(golden, tmp_path):
    path = tmp_path / "a model.tflite"
    path.write_bytes(golden["tflite_0"].tobytes())
    deployment = tdl.deploy(path)
    assert deployment.sources.name == "a_model"
    assert b"m-model-[a_model]" in tdl.sim.Device(deployment.elf).send(b"profile%")


def test_the_same_model_gives_the_same_bytes(golden, deployment):
    again = tdl.deploy(golden["tflite_0"].tobytes(), board="tiny32k", name="golden")
    assert again.elf.path.read_bytes() == deployment.elf.path.read_bytes()


def test_an_unknown_board_is_named_with_the_known_ones(golden):
    with pytest.raises(ValueError, match="tiny32k"):
        tdl.deploy(golden["tflite_0"].tobytes(), board="esp32")


def test_a_keras_model_needs_calibration():
    with pytest.raises(ValueError, match="calibration"):
        tdl.deploy(object())
