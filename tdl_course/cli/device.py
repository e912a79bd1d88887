"""Commands of the engine and the device: build, export, run, serve, profile, bench."""

from __future__ import annotations

import argparse
import json
from dataclasses import replace
from pathlib import Path

from tdl_course.boards import CORES, board
from tdl_course.cli.options import PROGRAM, AddCommand, add_board, add_goal


def add_commands(command: AddCommand) -> None:
    sub = command("build", build, "compile a .tflite file to firmware: model.elf, C sources, report.json")
    sub.add_argument("model", type=Path, metavar="MODEL.tflite")
    sub.add_argument("--out", type=Path, required=True, help="folder for model.elf, src/ and report.json")
    sub.add_argument("--toolchain", choices=("zig", "gcc"), default="zig", help="default: %(default)s")
    sub.add_argument("--name", help="what the firmware says it is, kws01 for instance (default: the file's stem)")
    sub.add_argument(
        "--mlperf",
        choices=("kws01", "ic01", "vww01", "ad01"),
        help="serve MLCommons' runner for this benchmark: its name, and over the serial port the bytes of its dataset",
    )
    add_goal(sub)
    add_board(sub, "stm32f405")

    sub = command("export", export, "write a .tflite file as a C library for other build systems, or in TFLM's form")
    sub.add_argument("model", type=Path, metavar="MODEL.tflite")
    sub.add_argument("--out", type=Path, required=True, help="folder to write")
    sub.add_argument("--as", dest="form", choices=("c-library", "tflm"), required=True)
    sub.add_argument("--name", help="prefix of every C name (default: the file's name)")
    add_goal(sub)
    target = sub.add_mutually_exclusive_group()
    add_board(target, "stm32f405")
    target.add_argument("--core", choices=tuple(CORES), help="instead of a board: for this core, sizes only")

    sub = command("run", run, "run an ELF on a board, simulated or real: inputs [n, ...] in, outputs [n, ...] out")
    sub.add_argument("elf", type=Path, metavar="MODEL.elf")
    sub.add_argument("--input", type=Path, required=True, help=".npy of the input's type, one input or a batch of them")
    sub.add_argument("--output", type=Path, help=".npy to write, of the output's type")
    sub.add_argument("--sim", default="unicorn", help="unicorn, qemu, renode or serial, a board (default: %(default)s)")
    sub.add_argument("--port", help="serial port of the board, for --sim serial: /dev/ttyACM0, COM3")
    sub.add_argument("--timeout", type=float, default=60.0, help="seconds an inference may take (default: %(default)s)")
    sub.add_argument("--json", action="store_true", help="print the result as JSON")
    add_board(sub, None)

    sub = command("serve", serve, "offer a simulated board's serial port to other programs, until Ctrl-C")
    sub.add_argument("elf", type=Path, metavar="MODEL.elf")
    sub.add_argument("--sim", default="unicorn", help="unicorn, qemu or renode (default: %(default)s)")
    sub.add_argument("--pty", action="store_true", help="a pseudo-terminal (the default on Linux and macOS)")
    sub.add_argument("--link", type=Path, help="a symbolic link to the pseudo-terminal")
    sub.add_argument("--tcp", type=int, metavar="PORT", help="a TCP port of 127.0.0.1; 0 picks a free one")
    add_board(sub, None)

    sub = command("profile", profile, "run one inference of an ELF and print what each layer and function costs")
    sub.add_argument("elf", type=Path, metavar="MODEL.elf")
    sub.add_argument("--input", type=Path, help=".npy, one input (default: zeros)")
    sub.add_argument("--json", action="store_true", help="print the profile as JSON")
    sub.add_argument("--picture", type=Path, help=".png to write: cycles of each layer")
    sub.add_argument("--on", help="serial, unicorn, renode: the cycles that the firmware itself counts there")
    sub.add_argument("--port", help="serial port of the board, for --on serial")
    add_board(sub, None)

    sub = command("bench", bench, "build, run, compare with TFLM and with other engines: MLPerf Tiny, or any .tflite")
    sub.add_argument("models", nargs="*", metavar="MODEL", help=".tflite, or a name such as kws (default: all four)")
    sub.add_argument("--out", type=Path, help="folder for results.json, results.md and pictures")
    sub.add_argument("--results", type=Path, help="results.json of an earlier run, instead of a new one")
    sub.add_argument("--count", type=int, default=100, help="random inputs to compare (default: %(default)s)")
    sub.add_argument("--json", action="store_true", help="print the results as JSON")
    sub.add_argument("--readme", type=Path, help="file whose generated table is to be rewritten")
    sub.add_argument(
        "--toolchain", choices=("zig", "gcc"), action="append", help="may be given twice, to see both (default: zig)"
    )
    add_goal(sub)
    add_board(sub, "stm32f405")


