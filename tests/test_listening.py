"""A network that listens, on the simulated device: real words in a long recording, in 32 KiB, in real time."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tdl_course import audio, datasets, deploy_spotter, models
from tdl_course.boards import NOT_KNOWN
from tdl_course.energy import STM32L412

pytestmark = [pytest.mark.sim, pytest.mark.slow]


@pytest.fixture(scope="module")
def words():
    return datasets.load("keywords", source="synthetic")


@pytest.fixture(scope="module")
def listener(words):
    return deploy_spotter(models.load("keywords_dscnn", words, progress=False), words.x_train[::4], board="tiny32k")


@pytest.fixture(scope="module")
def recording(words):
    spoken = words.y_test < 5
    clips = words.raw["test"]["x"]
    return audio.compose(clips[spoken], words.y_test[spoken], clips[~spoken])


def test_the_device_hears_what_its_twin_hears(listener, recording):
    part = recording.part(0, 20)
    for spotter in (listener.sources.spotter, audio.Spotter(threshold=100, smoothing=2, refractory=10, stride=7)):
        heard = listener.listen(part.samples, spotter)
        assert heard == listener.spot(part.samples, spotter)
        assert len(heard) >= 2


def test_the_device_computes_on_every_clip_what_the_host_computes(listener, words):
    device, host = (listener.network.run(words.x_test, simulator).outputs for simulator in ("unicorn", "host"))
    assert np.array_equal(device, host)


def test_it_keeps_up_in_32_kib(listener):
    assert listener.ram_bytes < 32 * 1024
    assert listener.real_time_factor(48e6) < 0.25
    assert listener.real_time_factor(48e6) == pytest.approx(3.5 * listener.real_time_factor(168e6))
    per_hop = listener.cycles_per_hop(stride=1)
    assert per_hop == listener.hop_cycles + listener.network.result.cycles
    assert listener.hop_cycles == 23_576


def test_it_finds_words_and_seldom_makes_them_up(listener, recording):
    curve = [score for _, score in listener.curve(recording)]
    found = [score.detection_rate for score in curve]
    assert max(found) > 0.7 and curve[0].false_accepts >= curve[-1].false_accepts
    assert any(score.detection_rate > 0.4 and score.false_accepts_per_hour < 60 for score in curve)


def test_what_listening_costs_goes_with_its_work(listener):
    cost, half = listener.energy(), listener.energy(STM32L412)
    assert cost.hop_seconds == pytest.approx(0.2)
    assert cost.load.typical == pytest.approx(listener.real_time_factor(), rel=1e-3)
    assert half.load.typical > cost.load.typical, "a slower clock is busy for longer"


def test_it_says_what_it_is(listener):
    said = str(listener.table())
    assert "real-time factor at 48 MHz" in said and f"{listener.ram_bytes:,} B" in said


def test_a_core_without_a_cycle_model_says_so(listener):
    unknown = replace(
        listener,
        hop_cycles=None,
        network=replace(listener.network, result=replace(listener.network.result, cycles=None)),
    )
    said = str(unknown.table())
    assert said.count(NOT_KNOWN) == 2 and "real-time factor" not in said
    with pytest.raises(ValueError, match="take stm32f405"):
        unknown.real_time_factor()
