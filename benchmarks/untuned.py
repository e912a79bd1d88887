"""Layers of models that nobody tuned the kernels for, beside the cycles that TFLM + CMSIS-NN needs for such layers.

    python benchmarks/untuned.py [NAME ...]

Networks of common shapes (MobileNets, DS-CNN, autoencoders, one-dimensional convolutions, residuals, fire modules) with
random weights, quantized by TensorFlow's converter, built for stm32f405 and compared with TFLM. For every layer the
modelled cycles per multiply-accumulate stand beside the upper end of the range in benchmarks/peers.json. Exit status 1
where a layer is slower than that, or an output differs.
"""

from __future__ import annotations

import sys
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tensorflow import keras

from tdl_course import bench
from tdl_course.boards import board
from tdl_course.compiler import optimize, read_tflite
from tdl_course.export import to_tflite
from tdl_course.graph import Graph, Op
from tdl_course.table import Table

L = keras.layers
Tensor = keras.KerasTensor


def normalized(x: Tensor) -> Tensor:
    """Batch normalization that takes its statistics from the last batch: see `tflite`."""
    return L.BatchNormalization(momentum=0.0)(x)


def conv(x: Tensor, filters: int, size: int | tuple[int, int], strides: int | tuple[int, int] = 1) -> Tensor:
    x = L.Conv2D(filters, size, strides, padding="same", use_bias=False)(x)
    return L.ReLU(6.0)(normalized(x))


def depthwise(x: Tensor, size: int | tuple[int, int] = 3, strides: int = 1) -> Tensor:
    x = L.DepthwiseConv2D(size, strides, padding="same", use_bias=False)(x)
    return L.ReLU(6.0)(normalized(x))


def head(x: Tensor, classes: int) -> Tensor:
    return L.Dense(classes, activation="softmax")(L.GlobalAveragePooling2D()(x))


def mobilenet_v1(x: Tensor) -> Tensor:
    x = conv(x, 8, 3, 2)
    for filters, stride in ((16, 1), (32, 2), (32, 1), (64, 2), (64, 1), (128, 2), (128, 1), (256, 2)):
        x = conv(depthwise(x, 3, stride), filters, 1)
    return head(x, 10)


def mobilenet_v2(x: Tensor) -> Tensor:
    x = conv(x, 16, 3, 2)
    for filters, stride in ((8, 1), (12, 2), (12, 1), (20, 2), (20, 1), (36, 2), (36, 1)):
        wide = depthwise(conv(x, 6 * x.shape[-1], 1), 3, stride)
        narrow = normalized(L.Conv2D(filters, 1, use_bias=False)(wide))
        x = L.Add()([x, narrow]) if x.shape == narrow.shape else narrow
    return head(conv(x, 160, 1), 5)


def mobilenet_5x5(x: Tensor) -> Tensor:
    x = conv(x, 12, 3, 2)
    for filters, stride in ((20, 1), (30, 2), (42, 2), (42, 1)):
        x = conv(depthwise(x, 5, stride), filters, 1)
    return head(x, 4)


def ds_cnn_large(x: Tensor) -> Tensor:
    x = conv(x, 76, (10, 4), (2, 1))
    for stride in (2, 1, 1, 1):
        x = conv(depthwise(x, 3, stride), 76, 1)
    return head(x, 12)


def dense_autoencoder(x: Tensor) -> Tensor:
    for units in (96, 50, 12, 50, 96):
        x = L.Dense(units, activation="relu")(x)
    return L.Dense(320)(x)


def convolutional_autoencoder(x: Tensor) -> Tensor:
    for filters in (12, 20):
        x = conv(x, filters, 3, 2)
    for filters in (20, 12):
        x = L.UpSampling2D(interpolation="bilinear")(conv(x, filters, 3))
    return L.Conv2D(1, 3, padding="same")(x)


def signal_1d(x: Tensor) -> Tensor:
    x = conv(x, 16, (7, 1), (2, 1))
    x = L.MaxPooling2D((2, 1))(x)
    for filters in (24, 32):
        x = conv(depthwise(x, (5, 1)), filters, 1)
        x = conv(x, filters, (3, 1))
    return head(x, 3)


def resnet(x: Tensor) -> Tensor:
    x = conv(x, 24, 3)
    for filters, stride in ((24, 1), (40, 2), (56, 2)):
        y = normalized(L.Conv2D(filters, 3, padding="same")(conv(x, filters, 3, stride)))
        x = L.Add()([y, x if x.shape == y.shape else L.Conv2D(filters, 1, stride)(x)])
        x = L.ReLU()(x)
    return head(x, 10)


def squeezenet(x: Tensor) -> Tensor:
    x = L.MaxPooling2D(2)(conv(x, 32, 3, 2))
    for squeeze, expand in ((8, 32), (8, 32), (16, 64)):
        s = conv(x, squeeze, 1)
        x = L.Concatenate()([conv(s, expand, 1), conv(s, expand, 3)])
    return head(x, 5)


