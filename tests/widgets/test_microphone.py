"""The microphone's Python side: a sound is taken, what is none is refused in a sentence, and nothing is lost."""

import numpy as np
import pytest
import traitlets
from hypothesis import given
from hypothesis import strategies as st

from tdl_course.widgets import Microphone

CLIPS = {"short": np.arange(-800, 800, dtype=np.int16), "long": np.full(64000, 7, np.int16)}


def microphone() -> Microphone:
    return Microphone(CLIPS, seconds=0.5)


def from_browser(widget: Microphone, content: object, *buffers: bytes) -> None:
    """What ipywidgets calls when the page sends a message."""
    widget._handle_custom_msg(content, [memoryview(data) for data in buffers])


def test_it_opens_without_a_sound():
    widget = microphone()
    assert widget.source == "" and widget.samples == b"" and widget.sound.dtype == np.int16 and len(widget.sound) == 0
    assert widget.names == ("short", "long")


@pytest.mark.parametrize("name", CLIPS)
def test_a_clip_is_taken_whole_also_a_long_one(name):
    widget = microphone()
    from_browser(widget, {"clip": name})
    np.testing.assert_array_equal(widget.sound, CLIPS[name])
    assert widget.source == name and widget.status == f"Clip {name} chosen: {len(CLIPS[name]) / 16000:.2f} s."


@given(st.lists(st.integers(-32768, 32767), min_size=1, max_size=8000).map(lambda x: np.array(x, np.int16)))
def test_a_recording_arrives_sample_by_sample(sound):
    widget = microphone()
    from_browser(widget, {"recorded": True}, sound.astype("<i2").tobytes())
    np.testing.assert_array_equal(widget.sound, sound)
    assert widget.source == "microphone" and widget.status.startswith(f"Recorded {len(sound) / 16000:.2f} s")


@pytest.mark.parametrize(
    ("peak", "hint"), [(0, "very quiet"), (329, "very quiet"), (330, "microphone."), (32767, "too loud in places")]
)
def test_the_level_of_a_recording_is_judged(peak, hint):
    widget = microphone()
    widget.receive(np.full(100, -peak, "<i2").tobytes())
    assert hint in widget.status


def test_observers_see_sound_and_source_of_the_same_moment():
    widget = microphone()
    seen = []
    widget.observe(lambda change: seen.append((len(widget.sound), widget.source, widget.status)), names="samples")
    widget.use("short")
    widget.receive(bytes(200))
    assert [each[:2] for each in seen] == [(1600, "short"), (100, "microphone")]
    assert "Recorded 0.01 s" in seen[1][2]


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "nothing came from the browser; a recording has up to 0.50 s"),
        (b"abc", "3 bytes are no int16 samples"),
        (bytes(2 * 8001), "0.50 s came from the browser"),
        (bytes(2 * 16000), "1.00 s came from the browser; a recording has up to 0.50 s"),
    ],
)
def test_what_is_no_recording_is_refused_and_the_sound_before_stays(data, why):
    widget = microphone()
    widget.use("short")
    from_browser(widget, {"recorded": True}, data)
    assert widget.status.startswith(f"Not taken: {why}")
    assert widget.status.endswith("The sound of before stays: short.")
    assert widget.source == "short" and len(widget.sound) == 1600
    widget.use("long")
    assert widget.status.startswith("Clip long")


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["clip", "recorded", "x"]), inner, max_size=3)
    ),
    max_leaves=5,
)


@given(content=JSON, buffers=st.lists(st.binary(max_size=9), max_size=3))
def test_it_stays_usable_whatever_is_sent(content, buffers):
    widget = microphone()
    from_browser(widget, content, *buffers)
    if not (isinstance(content, dict) and content.get("recorded") is True and len(buffers) == 1):
        assert widget.samples == b"" and widget.status.startswith("Not taken: ")
    widget.use("short")
    assert widget.source == "short"


def test_the_trait_itself_takes_whole_samples_only():
    widget = microphone()
    widget.use("short")
    with pytest.raises(traitlets.TraitError, match="3 bytes are no int16 samples"):
        widget.set_state({"samples": b"abc", "source": "microphone"})
    assert widget.source == "short" and len(widget.sound) == 1600


def test_wrong_clips_are_refused():
    for wrong in (np.zeros(5), np.zeros((1, 5), np.int16), np.zeros(0, np.int16)):
        with pytest.raises(ValueError, match=r"clip 'it' is .*, allowed is int16\[n\]"):
            Microphone({"it": wrong})
    for arguments in (({},), (CLIPS, 0.0), (CLIPS, 1.0, 0)):
        with pytest.raises(ValueError, match="give one clip or more, and positive numbers"):
            Microphone(*arguments)
    with pytest.raises(ValueError, match="no clip 'other'; clips are short, long"):
        microphone().use("other")


def test_a_clip_is_a_copy():
    clip = np.ones(10, np.int16)
    widget = Microphone({"one": clip})
    clip[:] = 2
    widget.use("one")
    assert set(widget.sound) == {1}


def test_the_browsers_part_asks_nothing_of_the_network():
    for text in (Microphone._esm, Microphone._css):
        assert "http" not in str(text).replace("only on https", "") and "import " not in str(text)
