"""A keyword spotter of random weights and a sound to play to it: what it detects means nothing, and changes quickly."""

from __future__ import annotations

import numpy as np

from tdl_course.audio import STREAMING, Spotter
from tdl_course.graph import Graph, Op, Quantization, Tensor

FRAMES, LABELS, INPUT_SCALE, INPUT_ZERO = 7, 5, 4 / 255, -1
LOW = Spotter(threshold=90, smoothing=2, refractory=4, stride=2)


def affine(scale: float, zero_point: int = 0) -> Quantization:
    return Quantization(np.array([scale], np.float32), np.array([zero_point]), 0)


def network(mels: int = STREAMING.mels, labels: int = LABELS) -> Graph:
    """Random weights of one layer and a softmax, whose outputs change from window to window."""
    rng = np.random.default_rng(5)
    inputs = FRAMES * mels
    weights = rng.integers(-127, 128, (labels, inputs)).astype(np.int8)
    bias = np.zeros(labels, np.int32)
    tensors = (
        Tensor("x", (1, inputs), "int8", affine(INPUT_SCALE, INPUT_ZERO)),
        Tensor("w", weights.shape, "int8", affine(0.002), weights),
        Tensor("b", bias.shape, "int32", affine(0.002 * INPUT_SCALE), bias),
        Tensor("logits", (1, labels), "int8", affine(0.05)),
        Tensor("y", (1, labels), "int8", affine(1 / 256, -128)),
    )
    ops = (
        Op("FULLY_CONNECTED", (0, 1, 2), (3,), {"fused_activation_function": "NONE"}),
        Op("SOFTMAX", (3,), (4,), {"beta": 1.0}),
    )
    return Graph("words", tensors, ops, (0,), (4,))


def sound(seconds: float, seed: int = 0) -> np.ndarray:
    """Noise whose level and colour change every 60 ms."""
    rng = np.random.default_rng(seed)
    pieces = []
    for _ in range(round(seconds / 0.06)):
        tone = np.sin(2 * np.pi * rng.uniform(100, 7000) * np.arange(960) / 16000)
        pieces.append(10 ** rng.uniform(0, 4) * (tone + rng.normal(0, 0.3, 960)))
    return np.clip(np.concatenate(pieces), -32768, 32767).astype(np.int16)
