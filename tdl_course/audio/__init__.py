"""audio: sound to a log-mel spectrogram, in float and in the integers of a device; and a stream of them to detections.

In: int16 samples and a `FrontEnd`. Out: float32 or int8 [n, frames, mels]. The float one is the reference of the
integer one, and `firmware/frontend` computes the same bytes as that in C. `spot` says where in a stream a keyword is,
`compose` makes long recordings, `judge` counts what was found in them.
"""

from __future__ import annotations

from tdl_course.audio.augmentation import mix_at_snr, moved
from tdl_course.audio.constants import Tables, tables
from tdl_course.audio.evaluation import StreamingScore, judge, operating_curve
from tdl_course.audio.front_end import STREAMING, FrontEnd
from tdl_course.audio.integer import log_mel_int8
from tdl_course.audio.recording import Recording, Word, compose, speech_span
from tdl_course.audio.reference import hann_window, hz_to_mel, log_mel, mel_filters, mel_to_hz
from tdl_course.audio.streaming import Detection, Spotter, input_map, network_inputs, smoothed_sums, spot

__all__ = [
    "Detection",
    "FrontEnd",
    "Recording",
    "STREAMING",
    "Spotter",
    "StreamingScore",
    "Tables",
    "Word",
    "compose",
    "hann_window",
    "hz_to_mel",
    "input_map",
    "judge",
    "log_mel",
    "log_mel_int8",
    "mel_filters",
    "mel_to_hz",
    "mix_at_snr",
    "moved",
    "network_inputs",
    "operating_curve",
    "smoothed_sums",
    "speech_span",
    "spot",
    "tables",
]
