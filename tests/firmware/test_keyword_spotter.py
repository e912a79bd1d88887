"""The keyword spotter as a firmware: detections over the serial port, equal to those of the NumPy twin."""

from __future__ import annotations

import re

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tdl_course import sim, toolchain
from tdl_course.audio import STREAMING, Detection, FrontEnd, Spotter, input_map, log_mel_int8, network_inputs, spot
from tdl_course.compiler import EmitError, emit_c, emit_spotter, plan_memory
from tdl_course.graph import Graph
from tdl_course.sim.device import Device
from tdl_course.sim.unicorn_link import UnicornLink
from tests.random_spotter import FRAMES, INPUT_SCALE, INPUT_ZERO, LOW, network, sound

pytestmark = pytest.mark.sim
SAMPLES_PER_LINE = 61


def compiled(graph: Graph):
    return emit_c(graph, plan_memory(graph))


@pytest.fixture(scope="module")
def model():
    return compiled(network())


@pytest.fixture(scope="module")
def device(model) -> Device:
    return Device(toolchain.build(emit_spotter(model, LOW)), counting=False)


@pytest.fixture(autouse=True)
def from_the_start(device) -> None:
    device.reset()


def ask(device: Device, command: str) -> list[str]:
    lines = device.send(command.encode() + b"%").decode("ascii").splitlines()
    assert lines[-1] == "m-ready"
    return lines[:-1]


def listen(device: Device, samples: np.ndarray, per_line: int = SAMPLES_PER_LINE) -> tuple[Detection, ...]:
    lines = []
    for first in range(0, len(samples), per_line):
        lines += ask(device, f"x-audio {samples[first : first + per_line].astype('<i2').tobytes().hex()}")
    matches = [re.fullmatch(r"x-detection-\[(\d+),(\d+),(\d+)\]", line) for line in lines]
    assert all(matches), lines
    return tuple(Detection(*map(int, match.groups())) for match in matches)


def twin(model, samples: np.ndarray, spotter: Spotter) -> tuple[Detection, ...]:
    """Front end, network and spotter without the device."""
    features = log_mel_int8(samples[None])[0]
    windows = network_inputs(features, FRAMES, spotter)
    windows = input_map(STREAMING, INPUT_SCALE, INPUT_ZERO)[windows.astype(np.int64) + 128]
    outputs = sim.run(model, windows.reshape(len(windows), -1), sim="host").outputs
    return spot(outputs, spotter, FRAMES)


@pytest.mark.parametrize("seed", [0, 1])
def test_detections_are_those_of_the_twin(device, model, seed):
    samples = sound(3, seed)
    expected = twin(model, samples, LOW)
    assert len(expected) >= 3
    assert listen(device, samples) == expected


def test_the_operating_point_is_changed_by_commands(device, model):
    samples = sound(1.5)
    seen = set()
    for threshold, smoothing, refractory, stride in ((60, 1, 0, 1), (70, 3, 10, 1), (60, 32, 0, 1), (255, 1, 0, 1)):
        settings = {"threshold": threshold, "smoothing": smoothing, "refractory": refractory, "stride": stride}
        for name, value in settings.items():
            assert ask(device, f"x-{name} {value}") == []
        assert ask(device, "x-settings") == [f"x-{name}-{value}" for name, value in settings.items()]
        expected = twin(model, samples, Spotter(**settings))
        assert listen(device, samples) == expected
        seen.add(len(expected))
    assert len(seen) >= 3


def test_listen_plays_a_sound_and_sets_the_operating_point(model):
    samples = sound(1.0)
    elf = toolchain.build(emit_spotter(model, LOW))
    assert sim.listen(elf, samples) == twin(model, samples, LOW)
    other = Spotter(threshold=70, smoothing=3, refractory=0, stride=1)
    assert sim.listen(elf, samples, other) == twin(model, samples, other)
    with UnicornLink(elf) as link:
        for _ in range(2):
            assert sim.listen(link, samples[:6000]) == twin(model, samples[:6000], LOW)


