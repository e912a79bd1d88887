"""Tables, pictures and pages: what a reader sees, and that nothing half-written is left."""

import numpy as np
import pytest

from tdl_course import report
from tdl_course.picture import BLUE
from tdl_course.report.page import write_page
from tdl_course.table import labelled_table


def test_table_prints_aligned_and_escapes_html():
    table = report.Table("Sizes <b>", ("what", "bytes"), (("a & b", "1,200"), ("c", "3")))
    assert str(table).splitlines()[3].endswith("1,200")
    assert "Sizes &lt;b&gt;" in table._repr_html_()
    assert "a &amp; b" in table._repr_html_()


@pytest.mark.parametrize(
    ("value", "text"), [(0, "0 J"), (1.5e-4, "150 µJ"), (9.996, "10.0 J"), (999.9e-6, "1000 µJ"), (-0.002, "-2.00 mJ")]
)
def test_si(value, text):
    assert report.si(value, "J") == text


def test_unknown_label_is_refused():
    with pytest.raises(ValueError, match="measured"):
        labelled_table("T", [("flash", "3 B", "", "guessed")])


def test_pictures_carry_their_sentence_as_alt_text_and_caption():
    picture = report.histogram(np.arange(100.0), bins=10, xlabel="weight", title="Weights")
    assert picture.png.startswith(b"\x89PNG")
    page = picture._repr_html_()
    assert page.count("100 values from 0 to 99") == 2
    assert '<img alt="Weights' in page


def test_marks_of_a_histogram_differ_from_its_bars_and_from_each_other(monkeypatch):
    monkeypatch.setattr("tdl_course.report.plots.picture", lambda fig, words: fig)
    marks = {"a": 1.0, "b": 2.0, "c": 3.0, "d": 4.0}
    lines = report.histogram(np.arange(10.0), marks=marks).axes[0].lines
    assert len({line.get_color() for line in lines} - {BLUE}) == len(marks)
    assert len({line.get_linestyle() for line in lines}) == len(marks)


def test_large_numbers_are_written_out_in_words():
    words = report.bars({"constants": 12872.0, "share": 0.62957}, ylabel="bytes", budget=16384).words
    assert "constants 12,872, share 0.6296" in words and "The budget is 16,384." in words


def test_same_data_gives_the_same_picture():
    one, two = (report.bars({"a": 1.0, "b": 2.0}, ylabel="KB", budget=3.0) for _ in range(2))
    assert one.png == two.png


def test_a_gallery_names_its_pictures():
    pictures = {"well": np.zeros((4, 8, 3)), "ill": np.ones((4, 8, 3))}
    picture = report.gallery(pictures, "Leaves")
    assert picture.png[:4] == b"\x89PNG" and picture.words == "Leaves: well, ill."


def test_confusion_words_are_the_recalls():
    picture = report.confusion(np.array([[8, 2], [1, 9]]), ["no", "yes"])
    assert "no 80.0%" in picture.words and "yes 90.0%" in picture.words


def test_page_is_self_contained_and_replaced_whole(tmp_path):
    path = tmp_path / "out" / "report.html"
    table = report.Table("T", ("x",), (("1",),))
    write_page(path, "Report & more", [("Part", ["words", table])], banner="SYNTHETIC")
    text = path.read_text("utf-8")
    assert "Report &amp; more" in text and "SYNTHETIC" in text and "<td" in text
    assert "http" not in text
    assert [p.name for p in path.parent.iterdir()] == ["report.html"]


def test_failed_write_keeps_the_old_page(tmp_path, monkeypatch):
    path = write_page(tmp_path / "report.html", "Old", [])

    def full(*args):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(OSError, match="No space left"):
        write_page(path, "New", [])
    assert "Old" in path.read_text("utf-8")
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]
