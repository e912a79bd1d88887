"""Gradual pruning: the sparsity of every step is the schedule's, the last is exact, what has gone stays gone."""

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tdl_course.compress import prune
from tdl_course.compress.gradual import GradualPruning
from tdl_course.compress.kernel_maps import Mask, kernel_maps, kernels, map_kernels
from tdl_course.models import keras
from tests.compress.networks import images, network


def with_masks(model, share=0.0):
    return map_kernels(model, lambda layer: Mask(prune.magnitude_mask(np.asarray(layer.kernel), share)))


def shares(model):
    return {name: 1 - float(np.mean(mask.mask)) for name, mask in kernel_maps(model, Mask).items()}


def walk(model, pruning, steps, move=None):
    """Run the callback through `steps` steps without training; the masks after each."""
    pruning.set_model(model)
    pruning.set_params({"epochs": 1, "steps": steps})
    pruning.on_train_begin()
    seen = []
    for step in range(steps):
        pruning.on_train_batch_begin(step)
        seen.append({name: np.asarray(mask.mask) for name, mask in kernel_maps(model, Mask).items()})
        if move:
            move(step)
    pruning.on_train_end()
    return seen


MODEL = with_masks(network())


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.floats(0, 1), st.floats(0, 0.9), st.floats(0.01, 1), st.integers(1, 7), st.integers(1, 30), st.booleans())
def test_the_final_sparsity_is_exact_whatever_the_schedule(final, begin, length, every, steps, together):
    for mask in kernel_maps(MODEL, Mask).values():
        mask.mask.assign(np.ones(mask.mask.shape))
    pruning = GradualPruning(final, begin, min(1.0, begin + length), every, together)
    walk(MODEL, pruning, steps)
    masks = [np.asarray(mask.mask) for mask in kernel_maps(MODEL, Mask).values()]
    if together:
        assert sum(int((m == 0).sum()) for m in masks) == round(final * sum(m.size for m in masks))
    else:
        assert [int((m == 0).sum()) for m in masks] == [round(final * m.size) for m in masks]


def test_each_step_has_the_sparsity_of_the_schedule():
    model = with_masks(network(channels=16))
    seen = walk(model, GradualPruning(0.8, begin=0.25, end=0.75, every=1), 40)
    size = kernel_maps(model, Mask)["pointwise"].mask.shape
    for step, masks in enumerate(seen):
        expected = round(prune.cubic_sparsity(step, 10, 30, 0.8) * int(np.prod(size)))
        assert int((masks["pointwise"] == 0).sum()) == (expected if step >= 10 else 0)


def test_masks_change_only_when_they_are_due():
    seen = walk(with_masks(network(channels=16)), GradualPruning(0.9, begin=0.0, end=0.5, every=5), 40)
    changed = [
        step for step in range(1, 40) if not np.array_equal(seen[step]["pointwise"], seen[step - 1]["pointwise"])
    ]
    assert changed == [5, 10, 15, 20]


def test_what_has_gone_stays_gone_however_its_weight_moves():
    model = with_masks(network(channels=8))
    kernel = model.get_layer("pointwise").raw_kernel

    def move(step):
        kernel.assign(np.random.default_rng(step).normal(size=kernel.shape))

    seen = [masks["pointwise"] for masks in walk(model, GradualPruning(0.7, end=1.0, every=2), 20, move)]
    assert all((later <= earlier).all() for earlier, later in zip(seen, seen[1:], strict=False))


def test_training_ends_with_kernels_of_the_final_sparsity():
    model = with_masks(network())
    model.compile(keras.optimizers.AdamW(0.05, weight_decay=0.01), "sparse_categorical_crossentropy", jit_compile=False)
    model.fit(images(), np.arange(64) % 3, epochs=3, batch_size=16, verbose=0, callbacks=[GradualPruning(0.5, every=1)])
    for name, kernel in kernels(model).items():
        assert prune.sparsity(kernel) == pytest.approx(0.5, abs=0.5 / kernel.size + 1e-9), name


def test_repr_tells_all_that_it_does():
    assert repr(GradualPruning(0.9)) == "GradualPruning(final=0.9, begin=0.0, end=0.6, every=4, together=False)"
    others = [GradualPruning(0.8), GradualPruning(0.9, 0.1), GradualPruning(0.9, end=0.7), GradualPruning(0.9, every=1)]
    assert len({repr(p) for p in [*others, GradualPruning(0.9), GradualPruning(0.9, together=True)]}) == 6


def test_what_does_not_fit_is_named():
    with pytest.raises(ValueError, match="final sparsity is 90"):
        GradualPruning(90)
    with pytest.raises(ValueError, match="goes from 0.5 to 0.5"):
        GradualPruning(0.9, 0.5, 0.5)
    with pytest.raises(ValueError, match="every 0 steps"):
        GradualPruning(0.9, every=0)
    with pytest.raises(ValueError, match="'network' has no masks"):
        walk(network(), GradualPruning(0.5), 3)
