"""Cycle model: what each instruction of a Cortex-M4 costs, as data.

In: machine code and its address. Out: `Instruction`s with their cycles alone, after a load, and when they jump.
The figures are those of the Cortex-M4 Technical Reference Manual (Arm 100166, "Instruction set summary") with zero
flash wait states, a pipeline refill of `REFILL` cycles, and worst case division. Not modelled: unaligned access, IT
folding, fetch alignment, flash and bus stalls. On silicon that runs from flash at 120 MHz, convolutional networks
take 1.11 to 1.18 times the modelled cycles.

This module knows no simulator and no ELF: the sums over an execution are in `profile`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cache

import capstone
from capstone import arm

REFILL = 2  # cycles to refill the pipeline when the next PC is not sequential

# Cycles by mnemonic. Everything that no table names takes 1: ALU, moves, multiplies, DSP, CLZ, IT, NOP, most of VFP.
LOADS = (
    "ldr",
    "ldrb",
    "ldrh",
    "ldrsb",
    "ldrsh",
    "ldrt",
    "ldrbt",
    "ldrht",
    "ldrsbt",
    "ldrsht",
    "ldrex",
    "ldrexb",
    "ldrexh",
)
STORES = ("str", "strb", "strh", "strt", "strbt", "strht", "strex", "strexb", "strexh")
BRANCHES = ("b", "bl", "bx", "blx", "cbz", "cbnz", "tbb", "tbh")
PUSH_POP = ("push", "pop")
BLOCK_TRANSFERS = ("ldm", "ldmdb", "stm", "stmdb")  # the base register comes first
VECTOR_PUSH_POP = ("vpush", "vpop")
VECTOR_TRANSFERS = ("vldmia", "vldmdb", "vstmia", "vstmdb")  # the base register comes first
FIXED = {
    "ldrd": 3,
    "strd": 3,
    "tbb": 2,
    "tbh": 2,
    "sdiv": 7,
    "udiv": 7,
    "mrs": 2,
    "msr": 2,
    "vdiv": 14,
    "vsqrt": 14,
    **dict.fromkeys(("vfma", "vfms", "vfnma", "vfnms", "vmla", "vmls", "vnmla", "vnmls"), 3),
}
LOAD_CYCLES = 2
LOAD_CYCLES_AFTER_LOAD = 1
STORE_CYCLES = 1
STORE_REGISTER_OFFSET_CYCLES = 2
STORE_CYCLES_AFTER_LOAD = 1


KINDS = ("multiply", "load", "store", "branch", "other")
"""What instructions do. "other": additions, shifts, moves, packing, saturation."""


@dataclass(frozen=True, slots=True)
class Instruction:
    """One instruction and its cost. Register sets are bit masks of r0 to r15.

    `cycles`: when it neither jumps nor follows a load. `after_load`: directly after a single load that writes none of
    its `address_registers`. `refill`: cycles added when the next PC is not sequential.
    `loaded`: the register that a single load writes, 0 for every other instruction. `kind`: one of `KINDS`.
    """

    address: int
    size: int
    text: str
    cycles: int
    after_load: int
    refill: int = 0
    loaded: int = 0
    address_registers: int = 0
    kind: str = "other"

    def cycles_after(self, previous: Instruction | None) -> int:
        """Cycles when `previous` ran just before, without a jump between them (None: unknown)."""
        if previous is not None and previous.loaded and not previous.loaded & self.address_registers:
            return self.after_load
        return self.cycles


def disassemble(code: bytes, address: int) -> Iterator[Instruction]:
    """The instructions of `code` (Thumb, little endian), which starts at `address`; stops where it cannot decode."""
    for decoded in _disassembler().disasm(code, address):
        yield _instruction(decoded)


@cache
def _disassembler() -> capstone.Cs:
    disassembler = capstone.Cs(capstone.CS_ARCH_ARM, capstone.CS_MODE_THUMB | capstone.CS_MODE_MCLASS)
    disassembler.detail = True
    return disassembler


def _ids(names: tuple[str, ...]) -> frozenset[int]:
    return frozenset(getattr(arm, f"ARM_INS_{name.upper()}") for name in names)


_LOADS, _STORES, _BRANCHES = _ids(LOADS), _ids(STORES), _ids(BRANCHES)
_PUSH_POP, _BLOCK = _ids(PUSH_POP), _ids(BLOCK_TRANSFERS)
_VECTOR_PUSH_POP, _VECTOR_BLOCK = _ids(VECTOR_PUSH_POP), _ids(VECTOR_TRANSFERS)
_FIXED = {getattr(arm, f"ARM_INS_{name.upper()}"): cycles for name, cycles in FIXED.items()}
_MULTIPLIES = ("mul", "mla", "mls", "smu", "sml", "smm", "umul", "umla", "vmul", "vmla", "vmls", "vfma", "vfms", "vnm")
_CORE = {getattr(arm, f"ARM_REG_R{i}"): i for i in range(13)} | {
    arm.ARM_REG_SP: 13,
    arm.ARM_REG_LR: 14,
    arm.ARM_REG_PC: 15,
}


def _instruction(decoded: capstone.CsInsn) -> Instruction:
    registers = [operand.reg for operand in decoded.operands if operand.type == arm.ARM_OP_REG]
    memory = next((operand.mem for operand in decoded.operands if operand.type == arm.ARM_OP_MEM), None)
    base = 0 if memory is None else _mask(memory.base) | _mask(memory.index)
    first = registers[0] if registers else 0
    writes_pc = first == arm.ARM_REG_PC

    def make(cycles: int, after_load: int | None = None, refill: int = 0, loaded: int = 0) -> Instruction:
        text = f"{decoded.mnemonic} {decoded.op_str}".strip()
        paired = cycles if after_load is None else after_load
        return Instruction(
            decoded.address, decoded.size, text, cycles, paired, refill, loaded, base, _kind(decoded.id, text)
        )

    kind = decoded.id
    if kind in _LOADS:
        if writes_pc:
            return make(LOAD_CYCLES, refill=REFILL)
        return make(LOAD_CYCLES, LOAD_CYCLES_AFTER_LOAD, loaded=_mask(first))
    if kind in _STORES:
        indexed = memory is not None and memory.index != 0
        return make(STORE_REGISTER_OFFSET_CYCLES if indexed else STORE_CYCLES, STORE_CYCLES_AFTER_LOAD)
    if kind in _PUSH_POP or kind in _BLOCK:
        moved = registers if kind in _PUSH_POP else registers[1:]
        return make(1 + len(moved), refill=REFILL if arm.ARM_REG_PC in moved else 0)
    if kind in _BRANCHES:
        return make(_FIXED.get(kind, 1), refill=REFILL)
    if kind in _FIXED:
        return make(_FIXED[kind])
    vector = _vector_cycles(kind, registers, decoded.reg_name)
    if vector is not None:
        return make(vector)
    return make(1, refill=REFILL if writes_pc else 0)  # MOV PC and ADD PC jump; all else takes one cycle


def _kind(number: int, text: str) -> str:
    """One of `KINDS`."""
    if number in _BRANCHES:
        return "branch"
    if text.startswith(("ldr", "ldm", "pop", "vldr", "vldm", "vpop")):
        return "load"
    if text.startswith(("str", "stm", "push", "vstr", "vstm", "vpush")):
        return "store"
    return "multiply" if text.startswith(_MULTIPLIES) else "other"


def _vector_cycles(kind: int, registers: list[int], name: Callable[[int], str]) -> int | None:
    """Cycles of the VFP instructions that take more than one; None for any other instruction."""
    if kind in _VECTOR_PUSH_POP or kind in _VECTOR_BLOCK:
        return 1 + _words(registers if kind in _VECTOR_PUSH_POP else registers[1:], name)
    if kind in (arm.ARM_INS_VLDR, arm.ARM_INS_VSTR):
        return 1 + _words(registers[:1], name)
    if kind == arm.ARM_INS_VMOV and sum(register in _CORE for register in registers) == 2:
        return 2
    return None


def _words(registers: list[int], name: Callable[[int], str]) -> int:
    return sum(2 if name(register).startswith("d") else 1 for register in registers)


def _mask(register: int) -> int:
    return 1 << _CORE[register] if register in _CORE and register != arm.ARM_REG_PC else 0
