"""The live spotter shows what the simulated device detects, hears a new sound by itself, and tells when they differ."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tdl_course import sim, toolchain
from tdl_course.compiler import emit_c, emit_spotter, plan_memory
from tdl_course.widgets import LiveSpotter
from tdl_course.widgets.spotting import with_quiet
from tests.random_spotter import LABELS, LOW, network, sound

pytestmark = pytest.mark.sim
NAMES = ("yes", "no", "stop", "go", "other")
CLIPS = {"first": sound(0.6, seed=1), "second": sound(0.4, seed=2)}


@pytest.fixture(scope="module")
def sources():
    graph = network()
    return emit_spotter(emit_c(graph, plan_memory(graph)), LOW)


@pytest.fixture(scope="module")
def elf(sources):
    return toolchain.build(sources)


@pytest.fixture(scope="module")
def box(elf, sources):
    return LiveSpotter(elf, sources, NAMES, CLIPS)


def assert_shows_what_the_device_hears(box: LiveSpotter) -> None:
    expected = sim.listen(box.elf, box.heard.samples, box.spotter)
    assert box.detections == expected
    said = [f"{NAMES[d.label]} after {d.time_ms / 1000:.2f} s (score {d.score})" for d in expected]
    assert f"The simulated Cortex-M4F heard {', '.join(said) or 'no keyword'}, in" in box.view.value


def test_it_opens_with_the_first_clip(elf, sources):
    box = LiveSpotter(elf, sources, NAMES, CLIPS)
    assert box.microphone.source == "first"
    assert len(box.detections) >= 1
    assert_shows_what_the_device_hears(box)


def test_a_new_sound_is_heard_by_itself(box):
    box.microphone.use("second")
    before = box.view.value
    box.microphone.receive(sound(0.9, seed=3).astype("<i2").tobytes())
    assert box.view.value != before
    assert_shows_what_the_device_hears(box)
    box.microphone._handle_custom_msg({"clip": "second"}, [])
    assert box.view.value == before


def test_while_the_device_listens_the_box_says_so(elf, sources):
    box = LiveSpotter(elf, sources, NAMES, CLIPS)
    shown = []
    box.view.observe(lambda change: shown.append("is listening" in change.new), names="value")
    box.microphone.use("second")
    box.threshold.value = 150
    box.threshold.value = LOW.threshold
    assert shown == [True, False, True, False, False]


def test_garbage_changes_nothing(box):
    before = box.view.value
    box.microphone._handle_custom_msg({"recorded": True}, [memoryview(b"abc")])
    assert box.view.value == before and "no int16 samples" in box.microphone.status


@settings(max_examples=6)
@given(threshold=st.integers(1, 255), smoothing=st.integers(1, 32), seed=st.integers(0, 99))
def test_detections_are_those_of_the_device(box, threshold, smoothing, seed):
    box.threshold.value, box.smoothing.value = threshold, smoothing
    box.microphone.receive(sound(0.3, seed).astype("<i2").tobytes())
    assert_shows_what_the_device_hears(box)


def test_a_slider_does_not_run_the_network_again(box):
    box.microphone.use("first")
    heard = box.heard
    box.threshold.value, box.smoothing.value = 70, 3
    assert box.heard is heard and "at threshold 70 with 3 outputs averaged" in box.view.value
    box.microphone.use("second")
    assert box.heard is not heard


def test_the_device_listens_once_for_each_setting(elf, sources, monkeypatch):
    calls, listen = [], sim.listen
    monkeypatch.setattr(sim, "listen", lambda *given: calls.append(given[2]) or listen(*given))
    box = LiveSpotter(elf, sources, NAMES, CLIPS)
    for threshold in (100, 90, 100):
        box.threshold.value = threshold
    assert [spotter.threshold for spotter in calls] == [90, 100]


def test_a_difference_between_device_and_computer_is_an_error(elf, sources, monkeypatch):
    monkeypatch.setattr(sim, "listen", lambda *given: ())
    box = LiveSpotter(elf, sources, NAMES, CLIPS)
    assert "heard no keyword, but the same integers on this computer give" in box.view.value
    assert "<img" not in box.view.value


@given(length=st.integers(1, 12000))
def test_short_sounds_get_quiet_and_long_ones_none(sources, length):
    given_sound = np.full(length, 5, np.int16)
    samples, quiet = with_quiet(given_sound, sources)
    window = 8 * 320
    assert quiet == (0 if length >= 2 * window else 8000)
    np.testing.assert_array_equal(samples[quiet : quiet + length], given_sound)
    assert len(samples) == length + 2 * quiet >= window
    assert np.count_nonzero(samples) == length


def test_labels_are_one_for_each_output(elf, sources):
    with pytest.raises(ValueError, match=f"2 labels for a network of {LABELS} outputs"):
        LiveSpotter(elf, sources, NAMES[:2], CLIPS)
