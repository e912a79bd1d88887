"""Models: small, convertible, trained the same for the same seed, kept and found again."""

from dataclasses import replace

import numpy as np
import pytest

from tdl_course import augment, datasets, metrics, models
from tdl_course.models import BLUEPRINTS, keras, training

NAMES = sorted(BLUEPRINTS)
MOST = {  # parameters, multiply-accumulates
    "activity_cnn": (10_000, 60_000),
    "ecg_cnn": (10_000, 60_000),
    "keywords_ar_dscnn": (16_000, 1_200_000),
    "keywords_cnn": (15_000, 2_000_000),
    "keywords_dscnn": (16_000, 1_200_000),
    "leaf_mobile_16": (16_000, 500_000),
    "leaf_mobile_32": (16_000, 2_000_000),
    "leaf_mobile_8": (16_000, 200_000),
    "leaf_student": (6_000, 1_000_000),
    "leaf_teacher": (100_000, 10_000_000),
    "ppg_cnn": (15_000, 1_000_000),
    "soil_mlp": (2_000, 2_000),
}
LEARNED = {  # accuracy, macro-F1 on the stand-in
    "soil_mlp": (0.75, 0.75),
    "activity_cnn": (0.9, 0.8),
    "ecg_cnn": (0.9, 0.8),
    "keywords_dscnn": (0.8, 0.8),
    "ppg_cnn": (0.85, 0.85),
}  # the leaves: lesson 06
CONVERTIBLE = {
    *("InputLayer", "Conv2D", "DepthwiseConv2D", "BatchNormalization", "ReLU", "GlobalAveragePooling2D"),
    *("AveragePooling2D", "MaxPooling2D", "Dropout", "Dense", "Flatten", "Reshape"),
}


def data(name):
    return datasets.load(BLUEPRINTS[name].dataset, source="synthetic")


def few(dataset, samples=200):
    """The same dataset with fewer training samples: any `samples` of them."""
    rows = np.random.default_rng(0).permutation(len(dataset.x_train))[:samples]
    columns = ("x_train", "y_train", "group_train")
    return replace(dataset, **{name: getattr(dataset, name)[rows] for name in columns})


def multiply_accumulates(model):
    total = 0
    for layer in model.layers:
        if isinstance(layer, (keras.layers.Conv2D, keras.layers.DepthwiseConv2D)):
            per_place = np.prod(layer.kernel.shape)
            total += int(np.prod(layer.output.shape[1:3]) * per_place)
        elif isinstance(layer, keras.layers.Dense):
            total += int(np.prod(layer.kernel.shape))
    return total


@pytest.mark.parametrize("name", NAMES)
def test_a_model_is_small_and_made_of_what_converts(name):
    model = models.build(name)
    assert {type(layer).__name__ for layer in model.layers} <= CONVERTIBLE
    parameters, products = MOST[name]
    assert model.count_params() <= parameters
    assert multiply_accumulates(model) <= products


@pytest.mark.parametrize("name", ["ecg_cnn", "leaf_student"])
def test_same_seed_same_weights_other_seed_others(name):
    dataset = few(data(name))

    def weights(seed):
        keras.utils.set_random_seed(seed)
        model = models.build(name)
        history = models.train(model, dataset, seed=seed, epochs=1, progress=False)
        assert len(history.loss) == len(history.accuracy) == 1 and history.seed == seed
        return model.get_weights()

    first, again, other = weights(0), weights(0), weights(1)
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert not all(np.array_equal(a, b) for a, b in zip(first, other, strict=True))


def test_a_trained_model_is_kept_and_found_again(monkeypatch, tmp_path):
    monkeypatch.setenv("TDL_CACHE", str(tmp_path))
    dataset = few(data("activity_cnn"), 64)
    first = models.load("activity_cnn", dataset, progress=False)
    (path,) = (tmp_path / "models").glob("*.h5")

    def no_training(*arguments, **options):
        raise AssertionError("trained again")

    with monkeypatch.context() as patch:
        patch.setattr(training, "_Batches", no_training)
        again = models.load("activity_cnn", dataset)
        assert np.array_equal(models.predict(first, dataset.x_test), models.predict(again, dataset.x_test))
        assert again.evaluate(dataset.x_test, dataset.y_test, verbose=0)[1] > 0
        with pytest.raises(AssertionError, match="trained again"):
            models.load("activity_cnn", few(dataset, 63))
        with pytest.raises(AssertionError, match="trained again"):
            models.load("activity_cnn", dataset, seed=1)
    path.write_bytes(path.read_bytes()[:1000])
    healed = models.load("activity_cnn", dataset, progress=False)
    assert np.array_equal(models.predict(first, dataset.x_test), models.predict(healed, dataset.x_test))


@pytest.mark.slow
@pytest.mark.parametrize("name", LEARNED)
def test_the_stand_in_can_be_learned_but_not_by_heart(name):
    dataset = data(name)
    scores = models.predict(models.load(name, dataset, progress=False), dataset.x_test)
    result = metrics.score(dataset.y_test, scores, dataset.labels)
    accuracy, macro_f1 = LEARNED[name]
    assert result.accuracy > accuracy and result.macro_f1 > macro_f1
    assert result.accuracy < 1.0, "classes overlap, as they do in life"


