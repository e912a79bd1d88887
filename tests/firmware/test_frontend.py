"""The C of the audio front end: NumPy's bytes, on this computer and on the simulated cores, plain and with DSP."""

from __future__ import annotations

import ctypes
import shutil

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tdl_course import audio, datasets, sim, toolchain
from tdl_course.audio import STREAMING, FrontEnd
from tdl_course.boards import BOARDS
from tdl_course.compiler import emit_clip_c, emit_frontend

pytestmark = pytest.mark.sim
M3 = BOARDS["stm32f205"]
SAMPLES = 320 * 6
OTHERS = [
    FrontEnd(hop=512, log2_per_unit=6.0),
    FrontEnd(window=480, mels=40, highest_hz=8000.0),
    FrontEnd(window=400, hop=160, mels=10, lowest_hz=125.0),
    FrontEnd(gain_control=0.98, log2_centre=0.0, log2_per_unit=4.0),
    FrontEnd(window=480, hop=160, gain_control=1.0, average_shift=1, log2_centre=-2.0),
    FrontEnd(window=37, hop=5, mels=1, log2_centre=20.0, log2_per_unit=6.0),
    FrontEnd(sampling_hz=8000, window=256, hop=256, mels=32, lowest_hz=0.0, highest_hz=4000.0, limit=4.0),
]


