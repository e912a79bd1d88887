"""Channel removal: the smaller model computes what the whole one does with these channels silent, or says why not."""

from collections import Counter

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tdl_course import export
from tdl_course.compiler import read_tflite
from tdl_course.compress import channels as pruning
from tdl_course.compress.channels import ChannelError
from tdl_course.models import build, keras
from tests.compress.draw_models import drawn_model

layers = keras.layers
FEW = settings(max_examples=8, suppress_health_check=list(HealthCheck))


def run(model, samples=6):
    shape = (samples, *model.input_shape[1:])
    return model(np.random.default_rng(1).normal(size=shape).astype(np.float32), training=False).numpy()


def draw_removal(data, model):
    """Some channels of some groups, so that each layer keeps one."""
    chosen = {}
    left = Counter({layer.name: layer.output.shape[-1] for layer in model.layers})
    for group in pruning.channel_groups(model):
        for members in group.channels:
            loss = Counter(name for name, _ in members)
            if all(left[name] > count for name, count in loss.items()) and data.draw(st.booleans()):
                left -= loss
                chosen.setdefault(members[0][0], []).append(members[0][1])
    return chosen


@pytest.mark.slow
@FEW
@given(st.data())
def test_removing_equals_silencing(data):
    model = drawn_model(data.draw)
    chosen = draw_removal(data, model)
    before = [w.copy() for w in model.get_weights()]
    smaller, silent = pruning.remove_channels(model, chosen), pruning.silence_channels(model, chosen)
    np.testing.assert_allclose(run(smaller), run(silent), atol=1e-4)
    assert [layer.name for layer in smaller.layers] == [layer.name for layer in model.layers]
    assert smaller.name == model.name
    assert all(np.array_equal(a, b) for a, b in zip(before, model.get_weights(), strict=True))
    for name, gone in chosen.items():
        assert smaller.get_layer(name).output.shape[-1] <= model.get_layer(name).output.shape[-1] - len(gone)
    assert (smaller.count_params() < model.count_params()) == bool(chosen)


@pytest.mark.slow
@FEW
@given(st.data())
def test_channels_that_nobody_listens_to_go_without_a_trace(data):
    model = drawn_model(data.draw)
    chosen = draw_removal(data, model)
    deaf = pruning.silence_channels(model, chosen)
    np.testing.assert_allclose(run(pruning.remove_channels(deaf, chosen)), run(deaf), atol=1e-4)


@pytest.mark.slow
@FEW
@given(st.data(), st.floats(0, 0.9), st.sampled_from([1, 2]))
def test_the_least_important_are_a_removal(data, fraction, order):
    model = drawn_model(data.draw)
    chosen = pruning.least_important_channels(model, fraction, order)
    groups = pruning.channel_groups(model)
    for group in groups:
        gone = [members for members in group.channels if members[0][1] in chosen.get(members[0][0], ())]
        assert len(gone) <= round(fraction * len(group.channels))
        assert all(channel in chosen[name] for members in gone for name, channel in members)
    assert all(len(set(listed)) == len(listed) for listed in chosen.values())
    smaller = pruning.remove_channels(model, chosen)
    assert all(layer.output.shape[-1] >= 1 for layer in smaller.layers)


