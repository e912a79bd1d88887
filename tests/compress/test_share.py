"""Shared weights of a whole model: few values, few integers on the device, and the same network there."""

import numpy as np
import pytest

from tdl_course import compiler, datasets, export, kernels, models, sim
from tdl_course.compress import fold, kernel_maps, share
from tdl_course.compress.kernel_maps import Mask, map_kernels
from tdl_course.compress.prune import magnitude_mask
from tests.compress.networks import images, network


def folded_kernels(model):
    return kernel_maps.kernels(fold.fold_batch_norms(model))


def weights_of(tflite):
    graph = compiler.read_tflite(tflite)
    return [graph.tensors[op.inputs[1]] for op in graph.ops if len(op.inputs) == 3]


@pytest.mark.parametrize("per_channel", [True, False])
@pytest.mark.parametrize("values", [2, 5, 16])
def test_each_layer_shares_few_values_after_its_scales(values, per_channel):
    model = network(channels=8)
    shared = share.share_weights(model, values, per_channel=per_channel)
    for name, kernel in kernel_maps.kernels(shared).items():
        found = kernel_maps.kernel_maps(shared)[name]
        assert len(np.unique(kernel / found.scales)) <= 4 * values, "float32 rounds the quotient"
        assert len(found.codebook().centroids) <= values
        assert np.array_equal(kernel, found.codebook().decode() * found.scales)


def test_as_many_values_as_weights_change_nothing():
    model = network()
    shared = share.share_weights(model, 256)
    for name, kernel in folded_kernels(model).items():
        assert np.allclose(kernel_maps.kernels(shared)[name], kernel, atol=1e-6)
    assert np.allclose(models.predict(shared, images()), models.predict(model, images()), atol=1e-4)


def test_scales_are_the_greatest_magnitudes_and_one_for_a_channel_of_zeros():
    kernel = np.zeros((3, 1, 2, 3), np.float32)
    kernel[1, 0, 1, 0], kernel[2, 0, 0, 2] = -0.5, 2.0
    assert share.channel_scales(kernel, (3,)).tolist() == [[[[0.5, 1.0, 2.0]]]]
    assert share.channel_scales(kernel, ()).shape == (1, 1, 1, 1)


@pytest.mark.parametrize("per_channel", [True, False])
def test_grids_hold_as_few_integers_as_there_are_values_and_stand_for_the_kernel(per_channel):
    shared = share.share_weights(network(channels=8), 16, per_channel=per_channel)
    computed = kernel_maps.kernels(shared)
    for name, grid in share.shared_grids(shared).items():
        assert len(np.unique(grid.integers)) <= 16 and np.abs(grid.integers.astype(int)).max() == 127
        channels = computed[name].size // computed[name][..., :1].size if name != "depthwise" else 8
        assert grid.steps.shape == (channels,)
        steps = grid.steps.reshape(1, 1, -1, 1) if name == "depthwise" else grid.steps
        assert (np.abs(grid.integers * steps - computed[name]) <= 0.501 * steps).all()


def test_zeros_of_a_pruned_network_are_still_zeros_on_the_device():
    pruned = map_kernels(
        fold.fold_batch_norms(network(channels=8)),
        lambda layer: Mask(magnitude_mask(np.asarray(layer.kernel), 0.6)),
    )
    pruned = kernel_maps.bake(pruned)
    shared = share.share_weights(pruned, 4)
    for name, grid in share.shared_grids(shared).items():
        assert (grid.integers[kernel_maps.kernels(pruned)[name] == 0] == 0).all()


def test_the_exported_file_has_sixteen_integers_a_layer_and_steps_per_channel():
    model = network(channels=8)
    careless = kernel_maps.bake(share.share_weights(model, 16, per_channel=False))
    careful = share.share_weights(model, 16)
    few = [len(np.unique(t.data)) for t in weights_of(export.to_tflite(careful, images()))]
    many = [len(np.unique(t.data)) for t in weights_of(export.to_tflite(careless, images()))]
    assert max(few) <= 16 < max(many)
    assert all(len(t.quantization.scale) > 1 for t in weights_of(export.to_tflite(careful, images())))


def test_skipped_layers_keep_their_weights_and_unknown_ones_are_named():
    model = network()
    shared = share.share_weights(model, 3, skip=("last", "first"))
    assert np.array_equal(kernel_maps.kernels(shared)["first"], folded_kernels(model)["first"])
    assert set(share.shared_grids(shared)) == {"depthwise", "pointwise", "side"}
    with pytest.raises(ValueError, match="no layer 'middle' with a kernel to skip; there are first"):
        share.share_weights(model, 3, skip=("middle",))


def test_a_map_behind_the_codebook_leaves_the_layer_to_the_converter():
    masked = map_kernels(share.share_weights(network(), 4), lambda layer: Mask(np.ones(layer.kernel.shape)))
    assert share.shared_grids(masked) == {}


def test_kept_trainings_are_found_by_what_the_maps_do_and_not_by_their_number():
    from tdl_course.models.training import _kept_path

    def path(**options):
        return _kept_path(share.share_weights(network(), 4, **options), recipe, ("",), 0, ())

    recipe = models.BLUEPRINTS["ecg_cnn"].recipe
    assert path() == path()
    assert len({path(), path(per_channel=False), path(init="density"), path(skip=("last",))}) == 4
    assert repr(Mask(np.ones((2, 3)))) == repr(Mask(np.ones((2, 3))))


@pytest.mark.sim
def test_the_codebook_kernel_reads_them_and_gives_what_numpy_and_the_model_give():
    shared = share.share_weights(network(channels=8), 15)
    tflite = export.to_tflite(shared, images())
    graph = compiler.optimize(compiler.read_tflite(tflite), prefer=("codebook",))
    assert "codebook" in {kernels.kernel_name(op) for op in graph.ops}
    source, output = graph.tensors[graph.inputs[0]], graph.tensors[graph.outputs[0]]
    x = np.clip(np.rint(images(16) / source.scale) + source.zero_point, -128, 127).astype(np.int8)
    found = sim.run(compiler.emit_c(graph, compiler.plan_memory(graph)), x, sim="host").outputs.reshape(16, -1)
    assert np.array_equal(found, [compiler.interpret(graph, one[None])[0].ravel() for one in x])
    real = (found.astype(np.float32) - output.zero_point) * output.scale
    assert np.abs(real - models.predict(shared, images(16))).mean() < 0.05


def test_a_kept_training_comes_back_without_a_warning_into_a_copy_of_a_compiled_model(tmp_path, monkeypatch, recwarn):
    monkeypatch.setenv("TDL_CACHE", str(tmp_path))
    data = datasets.load("ecg", source="synthetic")
    data = datasets.subset(data, np.arange(len(data.y_train)) < 64)

    def trained():
        models.keras.utils.set_random_seed(0)
        model = models.build("ecg_cnn")
        models.train(model, data, epochs=1, progress=False, keep=True)
        shared = share.share_weights(model, 4)
        models.train(shared, data, epochs=1, progress=False, keep=True)
        return list(kernel_maps.kernels(shared).values())  # layers have new names each time

    assert all(np.array_equal(first, again) for first, again in zip(trained(), trained(), strict=True))
    assert not [str(w.message) for w in recwarn if "Skipping" in str(w.message)]