def extremes(length: int) -> np.ndarray:
    """Silence, full scale, square waves, impulses of either sign, tones between two bins, noise, quiet noise."""
    t = np.arange(length)
    impulse = np.where(t == length // 2, 1, 0)
    square = [np.where(t // half % 2, 32767, -32768) for half in (1, 2, 7, 100)]
    tones = [amplitude * np.sin(2 * np.pi * bin_ / 512 * t) for bin_ in (3.5, 100.25) for amplitude in (2, 32767)]
    random = np.random.default_rng(3)
    rows = [0 * t, 0 * t - 32768, 0 * t + 32767, *square, impulse, -32768 * impulse, 32767 * impulse, *tones]
    rows += [random.normal(0, sigma, length) for sigma in (0.7, 10, 3000, 60000)]
    return np.clip(np.round(rows), -32768, 32767).astype(np.int16)


def host(samples: np.ndarray, front_end: FrontEnd = STREAMING) -> np.ndarray:
    """The spectrograms that the C built for this computer computes: int8 [n, frames, mels]."""
    length = samples.shape[1]
    result = sim.run(emit_clip_c(length, front_end, dsp=False), whole_hops(samples, front_end), sim="host")
    return result.outputs.reshape(-1, *front_end.shape(length))


def whole_hops(samples: np.ndarray, front_end: FrontEnd = STREAMING) -> np.ndarray:
    """The samples as bytes, without those that fill no hop."""
    length = samples.shape[1] // front_end.hop * front_end.hop
    return np.ascontiguousarray(samples[:, :length]).view(np.int8)


def test_real_clips_on_the_host():
    samples = datasets.load("keywords").raw["test"]["x"]
    assert (host(samples) == audio.log_mel_int8(samples)).all()


@pytest.mark.parametrize("front_end", [STREAMING, *OTHERS], ids=lambda f: f"{f.window}-{f.hop}-{f.mels}")
def test_extreme_signals_on_the_host(front_end):
    samples = extremes(SAMPLES)
    assert (host(samples, front_end) == audio.log_mel_int8(samples, front_end)).all()


@settings(max_examples=50)
@given(samples=arrays(np.int16, (1, SAMPLES), elements=st.integers(-32768, 32767)))
def test_drawn_signals_on_the_host(samples):
    assert (host(samples) == audio.log_mel_int8(samples)).all()


@settings(max_examples=50)
@given(seed=st.integers(0, 2**32 - 1), bits=st.lists(st.integers(0, 15), min_size=1, max_size=6))
def test_noise_whose_level_jumps_on_the_host(seed, bits):
    levels = np.repeat(2.0 ** np.array(bits), -(-SAMPLES // len(bits)))[:SAMPLES]
    noise = np.random.default_rng(seed).uniform(-1, 1, (1, SAMPLES)) * levels
    samples = np.round(noise).astype(np.int16)
    assert (host(samples) == audio.log_mel_int8(samples)).all()


@pytest.mark.parametrize("compiler", ["zig", "gcc"])
@pytest.mark.parametrize(("board", "dsp"), [("stm32f405", True), ("stm32f405", False), ("stm32f205", False)])
def test_the_cores_compute_the_same(board, dsp, compiler, need):
    if compiler == "gcc":
        need("gcc")
    samples = np.concatenate(
        [extremes(SAMPLES), datasets.load("keywords").raw["test"]["x"][:40, 5000 : 5000 + SAMPLES]]
    )
    for front_end in (STREAMING, *OTHERS[1:4:2]):
        elf = toolchain.build(emit_clip_c(SAMPLES, front_end, dsp), board, compiler)
        got = sim.run(elf, whole_hops(samples, front_end)).outputs.reshape(-1, *front_end.shape(SAMPLES))
        assert (got == audio.log_mel_int8(samples, front_end)).all()


@pytest.mark.parametrize(("board", "dsp"), [("stm32f405", True), ("stm32f205", False)])
def test_qemu_agrees_and_counts_the_same(board, dsp, need):
    need("qemu")
    samples = extremes(SAMPLES)[-2:]
    elf = toolchain.build(emit_clip_c(SAMPLES, dsp=dsp), board)
    ours, theirs = (sim.run(elf, whole_hops(samples), sim=simulator) for simulator in ("unicorn", "qemu"))
    assert (ours.outputs == theirs.outputs).all() and ours.instructions == theirs.instructions


@pytest.mark.parametrize(("dsp", "most"), [(True, 24_000), (False, 44_000)])
def test_what_a_hop_costs(dsp, most):
    """Modelled cycles; they do not depend on the samples but for a few of the logarithm."""
    elf = toolchain.build(emit_clip_c(SAMPLES, dsp=dsp))
    costs = [sim.run(elf, whole_hops(samples[None])).layers[1].cycles for samples in extremes(SAMPLES)]
    assert max(costs) <= most and max(costs) - min(costs) < 200
    buffers = sum(elf.symbol(name).size for name in ("frame", "spectrum", "bands"))
    assert buffers == 2 * 512 + 4 * 512 + 8 * 20


def test_dsp_loops_are_refused_where_there_are_no_such_instructions():
    with pytest.raises(toolchain.ToolchainError, match="no DSP instructions: link frontend_fft_ref.c"):
        toolchain.build(emit_clip_c(SAMPLES, dsp=True), M3)


@pytest.fixture
def library(tmp_path):
    """The front end alone as a library of this computer, with a state of its own."""
    path = toolchain.build_host(emit_frontend(dsp=False))
    return ctypes.CDLL(str(shutil.copy2(path, tmp_path)))


def push(library: ctypes.CDLL, samples: np.ndarray, count: int | None = None) -> tuple[int, np.ndarray]:
    """What tdl_frontend_push returns and writes, between guards that it must leave alone."""
    guarded = np.full(STREAMING.mels + 32, 0x5A, np.int8)
    samples = np.ascontiguousarray(samples, np.int16)
    library.tdl_frontend_push.argtypes = [ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p]
    result = library.tdl_frontend_push(
        samples.ctypes.data, len(samples) if count is None else count, guarded.ctypes.data + 16
    )
    assert (guarded[:16] == 0x5A).all() and (guarded[16 + STREAMING.mels :] == 0x5A).all()
    return result, guarded[16 : 16 + STREAMING.mels]


def test_hop_by_hop(library):
    samples = np.random.default_rng(0).integers(-20000, 20000, 320 * 9).astype(np.int16)
    expected = audio.log_mel_int8(samples[None])[0]
    for again in (False, True):
        hops = iter(samples.reshape(-1, 320))
        result, untouched = push(library, next(hops))
        assert result == 0 and (untouched == 0x5A).all()
        for frame, hop in zip(expected, hops, strict=True):
            result, features = push(library, hop)
            assert result == STREAMING.mels and (features == frame).all()
        if not again:
            library.tdl_frontend_reset()


@pytest.mark.parametrize("count", [0, 1, 319, 321, 640, 2**32 + 320])
def test_another_count_than_the_hop_changes_nothing(library, count):
    hops = np.random.default_rng(0).integers(-20000, 20000, (3, 320)).astype(np.int16)
    push(library, hops[0])
    result, untouched = push(library, hops[2], count)
    assert result == -1 and (untouched == 0x5A).all()
    assert (push(library, hops[1])[1] == audio.log_mel_int8(hops[:2].reshape(1, -1))[0, 0]).all()


def test_the_same_front_end_gives_the_same_c():
    one, other = (emit_frontend(FrontEnd(mels=17)).files for _ in range(2))
    assert one == other
    assert "float" not in one["tdl_frontend_tables.c"].split("*/", 1)[1]
