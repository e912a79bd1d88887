"""Weights that come with the package: of today's recipe, of samples that anyone can have, and as good as was said."""

import json
from dataclasses import replace

import numpy as np
import pytest

from tdl_course import datasets, metrics, models
from tdl_course.models import packaged, training
from tools.train_models import VALIDATION, split

FILES = sorted(packaged.FOLDER.glob("*.npz"))
NAMES = sorted(VALIDATION)


def source_of(path):
    """Where the samples of packaged weights are; skips where only a mirror has them and there is none."""
    name = models.blueprint(path.stem.rpartition("_")[0]).dataset
    if path.stem.endswith(packaged.SYNTHETIC):
        return name, "synthetic"
    if datasets.available(name)["mirror"].startswith("no"):
        pytest.skip(f"TDL_DATA has no {name}")
    return name, "mirror"


def no_training(*arguments, **options):
    raise AssertionError("trained")


def test_both_kinds_of_each_model_are_there():
    assert [path.stem for path in FILES] == [f"{name}_{kind}" for name in NAMES for kind in ("real", "synthetic")]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_they_are_of_todays_recipe(path):
    facts = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    recipe = models.blueprint(facts["model"]).recipe
    assert facts["recipe"] == repr(recipe), "run tools/train_models.py again"
    assert len(facts["loss"]) == len(facts["accuracy"]) == recipe.epochs


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_load_takes_them_and_they_do_what_training_said(path, monkeypatch):
    name, source = source_of(path)
    model_name = path.stem.rpartition("_")[0]
    dataset, _ = split(model_name, datasets.load(name, source=source))
    monkeypatch.setattr(training, "_Batches", no_training)
    model = models.load(model_name, dataset)
    score = metrics.score(dataset.y_train, models.predict(model, dataset.x_train), dataset.labels)
    facts = json.loads(path.with_suffix(".json").read_text(encoding="utf-8"))
    assert score.accuracy > facts["accuracy"][-1] - 0.02, "without dropout and changes it is hardly worse"


@pytest.mark.parametrize("name", NAMES)
def test_other_samples_or_another_seed_are_trained(name, monkeypatch, tmp_path):
    monkeypatch.setenv("TDL_CACHE", str(tmp_path))
    monkeypatch.setattr(training, "_Batches", no_training)
    own, _ = split(name, datasets.load(models.blueprint(name).dataset, source="synthetic"))
    one_less = datasets.subset(own, np.arange(len(own.y_train)) > 0)
    mislabelled = replace(own, y_train=np.roll(own.y_train, 1))
    for dataset, seed in ((one_less, 0), (own, 1), (mislabelled, 0)):
        with pytest.raises(AssertionError, match="trained"):
            models.load(name, dataset, seed, progress=False)
