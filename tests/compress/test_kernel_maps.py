"""Kernel maps: what a layer computes with, what is trained, what is baked."""

import numpy as np
import pytest

from tdl_course import models
from tdl_course.compress import cluster, kernel_maps, prune
from tdl_course.compress.kernel_maps import Mask, SharedValues, bake, kernels, map_kernels
from tdl_course.models import keras
from tests.compress.networks import images, network


def fit(model, steps=3):
    y = np.arange(64) % 3
    model.compile(keras.optimizers.AdamW(0.05, weight_decay=0.01), "sparse_categorical_crossentropy", jit_compile=False)
    model.fit(images(), y, epochs=steps, batch_size=64, verbose=0)


def masked(model, sparsity=0.5):
    return map_kernels(model, lambda layer: Mask(prune.magnitude_mask(np.asarray(layer.kernel), sparsity)))


def shared(model, k=4):
    def make(layer):
        kernel = np.asarray(layer.kernel)
        return SharedValues(cluster.kmeans(kernel, k, keep_zero=True))

    return map_kernels(model, make)


def test_a_map_that_does_nothing_changes_nothing():
    model = network()
    same = map_kernels(model, lambda layer: Mask(np.ones(layer.kernel.shape)))
    assert [layer.name for layer in same.layers] == [layer.name for layer in model.layers]
    assert np.array_equal(models.predict(model, images()), models.predict(same, images()))


@pytest.mark.parametrize("change", [masked, shared])
def test_baked_layers_are_plain_and_compute_the_same(change):
    model = network()
    mapped = change(model)
    fit(mapped)
    baked = bake(mapped)
    assert {type(layer) for layer in baked.layers} == {type(layer) for layer in model.layers}
    assert all(np.array_equal(kernels(baked)[name], kernel) for name, kernel in kernels(mapped).items())
    assert np.array_equal(models.predict(baked, images()), models.predict(mapped, images()))
    assert not any("kernel_maps" in layer.get_config() for layer in baked.layers)


def test_masked_weights_stay_zero_through_training_and_others_move():
    model = network()
    mapped = masked(model)
    before = kernels(mapped)
    fit(mapped)
    for name, kernel in kernels(mapped).items():
        zero = before[name] == 0
        assert zero.mean() == pytest.approx(0.5, abs=0.5 / zero.size + 1e-9)
        assert (kernel[zero] == 0).all() and (kernel[~zero] != before[name][~zero]).mean() > 0.9


def test_shared_values_stay_few_and_zero_stays_zero():
    mapped = shared(network())
    before = kernels(mapped)
    fit(mapped)
    for name, kernel in kernels(mapped).items():
        assert len(np.unique(kernel)) <= 4
        assert (kernel[before[name] == 0] == 0).all() and not np.array_equal(kernel, before[name])
        codebook = kernel_maps.kernel_maps(mapped, SharedValues)[name].codebook()
        assert np.array_equal(codebook.decode(), kernel)


def test_the_gradient_of_a_centroid_is_the_sum_over_its_members():
    kernel = np.random.default_rng(0).normal(size=(3, 3, 2, 4)).astype(np.float32)
    codebook = cluster.kmeans(kernel, 5)
    values = SharedValues(codebook)
    slopes = np.random.default_rng(1).normal(size=kernel.shape).astype(np.float32)
    with models.tf.GradientTape() as tape:
        loss = keras.ops.sum(values(kernel) * slopes)
    found = np.asarray(models.tf.convert_to_tensor(tape.gradient(loss, values.centroids.value)))
    assert np.allclose(found, cluster.centroid_gradient(slopes, codebook.indices, 5), atol=1e-4)


def test_maps_stack_in_order():
    twice = masked(shared(network()), 0.75)
    for name, kernel in kernels(twice).items():
        assert len(np.unique(kernel)) <= 5 and prune.sparsity(kernel) >= 0.74, name


def test_kept_training_tells_maps_apart():
    from tdl_course.models.training import _kept_path

    recipe = models.BLUEPRINTS["ecg_cnn"].recipe
    plain = network()
    paths = {
        _kept_path(model, recipe, ("",), 0, ()) for model in (plain, masked(plain), masked(plain, 0.6), shared(plain))
    }
    assert len(paths) == 4
