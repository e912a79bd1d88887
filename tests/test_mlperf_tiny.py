"""MLPerf Tiny's four reference models: TFLM's bits, in less time, RAM and flash than TFLM needs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest

import tdl_course as tdl
from tdl_course.compiler import emit_c, plan_memory
from tdl_course.datasets.download import Unreachable
from tdl_course.footprint import code_bytes
from tdl_course.sim.tflm import run_tflm
from tests.kernels.force import MOST_KERNELS, in_turn

pytestmark = [pytest.mark.sim, pytest.mark.slow]

INPUTS, ON_DEVICE, FORCED = 100, 3, 4
CODE_LIMIT = 24_000  # bytes of flash without the model's constants


@dataclass(frozen=True)
class Limits:
    """Of one inference: modelled cycles, bytes of RAM all in, bytes of flash."""

    cycles: int
    ram: int
    flash: int


@dataclass(frozen=True)
class Model:
    deployment: tdl.Deployment
    inputs: np.ndarray
    limits: Limits

    def expected(self, count: int) -> np.ndarray:
        return run_tflm(self.deployment.tflite, self.inputs[:count]).reshape(count, -1)


LIMITS = {
    "kws": Limits(4_400_000, 13_000, 106_752),
    "ic": Limits(16_500_000, 38_000, 149_084),
    "vww": Limits(9_000_000, 56_000, 386_104),
    "ad": Limits(380_000, 2_400, 304_424),
}
"""Cycles below the best engine that is known, estimated from its published times; flash is TFLM's own."""


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


def test_cycles_ram_and_flash_stay_within_their_limits(model):
    assert model.deployment.result.cycles <= model.limits.cycles
    assert model.deployment.ram_bytes <= model.limits.ram
    assert model.deployment.elf.flash_bytes <= model.limits.flash
    assert code_bytes(model.deployment.elf) <= CODE_LIMIT


def test_gcc_gives_the_same_bytes_in_about_as_many_cycles(model, need):
    """The inner loops are assembly; what is around them is the compiler's."""
    need("gcc")
    need("tflm")
    elf = tdl.toolchain.build(model.deployment.sources, toolchain="gcc")
    result = tdl.sim.run(elf, model.inputs[:1])
    np.testing.assert_array_equal(result.outputs, model.expected(1))
    assert abs(result.cycles / model.deployment.result.cycles - 1) < 0.05


@pytest.mark.parametrize("turn", range(MOST_KERNELS))
def test_c_equals_tflm_with_every_kernel_forced_in_turn(model, turn, need):
    """In each turn every layer takes another one of the kernels that it can take, the plain loop among them."""
    need("tflm")
    graph = in_turn(model.deployment.graph, turn)
    sources = emit_c(graph, plan_memory(graph), "forced")
    outputs = tdl.sim.run(sources, model.inputs[:FORCED], sim="host").outputs
    np.testing.assert_array_equal(outputs, model.expected(FORCED))


def test_for_size_flash_is_three_quarters_of_tflms(model, need):
    """Code and weights; with TFLM's bits."""
    need("tflm")
    small = tdl.deploy(model.deployment.tflite, goal="size")
    assert small.elf.flash_bytes <= 0.75 * model.limits.flash
    outputs = tdl.sim.run(small.sources, model.inputs[:FORCED], sim="host").outputs
    np.testing.assert_array_equal(outputs, model.expected(FORCED))
    np.testing.assert_array_equal(tdl.sim.run(small.elf, model.inputs[:1]).outputs, model.expected(1))