def test_training_shows_one_line_or_nothing(capfd):
    dataset = few(data("ecg_cnn"), 64)
    capfd.readouterr()
    models.train(models.build("ecg_cnn"), dataset, epochs=1, progress=False)
    assert capfd.readouterr() == ("", "")
    models.train(models.build("ecg_cnn"), dataset, epochs=1)
    out, err = capfd.readouterr()
    assert out == "" and "training ecg_cnn" in err and "\n" not in err


def test_validation_samples_are_not_trained_on(monkeypatch):
    dataset = few(data("ecg_cnn"))
    mask, _ = datasets.validation_split(dataset)
    seen = []
    monkeypatch.setattr(augment.SignalChanges, "__call__", lambda self, x, random: seen.append(x) or x)
    models.train(models.build("ecg_cnn"), dataset, epochs=1, mask=mask, progress=False)
    rows = {row.tobytes() for batch in seen for row in batch}
    assert rows == {row.tobytes() for row in dataset.x_train[mask]}


def test_training_that_was_kept_is_told_apart_by_all_that_changes_it(monkeypatch, tmp_path):
    monkeypatch.setenv("TDL_CACHE", str(tmp_path))
    dataset = few(data("activity_cnn"), 64)
    start = models.load("activity_cnn", dataset, progress=False).get_weights()

    def tuned(**how):
        model = models.build("activity_cnn")
        model.set_weights(start)
        models.train(model, dataset, **({"epochs": 1, "progress": False, "keep": True} | how))
        return model.get_weights()

    def same(first, second):
        return all(np.array_equal(a, b) for a, b in zip(first, second, strict=True))

    kept = len(list((tmp_path / "models").glob("*.h5")))
    first = tuned()
    assert same(first, tuned()) and not same(first, start)
    mask = np.arange(64) % 2 == 0
    others = [tuned(seed=1), tuned(learning_rate=1e-4), tuned(epochs=2), tuned(mask=mask)]
    assert not any(same(first, other) for other in others)
    assert len(list((tmp_path / "models").glob("*.h5"))) == kept + 5


def test_training_again_in_the_same_way_forgets_all_of_the_last_time():
    dataset = few(data("activity_cnn"), 64)

    def without_dropout():
        entry = keras.Input((64, 1, 6))
        hidden = keras.layers.GlobalAveragePooling2D()(keras.layers.Conv2D(4, 3, padding="same")(entry))
        return keras.Model(entry, keras.layers.Dense(5, activation="softmax")(hidden))

    def trained(model, seed):
        model.set_weights(start)
        models.train(model, dataset, seed=seed, epochs=2, progress=False)
        return model.get_weights(), model.train_function

    model = without_dropout()
    start = model.get_weights()
    (first, step), (other, _), (again, same_step) = (trained(model, seed) for seed in (0, 1, 0))
    fresh, _ = trained(without_dropout(), 0)
    assert step is same_step, "traced once"
    assert all(np.array_equal(a, b) and np.array_equal(a, c) for a, b, c in zip(first, again, fresh, strict=True))
    assert not np.array_equal(first[0], other[0])


def test_a_copy_of_a_compiled_model_takes_what_was_kept_without_a_warning(monkeypatch, tmp_path, recwarn):
    monkeypatch.setenv("TDL_CACHE", str(tmp_path))
    dataset = few(data("activity_cnn"), 64)
    original = models.load("activity_cnn", dataset, progress=False)
    found = []
    for _ in range(2):
        copy = models.keras.models.clone_model(original)
        copy.set_weights(original.get_weights())
        models.train(copy, dataset, epochs=1, progress=False, keep=True)
        found.append(models.predict(copy, dataset.x_test))
    assert np.array_equal(*found) and not [w for w in recwarn if "Skipping variable loading" in str(w.message)]


def test_the_first_step_is_traced_once(monkeypatch):
    traces, step = [], models.keras.Model.train_step
    monkeypatch.setattr(models.keras.Model, "train_step", lambda self, data: traces.append(1) or step(self, data))
    models.train(models.build("activity_cnn"), few(data("activity_cnn"), 64), epochs=2, progress=False)
    assert len(traces) == 1


@pytest.mark.parametrize("power", [0.0, 0.5, 1.0])
def test_class_weights_average_to_one_and_lift_the_rare(power):
    y = np.repeat([0, 1, 2], [80, 15, 5])
    weights = models.class_weights(y, 3, power)
    assert np.isclose(weights[y].mean(), 1)
    assert np.allclose(weights / weights[0], (80 / np.array([80, 15, 5])) ** power)


def test_what_does_not_fit_is_named():
    with pytest.raises(ValueError, match="known are activity_cnn, ecg_cnn, keywords_ar_dscnn, keywords_cnn"):
        models.build("resnet")
    with pytest.raises(ValueError, match=r"'ecg_cnn' maps \(128, 1, 3\) to 3 classes; dataset 'activity'"):
        models.train(models.build("ecg_cnn"), data("activity_cnn"))
    with pytest.raises(ValueError, match="0 epochs"):
        models.train(models.build("ecg_cnn"), few(data("ecg_cnn")), epochs=0)
