"""Microphone: a sound of one's own from the browser, or one of the shipped clips, as int16 samples.

In: clips by name. Out: an anywidget whose `sound` follows what was recorded or chosen; `microphone.js` and
`microphone.css` are its part in the browser, and ask nothing of the network. This module knows no keyword and no
spectrum.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import anywidget
import numpy as np
import traitlets

MICROPHONE = "microphone"
LOUDEST = 32767
QUIET = 330  # -40 dB of full scale: speech into a microphone that works is louder
HERE = Path(__file__)


class Microphone(anywidget.AnyWidget):
    """Record a sound in the browser, or choose a clip; listen to it.

    Parameters
    ----------
    clips : mapping of name to int16 array [n]
        What can be chosen where there is no microphone: at least one.
    seconds : float
        How long a recording is; it can be stopped earlier.
    sampling_hz : int
        Of the clips; a recording is brought to it in the browser.

    Attributes
    ----------
    samples : bytes
        The sound, int16 with the lower byte first; empty before the first one. Observe this one.
    source : str
        "microphone", the name of a clip, or "" before the first sound.
    status : str
        One or two sentences on what happened last. What is wrong with a sound is said here, and the one before stays.

    Raises
    ------
    ValueError
        No clips, a clip that is not int16 [n], a length or rate that is not positive.

    Examples
    --------
    >>> microphone = Microphone({"silence": np.zeros(16000, np.int16)})
    >>> microphone.use("silence")
    >>> microphone.source, len(microphone.sound), microphone.status
    ('silence', 16000, 'Clip silence chosen: 1.00 s.')
    """

    _esm = HERE.with_suffix(".js")
    _css = HERE.with_suffix(".css")
    samples = traitlets.Bytes(b"").tag(sync=True)
    source = traitlets.Unicode("").tag(sync=True)
    status = traitlets.Unicode("Nothing recorded yet.").tag(sync=True)
    names = traitlets.Tuple().tag(sync=True)
    seconds = traitlets.Float().tag(sync=True)
    sampling_hz = traitlets.Int().tag(sync=True)

    def __init__(self, clips: Mapping[str, np.ndarray], seconds: float = 2.0, sampling_hz: int = 16000) -> None:
        if not clips or not seconds > 0 or not sampling_hz > 0:
            raise ValueError(
                f"{len(clips)} clips, {seconds} s at {sampling_hz} Hz; give one clip or more, and positive numbers"
            )
        for name, clip in clips.items():
            if clip.dtype != np.int16 or clip.ndim != 1 or not len(clip):
                raise ValueError(f"clip {name!r} is {clip.dtype}{list(clip.shape)}, allowed is int16[n] with n >= 1")
        self.clips = {name: clip.copy() for name, clip in clips.items()}
        super().__init__(names=tuple(self.clips), seconds=seconds, sampling_hz=sampling_hz)
        self.on_msg(self._on_message)

    @property
    def sound(self) -> np.ndarray:
        """The samples as int16 [n]."""
        return np.frombuffer(self.samples, "<i2").astype(np.int16)

    def use(self, name: str) -> None:
        """Take the clip of that name; raises ValueError where there is none."""
        if name not in self.clips:
            raise ValueError(f"no clip {name!r}; clips are {', '.join(self.clips)}")
        clip = self.clips[name]
        self._take(clip.astype("<i2").tobytes(), name, f"Clip {name} chosen: {len(clip) / self.sampling_hz:.2f} s.")

    def receive(self, data: bytes) -> None:
        """Take what the browser recorded; raises ValueError where that cannot be a recording."""
        sound = np.frombuffer(whole(data), "<i2").astype(np.int32)
        most = round(self.seconds * self.sampling_hz)
        if not 1 <= len(sound) <= most:
            seen = "nothing" if not len(sound) else f"{len(sound) / self.sampling_hz:.2f} s"
            raise ValueError(f"{seen} came from the browser; a recording has up to {self.seconds:.2f} s")
        peak = int(np.abs(sound).max())
        hint = ""
        if peak >= LOUDEST:
            hint = " It was too loud in places: speak from further away."
        elif peak < QUIET:
            hint = " It is very quiet: is the right microphone chosen in the browser, and not muted?"
        said = f"Recorded {len(sound) / self.sampling_hz:.2f} s from the microphone.{hint}"
        self._take(bytes(data), MICROPHONE, said)

    @traitlets.validate("samples")
    def _validate_samples(self, proposal: traitlets.Bunch) -> bytes:
        try:
            return whole(proposal.value)
        except ValueError as error:
            raise traitlets.TraitError(str(error)) from error

    def _take(self, samples: bytes, source: str, status: str) -> None:
        with self.hold_trait_notifications():  # who observes one sees all of them new; the page has the sentence first
            self.status, self.source, self.samples = status, source, samples

    def _on_message(self, _: object, content: object, buffers: list[memoryview]) -> None:
        """`{"clip": name}`, or `{"recorded": true}` and one buffer; a sentence in `status` for anything else."""
        try:
            if isinstance(content, dict) and isinstance(content.get("clip"), str):
                self.use(content["clip"])
            elif isinstance(content, dict) and content.get("recorded") is True and len(buffers) == 1:
                self.receive(bytes(buffers[0]))
            else:
                raise ValueError("a message came from the browser that is neither a sound nor the name of a clip")
        except ValueError as error:
            kept = f" The sound of before stays: {self.source}." if self.source else ""
            self.status = f"Not taken: {error}.{kept}"


def whole(data: bytes) -> bytes:
    """`data` if it can be int16 samples; raises ValueError where half a sample is left over."""
    if len(data) % 2:
        raise ValueError(f"{len(data)} bytes are no int16 samples: a sample has two")
    return data
