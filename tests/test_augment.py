"""Augmentation: same shape and limits, its own changes only, and nothing where every strength is zero."""

import numpy as np
import pytest

from tdl_course import datasets
from tdl_course.augment import ImageChanges, NoChange, SignalChanges, SpectrogramChanges

SHAPES = {
    SignalChanges(channels=(0, 1)): (40, 32, 1, 3),
    SpectrogramChanges(band_mask=3, others_db=(0, 20)): (40, 25, 20, 1),
    ImageChanges(): (40, 16, 24, 3),
}
STILL = {
    SignalChanges(shift=0, amplitude=0, baseline=0, noise=0): (40, 32, 1, 3),
    SpectrogramChanges(shift=0, gain=0, noise=0, time_mask=0): (40, 25, 20, 1),
    NoChange(): (40, 16, 24, 3),
}


def samples(shape):
    return np.random.default_rng(1).uniform(-2, 2, shape).astype(np.float32)


@pytest.mark.parametrize("changes", SHAPES, ids=lambda changes: type(changes).__name__)
def test_changes_keep_shape_and_limits_and_follow_the_generator(changes):
    x = samples(SHAPES[changes])
    before = x.copy()
    changed, again, other = (changes(x, np.random.default_rng(seed)) for seed in (0, 0, 1))
    assert changed.shape == x.shape and changed.dtype == np.float32 and np.abs(changed).max() <= 2.0
    assert np.array_equal(changed, again) and not np.array_equal(changed, other)
    assert np.array_equal(x, before), "the dataset's own samples stay as they are"


@pytest.mark.parametrize("changes", STILL, ids=lambda changes: type(changes).__name__)
def test_zero_strength_changes_nothing(changes):
    x = samples(STILL[changes])
    assert np.array_equal(changes(x, np.random.default_rng(0)), x)


def test_signals_leave_other_channels_alone():
    x = datasets.load("ecg", source="synthetic").x_train[:300]
    changed = SignalChanges()(x, np.random.default_rng(0))
    assert np.array_equal(changed[..., 1:], x[..., 1:]) and not np.array_equal(changed[..., 0], x[..., 0])


def test_images_are_mirrored_and_moved_as_a_whole():
    """Without changes of colour an image holds pixels of the original only, whole ones."""
    x = samples((60, 16, 24, 3))
    changed = ImageChanges(shift=1, brightness=0, tint=0)(x, np.random.default_rng(0))
    mirrored = 0
    for before, after in zip(x, changed, strict=True):
        pixels = {pixel.tobytes() for pixel in before.reshape(-1, 3)}
        assert {pixel.tobytes() for pixel in after.reshape(-1, 3)} <= pixels
        inner = after[2:-2, 2:-2]
        flips = [before, before[::-1], before[:, ::-1], before[::-1, ::-1]]
        moved = [
            np.array_equal(inner, f[2 + r : 14 + r, 2 + c : 22 + c])
            for f in flips
            for r in (-1, 0, 1)
            for c in (-1, 0, 1)
        ]
        assert sum(moved) == 1
        mirrored += moved.index(True) >= 9
    assert 30 < mirrored < 58, "about three of four are mirrored one way or the other"


def test_a_time_mask_erases_whole_frames():
    x = np.ones((200, 25, 20, 1), np.float32)
    changed = SpectrogramChanges(shift=0, gain=0, noise=0, time_mask=4)(x, np.random.default_rng(0))
    erased = (changed == 0).all(axis=(2, 3))
    assert (erased == (changed == 0).any(axis=(2, 3))).all()
    assert erased.sum(axis=1).max() == 4 and (erased.sum(axis=1) == 0).any()


def test_bands_are_erased_in_one_stretch():
    x = samples((200, 12, 20, 1))
    changed = SpectrogramChanges(0, 0, 0, time_mask=0, band_mask=3)(x, np.random.default_rng(0))
    erased = (changed == 0).all(axis=(1, 3))
    assert (erased == (changed == 0).any(axis=(1, 3))).all()
    assert erased.sum(axis=1).max() == 3 and (np.diff(erased.astype(int), axis=1) == 1).sum(axis=1).max() <= 1


def test_powers_of_what_others_say_add_up():
    """Two samples, each heard at the power of the other: both have twice the power, an octave more."""
    quiet = SpectrogramChanges(shift=0, gain=0, noise=0, time_mask=0, others_db=(0, 0))
    x = np.full((2, 5, 4, 1), 0.5, np.float32)
    assert np.allclose(quiet(x, np.random.default_rng(0)), 0.5 + 1 / 8)
    faint = SpectrogramChanges(shift=0, gain=0, noise=0, time_mask=0, others_db=(120, 120))
    assert np.allclose(faint(samples((8, 5, 4, 1)), np.random.default_rng(0)), samples((8, 5, 4, 1)), atol=1e-3)
