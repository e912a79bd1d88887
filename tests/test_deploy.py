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