MODELS: dict[str, tuple[tuple[int, ...], Callable[[Tensor], Tensor]]] = {
    "mobilenet_v1": ((96, 96, 1), mobilenet_v1),
    "mobilenet_v2": ((64, 64, 3), mobilenet_v2),
    "mobilenet_5x5": ((48, 48, 3), mobilenet_5x5),
    "ds_cnn_large": ((49, 10, 1), ds_cnn_large),
    "dense_autoencoder": ((320,), dense_autoencoder),
    "convolutional_autoencoder": ((32, 32, 1), convolutional_autoencoder),
    "signal_1d": ((256, 1, 3), signal_1d),
    "resnet": ((24, 24, 3), resnet),
    "squeezenet": ((48, 48, 3), squeezenet),
}


@dataclass(frozen=True)
class Finding:
    """A layer's modelled cycles per MAC, and the most that TFLM + CMSIS-NN needs for one of its kind."""

    model: str
    layer: str
    kernel: str
    macs: int
    per_mac: float
    kind: str
    most: float


def tflite(name: str) -> bytes:
    """The model of that name, int8, random weights; the same bytes each time."""
    shape, body = MODELS[name]
    keras.utils.set_random_seed(7)
    inputs = keras.Input(shape)
    model = keras.Model(inputs, body(inputs), name=name)
    noise = np.random.default_rng(7).normal(size=(60, *shape)).astype(np.float32)
    model(noise, training=True)  # so that values keep their spread from layer to layer
    return to_tflite(model, noise)


def findings(name: str) -> tuple[bench.Measurement, list[Finding]]:
    """The model measured, and its layers of kinds that peers.json has."""
    content = tflite(name)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{name}.tflite"
        path.write_bytes(content)
        measured = bench.measure(path, board("stm32f405"), count=5)
    graph = optimize(read_tflite(content))
    return measured, list(compared(name, graph, measured))


def compared(name: str, graph: Graph, measured: bench.Measurement) -> Iterator[Finding]:
    ranges = bench.load_peers().cycles_per_mac
    for index, (op, layer) in enumerate(zip(graph.ops, measured.layers, strict=True)):
        kind = kind_of(graph, op)
        if kind:
            shape = "x".join(map(str, layer.output[1:]))
            what = f"{index} {op.kind} {shape}"
            yield Finding(name, what, layer.kernel, layer.macs, layer.cycles / layer.macs, kind, ranges[kind][1])


def kind_of(graph: Graph, op: Op) -> str | None:
    """The entry of peers.json for such a layer: the nearest one in taps where the window is another.

    None where there is none like it: fewer than 8 outputs or output channels, few inputs.
    """
    if graph.tensors[op.outputs[0]].shape[-1] < 8:
        return None
    if op.kind == "DEPTHWISE_CONV_2D":
        return "DEPTHWISE_CONV_2D 3x3"
    if op.kind == "FULLY_CONNECTED":
        return "FULLY_CONNECTED 640 to 128" if graph.tensors[op.inputs[1]].shape[1] >= 64 else None
    if op.kind != "CONV_2D":
        return None
    _, height, width, channels = graph.tensors[op.inputs[1]].shape
    taps = height * width * channels
    if channels <= 3 and taps > channels:
        return "first CONV_2D of kws" if channels == 1 and taps >= 40 else "first CONV_2D of vww"
    if height * width > 1 and taps >= 144:
        return "CONV_2D 3x3, 16 to 64 channels"
    steps = ((64, "64 input channels or more"), (32, "32 input channels"), (16, "16 input channels"))
    return f"CONV_2D 1x1, {next((text for least, text in steps if taps >= least), '8 input channels')}"


def main(names: list[str]) -> int:
    wrong, rows = 0, []
    for name in names or list(MODELS):
        measured, found = findings(name)
        wrong += measured.equal != measured.compared or not measured.device_equal
        per_mac = f"{measured.cycles / measured.macs:.2f}"
        rows.append((name, "whole", "", f"{measured.macs:,}", per_mac, "", bench.equality(measured)))
        for each in found:
            slower = each.per_mac > each.most
            wrong += slower
            verdict = "SLOWER" if slower else f"{each.most / each.per_mac:.1f} times"
            rows.append(
                (
                    "",
                    each.layer,
                    each.kernel,
                    f"{each.macs:,}",
                    f"{each.per_mac:.2f}",
                    f"{each.most:.1f} {each.kind}",
                    verdict,
                )
            )
    columns = (
        "model",
        "layer",
        "kernel",
        "MACs",
        "cycles/MAC",
        "TFLM + CMSIS-NN, at most",
        "faster by, or equal to TFLM",
    )
    print(Table("Models that nobody tuned for (cycles modelled)", columns, tuple(rows)))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
