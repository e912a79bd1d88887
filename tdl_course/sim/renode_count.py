"""Counting one inference in Renode: where to look at the CPU's instruction counter, and when to believe it.

In: an `Elf` by the ELF contract, and Renode's log. Out: monitor commands, and the instructions of one `tdl_infer`.
Renode's `ExecutedInstructions` is advanced block by block; a hook makes a block begin at its address, so the counter
is exact there. This is not documented, so it is checked in each run: two hooks on the straight-line code that a layer
begins with must be as many instructions apart as the disassembly says. Where they are not, or anything is missing,
there is no count. The DWT is no way to count: Renode derives CYCCNT from virtual time, in steps of a microsecond or
less, by version ("Time framework"), and the firmware's own reading of it is counted in.
"""

from __future__ import annotations

from dataclasses import dataclass

from elftools.elf.elffile import ELFFile

from tdl_course.elf import Elf, Symbol
from tdl_course.sim.cycle_model import Instruction, disassemble
from tdl_course.sim.renode_script import count_at, counts
from tdl_course.sim.unicorn import LAYER

ENTRY, RETURN, FIRST, LAST = "entry", "return", "first", "last"


@dataclass(frozen=True)
class CountPoints:
    """Addresses to hook. From `first` to `last`, inside of an inference, `distance` instructions are executed."""

    entry: int
    returns: tuple[int, ...]
    first: int
    last: int
    distance: int

    def hooks(self) -> list[str]:
        """The monitor commands, for a machine that has not run yet."""
        once = [count_at(self.first, FIRST), count_at(self.last, LAST), count_at(self.entry, ENTRY)]
        return once + [count_at(address, RETURN) for address in self.returns]

    def complete(self, log: str) -> bool:
        """Whether the first inference is in the log: Renode writes it behind the simulation."""
        return bool(counts(log, RETURN))

    def instructions(self, log: str) -> int | None:
        """Instructions of the first `tdl_infer`, its return included; None where the log does not prove them."""
        first, last, entries, returns = (counts(log, label) for label in (FIRST, LAST, ENTRY, RETURN))
        if not (first and last and entries and returns) or last[0] - first[0] != self.distance:
            return None
        return returns[0] - entries[0] if entries[0] <= first[0] < last[0] < returns[0] else None


def count_points(elf: Elf) -> CountPoints | None:
    """Where to count; None where there are no such points: nothing calls `tdl_infer`, or each layer jumps at once."""
    entry = elf.symbols["tdl_infer"].address
    returns = tuple(
        instruction.address + instruction.size
        for function in elf.functions
        for instruction in _code(elf, function)
        if _calls(instruction, entry)
    )
    layers = (elf.symbols[name] for name in elf.symbols if LAYER.fullmatch(name))
    line = max((_straight_line(_code(elf, layer)) for layer in layers), key=len, default=[])
    if not returns or len(line) < 2:
        return None
    return CountPoints(entry, returns, line[0].address, line[-1].address, len(line) - 1)


def _code(elf: Elf, function: Symbol) -> list[Instruction]:
    with elf.path.open("rb") as stream:
        for segment in ELFFile(stream).iter_segments("PT_LOAD"):
            start = function.address - segment["p_vaddr"]
            if 0 <= start < segment["p_filesz"]:
                return list(disassemble(segment.data()[start : start + function.size], function.address))
    return []


def _calls(instruction: Instruction, address: int) -> bool:
    name, _, target = instruction.text.partition(" ")
    return name == "bl" and int(target.strip("# "), 0) & ~1 == address


def _straight_line(code: list[Instruction]) -> list[Instruction]:
    """The instructions of `code` before the first that may jump, or that makes others conditional."""
    for index, instruction in enumerate(code):
        if instruction.refill or instruction.text.startswith("it"):
            return code[:index]
    return code
