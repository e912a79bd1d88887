"""The device protocol over any link: a device in Python that can go wrong in every way, and the real firmware."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tdl_course import sim
from tdl_course.elf import Elf
from tdl_course.sim import wire
from tdl_course.sim.result import SimulatorError
from tdl_course.sim.unicorn_link import UnicornLink
from tests.sim.fake_device import INPUT, OUTPUT, FakeDevice, model

SIZES = INPUT, OUTPUT
X = np.random.default_rng(0).integers(-128, 128, (2, INPUT)).astype(np.int8)
PATIENCE = 0.1


@pytest.fixture(scope="module", autouse=True)
def fast():
    """A fake answers at once, so that nothing needs to be waited for as long as for a board."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(wire, "GREETING_SECONDS", 0.002)
        patch.setattr(wire, "PROBE_SECONDS", 0.01)
        yield


GREETINGS = st.one_of(
    st.just(b"m-init-done\r\nm-ready\r\n"),
    st.just(b""),  # it was waiting already
    st.binary(max_size=60),
    st.binary(max_size=60).map(lambda noise: noise + b"\r\nm-init-done\r\nm-ready\r\n"),
    st.just(b"m-results-[0.1,0.2]\r\nm-ready\r\nm-load-done\r\nm-ready\r\nm-rea"),  # answers to somebody else
)
UNFINISHED = st.one_of(st.just(b""), st.binary(max_size=30), st.just(b"db 00"), st.just(b"infer 1"))


@settings(max_examples=80, deadline=None)
@given(GREETINGS, UNFINISHED, st.integers(1, 50), st.integers(0, 2**31))
def test_outputs_are_right_however_it_starts_and_arrives(before, unfinished, packet, seed):
    x = np.random.default_rng(seed).integers(-128, 128, (2, INPUT)).astype(np.int8)
    link = FakeDevice(before, unfinished, packet=lambda waiting: packet)
    np.testing.assert_array_equal(wire.run_wire(link, SIZES, x, timeout=5), model(x))


def length() -> int:
    """Bytes that a session receives."""
    link = FakeDevice()
    wire.run_wire(link, SIZES, X, timeout=5)
    return link.total


def lose(position: int) -> Callable[[bytes], bytes]:
    """Drops the byte at `position` of all that passes."""
    passed = 0

    def pass_on(data: bytes) -> bytes:
        nonlocal passed
        at = position - passed
        passed += len(data)
        return data[:at] + data[at + 1 :] if 0 <= at < len(data) else data

    return pass_on


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_a_device_that_dies_is_an_error_wherever_it_does(data):
    lives = data.draw(st.integers(1, length() - 1))
    with pytest.raises(SimulatorError, match="the fake is gone"):
        wire.run_wire(FakeDevice(lives=lives), SIZES, X, timeout=5)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 1700), st.booleans())
def test_a_lost_byte_never_gives_a_wrong_output(position, on_the_way_back):
    lost = {"sending" if on_the_way_back else "receiving": lose(position)}
    try:
        outputs = wire.run_wire(FakeDevice(**lost), SIZES, X, timeout=PATIENCE)
    except SimulatorError:
        return
    np.testing.assert_array_equal(outputs, model(X))


WRONG = {
    "no answer to a probe": ({"answers": {"sync": ""}}, "does not answer within .* s; .*115200"),
    "silence": ({"before": b"", "sending": lambda data: b""}, "the last it said was nothing.*Reset it"),
    "babble": ({"before": b"x" * (3 << 20)}, "without a line end"),
    "lines without end": ({"answers": {"infer": "x\r\n" * (1 << 20)}}, "asked 'infer 1 0': the answer does not end"),
    "refused load": (
        {"answers": {"db load": "e-[Wrong number of bytes: got 300"}},
        "got 300.*Is the firmware",
    ),
    "refused data": ({"answers": {"db 0": "e-[no]", "db ": "e-[no]"}}, "asked 'db .*it said 'e-\\[no\\]'"),
    "load not complete": ({"answers": {"db ": ""}}, "m-\\[Expecting 300 bytes\\].*it said nothing"),
    "fault": ({"answers": {"infer": "FAULT BusFault pc=0x08000100 lr=0x0\r\nEXIT 99"}}, "has ended.*BusFault"),
    "no result": ({"answers": {"infer": "m-infer-start-1"}}, "without the 'm-infer-done'"),
    "no output": ({"answers": {"x-output": ""}}, "x-output and 5 bytes"),
    "two outputs": ({"answers": {"x-output": "x-output-00\r\nx-output-01"}}, "x-output and 5 bytes"),
    "no hex": ({"answers": {"x-output": "x-output-0g-00-00-00-00"}}, "x-output and 5 bytes"),
    "short": ({"answers": {"x-output": "x-output-00-00"}}, "output has 2 bytes, the ELF's 5"),
    "no m-ready": (
        {"sending": lambda data: data.replace(b"m-load-done\r\nm-ready", b"m-load-done")},
        "no end .*m-load-done",
    ),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_goes_wrong_is_said(case):
    options, said = WRONG[case]
    began = time.monotonic()
    with pytest.raises(SimulatorError, match=f"(?is){said}"):
        wire.run_wire(FakeDevice(**options), SIZES, X, timeout=PATIENCE)
    assert time.monotonic() - began < 5


def test_the_inputs_are_checked_before_anything_is_sent():
    link = FakeDevice()
    with pytest.raises(SimulatorError, match="299 bytes each"):
        wire.run_wire(link, SIZES, X[:, 1:])
    assert link.total == 0


@pytest.mark.sim
def test_the_real_firmware_answers_what_a_direct_call_computes(toy: Elf):
    x = np.random.default_rng(1).integers(-128, 128, (3, 64)).astype(np.int8)
    with UnicornLink(toy) as link:
        link.send(b"db load 64%db 0102%infer 1 0%db 01")  # somebody broke off
        outputs = wire.run_wire(link, toy, x)
        link.send(b"nonsense%results%xyz")
        again = wire.run_wire(link, toy, x[::-1])
    np.testing.assert_array_equal(outputs, sim.run(toy, x).outputs)
    np.testing.assert_array_equal(again, outputs[::-1])


@pytest.mark.sim
def test_a_firmware_that_takes_something_else_than_its_input_is_refused(toy: Elf):
    link = FakeDevice()
    with pytest.raises(SimulatorError, match="was built with --mlperf"):
        wire.run_wire(link, replace(toy, symbols={**toy.symbols, "tdl_host": toy.symbol("tdl_input")}), X[:, :64])
    assert link.total == 0


@pytest.mark.sim
def test_another_firmware_than_the_elf_is_noticed(toy: Elf):
    with (
        UnicornLink(toy) as link,
        pytest.raises(SimulatorError, match="got 20, the model's input has 64.*Is the firmw"),
    ):
        wire.run_wire(link, (20, 4), np.zeros((1, 20), np.int8))


@pytest.mark.sim
def test_a_firmware_that_faults_or_hangs_is_an_error(misbehaving: Elf):
    with UnicornLink(misbehaving) as link, pytest.raises(SimulatorError, match="asked 'infer 1 0'.*0x60000000"):
        wire.run_wire(link, misbehaving, np.array([[1, 0, 0, 0]], np.int8))
    with UnicornLink(misbehaving) as link, pytest.raises(SimulatorError, match="no end of the answer within 0.5 s"):
        wire.run_wire(link, misbehaving, np.array([[5, 0, 0, 0]], np.int8), timeout=0.5)
