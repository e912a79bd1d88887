"""QEMU against Unicorn: the same ELF, the same outputs, stacks and instruction counts; and what goes wrong is said."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tdl_course import sim
from tdl_course.boards import BOARDS
from tdl_course.elf import Elf
from tdl_course.firmware_project import build_project
from tdl_course.sim import qemu
from tdl_course.sim.process import _running
from tdl_course.sim.wire import run_wire
from tests.golden_vectors import golden_vector
from tests.sim.processes import commands, within

pytestmark = pytest.mark.sim


@pytest.fixture(autouse=True)
def program(need):
    """QEMU's path; and no test leaves a process."""
    yield need("qemu")
    assert not _running


def vectors(elf: Elf, count: int = 3, seed: int = 0) -> np.ndarray:
    shape = (count, elf.symbol("tdl_input").size)
    return np.random.default_rng(seed).integers(-128, 128, shape).astype(np.int8)


def agree(elf: Elf, x: np.ndarray) -> None:
    """Everything that both simulators give is equal. Both count from the entry of tdl_infer to its return: no
    difference is left to explain."""
    one, other = sim.run(elf, x), sim.run(elf, x, sim="qemu")
    np.testing.assert_array_equal(other.outputs, one.outputs)
    assert other.instructions == one.instructions
    assert (other.stack_bytes, other.boot_stack_bytes) == (one.stack_bytes, one.boot_stack_bytes)
    assert (other.simulator, other.cycles, other.layers) == ("qemu", None, None)


@pytest.mark.parametrize("seed", range(3))
def test_it_computes_and_counts_what_unicorn_does(toy: Elf, seed: int):
    agree(toy, vectors(toy, seed=seed))


@pytest.mark.parametrize("kind", ["conv_2d", "softmax", "mean"])
@pytest.mark.parametrize("board", ["stm32f405", "tiny32k"])
def test_a_compiled_model_is_the_same_in_both(tmp_path: Path, kind: str, board: str):
    model, *_ = golden_vector(kind)
    (tmp_path / "model.tflite").write_bytes(model)
    elf = build_project(tmp_path / "model.tflite", tmp_path / "out", BOARDS[board])
    agree(elf, vectors(elf))


def test_a_count_in_many_slices_is_the_same(toy: Elf, monkeypatch):
    whole = sim.run(toy, vectors(toy), sim="qemu")
    monkeypatch.setattr(qemu, "SLICE_SECONDS", 0.0)
    sliced = sim.run(toy, vectors(toy), sim="qemu")
    assert sliced.instructions == whole.instructions
    np.testing.assert_array_equal(sliced.outputs, whole.outputs)


def test_the_firmware_serves_its_protocol(toy: Elf):
    with qemu.open_qemu(toy) as link:
        outputs = run_wire(link, toy, vectors(toy))
    np.testing.assert_array_equal(outputs, sim.run(toy, vectors(toy)).outputs)


WRONG = {
    1: "BusFault in tdl_layer_00_misbehave",
    3: "UsageFault in tdl_layer_00_misbehave",
    4: "Stack overflow",
    5: "No end after 2 s.*tdl_layer_00_misbehave.*pass timeout",
    6: "in no function: a wild jump",
    8: "ended with status 3",
    9: "pops what it did not push",
    11: "Stack overflow",
}


@pytest.mark.parametrize("number", WRONG)
def test_a_firmware_that_misbehaves_is_explained(misbehaving: Elf, number: int):
    with pytest.raises(sim.SimulatorError, match=WRONG[number]):
        sim.run(misbehaving, np.array([[number, 0, 0, 0]], np.int8), sim="qemu", timeout=2)


def test_a_fault_on_the_wire_is_explained(misbehaving: Elf):
    with qemu.open_qemu(misbehaving) as link, pytest.raises(sim.SimulatorError, match="has ended.*FAULT BusFault"):
        run_wire(link, misbehaving, np.array([[1, 0, 0, 0]], np.int8))


@pytest.mark.skipif(sys.platform == "win32", reason="signals are POSIX")
@pytest.mark.parametrize("number", ["SIGINT", "SIGTERM", "SIGHUP"])
def test_an_interrupted_command_leaves_nothing(misbehaving: Elf, tmp_path: Path, number: str):
    """In the midst of an inference without end."""

    def running() -> bool:
        return any("qemu-system-arm" in command and str(elf) in command for command in commands().values())

    elf = tmp_path / "endless.elf"
    elf.write_bytes(misbehaving.path.read_bytes())
    np.save(tmp_path / "x.npy", np.array([[5, 0, 0, 0]], np.int8))
    command = [sys.executable, "-m", "tdl_course.cli", "run", str(elf), "--sim", "qemu"]
    command += ["--input", str(tmp_path / "x.npy")]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as session:
        assert within(120, running)
        session.send_signal(getattr(signal, number))
        _, said = session.communicate(timeout=120)
    assert (session.returncode, said) == (130, "tdl: interrupted\n")
    assert within(10, lambda: not running())


def test_inputs_that_do_not_fit_are_refused_before_qemu_starts(toy: Elf):
    with pytest.raises(sim.SimulatorError, match="63 bytes each"):
        sim.run(toy, np.zeros((1, 63), np.int8), sim="qemu")


def test_a_file_that_is_gone_is_qemus_error(toy: Elf, tmp_path: Path):
    with pytest.raises(sim.SimulatorError, match="qemu-system-arm ended with status 1; it said: .*gone.elf"):
        sim.run(replace(toy, path=tmp_path / "gone.elf"), vectors(toy), sim="qemu")


def test_without_qemu_the_error_says_how_to_get_it(toy: Elf, monkeypatch):
    monkeypatch.setenv("PATH", os.devnull)
    with pytest.raises(sim.SimulatorError, match='apt install qemu-system-arm.*brew install qemu.*sim="unicorn"'):
        sim.run(toy, vectors(toy), sim="qemu")
