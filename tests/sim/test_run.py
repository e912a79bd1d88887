"""The one signature: what it refuses, what its result shows, and that two models on the host never mix."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tdl_course import sim, toolchain
from tdl_course.elf import Elf

INPUTS = np.ones((2, 64), np.int8)


def test_unknown_simulator_lists_the_allowed(toy_sources: toolchain.CSources) -> None:
    with pytest.raises(sim.SimulatorError, match="unknown simulator 'qemy'; simulators are unicorn, host"):
        sim.run(toy_sources, INPUTS, sim="qemy")


def test_sources_and_elf_are_not_confused(toy_sources: toolchain.CSources, toy: Elf) -> None:
    with pytest.raises(sim.SimulatorError, match="build it with toolchain.build"):
        sim.run(toy_sources, INPUTS)
    with pytest.raises(sim.SimulatorError, match="pass the Sources"):
        sim.run(toy, INPUTS, sim="host")


def test_the_host_gives_outputs_and_no_counts(toy_sources: toolchain.CSources) -> None:
    result = sim.run(toy_sources, INPUTS, sim="host")
    assert result.outputs.shape == (2, 4)
    given = (result.instructions, result.cycles, result.layers, result.stack_bytes, result.call_overhead)
    assert given == (None,) * 5
    assert "not given" in result._repr_html_()


def test_host_models_do_not_mix(toy_sources: toolchain.CSources) -> None:
    """Loaded one after the other, and the first again: each computes with its own weights and size."""
    text = toy_sources.files["model.c"]
    other = replace(toy_sources, files={"model.c": text.replace("sum >> 6", "(sum >> 6) + 100").replace("64", "32")})
    before = sim.run(toy_sources, INPUTS, sim="host").outputs
    changed = sim.run(other, np.ones((2, 32), np.int8), sim="host").outputs
    assert np.array_equal(sim.run(toy_sources, INPUTS, sim="host").outputs, before)
    assert np.array_equal(changed, before + 100)


@pytest.mark.sim
def test_result_labels_its_figures(toy: Elf) -> None:
    result = sim.run(toy, INPUTS)
    for text in (result._repr_html_(), str(result)):
        assert f"{result.instructions:,}" in text and f"{result.cycles:,}" in text
        assert "simulated" in text and "modelled" in text
        assert "tdl_layer_01_dense" in text and "calls and return" in text
