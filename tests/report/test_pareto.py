"""Variants, their Pareto front, the ledger of lessons, and the two pictures."""

from __future__ import annotations

import io
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.image import imread

from tdl_course import report
from tdl_course.picture import figure
from tdl_course.report.labels import common, place_labels
from tdl_course.report.variants import COSTS, Variant

BASE = Variant("int8", "05", "ppg", 0.80, 0.75, 0.85, 20_000, 4_000, 100_000, baseline=True)
SMALL = replace(BASE, name="codebook", accuracy=0.78, flash_bytes=11_000, cycles=150_000, baseline=False)
POOR = replace(BASE, name="int4", accuracy=0.76, flash_bytes=12_000, cycles=160_000, baseline=False)


@st.composite
def variants(draw: st.DrawFn) -> list[Variant]:
    """Few different numbers, so that many are equal."""
    number = st.tuples(st.integers(0, 4), st.integers(1, 5), st.integers(1, 5), st.integers(1, 5))
    drawn = draw(st.lists(number, min_size=1, max_size=12))
    return [
        Variant(f"v{i}", "05", "ppg", share / 4, share / 5, 1.0, flash, ram, cycles, baseline=i == 0)
        for i, (share, flash, ram, cycles) in enumerate(drawn)
    ]


def dominates(a: Variant, b: Variant, cost: str) -> bool:
    as_good = a.accuracy >= b.accuracy and getattr(a, cost) <= getattr(b, cost)
    return as_good and (a.accuracy > b.accuracy or getattr(a, cost) < getattr(b, cost))


@given(variants(), st.sampled_from(COSTS))
def test_the_front_is_what_nothing_dominates(drawn: list[Variant], cost: str) -> None:
    front = report.pareto_front(drawn, cost)
    assert set(front) == {v for v in drawn if not any(dominates(other, v, cost) for other in drawn)}
    assert len(front) == len(set(front))
    costs = [getattr(v, cost) for v in front]
    assert costs == sorted(costs)


@settings(max_examples=4)
@given(variants())
def test_the_sentence_names_the_front(drawn: list[Variant]) -> None:
    drawn_picture = report.pareto(drawn, "Ours")
    assert drawn_picture.words.startswith(f"Ours: of {len(drawn)} variants, on the Pareto front are by flash ")
    by_flash, by_cycles = drawn_picture.words.split("; by cycles ")
    for words, cost in ((by_flash, "flash_bytes"), (by_cycles, "cycles")):
        named = {v.name for v in drawn if f"{v.name} (" in words}
        assert named == {v.name for v in report.pareto_front(drawn, cost)}


@pytest.mark.parametrize("count", [1, 3, 8, 15])
def test_a_picture_of_any_number(count: int) -> None:
    many = [replace(BASE, name=f"variant {i}", flash_bytes=20_000 - 999 * i, cycles=10**5 + i) for i in range(count)]
    pixels = imread(io.BytesIO(report.pareto(many).png))
    assert pixels.shape[1] > 1000 and pixels.shape[0] > 400


def test_synthetic_data_is_said() -> None:
    synthetic = [replace(v, synthetic=True) for v in (BASE, SMALL)]
    assert "on synthetic data" in report.pareto(synthetic).words
    assert "05 ppg (synthetic) (2 variants" in report.pareto_of_lessons(synthetic).words


def test_lessons_are_compared_with_their_own_baselines() -> None:
    other = [replace(v, lesson="03", dataset="activity") for v in (BASE, POOR)]
    words = report.pareto_of_lessons([BASE, SMALL, *other]).words
    assert "lesson 03 activity (2 variants; smallest int4, 0.60 times the flash, -4.0 points; fastest int8, " in words
    assert (
        "lesson 05 ppg (2 variants; smallest codebook, 0.55 times the flash, -2.0 points; fastest int8, 1.00" in words
    )


@settings(max_examples=12)
@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), min_size=1, max_size=8, unique=True))
def test_names_do_not_lie_on_each_other(points: list[tuple[int, int]]) -> None:
    fig, (ax,) = figure(width=6, height=5)
    ax.set(xlim=(-4, 13), ylim=(-4, 13))
    place_labels(fig, ax, points, [], ["a name"] * len(points))
    fig.draw_without_rendering()
    boxes = [text.get_window_extent().extents for text in ax.texts]
    assert len(boxes) == len(points)
    for i, box in enumerate(boxes):
        assert all(common(tuple(box), tuple(other)) < 0.1 * np.prod(box[2:] - box[:2]) for other in boxes[:i])


def test_the_ledger_keeps_lessons_apart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TDL_CACHE", str(tmp_path))
    assert report.kept_variants() == ()
    other = replace(BASE, lesson="03", dataset="activity", synthetic=True)
    report.keep_variants([BASE, SMALL, POOR])
    report.keep_variants([other])
    path = report.keep_variants([BASE, SMALL])
    assert path == tmp_path / "variants" / "05.json"
    assert report.kept_variants() == (other, BASE, SMALL)


BROKEN = {
    "not JSON": "[{",
    "not a list of objects": "[3]",
    "a field is missing": json.dumps([{"name": "int8"}]),
    "a number is a string": json.dumps([{**vars(BASE), "cycles": "many"}]),
    "a flag is a string": json.dumps([{**vars(BASE), "synthetic": "no"}]),
    "a share above one": json.dumps([{**vars(BASE), "high": 85}]),
    "no baseline": json.dumps([vars(SMALL)]),
    "not text": b"\xff\xfe\x00",
}


@pytest.mark.parametrize("content", BROKEN.values(), ids=BROKEN.keys())
def test_a_damaged_file_is_named(content: str | bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TDL_CACHE", str(tmp_path))
    path = report.keep_variants([BASE])
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(ValueError, match=r"05\.json is not what `keep_variants` writes .*Delete it, and run lesson 05"):
        report.kept_variants()


def test_refusals_say_what_to_do() -> None:
    with pytest.raises(ValueError, match="accuracy 80.*divide percentages by 100"):
        replace(BASE, accuracy=80.0, high=85.0)
    with pytest.raises(ValueError, match="cycles is 0; 1 or more"):
        replace(BASE, cycles=0)
    with pytest.raises(ValueError, match=r"lesson '\.\./05'"):
        replace(BASE, lesson="../05")
    with pytest.raises(ValueError, match="datasets leaf, ppg; give those of one"):
        report.pareto([BASE, replace(SMALL, dataset="leaf")])
    with pytest.raises(ValueError, match="cost 'joules': .* flash_bytes, ram_bytes, cycles"):
        report.pareto_front([BASE], "joules")
    with pytest.raises(ValueError, match="baselines of lesson 05 on 'ppg': none; one is needed"):
        report.keep_variants([SMALL])
    with pytest.raises(ValueError, match="variants of lessons 03, 05"):
        report.keep_variants([BASE, replace(SMALL, lesson="03")])
    with pytest.raises(ValueError, match="no variants"):
        report.pareto_of_lessons([])
