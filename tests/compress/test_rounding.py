"""Learning through a rounding: NumPy against the Keras layer that trains, and against differences."""

import numpy as np
import pytest

from tdl_course.compress.qat import FakeQuantizedKernel
from tdl_course.compress.rounding import step_gradient, straight_through, ternarize
from tdl_course.models import tf


@pytest.mark.parametrize("bits", [2, 3, 4, 8])
def test_values_and_gradients_are_those_of_the_keras_layer(bits):
    random = np.random.default_rng(bits)
    kernel, upstream = random.normal(0, 0.3, (2, 60, 5)).astype(np.float32)
    layer = FakeQuantizedKernel(kernel, (1,), bits, "learned")
    layer.learned.assign(0.7 * layer.learned)
    step = np.asarray(layer.learned)
    with tf.GradientTape() as tape:
        variable = tf.Variable(kernel)
        found = layer(variable)
        loss = tf.reduce_sum(found * upstream)
    by_weight, by_step = tape.gradient(loss, [variable, layer.learned.value])
    rounded, gradient = straight_through(kernel, step, bits, upstream)
    assert np.allclose(found, rounded, atol=1e-6) and np.allclose(by_weight, gradient, atol=1e-6)
    share = 1 / np.sqrt(60 * layer.highest)
    assert np.allclose(
        by_step, share * (upstream * step_gradient(kernel, step, bits)).sum(axis=0), rtol=1e-3, atol=1e-4
    )


def test_outside_the_grid_the_step_gradient_is_the_true_derivative():
    weights = np.array([-5.0, 4.1, 9.0])
    rounded = [straight_through(weights, step, 3, weights)[0] for step in (1.0, 1.001)]
    assert np.allclose((rounded[1] - rounded[0]) / 0.001, step_gradient(weights, 1.0, 3))


def test_ternary_scale_is_the_best_one_for_its_integers():
    weights = np.random.default_rng(0).normal(0, 1, 500)
    integers, scale = ternarize(weights)
    errors = [np.square(weights - s * integers).sum() for s in (0.99 * scale, scale, 1.01 * scale)]
    assert errors[1] == min(errors) and set(integers) == {-1, 0, 1}
    assert ternarize(np.zeros(4))[1] == 0.0
