"""Quantization-aware training: grids, gradients, and the way to the device."""

from functools import cache

import numpy as np
import pytest

from tdl_course import compiler, export, models, sim
from tdl_course.compress import kernel_maps, qat
from tdl_course.compress.fold import fold_batch_norms
from tdl_course.compress.quantize import affine_params, fake_quantize, quantize_weights
from tdl_course.models import keras, tf
from tests.compress.networks import images, network

BITS = [2, 3, 4, 8]


def kernel_of(shape=(3, 3, 4, 6), seed=0):
    return np.random.default_rng(seed).normal(0, 0.3, shape).astype(np.float32)


@pytest.mark.parametrize("bits", BITS)
def test_steps_by_the_largest_weight_round_as_quantize_weights_does(bits):
    kernel = kernel_of()
    rounded = qat.FakeQuantizedKernel(kernel, (3,), bits, "max")
    integers, quantization = quantize_weights(kernel, bits, axis=3)
    grid = rounded.grid(kernel)
    assert (grid.integers == integers).mean() > 0.995, "ties may fall either way in float32"
    assert np.allclose(grid.steps, quantization.scale, rtol=1e-6)
    assert np.allclose(np.asarray(rounded(kernel)), grid.integers * grid.steps, atol=1e-6)


@pytest.mark.parametrize("steps", ["max", "learned"])
@pytest.mark.parametrize("bits", BITS)
def test_a_channel_has_at_most_as_many_values_as_its_bits_allow(bits, steps):
    kernel = kernel_of()
    values = np.asarray(qat.FakeQuantizedKernel(kernel, (3,), bits, steps)(kernel))
    assert max(len(np.unique(values[..., c])) for c in range(6)) <= 2**bits - 1
    assert np.abs(values - kernel).mean() < 0.3 * 2.0 ** (2 - bits)


def test_the_gradient_of_rounding_is_one_inside_and_zero_where_the_grid_ends():
    kernel = kernel_of((40, 1))
    rounded = qat.FakeQuantizedKernel(kernel, (1,), 3, "learned")
    rounded.learned.assign([[0.1]])
    with tf.GradientTape() as tape:
        variable = tf.Variable(kernel)
        loss = tf.reduce_sum(rounded(variable))
    inside = np.abs(kernel) < 0.3
    assert 0.3 < inside.mean() < 0.9
    assert np.allclose(tape.gradient(loss, variable), inside.astype(np.float32), atol=1e-6)


def test_the_gradient_of_a_learned_step_is_that_of_the_paper():
    """Esser et al., equation 3: round(v/s) - v/s inside, the grid's end outside; scaled as in their section 2.2."""
    kernel = kernel_of((50, 1))
    rounded = qat.FakeQuantizedKernel(kernel, (1,), 3, "learned")
    rounded.learned.assign([[0.1]])
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(rounded(kernel))
    v = kernel / np.float32(0.1)
    slope = np.where(np.abs(v) < 3, np.rint(v) - v, 3 * np.sign(v)).sum() / np.sqrt(50 * 3)
    assert np.isclose(float(tape.gradient(loss, rounded.learned.value)[0, 0]), slope, rtol=1e-3)


def test_first_steps_lose_no_more_than_steps_by_the_largest_weight():
    kernel = kernel_of()
    kernel[0, 0, 0] *= 8  # an outlier in every channel
    errors = {
        steps: np.square(np.asarray(qat.FakeQuantizedKernel(kernel, (3,), 3, steps)(kernel)) - kernel).mean()
        for steps in ("max", "learned")
    }
    assert errors["learned"] < 0.9 * errors["max"]


@pytest.mark.parametrize("bits", BITS)
def test_first_steps_are_the_best_of_those_tried_on_the_grid_of_the_weights(bits):
    column = kernel_of((60, 1), seed=bits)
    (found,) = qat.first_steps(column, (0,), bits).ravel()

    highest = 2 ** (bits - 1) - 1
    steps = np.abs(column).max() / highest * np.linspace(0.1, 1, 91)
    errors = [np.square(s * np.clip(np.rint(column / s), -highest, highest) - column).sum() for s in steps]
    assert np.isclose(found, steps[int(np.argmin(errors))], rtol=1e-5)


@pytest.mark.parametrize("bits", BITS)
def test_activations_round_as_the_affine_quantizer_does(bits):
    x = np.linspace(-1.5, 4.0, 301, dtype=np.float32)
    layer = qat.FakeQuantize(-1.0, 3.0, bits)
    scale, zero_point = affine_params(-1.0, 3.0, bits)
    wanted = fake_quantize(x, scale, zero_point, bits)
    found = np.asarray(layer(x))
    assert len(np.unique(found)) <= 2**bits
    assert (np.abs(found - wanted) < 1e-3 * scale).mean() > 0.98 and np.abs(found - wanted).max() < 1.01 * scale


