"""Stack: how deep it went, from a painted RAM.

In: an `Elf`, and the bytes that lie where its stack grows, from `stack_floor` to the initial stack pointer. Out: how
many of them were used. RAM is painted before the run; what no longer has the paint was written. Knows no simulator.
"""

from __future__ import annotations

import numpy as np

from tdl_course.elf import Elf
from tdl_course.sim.result import SimulatorError

PAINT = 0xA5
WORD = 4


def stack_floor(elf: Elf) -> int:
    """The address where static data ends, and the stack must stop."""
    if "_ebss" in elf.symbols:
        return elf.symbols["_ebss"].address
    ram = range(elf.board.ram_base, elf.board.stack_top)
    return max((s.address + s.size for s in elf.sections if s.address in ram), default=ram.start)


def paint(size: int) -> bytes:
    """What unused stack of `size` bytes holds."""
    return bytes([PAINT]) * max(0, size)


def stack_used(stack: bytes) -> int:
    """Bytes from the deepest one that was written to the top of `stack`.

    Raises SimulatorError where the floor was written: the stack has met static data.
    """
    if floor_is_touched(stack):
        raise SimulatorError(overflow(len(stack)))
    touched = np.flatnonzero(np.frombuffer(stack, np.uint8) != PAINT)
    return len(stack) - int(touched[0]) if len(touched) else 0


def floor_is_touched(stack: bytes) -> bool:
    """True where the lowest word that the stack may use has been written."""
    return stack[:WORD] != paint(WORD)


def overflow(room: int) -> str:
    """The text for a stack that has grown into static data or out of RAM."""
    return (
        f"Stack overflow: the {room:,} bytes between static data and the top of RAM were not enough. Move large local "
        "arrays into static memory, use a smaller model, or choose a board with more RAM"
    )
