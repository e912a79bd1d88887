"""build_bare: a model on a bare core, for cores that have no board here and no runtime: the Cortex-M0+."""

from __future__ import annotations

import shlex
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

from tdl_course import toolchain
from tdl_course.boards import BOARDS, CORTEX_M0PLUS
from tdl_course.compiler import Sources
from tdl_course.elf import Elf
from tdl_course.exports.c_costs import CFiles

START = Path(__file__).with_name("bare_core.c")
SCRIPTS = Path(toolchain.__file__).parent / "firmware" / "boards"
BARE = replace(BOARDS["stm32f205"], name="bare", core=CORTEX_M0PLUS)
"""Memory to run in; nothing of its peripherals is used."""


def build_bare(sources: Sources, compiler: str, folder: Path) -> Elf:
    """The objects that `toolchain.objects` makes, linked to the least that starts them."""
    files = {**sources.files, START.name: START.read_text("utf-8")}
    objects = toolchain.objects(CFiles(files, tuple(sources.kernels)), BARE.core, compiler)
    words = shlex.split(toolchain.build_command(BARE, compiler))
    program = [sys.executable if word == "python" else word for word in words[: words.index("*.c")]]
    elf = folder / "bare.elf"
    command = [*program, *map(str, objects), "-o", str(elf)]
    done = subprocess.run(command, cwd=SCRIPTS, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return toolchain.read_elf(elf, BARE)
