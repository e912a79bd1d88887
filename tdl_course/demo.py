"""demo: heartbeats in, a report out. The whole way of data once, timed step by step.

In: a board and a folder. Out: the report printed, and `report.html` with its plots, in that folder. TensorFlow is
imported when training begins.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tdl_course import datasets, metrics, report, sim
from tdl_course.boards import Board
from tdl_course.compiler import interpret
from tdl_course.datasets import Dataset
from tdl_course.deployment import Deployment, deploy
from tdl_course.metrics import Score
from tdl_course.report import Table
from tdl_course.sim.tflm import available as tflm_available
from tdl_course.sim.tflm import run_tflm

MODEL = "ecg_cnn"
CALIBRATION_BEATS = 500


@dataclass(frozen=True, eq=False)
class Demo:
    """What one demo found: scores in float, in int8 (TFLM or our NumPy reference) and on the device."""

    dataset: Dataset
    deployment: Deployment
    scores: dict[str, Score]
    oracle: str
    agreeing_beats: int


def run_demo(board: Board, folder: Path, seed: int = 0) -> Path:
    """Train, quantize, compile, run, report. Returns the path of the HTML report."""
    with step("Loading heartbeats"):
        dataset = datasets.load("ecg")
    print(dataset)
    with step("Importing TensorFlow"):
        from tdl_course import models
    with step("Training (a finished model is kept for the next time)"):
        model = models.load(MODEL, dataset, seed=seed)
    with step("Float accuracy on the test beats"):
        predicted = models.predict(model, dataset.x_test)
    with step(f"Quantizing to int8, compiling to C, linking for {board.name}, running one beat"):
        calibration = dataset.x_train[:: max(1, len(dataset.x_train) // CALIBRATION_BEATS)]
        deployment = deploy(model, calibration, board)
    beats = deployment.quantize(dataset.x_test)
    with step(f"Running all {len(beats):,} test beats on the simulated {board.core}"):
        device = sim.run(deployment.elf, beats).outputs.reshape(len(beats), -1)
    oracle = "TFLM" if tflm_available() else "NumPy reference"
    with step(f"Running them through the {oracle}, to compare bit for bit"):
        expected = oracle_outputs(deployment, beats)
    scores = {
        "float32 (Keras)": metrics.score(dataset.y_test, predicted, dataset.labels),
        f"int8 ({oracle})": metrics.score(dataset.y_test, expected, dataset.labels),
        "int8 (device)": metrics.score(dataset.y_test, device, dataset.labels),
    }
    agreeing = int((device == expected).all(axis=1).sum())
    return show(Demo(dataset, deployment, scores, oracle, agreeing), folder)


def oracle_outputs(deployment: Deployment, beats: np.ndarray) -> np.ndarray:
    """Outputs [n, classes] of TFLM, or of our NumPy reference where TFLM's wheel does not exist."""
    if tflm_available():
        return run_tflm(deployment.tflite, beats).reshape(len(beats), -1)
    outputs = [interpret(deployment.graph, beat[None])[0] for beat in beats]
    return np.concatenate(outputs).reshape(len(beats), -1)


def show(demo: Demo, folder: Path) -> Path:
    """Print the report and write it as HTML."""
    deployment, dataset = demo.deployment, demo.dataset
    tables = [
        accuracy_table(demo),
        deployment.table(),
        report.layer_table(deployment.graph, deployment.result),
    ]
    print("", *tables, sep="\n\n")
    answer = agreement(demo)
    print(f"\n{answer}")
    banner = f"SYNTHETIC data: {dataset.detail}" if dataset.synthetic else ""
    device = demo.scores["int8 (device)"]
    pictures = {
        "layers": report.layer_plot(deployment.graph, deployment.result),
        "memory": deployment.plan.plot(),
        "confusion": report.confusion(device.confusion, dataset.labels, "Heartbeats, int8 on the device"),
    }
    path = report.write_page(
        folder / "report.html",
        "One heartbeat classifier, from training to a simulated Cortex-M",
        [
            ("Does the device compute the same?", [answer]),
            ("Data", [dataset]),
            ("How good is it?", [tables[0], pictures["confusion"]]),
            ("What does it cost?", [tables[1]]),
            ("Where do the cycles go?", [tables[2], pictures["layers"]]),
            ("Where do the bytes lie?", [pictures["memory"], deployment.plan]),
        ],
        banner,
    )
    print(f"\nReport with plots: {path}")
    return path


def agreement(demo: Demo) -> str:
    total = demo.scores["int8 (device)"].samples
    verdict = "yes" if demo.agreeing_beats == total else "NO"
    count = f"{demo.agreeing_beats:,} of {total:,} test beats"
    return f"Device and {demo.oracle} agree bit for bit on {count}: {verdict}. (measured)"


def accuracy_table(demo: Demo) -> Table:
    """Accuracy, macro-F1 and per-class recall of each variant, with 95 % Wilson intervals."""
    rows = []
    for name, score in demo.scores.items():
        cells = [interval(score.accuracy, score.accuracy_interval), f"{score.macro_f1:.3f}"]
        cells += [interval(r, limits) for r, limits in zip(score.recall, score.recall_intervals, strict=True)]
        rows.append((name, *cells, "measured"))
    heads = [f"recall {label}" for label in demo.dataset.labels]
    note = (
        "Brackets: 95 % Wilson intervals. They treat beats as independent; beats of one person are not, so the "
        f"uncertainty about a new person is larger ({len(np.unique(demo.dataset.group_test))} test "
        f"{demo.dataset.card.group}s)."
    )
    columns = ("variant", "accuracy", "macro-F1", *heads, "label")
    return Table(f"Accuracy on {score.samples:,} test beats", columns, tuple(rows), note)


def interval(value: float, limits: tuple[float, float]) -> str:
    return f"{value:.3f} [{limits[0]:.3f}, {limits[1]:.3f}]"


@contextmanager
def step(text: str) -> Iterator[None]:
    """Print what begins, and how long it took (wall time of this machine)."""
    print(f"{text} ...", flush=True)
    begin = time.perf_counter()
    yield
    print(f"    {time.perf_counter() - begin:.1f} s", flush=True)
