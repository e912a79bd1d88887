"""Commands of the course: doctor, demo, data."""

from __future__ import annotations

import argparse
from pathlib import Path

from tdl_course.boards import board
from tdl_course.cli.options import PROGRAM, AddCommand, add_board


def add_commands(command: AddCommand) -> None:
    command("doctor", doctor, "check this machine; print for each failure the cause and the next command")

    sub = command("demo", demo, "train, quantize, compile, run a heartbeat classifier; print and write a report")
    sub.add_argument(
        "--out", type=Path, default=Path("build/demo"), help="folder of report.html (default: %(default)s)"
    )
    sub.add_argument("--seed", type=int, default=0, help="seed of the training (default: %(default)s)")
    add_board(sub, "tiny32k")

    sub = command("data", data, "list the datasets and reference models, and where each is found; fetch one")
    sub.add_argument("action", choices=("list", "fetch", "show"), nargs="?", default="list")
    sub.add_argument("name", nargs="?", help="dataset or model, for fetch and show")


def doctor(options: argparse.Namespace) -> int:
    from tdl_course.doctor import examine, render

    findings = examine()
    print(render(findings))
    return int(any(finding.status == "fail" for finding in findings))


def demo(options: argparse.Namespace) -> int:
    from tdl_course.demo import run_demo

    run_demo(board(options.board), options.out, options.seed)
    return 0


def data(options: argparse.Namespace) -> int:
    from tdl_course import datasets

    if options.action == "list":
        for name, facts in datasets.CARDS.items():
            print(f"{name}: {facts.title}: {facts.task}; {facts.licence}")
            for source, where in datasets.available(name).items():
                print(f"    {source:10} {where}")
        for name, published in datasets.MODELS.items():
            print(f"{name}: {published.title}; {published.licence}")
            print(f"    {'file':10} {datasets.model_place(name) or f'no: {PROGRAM} data fetch {name}'}")
        return 0
    if not options.name:
        raise ValueError(f"{PROGRAM} data {options.action} needs a dataset: {', '.join(datasets.CARDS)}")
    if options.name in datasets.MODELS:
        print(datasets.model(options.name) if options.action == "fetch" else datasets.model_facts(options.name))
        return 0
    print(datasets.fetch(options.name) if options.action == "fetch" else datasets.load(options.name))
    return 0
