"""A network over time without training: two convolutions and a mean, with weights drawn once."""

import numpy as np

from tdl_course.compress.quantize import quantize_weights
from tdl_course.graph import Graph, Op, Quantization, Tensor


def chain(length=16, channels=2, hidden=6, classes=4, seed=0):
    """int8 [1, length, 1, channels] -> [1, classes]; the first convolution halves the length."""
    random = np.random.default_rng(seed)
    one, two = Quantization((0.05,), (0,)), Quantization((0.1,), (-3,))

    def weights(name, *shape):
        integers, quantization = quantize_weights(random.normal(0, 1, shape), 8, axis=0)
        return Tensor(name, shape, "int8", quantization, integers.astype(np.int8))

    def bias(name, count):
        data = random.integers(-500, 500, count).astype(np.int32)
        return Tensor(name, (count,), "int32", Quantization((0.001,) * count, (0,) * count), data)

    tensors = (
        Tensor("x", (1, length, 1, channels), "int8", one),
        weights("w0", hidden, 3, 1, channels),
        bias("b0", hidden),
        Tensor("h", (1, length // 2, 1, hidden), "int8", two),
        weights("w1", classes, 1, 1, hidden),
        bias("b1", classes),
        Tensor("y", (1, length // 2, 1, classes), "int8", two),
        Tensor("axes", (2,), "int32", None, np.array([1, 2], np.int32)),
        Tensor("m", (1, classes), "int8", two),
    )
    options = {"padding": "SAME", "stride_w": 1, "dilation_w_factor": 1, "dilation_h_factor": 1}
    options |= {"fused_activation_function": "NONE"}
    ops = (
        Op("CONV_2D", (0, 1, 2), (3,), options | {"stride_h": 2}),
        Op("CONV_2D", (3, 4, 5), (6,), options | {"stride_h": 1}),
        Op("MEAN", (6, 7), (8,), {"keep_dims": False}),
    )
    return Graph("chain", tensors, ops, (0,), (8,))
