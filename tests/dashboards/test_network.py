"""The network that NumPy alone runs gives what Keras gives, and survives its file; the scripts name what there is."""

import numpy as np
import pytest

from tdl_course import dashboards
from tdl_course.cli import main
from tdl_course.dashboards.network import FloatNetwork, Layer, from_keras, load, save
from tdl_course.pages import PageError
from tdl_course.pages.dashboards import find, place, scripts


def network() -> FloatNetwork:
    rng = np.random.default_rng(0)

    def layer(kind, name, shape, channels, strides=(1, 1)):
        return Layer(kind, name, rng.normal(size=shape).astype(np.float32), np.ones(channels, np.float32), strides)

    return FloatNetwork(
        (
            layer("Conv2D", "first", (5, 4, 2, 3), 3, (2, 1)),
            Layer("ReLU", "relu"),
            layer("DepthwiseConv2D", "second", (3, 3, 3, 1), 3, (2, 2)),
            Layer("GlobalAveragePooling2D", "mean"),
            layer("Dense", "last", (3, 4), 4),
        )
    )


@pytest.mark.slow
@pytest.mark.parametrize("name", ["ecg_cnn", "keywords_dscnn", "soil_mlp"])
def test_scores_are_those_of_keras(name):
    from tdl_course.compress.fold import fold_batch_norms
    from tdl_course.models import build, predict

    model = build(name)
    rng = np.random.default_rng(1)
    model.set_weights([rng.uniform(0.1, 0.5, w.shape) * rng.choice((1, 1, -1), w.shape) for w in model.get_weights()])
    for layer in model.layers:
        if hasattr(layer, "moving_variance"):
            layer.moving_variance.assign(rng.uniform(0.5, 2, layer.moving_variance.shape))
    x = rng.normal(size=(70, *model.input_shape[1:])).astype(np.float32)
    powers = np.exp((s := from_keras(fold_batch_norms(model)).scores(x)) - s.max(axis=1, keepdims=True))
    assert np.abs(powers / powers.sum(axis=1, keepdims=True) - predict(model, x)).max() < 1e-3


def test_other_kernels_in_another_shape_change_the_scores_and_the_network_keeps_its_own():
    own = network()
    x = np.random.default_rng(2).normal(size=(5, 9, 8, 2)).astype(np.float32)
    before = own.scores(x)
    zeroed = own.scores(x, {"last": np.zeros(12)})
    assert np.array_equal(zeroed, np.ones((5, 4), np.float32))
    assert np.array_equal(own.scores(x), before)
    assert own.accuracy(x, before.argmax(axis=1)) == 1.0


def test_a_network_survives_its_file(tmp_path):
    own, x = network(), np.random.default_rng(2).normal(size=(5, 9, 8, 2)).astype(np.float32)
    save(tmp_path / "one.npz", own, x=x, synthetic=np.array(["ecg"]))
    again, arrays = load(tmp_path / "one.npz")
    assert np.array_equal(again.scores(arrays["x"]), own.scores(x))
    assert arrays["synthetic"].tolist() == ["ecg"]


def test_each_script_shows_a_dashboard_of_its_name():
    for script in scripts():
        assert f"dashboards.{script.name}()" in script.path.read_text(encoding="utf-8")
        assert callable(getattr(dashboards, script.name))
        assert script.title and "**Try:**" in script.hint


def test_one_dashboard_is_a_notebook_and_several_are_a_folder_with_a_list(tmp_path):
    assert place(find("fit"), tmp_path).name == "fit.ipynb"
    (tmp_path / "all").mkdir()
    folder = place(find(None), tmp_path / "all")
    assert len(list(folder.glob("*.ipynb"))) == len(scripts())
    listed = (folder / "templates" / "tree.html").read_text(encoding="utf-8")
    assert "<strong>Try:</strong>" in listed and "voila/render/fit.ipynb" in listed


def test_what_is_not_there_is_named(capsys, monkeypatch, tmp_path):
    with pytest.raises(PageError, match="no dashboard 'fitt'; there are quantization, pruning, fit"):
        find("fitt")
    assert main(["dashboards", "fitt"]) == 2
    assert main(["dashboards", "--viewers", "0"]) == 2
    assert "--viewers is 0; 1 or more are needed" in capsys.readouterr().err


def test_what_is_not_prepared_says_what_to_type(monkeypatch):
    monkeypatch.setattr("tdl_course.dashboards.prepared.PACKAGE", dashboards.prepared.PACKAGE / "pages")
    dashboards.prepared.folder.cache_clear()
    with pytest.raises(dashboards.NotPrepared, match="python -m tdl_course.dashboards"):
        dashboards.fit()
    dashboards.prepared.folder.cache_clear()