def build(options: argparse.Namespace) -> int:
    from tdl_course.firmware_project import build_project

    target = board(options.board)
    elf = build_project(
        options.model, options.out, target, options.toolchain, options.name, options.mlperf, options.optimize
    )
    print(elf)
    print(f"Next: {PROGRAM} profile {elf.path}")
    return 0


def export(options: argparse.Namespace) -> int:
    from tdl_course.exports import export as write

    target = CORES[options.core] if options.core else board(options.board)
    for path in write(options.model, options.out, options.form, target, options.name, options.optimize):
        print(path)
    return 0


def run(options: argparse.Namespace) -> int:
    import numpy as np

    from tdl_course import sim
    from tdl_course.edges import load_inputs, save_outputs, typed_outputs
    from tdl_course.firmware_project import open_elf

    elf = open_elf(options.elf, options.board)
    inputs = load_inputs(options.input, elf)
    result = sim.run(elf, inputs, sim=options.sim, timeout=options.timeout, port=options.port)
    result = replace(result, outputs=typed_outputs(result.outputs, elf))
    if options.output:
        save_outputs(options.output, result.outputs)
    if options.json:
        print(json.dumps(summary(result)))
    else:
        print(result)
        with np.printoptions(threshold=64, edgeitems=4):
            print(result.outputs)
    return 0


def serve(options: argparse.Namespace) -> int:
    from tdl_course.firmware_project import open_elf
    from tdl_course.sim.serve import serve_elf

    serve_elf(open_elf(options.elf, options.board), options.sim, options.pty, options.tcp, options.link)
    return 0


def profile(options: argparse.Namespace) -> int:
    import numpy as np

    from tdl_course.edges import load_inputs
    from tdl_course.files import write_atomically
    from tdl_course.firmware_project import open_elf
    from tdl_course.profiling import profile_elf

    elf = open_elf(options.elf, options.board)
    zeros = np.zeros((1, elf.symbol("tdl_input").size), np.int8)
    inputs = load_inputs(options.input, elf) if options.input else zeros
    found = profile_elf(elf, inputs, options.on, options.port)
    if options.picture:
        write_atomically(options.picture, found.picture().png)
    print(json.dumps(found.plain) if options.json else found.text)
    return 0


def bench(options: argparse.Namespace) -> int:
    from tdl_course import bench as benchmark
    from tdl_course import datasets

    if options.results and options.models:
        raise ValueError("--results shows an earlier run; leave out the models, or leave out --results")
    if options.count < 1:
        raise ValueError(f"--count is {options.count}; at least 1 input is needed")
    if options.results:
        measured = benchmark.from_json(options.results.read_text("utf-8"))
    else:
        paths = [benchmark.model_path(name) for name in options.models or datasets.MODELS]
        target = board(options.board)
        toolchains = options.toolchain or ["zig"]
        measured = [
            benchmark.measure(path, target, options.count, name, options.optimize)
            for path in paths
            for name in toolchains
        ]
    peers = benchmark.load_peers()
    if options.out:
        benchmark.save(measured, peers, options.out)
    if options.readme:
        benchmark.rewrite(options.readme, benchmark.page(measured, peers))
    if options.json:
        print(benchmark.to_json(measured), end="")
    else:
        tables = (benchmark.comparison(measured, peers), benchmark.silicon(measured, peers))
        print(*filter(None, (*tables, *benchmark.details(measured))), sep="\n\n")
    return int(any(each.equal not in (None, each.compared) or each.device_equal is False for each in measured))


def summary(result: object) -> dict[str, object]:
    """A `RunResult` as plain data; figures that the simulator cannot give are null."""
    from dataclasses import asdict

    plain = asdict(result)  # type: ignore[call-overload]
    plain["outputs"] = plain["outputs"].tolist()
    return plain
