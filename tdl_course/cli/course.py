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

    sub = command("data", data, "list datasets and reference models, and where each is; fetch some; mirror them all")
    sub.add_argument("action", choices=("list", "fetch", "show", "mirror"), nargs="?", default="list")
    sub.add_argument("names", nargs="*", help="datasets or models; for mirror first the folder to make, a USB stick's")
    sub.add_argument("--check", type=Path, metavar="DIR", help="with mirror: verify the checksums of one instead")


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
    if options.action == "mirror":
        return mirror(options)
    if not options.names:
        raise ValueError(f"{PROGRAM} data {options.action} needs a dataset: {', '.join(datasets.CARDS)}")
    for name in options.names:
        if name in datasets.MODELS:
            print(datasets.model(name) if options.action == "fetch" else datasets.model_facts(name))
        else:
            print(datasets.fetch(name) if options.action == "fetch" else datasets.load(name))
    return 0


def mirror(options: argparse.Namespace) -> int:
    """Make or check a folder with real data; status 1 where something is missing or damaged."""
    from tdl_course.datasets.mirror import check_mirror, make_mirror

    if options.check:
        problems = check_mirror(options.check)
        print(*problems or [f"{options.check}: every file is as it was made"], sep="\n")
        return int(bool(problems))
    if not options.names:
        raise ValueError(f"{PROGRAM} data mirror needs a folder: {PROGRAM} data mirror /media/stick/tdl-data")
    folder = Path(options.names[0])
    missing = 0
    for copy in make_mirror(folder, options.names[1:]):
        print(copy, flush=True)
        missing += copy.state == "missing"
    if missing:
        print(
            "What is missing: where there is a network, unset TDL_OFFLINE; or let TDL_DATA name a folder that holds it,"
        )
        print(
            f"and run the same again. The course shows synthetic stand-ins for it, marked as such. Missing: {missing}"
        )
    print(f"Next: {PROGRAM} data mirror --check {folder}; every computer of the class then sets TDL_DATA to its copy")
    return int(missing > 0)
