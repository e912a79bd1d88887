"""Words to draw a case with: shapes, values, scales, windows, tensors of weighted operators.

Shapes, strides, padding, dilation, scales and zero points are drawn; the many values of a tensor come from a generator
whose seed is drawn, so that examples stay small. Output sizes are computed here, not by the code under test.
"""

from __future__ import annotations

import numpy as np
from build_graph import activation, constant, quantization
from hypothesis import strategies as st

from tdl_course.graph import Tensor

Shape = tuple[int, ...]

FUSED = st.sampled_from(["NONE", "RELU", "RELU6", "RELU_N1_TO_1"])
ZERO_POINT = st.integers(-128, 127)
SCALE = st.floats(-9, 1).map(lambda exponent: float(np.float32(2.0**exponent)))
SEED = st.integers(0, 2**32 - 1)


def int8_values(draw: st.DrawFn, shape: Shape, low: int = -128) -> np.ndarray:
    """Uniform values mostly; all lowest, all highest, or near one value sometimes."""
    kind = draw(st.sampled_from(["uniform", "uniform", "uniform", "lowest", "highest", "narrow"]))
    if kind in ("lowest", "highest"):
        return np.full(shape, low if kind == "lowest" else 127, np.int8)
    rng = np.random.default_rng(draw(SEED))
    if kind == "narrow":
        return np.clip(rng.integers(-3, 4, shape) + draw(ZERO_POINT), low, 127).astype(np.int8)
    return rng.integers(low, 128, shape).astype(np.int8)


def out_length(length: int, taps: int, stride: int, dilation: int, padding: str) -> int:
    """Number of windows that start inside (SAME) or lie inside (VALID)."""
    reach = (taps - 1) * dilation + 1
    return len(range(0, length if padding == "SAME" else length - reach + 1, stride))


def window_case(
    draw: st.DrawFn, dilated: bool
) -> tuple[dict[str, object], tuple[int, int], tuple[int, ...], list[int]]:
    """Options, kernel size, input shape [N, H, W] and output size; one in four is a signal along the height (W = 1)."""
    column = draw(st.sampled_from([False, False, False, True]))
    padding = draw(st.sampled_from(["SAME", "VALID"]))
    options: dict[str, object] = {"padding": padding, "fused_activation_function": draw(FUSED)}
    sizes, kernel, output = [draw(st.integers(1, 2))], [], []
    for axis in ("h", "w"):
        taps, stride = draw(st.integers(1, 5)), draw(st.integers(1, 4))
        gap = draw(st.integers(1, 3)) if dilated else 1
        taps = 1 if column and axis == "w" else taps
        least = 1 if padding == "SAME" else (taps - 1) * gap + 1
        length = 1 if column and axis == "w" else draw(st.integers(least, least + 9))
        options[f"stride_{axis}"] = stride
        if dilated:
            options[f"dilation_{axis}_factor"] = gap
        sizes.append(length)
        kernel.append(taps)
        output.append(out_length(length, taps, stride, gap, padding))
    return options, (kernel[0], kernel[1]), tuple(sizes), output


def weighted_tensors(
    draw: st.DrawFn,
    input_shape: tuple[int, ...],
    weight_shape: tuple[int, ...],
    axis: int,
    output_shape: tuple[int, ...],
) -> list[Tensor]:
    """Input, weights, perhaps a bias, output; the ratio of scales reaches from vanishing to over 1."""
    channels = weight_shape[axis]
    rng = np.random.default_rng(draw(SEED))
    source = activation("x", input_shape, draw(SCALE), draw(ZERO_POINT))
    count = channels if draw(st.booleans()) else 1
    scales = (draw(SCALE) * 2.0 ** rng.uniform(-6, 0, count)).astype(np.float32)
    ratio = 2.0 ** draw(st.one_of(st.floats(-12, -4), st.floats(-40, 6)))
    output_scale = float(np.clip(source.scale * float(scales.max()) / ratio, 1e-30, 1e30))
    tensors = [source, constant("w", int8_values(draw, weight_shape, -127), quantization(scales, 0, axis))]
    if draw(st.booleans()):
        bias_scales = np.float32(source.scale) * scales
        limit = draw(st.sampled_from([100, 10_000, 2**24]))
        values = rng.integers(-limit, limit, channels).astype(np.int32)
        tensors.append(constant("b", values, quantization(bias_scales)))
    return [*tensors, activation("y", output_shape, output_scale, draw(ZERO_POINT))]
