"""Faults: what a program did that the device cannot do, in words that say what to look at next.

In: a stopped `Machine` and what stopped it. Out: the text of a SimulatorError.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from unicorn import (
    UC_ERR_INSN_INVALID,
    UC_MEM_FETCH_PROT,
    UC_MEM_FETCH_UNMAPPED,
    UC_MEM_READ_PROT,
    UC_MEM_READ_UNMAPPED,
    UC_MEM_WRITE_PROT,
    UC_MEM_WRITE_UNMAPPED,
    UcError,
)

from tdl_course.sim.stack import overflow

if TYPE_CHECKING:
    from tdl_course.sim.machine import Machine

_VERBS = {
    UC_MEM_READ_UNMAPPED: "read",
    UC_MEM_READ_PROT: "read",
    UC_MEM_WRITE_UNMAPPED: "wrote",
    UC_MEM_WRITE_PROT: "wrote",
    UC_MEM_FETCH_UNMAPPED: "jumped to",
    UC_MEM_FETCH_PROT: "jumped to",
}
_EXCEPTIONS = {
    1: "executed an undefined instruction",
    2: "executed SVC, and the firmware has no supervisor",
    7: "hit a breakpoint",
    17: "used a coprocessor that is off: enable the FPU in CPACR before the first float",
    18: "jumped to an address without the Thumb bit, often through a null or overwritten function pointer",
}


def explain(machine: Machine, error: UcError | None, access: tuple[int, int] | None, exception: int | None) -> str:
    """Name the fault, its function, pc and address, and what to do."""
    if machine.sp < machine.stack_floor or machine.floor_is_touched():
        return f"{overflow(machine.initial_sp - machine.stack_floor)}. {machine.where()}"
    if access is not None and access[0] in _VERBS:
        kind, address = access
        return f"The firmware {_VERBS[kind]} 0x{address:08x}, {_place(machine, kind, address)}. {machine.where()}"
    if exception is not None:
        what = _EXCEPTIONS.get(exception, f"raised exception {exception}")
        return f"The firmware {what}. {machine.where()}"
    if error is not None and error.errno == UC_ERR_INSN_INVALID:
        board = machine.elf.board.name
        return f"The firmware {_EXCEPTIONS[1]}. {machine.where()} Was it built for the core of board {board}?"
    return f"The simulator stopped: {error}. {machine.where()}"


def unaligned(machine: Machine, address: int, size: int) -> str:
    """The text for an access that the core has only at multiples of its size."""
    return (
        f"The firmware accessed {size} bytes at 0x{address:08x}, and a {machine.elf.board.core} does so at multiples "
        f"of {size} only: a pointer to smaller values was cast. Copy with memcpy instead. {machine.where()}"
    )


def _place(machine: Machine, kind: int, address: int) -> str:
    """What lies at `address`, and what that usually means."""
    board = machine.elf.board
    if board.flash_base <= address < board.flash_base + board.flash_bytes:
        return "which is flash: it cannot be written. A const object was cast to a writable one, or a pointer runs wild"
    if board.ram_base <= address < board.stack_top:
        return "which is RAM: code does not run from there. A function pointer or return address was overwritten"
    if board.stack_top <= address < board.stack_top + 0x10000:
        return f"beyond the {board.ram_bytes:,} bytes of RAM of board {board.name}. An index runs past the last array"
    if address < 0x1000:
        return "near address 0: a null pointer"
    return f"where board {board.name} has no memory and no peripheral that is simulated"
