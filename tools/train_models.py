"""Train the models that come with the package trained, on the real data and on the stand-in, and write their weights.

In: the datasets (real ones from `$TDL_DATA` or the user cache). Out: `tdl_course/models/weights/`. Takes some minutes;
run it again when a recipe, a network or a generator of stand-ins has changed (a test says so).

    python tools/train_models.py [--only leaf_teacher]
"""

from __future__ import annotations

import argparse

import numpy as np

from tdl_course import datasets, metrics, models
from tdl_course.datasets import Dataset, DatasetError
from tdl_course.models import packaged

VALIDATION = {  # model -> the share of the training part that its lesson holds back
    "keywords_ar_dscnn": 0.0,
    "keywords_dscnn": 0.0,
    "leaf_mobile_16": 0.25,
    "leaf_mobile_32": 0.25,
    "leaf_mobile_8": 0.25,
    "leaf_teacher": 0.25,
}
SEED = 0


def split(name: str, dataset: Dataset) -> tuple[Dataset, np.ndarray]:
    """The samples that model `name` learns from in its lesson, and which training samples are held back: bool [n]."""
    if not VALIDATION[name]:
        return dataset, np.zeros(len(dataset.x_train), bool)
    learn, held_back = datasets.validation_split(dataset, fraction=VALIDATION[name], seed=0)
    return datasets.subset(dataset, learn), held_back


def train_and_write(name: str, source: str | None) -> str:
    """Train model `name` on its dataset from `source`, write it, and say how good it is on what was held back."""
    whole = datasets.load(models.blueprint(name).dataset, source=source)
    dataset, held_back = split(name, whole)
    models.keras.utils.set_random_seed(SEED)
    model = models.build(name)
    history = models.train(model, dataset, seed=SEED)
    provenance = packaged.Provenance(
        model=name,
        dataset=dataset.name,
        data=packaged.SYNTHETIC if dataset.synthetic else packaged.REAL,
        samples=packaged.samples_key(dataset),
        recipe=repr(models.blueprint(name).recipe),
        seed=SEED,
        seconds=round(history.seconds, 1),
        loss=history.loss,
        accuracy=history.accuracy,
    )
    packaged.write(model.get_weights(), provenance, packaged.place(name, dataset))
    said = f"{name}, {provenance.data}: {history.seconds:.0f} s"
    if not held_back.any():
        return said
    score = metrics.score(whole.y_train[held_back], models.predict(model, whole.x_train[held_back]), dataset.labels)
    return f"{said}; held back: macro-F1 {score.macro_f1:.3f}"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", choices=sorted(VALIDATION), help="this model only")
    only = parser.parse_args().only
    for name in [only] if only else sorted(VALIDATION):
        dataset = models.blueprint(name).dataset
        sources = [source for source in ("mirror", "cache") if not datasets.available(dataset)[source].startswith("no")]
        if not sources:
            raise DatasetError(f"the real {dataset!r} is not here: name a folder that has it in TDL_DATA")
        for source in (sources[0], "synthetic"):
            print(train_and_write(name, source), flush=True)


if __name__ == "__main__":
    main()