def test_ranges_move_while_training_only_and_learned_ones_have_gradients():
    x = np.linspace(-2, 6, 100, dtype=np.float32)
    moving = qat.FakeQuantize(-1.0, 1.0)
    moving(x)
    assert np.allclose(moving.range, [-1, 1])
    moving(x, training=True)
    assert np.allclose(moving.range, [0.95 * -1 + 0.05 * -2, 0.95 * 1 + 0.05 * 6])
    learned = qat.FakeQuantize(-1.0, 1.0, ranges="learned")
    with tf.GradientTape() as tape:
        loss = tf.reduce_sum(learned(x, training=True))
    assert np.all(np.asarray(tape.gradient(loss, learned.range.value)) > 0) and np.allclose(learned.range, [-1, 1])


@cache
def trained(weight_bits, steps="learned"):
    bits = dict(weight_bits) if isinstance(weight_bits, tuple) else weight_bits
    model = qat.prepare(network(), images(), bits, steps=steps)
    model.compile(keras.optimizers.Adam(1e-2), "sparse_categorical_crossentropy", jit_compile=False)
    model.fit(images(), np.arange(64) % 3, epochs=2, verbose=0)
    return model


def test_eight_bits_are_close_to_float_and_layers_keep_their_names():
    model = network()
    prepared = qat.prepare(model, images())
    assert np.abs(models.predict(prepared, images()) - models.predict(model, images())).max() < 0.05
    names = [layer.name for layer in prepared.layers]
    ranges = [name for name in names if name.endswith("_range")]
    assert {"sum_range", "side_range", "join_range"} <= set(ranges) and "last_range" not in ranges
    assert "first_range" not in ranges, "the ReLU behind it cuts its values"
    assert set(names) - set(ranges) == {layer.name for layer in model.layers if "batch" not in layer.name}


@pytest.mark.parametrize("bits", [2, 4, 6, (("first", 4), ("pointwise", 2))], ids=str)
def test_the_file_holds_the_trained_integers(bits):
    model = trained(bits)
    graph = compiler.read_tflite(export.to_tflite(model, images()))
    grids = qat.weight_grids(model)
    stored = [graph.tensors[op.inputs[1]] for op in graph.ops if op.kind.endswith(("CONV_2D", "CONNECTED"))]
    assert len(stored) == len(grids) == 5
    for grid in grids.values():
        (found,) = [t for t in stored if np.array_equal(np.sort(t.data, axis=None), np.sort(grid.integers, axis=None))]
        assert found.dtype == ("int4" if grid.bits <= 4 else "int8")
        assert np.allclose(found.quantization.scale, grid.steps, rtol=1e-6)


def test_the_device_decides_as_the_trained_network_does(need):
    """int4 weights as C on this computer, against Keras with the same rounding, and against TFLM bit for bit."""
    model = trained(4)
    tflite = export.to_tflite(model, images())
    graph = compiler.read_tflite(tflite)
    source, target = (graph.tensors[i[0]] for i in (graph.inputs, graph.outputs))
    x = np.clip(np.rint(images(40, seed=5) / source.scale) + source.zero_point, -128, 127).astype(np.int8)
    found = np.stack([compiler.interpret(graph, sample[None])[0].ravel() for sample in x])
    real = (found.astype(np.float32) - target.zero_point) * target.scale
    keras_says = models.predict(model, (x.astype(np.float32) - source.zero_point) * source.scale)
    assert np.abs(real - keras_says).max() < 0.06
    need("tflm")
    assert np.array_equal(sim.tflm.run_tflm(tflite, x).reshape(40, -1), found)


def test_what_cannot_be_is_named():
    with pytest.raises(ValueError, match=r"no layer 'frist' with a kernel in 'network'; there are first, "):
        qat.prepare(network(), images(), {"frist": 4})
    with pytest.raises(ValueError, match="weight bits are 9; 2 to 8"):
        qat.prepare(network(), images(), 9)
    with pytest.raises(export.ExportError, match="trained for 4 bits; the device has 8"):
        export.to_tflite(qat.prepare(network(), images(), 8, activation_bits=4), images())
    model = trained(4)
    grids = qat.weight_grids(model)
    plain = kernel_maps.bake(model)
    tflite = export.to_tflite(plain, images())
    other = {name: kernel + 1 for name, kernel in kernel_maps.kernels(plain).items()}
    with pytest.raises(export.ExportError, match="no operator of the .tflite holds the weights of layer 'first'"):
        export.with_grids(tflite, other, grids)


def test_a_rounded_kernel_is_what_prepare_begins_with():
    folded = fold_batch_norms(network())
    started = kernel_maps.kernels(qat.prepare(network(), images(), 3, steps="learned"))
    for name in ("first", "depthwise", "last"):
        layer = folded.get_layer(name)
        assert np.allclose(qat.rounded_kernel(layer, 3), started[name], atol=1e-6)
        assert not np.allclose(layer.kernel, started[name], atol=1e-3), "the layer itself stays in float32"
