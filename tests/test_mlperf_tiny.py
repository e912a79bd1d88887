"""MLPerf Tiny's four reference models: TFLM's bits, in less RAM and code than TFLM needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

import tdl_course as tdl
from tdl_course.datasets.download import Unreachable
from tdl_course.footprint import code_bytes
from tdl_course.sim.tflm import run_tflm

pytestmark = [pytest.mark.sim, pytest.mark.slow]

INPUTS, ON_DEVICE = 100, 3
CODE_LIMIT = 24_000  # bytes of flash without the model's constants


@dataclass(frozen=True)
class Model:
    deployment: tdl.Deployment
    inputs: np.ndarray
    ram_limit: int

    def expected(self, count: int) -> np.ndarray:
        return run_tflm(self.deployment.tflite, self.inputs[:count]).reshape(count, -1)


LIMITS = {"kws": 16_000, "ic": 40_000, "vww": 62_000, "ad": 2_600}


@pytest.fixture(scope="module", params=sorted(LIMITS))
def model(request):
    try:
        path = tdl.datasets.model(f"mlperf_tiny/{request.param}")
    except Unreachable as error:
        pytest.skip(str(error))
    deployment = tdl.deploy(path)
    shape = (INPUTS, *deployment.input.shape[1:])
    inputs = np.random.default_rng(0).integers(-128, 128, shape).astype(np.int8)
    return Model(deployment, inputs, LIMITS[request.param])


def test_c_equals_tflm_on_a_hundred_random_inputs(model, need):
    need("tflm")
    outputs = tdl.sim.run(model.deployment.sources, model.inputs, sim="host").outputs
    np.testing.assert_array_equal(outputs, model.expected(INPUTS))


def test_the_device_equals_tflm(model, need):
    need("tflm")
    outputs = tdl.sim.run(model.deployment.elf, model.inputs[:ON_DEVICE]).outputs
    np.testing.assert_array_equal(outputs, model.expected(ON_DEVICE))


def test_qemu_equals_tflm_and_counts_what_unicorn_counts(model, need):
    need("qemu")
    need("tflm")
    result = tdl.sim.run(model.deployment.elf, model.inputs[:1], sim="qemu")
    np.testing.assert_array_equal(result.outputs, model.expected(1))
    assert result.instructions == tdl.sim.run(model.deployment.elf, model.inputs[:1]).instructions


def test_ram_and_code_stay_within_their_limits(model):
    assert model.deployment.ram_bytes <= model.ram_limit
    assert code_bytes(model.deployment.elf) <= CODE_LIMIT
