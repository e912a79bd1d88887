"""Scatter and spread: their sentences say what they show."""

import numpy as np
import pytest

from tdl_course import report

POINTS = {"short": (5.0, 25.0), "middle": (16.0, 14.5), "long": (32.0, 9.0)}


@pytest.mark.parametrize("curve", [None, ([5.0, 32.0], [24.0, 10.0])])
def test_scatter_names_the_lowest_and_the_highest_point(curve):
    drawn = report.scatter(POINTS, "MACs per output", "cycles per MAC", "Sums", curve)
    assert drawn.png.startswith(b"\x89PNG")
    assert "lowest is long with 9," in drawn.words and "highest short with 25 " in drawn.words
    assert drawn.words in drawn._repr_html_() and "MACs per output: 32 and 5" in drawn.words


def test_one_point_is_both():
    assert report.scatter({"only": (1.0, 2.0)}, "x", "y").words.count("only") == 2


def test_spread_gives_mean_and_deviation_of_the_runs():
    runs = {"trained": np.array([[0.8, 0.9], [0.6, 0.6]]), "rounded": np.array([[0.7], [0.1]])}
    drawn = report.spread([8, 2], runs, "bits", "accuracy", "Seeds")
    assert "trained goes from 0.85 ± 0.071 to 0.6 ± 0" in drawn.words and "rounded goes from 0.7 ± 0 to" in drawn.words
    assert drawn.png.startswith(b"\x89PNG")
    with pytest.raises(ValueError, match=r"'flat' is an array \[2\]; \[2, runs\] is needed"):
        report.spread([8, 2], {"flat": np.array([1.0, 2.0])}, "bits", "accuracy")
