"""Commands for a classroom without a network: wheelhouse. The data's is `tdl data mirror`."""

from __future__ import annotations

import argparse
from pathlib import Path

from tdl_course.cli.options import AddCommand


def add_commands(command: AddCommand) -> None:
    sub = command("wheelhouse", wheelhouse, "download all wheels into a folder, to install the course from offline")
    sub.add_argument("folder", type=Path, metavar="DIR")
    sub.add_argument(
        "--platform",
        action="append",
        default=[],
        help="linux_x86_64, linux_aarch64, win_amd64 or macosx_arm64; may be given several times (default: this one)",
    )
    sub.add_argument("--python", action="append", default=[], help="3.11, 3.12 or 3.13; the same (default: this one)")
    sub.add_argument("--lock", type=Path, help="another requirements file with hashes (default: the course's)")


def wheelhouse(options: argparse.Namespace) -> int:
    from tdl_course.wheelhouse import make_wheelhouse

    print(make_wheelhouse(options.folder, options.platform, options.python, options.lock).read_text("utf-8"), end="")
    return 0
