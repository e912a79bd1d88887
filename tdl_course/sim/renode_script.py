"""What is said to Renode's monitor, as text; every command that this course relies on is here or in run.resc.

In: a board, paths, bytes for the serial port, addresses. Out: lines for Renode's monitor. This module runs nothing.

Which document of renode.readthedocs.io says what: "Monitor and script syntax": variables, `include`, `@` paths with
`\\ ` for a space. "UART integration": `CreateFileBackend`. "Time framework": `PerformanceInMips`. "Using Python in
Renode": `cpu AddHook`. "Renode testing API": `cpu.ErrorLog` in a hook. Of the sources in renode-infrastructure:
UartExtensions.cs: `WriteLine TEXT false` sends TEXT alone, without a line end. `emulation RunFor "SECONDS"` is what
Renode's own tests use: it runs for that much virtual time, then the machine is paused again.
"""

from __future__ import annotations

import re
from pathlib import Path

from tdl_course.boards import Board

USART = "sysbus.usart1"
# What needs no thought about quoting in a monitor string. All else is sent byte by byte.
PLAIN = re.compile(rb"[A-Za-z0-9 %_.:-]{2,}")
BOOT = "0.005"  # virtual seconds: 840,000 instructions; the firmware needs a few thousand, and to clear its RAM
# Virtual seconds in which the firmware takes in `MOST_BYTES`. If it does not, they wait in the USART's queue, which
# has no end; but each byte also sets a timer there (idle line), and many of those at once are slow.
TAKE_IN = "0.0005"
MOST_BYTES = 1024
MARK = "tdl-count"


def path(place: Path) -> str:
    """A path as a monitor token."""
    return "@" + place.as_posix().replace(" ", "\\ ")


def platform_variables(board: Board, elf: Path) -> list[str]:
    """The parameters of run.resc."""
    ram = f"sram: Memory.MappedMemory @ sysbus {board.ram_base:#010x} {{ size: {board.ram_bytes:#x} }}"
    return [f"$elf={path(elf)}", f'$sram="{ram}"']


def load_platform(variables: list[str], resc: Path, uart: Path) -> list[str]:
    """Make the machine, load the firmware, collect what its USART sends in the file `uart`."""
    return [*variables, f"include {path(resc)}", f"{USART} CreateFileBackend {path(uart)} true"]


def run_for(virtual_seconds: str) -> str:
    return f'emulation RunFor "{virtual_seconds}"'


def send(data: bytes) -> list[str]:
    """Put `data` into the USART's queue. The machine must be paused: the queue is no one's to share."""
    commands, end = [], 0
    for match in PLAIN.finditer(data):
        commands += [f"{USART} WriteChar {byte:#04x}" for byte in data[end : match.start()]]
        commands.append(f'{USART} WriteLine "{match[0].decode("ascii")}" false')
        end = match.end()
    return commands + [f"{USART} WriteChar {byte:#04x}" for byte in data[end:]]


def feed(data: bytes) -> list[str]:
    """`send`, with time for the firmware to take it in."""
    commands = []
    for start in range(0, len(data), MOST_BYTES):
        commands += [*send(data[start : start + MOST_BYTES]), run_for(TAKE_IN)]
    return commands


def count_at(address: int, label: str) -> str:
    """Log the instructions executed so far, each time before `address` is executed."""
    return f"cpu AddHook {address:#010x} \"cpu.ErrorLog('{MARK} {label} {{0}}', cpu.ExecutedInstructions)\""


def counts(log: str, label: str) -> list[int]:
    """What `count_at` has logged under `label`, in order."""
    return [int(match[1]) for match in re.finditer(rf"{MARK} {label} (\d+)", log)]
