"""The stand-ins: repeatable, in the course-edition format, different for every person."""

import numpy as np
import pytest

from tdl_course.datasets import CARDS, synthetic


@pytest.mark.parametrize("name", sorted(CARDS))
def test_same_seed_same_arrays_other_seed_others(name):
    first, again, other = synthetic.make(name, 1), synthetic.make(name, 1), synthetic.make(name, 2)
    for part in ("train", "test"):
        for spec in CARDS[name].arrays:
            array = first[part][spec.name]
            assert np.array_equal(array, again[part][spec.name])
            assert array.dtype == np.dtype(spec.dtype) and array.shape[1:] == spec.tail
        assert not np.array_equal(first[part]["x"][:50], other[part]["x"][:50])


def test_ectopic_beats_come_early_and_ventricular_ones_pause():
    raw = synthetic.make("ecg")["train"]
    ratios = raw["rr_ms"][:, :2] / raw["rr_ms"][:, 2:]
    before, after = (np.array([np.median(ratios[raw["y"] == label, side]) for label in range(3)]) for side in (0, 1))
    assert 0.95 < before[0] < 1.05 and before[1] < 0.9 and before[2] < 0.9
    assert after[2] > after[1] > 1.05
    overlap = np.quantile(ratios[raw["y"] == 1, 0], 0.95)
    assert overlap > np.quantile(ratios[raw["y"] == 0, 0], 0.05), "an honest overlap: timing alone does not tell all"
