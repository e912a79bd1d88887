"""MLCommons' runner against `tdl serve`: the four benchmarks, over a pseudo-terminal and TCP, in Unicorn and QEMU.

The oracle is the NumPy interpreter of the compiler, on what the benchmark's reference firmware makes of the runner's
bytes (github.com/mlcommons/tiny, benchmark/reference_submissions): pixels less 128; float32 quantized, and a score.
"""

from __future__ import annotations

import numpy as np
import pytest
import serial

from tdl_course import datasets
from tdl_course.boards import board
from tdl_course.compiler import read_tflite
from tdl_course.compiler.reference import interpret
from tdl_course.firmware_project import build_project
from tests.sim.mlperf_runner import Runner
from tests.sim.serving import serving

pytestmark = [pytest.mark.sim, pytest.mark.slow]
MODELS = {"kws01": "kws", "ic01": "ic", "vww01": "vww", "ad01": "ad"}


# 27,648 bytes to load, by a serial line: the largest model in one simulator only.
RUNS = [(name, sim) for name in MODELS for sim in ("unicorn", "qemu") if (name, sim) != ("vww01", "unicorn")]


@pytest.fixture(scope="module")
def benchmark(request, tmp_path_factory):
    """(name, graph, ELF built for the runner)"""
    try:
        model = datasets.model(f"mlperf_tiny/{MODELS[request.param]}")
    except datasets.DatasetError as error:
        pytest.skip(str(error))
    folder = tmp_path_factory.mktemp(request.param)
    build_project(model, folder, board("stm32f405"), mlperf=request.param)
    return request.param, read_tflite(model), folder / "model.elf"


def stimulus(name, graph, rng):
    """(what a file of the dataset holds, the model's input)"""
    tensor = graph.tensors[graph.inputs[0]]
    if name == "ad01":
        real = rng.normal(-20, 15, tensor.shape).astype(np.float32)
        steps = real / np.float32(tensor.scale)
        rounded = np.trunc(steps + np.copysign(np.float32(0.5), steps))
        return real, np.clip(rounded + tensor.zero_point, -128, 127).astype(np.int8)
    if name == "kws01":
        features = rng.integers(-128, 128, tensor.shape, dtype=np.int8)
        return features, features
    pixels = rng.integers(0, 256, tensor.shape, dtype=np.uint8)
    return pixels, (pixels.astype(np.int16) - 128).astype(np.int8)


def expected(name, graph, sent, x):
    """What the runner reads between the brackets of m-results."""
    tensor = graph.tensors[graph.outputs[0]]
    real = np.float32(tensor.scale) * (interpret(graph, [x])[0].astype(np.float32) - tensor.zero_point)
    return [float(np.mean((real - sent) ** 2))] if name == "ad01" else real.ravel().tolist()


@pytest.mark.parametrize(("benchmark", "simulator"), RUNS, indirect=["benchmark"])
def test_the_runner_gets_the_results_of_the_reference(benchmark, simulator, need):
    if simulator == "qemu":
        need("qemu")
    name, graph, elf = benchmark
    rng = np.random.default_rng(5)
    with serving(elf, "--sim", simulator, "--pty", "--tcp", "0") as server:
        for port, bytes_per_command in ((server.pty, 31), (server.url, 26)):
            if name == "vww01" and port == server.pty:
                continue
            with Runner(serial.serial_for_url(port, 115200), bytes_per_command) as runner:
                assert runner.identity() == ["tdl_course", "ULPMark for tinyML Firmware V0.0.1", name]
                sent, x = stimulus(name, graph, rng)
                runner.load(sent.tobytes())
                once = runner.infer(1, 0)
                assert once.results == pytest.approx(expected(name, graph, sent, x), abs=0.00051, rel=1e-5)
                if name == "vww01" or port == server.url:  # another load takes long, and shows no more
                    continue
                runner.load(sent.tobytes())
                several = runner.infer(2, 1)  # performance mode
                assert several.results == once.results
                if simulator == "unicorn":  # QEMU has no cycle counter
                    assert several.elapsed_us == pytest.approx(2 * once.elapsed_us, rel=0.01)
