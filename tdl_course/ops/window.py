"""The geometry of a sliding window, shared by convolutions and poolings.

In: shapes and options. Out: `Window` (output size, padding) and, for the NumPy definitions, the padded input and views
of it, one for each tap of the window. Axes are NHWC. This module knows no arithmetic.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from tdl_course.graph import Op
from tdl_course.ops.check import positive_option, require
from tdl_course.ops.operator import Param

PADDINGS = ("SAME", "VALID")

MAX_REACH_INPUTS, MAX_REACH_EXTRA = 8, 256
"""A window may reach over 8 times the input and 256 values: beyond lies padding only, which needs memory too."""


@dataclass(frozen=True)
class Window:
    """A window of `kernel` taps, `dilation` apart, that moves by `stride` over an input; all pairs are (y, x)."""

    input: tuple[int, int]
    output: tuple[int, int]
    kernel: tuple[int, int]
    stride: tuple[int, int]
    dilation: tuple[int, int]
    pad: tuple[int, int]
    """Rows above and columns left of the input that the first window covers."""

    @property
    def is_column(self) -> bool:
        """True where everything is one value wide: a signal along the height."""
        return self.input[1] == self.output[1] == self.kernel[1] == 1

    @property
    def border(self) -> tuple[int, int, int, int]:
        """Rows above and below, columns left and right of the input that windows cover."""
        after = []
        for axis in range(2):
            reach = (self.kernel[axis] - 1) * self.dilation[axis] + 1
            covered = (self.output[axis] - 1) * self.stride[axis] + reach
            after.append(max(covered - self.pad[axis] - self.input[axis], 0))
        return self.pad[0], after[0], self.pad[1], after[1]

    def params(self) -> tuple[Param, ...]:
        """The fields that begin the parameter struct of each kernel with a window, in order.

        A signal along the height is handed over as one along the width. Its bytes are the same, and neighbouring taps
        then belong to one kernel row, over which the kernels run in one go.
        """
        pairs = (
            ("input", self.input),
            ("output", self.output),
            ("kernel", self.kernel),
            ("stride", self.stride),
            ("dilation", self.dilation),
            ("pad", self.pad),
        )
        return tuple(
            Param("int32_t", f"{name}_{axis}", value)
            for name, pair in pairs
            for axis, value in zip(("height", "width"), pair[::-1] if self.is_column else pair, strict=True)
        )


def window_of(op: Op, input_shape: tuple[int, ...], kernel: tuple[int, int]) -> Window:
    """Compute the window of `op` over an NHWC input.

    Raises
    ------
    OperatorError
        The padding is unknown, a stride or dilation is under 1, or the window is larger than an input without padding.
    """
    stride = (positive_option(op, "stride_h"), positive_option(op, "stride_w"))
    gaps = (positive_option(op, "dilation_h_factor", 1), positive_option(op, "dilation_w_factor", 1))
    dilation = (gaps[0] if kernel[0] > 1 else 1, gaps[1] if kernel[1] > 1 else 1)
    require(min(kernel) >= 1, op, f"the window is {kernel[0]} x {kernel[1]}; at least 1 x 1 is needed")
    padding = op.options.get("padding", "SAME")
    require(padding in PADDINGS, op, f"padding {padding!r} is unknown; use one of {', '.join(PADDINGS)}")
    given = _explicit_padding(op)
    size = (input_shape[1], input_shape[2])
    output, pad = [], []
    for axis, (length, taps, step, gap) in enumerate(zip(size, kernel, stride, dilation, strict=True)):
        reach = (taps - 1) * gap + 1
        require(
            reach <= MAX_REACH_INPUTS * length + MAX_REACH_EXTRA,
            op,
            f"the window reaches over {reach} values but the input has {length}; at most "
            f"{MAX_REACH_INPUTS * length + MAX_REACH_EXTRA} are supported, as nearly all of it would see padding only",
        )
        before, after = given[2 * axis : 2 * axis + 2] if given else (0, 0)
        inside = (length + before + after - reach) // step + 1
        count = -(-length // step) if padding == "SAME" and not given else inside
        require(
            count >= 1,
            op,
            f"the window reaches over {reach} values but the input has {length + before + after}, and padding is VALID",
        )
        output.append(count)
        pad.append(before if given else max((count - 1) * step + reach - length, 0) // 2)
    return Window(size, (output[0], output[1]), kernel, stride, dilation, (pad[0], pad[1]))


def _explicit_padding(op: Op) -> tuple[int, ...]:
    """Rows above and below, columns left and right that take the place of "padding"; () where none are given.

    No file has this option: the pass that merges PAD with the convolution behind it writes it.
    """
    given = op.options.get("explicit_padding", ())
    fits = isinstance(given, tuple) and len(given) in (0, 4) and all(isinstance(n, int) and n >= 0 for n in given)
    require(fits, op, f"explicit_padding is {given!r}; (top, bottom, left, right), none negative, is needed")
    assert isinstance(given, tuple)
    return given


def padded(x: np.ndarray, window: Window, value: int) -> np.ndarray:
    """`x` (NHWC) with `value` around it, wide enough for every tap of every window."""
    top, bottom, left, right = window.border
    return np.pad(x, [(0, 0), (top, bottom), (left, right), (0, 0)], constant_values=value)


def taps(x: np.ndarray, window: Window) -> Iterator[tuple[int, int, np.ndarray]]:
    """For each tap (ky, kx), the view of padded `x` that it sees: [batches, output_height, output_width, channels]."""
    height, width = window.output
    for ky in range(window.kernel[0]):
        top = ky * window.dilation[0]
        rows = slice(top, top + (height - 1) * window.stride[0] + 1, window.stride[0])
        for kx in range(window.kernel[1]):
            left = kx * window.dilation[1]
            yield ky, kx, x[:, rows, left : left + (width - 1) * window.stride[1] + 1 : window.stride[1], :]