def test_listen_says_what_is_wrong(model, toy_elf):
    with pytest.raises(sim.SimulatorError, match="Unknown command: x-restart"):
        sim.listen(toy_elf, sound(0.1))
    for samples in (np.zeros(10), np.zeros((1, 10), np.int16)):
        with pytest.raises(ValueError, match=r"allowed is int16\[n\]"):
            sim.listen(toy_elf, samples)


@pytest.mark.parametrize("per_line", [1, 59])
def test_samples_come_in_pieces_of_any_size(device, model, per_line):
    samples = sound(0.5)
    assert listen(device, samples, per_line) == twin(model, samples, LOW)


def test_the_stream_starts_anew(device, model):
    samples = sound(0.6)
    expected = listen(device, samples[:-100])
    assert ask(device, "x-restart") == []
    assert ask(device, "x-output") == ["e-[No output: no inference since the stream began]"]
    assert listen(device, samples[:-100]) == expected == twin(model, samples[:-100], LOW)
    assert re.fullmatch(r"x-output(-[0-9a-f]{2}){5}", ask(device, "x-output")[0])


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        ("x-audio", "e-[Command 'x-audio' takes samples of 4 hex digits, the lower byte first]"),
        ("x-audio 00012", "e-[Command 'x-audio' takes samples of 4 hex digits, the lower byte first]"),
        ("x-audio 000g", "e-[Invalid hex digit 'g']"),
        ("x-audio 0000 0000", "e-[Too many words: send 'help%']"),
        ("x-threshold 256", "e-[Command 'x-threshold' takes 1 to 255]"),
        ("x-threshold", "e-[Command 'x-threshold' takes 1 to 255]"),
        ("x-smoothing 0", "e-[Command 'x-smoothing' takes 1 to 32]"),
        ("x-stride 5 5", "e-[Command 'x-stride' takes 1 to 1000]"),
        ("x-refractory -1", "e-[Command 'x-refractory' takes 0 to 100000]"),
        ("infer 1", "e-[Unknown command: infer]"),
        ("", "e-[Empty command: send 'help%']"),
        ("x" * 256, "e-[Command longer than 255 characters]"),
    ],
)
def test_what_is_wrong_is_answered_and_changes_nothing(device, model, command, answer):
    samples = sound(0.5)
    first = listen(device, samples[:3000])
    assert ask(device, command) == [answer]
    assert first + listen(device, samples[3000:]) == twin(model, samples, LOW)


WORDS = st.sampled_from(
    ["x-audio", "x-threshold", "x-stride", "x-output", "x-restart", "help", "name", "0000", "7f", "9"]
)
LINES = st.one_of(st.binary(max_size=40), st.lists(WORDS, max_size=4).map(lambda words: " ".join(words).encode()))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(lines=st.lists(LINES, max_size=5))
def test_it_stays_usable_whatever_is_sent(device, model, lines):
    device.reset()
    device.send(b"".join(line + b"%" for line in lines))
    for name in ("threshold", "smoothing", "refractory", "stride"):
        ask(device, f"x-{name} {getattr(LOW, name)}")
    samples = sound(0.3)
    assert listen(device, samples) == twin(model, samples, LOW)
    assert device.exit_code is None


def test_it_introduces_itself(device):
    assert ask(device, "name") == ["m-name-dut-[tdl_course keyword spotter]", "m-model-[words]"]
    assert [line.split()[0] for line in ask(device, "help")][2] == "x-audio"


def test_a_core_without_dsp_instructions_detects_the_same(model):
    board = "stm32f205"
    graph = network()
    plain = Device(toolchain.build(emit_spotter(compiled(graph), LOW, dsp=False), board), counting=False)
    samples = sound(0.6)
    assert listen(plain, samples) == twin(model, samples, LOW)


def test_models_that_do_not_listen_are_refused(model):
    with pytest.raises(EmitError, match="which is no number of frames of 19 mels"):
        emit_spotter(model, front_end=FrontEnd(mels=19))
    with pytest.raises(EmitError, match=r"the keywords are \(0, 5\); allowed are outputs of 6 to 32 labels"):
        emit_spotter(model, Spotter(keywords=(0, 5)))
