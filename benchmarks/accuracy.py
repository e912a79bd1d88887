"""How accurate the course's models are, in float32 and in int8, over several seeds: measured on the test part.

    python benchmarks/accuracy.py [--seeds 3] [ecg_cnn activity_cnn]

int8 outputs are those of TFLM, or of our NumPy definitions (equal bit for bit) where TFLM's wheel does not exist.
"""

from __future__ import annotations

import argparse

import numpy as np

from tdl_course import datasets, metrics, models
from tdl_course.compiler import interpret, optimize, read_tflite
from tdl_course.compress import quantize
from tdl_course.export import to_tflite
from tdl_course.sim import tflm
from tdl_course.table import Table

CALIBRATION = 500


def int8_outputs(tflite: bytes, x: np.ndarray) -> np.ndarray:
    """int8 [n, classes] for real inputs [n, ...]."""
    graph = optimize(read_tflite(tflite))
    source = graph.tensors[graph.inputs[0]]
    q = quantize(x, source.scale, source.zero_point)
    if tflm.available():
        return tflm.run_tflm(tflite, q).reshape(len(q), -1)
    return np.concatenate([interpret(graph, sample[None])[0] for sample in q])


def measure(name: str, seeds: int) -> Table:
    dataset = datasets.load(models.blueprint(name).dataset)
    rows, figures = [], []
    for seed in range(seeds):
        model = models.load(name, dataset, seed)
        tflite = to_tflite(model, dataset.x_train[:: max(1, len(dataset.x_train) // CALIBRATION)])
        outputs = (models.predict(model, dataset.x_test), int8_outputs(tflite, dataset.x_test))
        scores = [metrics.score(dataset.y_test, output, dataset.labels) for output in outputs]
        figures.append([figure for score in scores for figure in (score.accuracy, score.macro_f1)])
        rows.append((str(seed), *(f"{figure:.3f}" for figure in figures[-1])))
    mean, spread = np.mean(figures, axis=0), np.std(figures, axis=0)
    rows.append(("mean ± sd", *(f"{m:.3f} ± {s:.3f}" for m, s in zip(mean, spread, strict=True))))
    columns = ("seed", "float accuracy", "float macro-F1", "int8 accuracy", "int8 macro-F1")
    title = f"{name} on {len(dataset.x_test):,} test samples of {dataset.name} ({dataset.source}), measured"
    return Table(title, columns, tuple(rows))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", nargs="*", default=["ecg_cnn", "activity_cnn"])
    parser.add_argument("--seeds", type=int, default=3)
    options = parser.parse_args()
    for name in options.models:
        print(measure(name, options.seeds), end="\n\n")


if __name__ == "__main__":
    main()
