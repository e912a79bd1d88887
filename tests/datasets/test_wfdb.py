"""The WFDB reader against a writer of the same public formats, and against damage."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tdl_course.datasets import DatasetError
from tdl_course.datasets.wfdb import BEAT_CODES, read_beats, read_header, read_lead
from tests.datasets.records import atr_bytes, dat_bytes, header_text

TWELVE_BITS = st.integers(-2048, 2047)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(TWELVE_BITS, TWELVE_BITS), min_size=1, max_size=60))
def test_both_leads_come_back_from_format_212(pairs):
    first, second = np.array(pairs).T
    header = read_header(header_text("100", len(pairs)), "100")
    content = dat_bytes(first, second)
    assert np.allclose(read_lead(content, header, "MLII", "100"), (first - 1024) / 200)
    assert np.allclose(read_lead(content, header, "V5", "100"), (second - 1024) / 200)


@settings(max_examples=50, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 200_000), st.sampled_from(sorted(BEAT_CODES.values())))), st.booleans())
def test_beats_come_back_with_long_steps_and_comments(beats, rhythm):
    positions = 10 + np.cumsum([step for step, _ in beats]) if beats else np.array([], int)
    symbols = [symbol for _, symbol in beats]
    found, marks = read_beats(atr_bytes(positions, symbols, rhythm), "100")
    assert found.tolist() == positions.tolist() and marks == symbols


def test_a_known_annotation_file_byte_by_byte():
    content = bytes.fromhex("12 70  03 fc 28 4e 00 00  3b 04  00 ec 01 00 02 00  01 14  00 00")
    found, marks = read_beats(content, "100")
    # rhythm at 18 with the text "(N"; N 59 later; SKIP of 0x10002; V 1 later; end
    assert found.tolist() == [77, 77 + 0x10002 + 1] and marks == ["N", "V"]


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=60))
def test_any_bytes_give_beats_or_a_dataset_error(content):
    try:
        positions, symbols = read_beats(content, "100")
    except DatasetError:
        return
    assert len(positions) == len(symbols)


@settings(max_examples=100, deadline=None)
@given(st.text(max_size=80))
def test_any_text_gives_a_header_or_a_dataset_error(text):
    try:
        assert len(read_header(text, "100").leads) == 2
    except DatasetError as error:
        assert "100.hea" in str(error)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (header_text("100", 10, fmt="16"), "format 16, allowed is 212"),
        (header_text("100", 10, leads=("MLII",)), "1 leads"),
        ("", "not a WFDB header"),
    ],
)
def test_a_header_we_cannot_use_is_named(text, says):
    with pytest.raises(DatasetError, match=says):
        read_header(text, "100")


def test_a_short_file_or_a_missing_lead_is_named():
    header = read_header(header_text("100", 4), "100")
    with pytest.raises(DatasetError, match="11 bytes, 4 samples of 2 leads need 12"):
        read_lead(bytes(11), header, "MLII", "100")
    with pytest.raises(DatasetError, match="no lead V1; it has MLII, V5"):
        read_lead(bytes(12), header, "V1", "100")
    with pytest.raises(DatasetError, match="cut short"):
        read_beats(atr_bytes([100], "N")[:-2], "100")


def test_gain_with_units_and_frequency_with_counter_are_read():
    header = read_header(header_text("100", 4, gain="200(0)/mV", hz="360/360(0)"), "100")
    assert header.sampling_hz == 360 and header.leads[0].counts_per_millivolt == 200
