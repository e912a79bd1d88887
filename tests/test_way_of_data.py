"""The promise of the course: one trained model gives the same bytes in NumPy, in our C on the host, on the simulated
Cortex-M, and in TFLM. On real beats where TDL_DATA has them, on synthetic ones elsewhere."""

import numpy as np
import pytest

import tdl_course as tdl
from tdl_course.sim.tflm import run_tflm

pytestmark = [pytest.mark.sim, pytest.mark.slow]

BEATS = 250


@pytest.fixture(scope="module")
def dataset():
    return tdl.datasets.load("ecg")


@pytest.fixture(scope="module")
def deployment(dataset):
    model = tdl.models.load("ecg_cnn", dataset, progress=False)
    return tdl.deploy(model, dataset.x_train[::15], "tiny32k")


@pytest.fixture(scope="module")
def beats(dataset, deployment):
    """Every class is among the test beats: they are taken evenly from the whole test part."""
    chosen = np.linspace(0, len(dataset.x_test) - 1, BEATS).astype(int)
    return deployment.quantize(dataset.x_test[chosen])


@pytest.fixture(scope="module")
def device_outputs(deployment, beats):
    return tdl.sim.run(deployment.elf, beats).outputs


def test_device_equals_tflm_on_every_beat(need, deployment, beats, device_outputs):
    need("tflm")
    np.testing.assert_array_equal(device_outputs, run_tflm(deployment.tflite, beats).reshape(BEATS, -1))


def test_device_equals_host_on_every_beat(deployment, beats, device_outputs):
    host = tdl.sim.run(deployment.sources, beats, sim="host").outputs
    np.testing.assert_array_equal(device_outputs, host)


def test_device_equals_numpy_on_every_beat(deployment, beats, device_outputs):
    for beat, output in zip(beats, device_outputs, strict=True):
        np.testing.assert_array_equal(tdl.compiler.interpret(deployment.graph, beat[None])[0].ravel(), output)


def test_every_layer_of_the_device_equals_numpy(deployment, beats):
    for beat in beats[:: BEATS // 5]:
        values = tdl.compiler.interpret_all(deployment.graph, beat[None])
        layers = tdl.sim.layer_outputs(deployment.elf, deployment.sources, beat)
        for op, output in zip(deployment.graph.ops, layers, strict=True):
            np.testing.assert_array_equal(output, values[op.outputs[0]], err_msg=op.kind)


def test_every_layer_equals_tflm(need, deployment, beats):
    need("tflm")
    from tflite_micro import runtime

    keep = runtime.InterpreterConfig.kPreserveAllTensors
    tflm = runtime.Interpreter.from_bytes(deployment.tflite, intrepreter_config=keep)
    graph = tdl.compiler.read_tflite(deployment.tflite)
    for beat in beats[:: BEATS // 5]:
        tflm.set_input(beat[None], 0)
        tflm.invoke()
        values = tdl.compiler.interpret_all(graph, beat[None])
        for op in graph.ops:
            theirs = tflm.GetTensor(op.outputs[0], 0)["tensor_data"]
            np.testing.assert_array_equal(np.asarray(theirs).ravel(), values[op.outputs[0]].ravel(), err_msg=op.kind)


def test_classes_are_found_and_not_all_the_same(deployment, dataset, beats, device_outputs):
    truth = dataset.y_test[np.linspace(0, len(dataset.x_test) - 1, BEATS).astype(int)]
    score = tdl.metrics.score(truth, device_outputs, dataset.labels)
    assert score.accuracy > 0.8 and min(score.recall) > 0.4


def test_inference_can_be_repeated(deployment, beats):
    """With the same input written again; on what is there, `infer N` answers for the first."""
    twice = tdl.sim.run(deployment.elf, np.stack([beats[0], beats[1], beats[0]])).outputs
    np.testing.assert_array_equal(twice[0], twice[2])
    once, often = (
        tdl.sim.Device(deployment.elf).send(command).split(b"m-results-")[1]
        for command in (b"infer 1 0%", b"infer 3 2%")
    )
    assert once == often


def test_the_protocol_gives_the_same_answer_as_the_direct_call(deployment, beats, device_outputs):
    device = tdl.sim.Device(deployment.elf)
    payload = beats[7].tobytes().hex().upper()
    assert b"Expecting" in device.send(f"db load {len(payload) // 2}%".encode())
    for start in range(0, len(payload), 64):
        answer = device.send(f"db {payload[start : start + 64]}%".encode())
    assert b"m-load-done" in answer
    device.send(b"infer 1 0%")
    raw = device.send(b"x-output%").split(b"x-output-")[1].split(b"\r\n")[0]
    assert bytes.fromhex(raw.replace(b"-", b"").decode()) == device_outputs[7].tobytes()


def test_it_fits_32_kib_all_in(deployment):
    assert deployment.ram_bytes <= 32 * 1024
    assert deployment.elf.board.ram_bytes == 32 * 1024


def test_int8_is_within_a_point_of_float(need, dataset, deployment):
    need("tflm")
    model = tdl.models.load("ecg_cnn", dataset, progress=False)
    real = tdl.metrics.score(dataset.y_test, tdl.models.predict(model, dataset.x_test), dataset.labels)
    outputs = run_tflm(deployment.tflite, deployment.quantize(dataset.x_test)).reshape(len(dataset.y_test), -1)
    quantized = tdl.metrics.score(dataset.y_test, outputs, dataset.labels)
    assert abs(real.accuracy - quantized.accuracy) <= 0.01