@pytest.mark.slow
@settings(max_examples=3, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_the_smaller_model_converts_and_is_read(data):
    model = drawn_model(data.draw)
    smaller = pruning.remove_channels(model, pruning.least_important_channels(model, 0.5))
    samples = np.random.default_rng(0).normal(size=(60, 8, 6, 3)).astype(np.float32)
    graph = read_tflite(export.to_tflite(smaller, samples))
    assert graph.tensors[graph.outputs[0]].shape == (1, 4)


def test_silence_is_zero_where_the_channel_is_read():
    entry = keras.Input((5, 5, 2))
    hidden = layers.ReLU()(layers.Conv2D(4, 3, name="first")(entry))
    model = keras.Model(entry, layers.Conv2D(3, 3, name="second")(hidden))
    x = np.random.default_rng(0).normal(size=(2, 5, 5, 2)).astype(np.float32)
    values = keras.Model(entry, hidden)(x).numpy()
    values[..., [1, 3]] = 0
    silent = pruning.silence_channels(model, {"first": [1, 3]})
    np.testing.assert_allclose(silent(x), model.get_layer("second")(values), atol=1e-6)


def residual():
    """entry -> a -> b, c -> a + c joined with b -> scores; a and c are coupled."""
    keras.utils.set_random_seed(0)
    entry = keras.Input((4, 4, 2), name="entry")
    a = layers.Conv2D(3, 1, name="a")(entry)
    b = layers.Conv2D(2, 3, padding="same", name="b")(a)
    c = layers.Conv2D(3, 1, name="c")(layers.ReLU(name="relu")(layers.BatchNormalization(name="norm")(b)))
    x = layers.Concatenate(name="joined")([layers.Add(name="sum")([a, c]), b])
    return keras.Model(entry, layers.Dense(2, activation="softmax", name="scores")(layers.Flatten(name="flat")(x)))


def test_groups_are_what_a_residual_connection_couples():
    sums, alone = pruning.channel_groups(residual())
    assert sums.layers == ("a", "c")
    assert sums.channels == tuple((("a", i), ("c", i)) for i in range(3))
    assert alone.layers == ("b",) and alone.channels == ((("b", 0),), (("b", 1),))


@pytest.mark.parametrize("named", [{"a": [1]}, {"c": [1]}, {"sum": [1]}, {"joined": [1]}, {"flat": [1, 6]}])
def test_coupled_channels_go_together_whichever_is_named(named):
    model = residual()
    smaller = pruning.remove_channels(model, named)
    shapes = {name: smaller.get_layer(name).output.shape[-1] for name in ("a", "b", "c", "sum", "joined", "flat")}
    assert shapes == {"a": 2, "b": 2, "c": 2, "sum": 2, "joined": 4, "flat": 64}
    kernel = model.get_layer("scores").get_weights()[0].reshape(16, 5, 2)[:, [0, 2, 3, 4]].reshape(64, 2)
    np.testing.assert_array_equal(smaller.get_layer("scores").get_weights()[0], kernel)


def test_the_smallest_filters_are_the_least_important():
    model = residual()
    for name, scale in (("a", [1.0, 5.0, 3.0]), ("c", [1.0, 1.0, 9.0]), ("b", [2.0, 1.0])):
        layer = model.get_layer(name)
        kernel, bias = layer.get_weights()
        layer.set_weights([np.ones_like(kernel) * scale, bias])
    assert pruning.least_important_channels(model, 0.4) == {"a": [0], "c": [0], "b": [1]}
    assert pruning.least_important_channels(model, 0.0) == {}
    most = pruning.least_important_channels(model, 0.99)
    assert {name: len(gone) for name, gone in most.items()} == {"a": 2, "c": 2, "b": 1}


def test_dense_units_that_a_reshape_lays_over_places_go_together():
    entry = keras.Input((3,))
    image = layers.Reshape((2, 2, 3), name="image")(layers.Dense(12, name="units")(entry))
    model = keras.Model(entry, layers.GlobalAveragePooling2D()(layers.Conv2D(2, 1, name="read")(image)))
    smaller = pruning.remove_channels(model, {"units": [1]})
    assert smaller.get_layer("units").output.shape == (None, 8)
    assert smaller.get_layer("image").output.shape == (None, 2, 2, 2)


def test_the_course_model_and_a_sequential_one_lose_half():
    model = build("ecg_cnn")
    smaller = pruning.remove_channels(model, pruning.least_important_channels(model, 0.5))
    assert smaller.count_params() < 0.4 * model.count_params()
    assert smaller.input_shape == model.input_shape and smaller.output_shape == model.output_shape
    chain = keras.Sequential([keras.Input((4, 4, 1)), layers.Conv2D(4, 3, name="first"), layers.Conv2D(1, 1)])
    assert pruning.remove_channels(chain, {"first": [0, 3]}).get_layer("first").filters == 2


def test_a_wrong_rewire_is_noticed(monkeypatch):
    def swapped(weights, inputs, outputs):
        return [vector[inputs][::-1] for vector in weights]

    model = build("ecg_cnn")
    for layer in model.layers:
        layer.set_weights([w + np.random.default_rng(0).uniform(0, 1, w.shape) for w in layer.get_weights()])
    monkeypatch.setitem(pruning.SLICES, layers.BatchNormalization, swapped)
    first = next(layer.name for layer in model.layers if isinstance(layer, layers.Conv2D))
    with pytest.raises(ChannelError, match="'batch_normalization.*' of the smaller model is off by"):
        pruning.remove_channels(model, {first: [0]})


@pytest.mark.parametrize(
    ("named", "said"),
    [
        ({"d": [0]}, "no layer 'd'; the model has entry, a, b"),
        ({"a": [3]}, "layer 'a' has no channel 3; it has 0 to 2"),
        ({"a": [-1]}, "no channel -1"),
        ({"entry": [0]}, "channel 0 of layer 'entry' must stay"),
        ({"scores": [1]}, "channel 1 of layer 'scores' must stay"),
        ({"a": [0, 1], "c": [2]}, "all 3 channels of layer 'a' would go"),
    ],
)
def test_channels_that_cannot_go_are_named(named, said):
    with pytest.raises(ChannelError, match=said):
        pruning.remove_channels(residual(), named)


def image_model(build_on):
    entry = keras.Input((4, 4, 2))
    return keras.Model(entry, layers.Conv2D(1, 1)(build_on(layers.Conv2D(4, 1, name="first")(entry))), name="odd")


def called_twice(x):
    shared = layers.Conv2D(4, 1, name="shared")
    return shared(shared(x))


@pytest.mark.parametrize(
    ("build_on", "said"),
    [
        (lambda x: x + x, r"keras.src.ops.numpy.Add; .*Conv2D.*layers.Add\(\)"),
        (layers.LayerNormalization(name="odd"), "'odd' is a .*LayerNormalization"),
        (called_twice, "'.*' reads a layer that is called more than once"),
        (layers.Conv2D(4, 1, groups=2, name="halves"), "layer 'halves' has 2 groups"),
        (layers.DepthwiseConv2D(1, depth_multiplier=2, name="twice"), "layer 'twice' has depth_multiplier 2"),
        (layers.BatchNormalization(axis=1, name="rows"), "layer 'rows' normalizes axis 1"),
        (lambda x: layers.Add(name="wide")([x, layers.Conv2D(1, 1)(x)]), r"layer 'wide' takes tensors of \[4, 1\]"),
    ],
)
def test_layers_that_cannot_be_followed_are_named(build_on, said):
    with pytest.raises(ChannelError, match=said):
        pruning.remove_channels(image_model(build_on), {"first": [0]})


def test_channels_under_softmax_stay_and_a_model_without_a_graph_is_refused():
    model = image_model(layers.Softmax())
    assert pruning.channel_groups(model) == () and pruning.least_important_channels(model, 0.5) == {}
    assert pruning.channel_groups(image_model(layers.Activation("softmax"))) == ()
    with pytest.raises(ChannelError, match="no graph of layers"):
        pruning.remove_channels(keras.Model(name="bare"), {})
    with pytest.raises(ChannelError, match="fraction is 1.0"):
        pruning.least_important_channels(model, 1.0)
