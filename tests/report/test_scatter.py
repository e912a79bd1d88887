"""The scatter plot: its sentence names the extremes, with or without a curve."""

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
