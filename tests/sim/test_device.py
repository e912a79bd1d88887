"""A serial session with the whole firmware."""

from __future__ import annotations

import numpy as np
import pytest

from tdl_course import sim
from tdl_course.elf import Elf

pytestmark = pytest.mark.sim
INPUTS = np.random.default_rng(3).integers(-128, 128, (1, 64), dtype=np.int8)


def test_it_boots_answers_and_exits(toy: Elf) -> None:
    device = sim.Device(toy)
    assert device.greeting.endswith(b"m-ready\r\n")
    assert device.send(b"name%").startswith(b"m-name-dut-[")
    assert device.exit_code is None
    assert device.send(b"x-exit%") == b"EXIT 0\r\n"
    assert device.exit_code == 0
    with pytest.raises(sim.SimulatorError, match="has ended with EXIT 0"):
        device.send(b"name%")


def test_a_command_in_pieces_is_answered_when_it_is_whole(toy: Elf) -> None:
    device = sim.Device(toy)
    assert device.send(b"na") == b""
    assert device.send(b"me%") == sim.Device(toy).send(b"name%")


def test_the_protocol_infers_what_a_direct_call_infers(toy: Elf) -> None:
    direct = sim.run(toy, INPUTS)
    device = sim.Device(toy)
    device.send(b"db load 64%")
    assert b"m-load-done" in device.send(b"db " + INPUTS.tobytes().hex().encode() + b"%")
    assert b"m-infer-done" in device.send(b"infer 1 0%")
    answer = device.send(b"x-output%").split(b"\r\n")[0]
    assert bytes.fromhex(answer.decode().removeprefix("x-output-").replace("-", "")) == direct.outputs.tobytes()
    assert device.stack_bytes > (direct.stack_bytes or 0)


def test_the_cycle_counter_counts_modelled_cycles(toy: Elf) -> None:
    layers = sim.run(toy, np.zeros((1, 64), np.int8)).layers or ()
    lines = sim.Device(toy).send(b"profile layers%").decode().splitlines()
    cycles = [int(line.rpartition("-")[2]) for line in lines if line.startswith("x-layer-")]
    # The firmware also counts its reading of the counter, and the call.
    assert [measured - layer.cycles for measured, layer in zip(cycles, layers, strict=True)] == pytest.approx(
        [32] * 2, abs=32
    )


def test_a_fault_says_what_the_firmware_had_sent(misbehaving: Elf) -> None:
    device = sim.Device(misbehaving)
    device.send(b"db load 4%")
    device.send(b"db 02000000%")
    with pytest.raises(sim.SimulatorError, match="wrote 0x08000100.*write_flash.*m-warmup-done"):
        device.send(b"infer 1 0%")


def test_a_firmware_that_never_waits_is_stopped(misbehaving: Elf) -> None:
    device = sim.Device(misbehaving, timeout=0.5)
    device.send(b"db load 4%")
    device.send(b"db 05000000%")
    with pytest.raises(sim.SimulatorError, match="No end after 0.5 s"):
        device.send(b"infer 1 0%")
