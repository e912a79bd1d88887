"""Profile: block counts times block costs, summed by scope and by function.

In: `BlockCount`s of a run and the code that ran. Out: `Cost`s. Exact for instructions; the cycles are those of
`cycle_model`: the cost of each block, a refill for each jump, and a saved cycle where a block falls through from a
load into an access that pairs with it. For a core that the cycle model is not of, cycles are None.

A block counts all the instructions of its bytes. An instruction whose condition failed in an IT block is one of
them: the core spends a cycle on it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable

from tdl_course.sim.counter import BlockCount
from tdl_course.sim.cycle_model import KINDS, Instruction, disassemble
from tdl_course.sim.result import NOTHING, Cost

LONGEST_INSTRUCTION = 4  # bytes


class BlockCosts:
    """Prices blocks; each is disassembled once. `read(address, size)` gives the bytes of the code.

    `timed`: the code runs on the core that the cycle model is of.
    """

    def __init__(self, read: Callable[[int, int], bytes], timed: bool = True) -> None:
        self._read, self._timed = read, timed
        self._known: dict[tuple[int, int], tuple[int, tuple[int, ...], int, int]] = {}

    def cost(self, block: BlockCount) -> Cost:
        """Cost of all executions of `block`. Raises ValueError where its bytes are no instructions."""
        key = (block.address, block.size)
        if key not in self._known:
            self._known[key] = self._price(*key)
        instructions, by_kind, refill, saved = self._known[key]
        fell_through = block.count - block.taken
        total = block.count * sum(by_kind) + block.taken * refill - fell_through * saved
        return Cost(block.count * instructions, total if self._timed else None)

    def by_kind(self, block: BlockCount) -> list[int]:
        """The cycles of `cost` in the order of `KINDS`."""
        self.cost(block)
        _, by_kind, refill, saved = self._known[block.address, block.size]
        spent = [block.count * cycles for cycles in by_kind]
        spent[KINDS.index("branch")] += block.taken * refill
        spent[KINDS.index("load")] -= (block.count - block.taken) * saved
        return spent

    def _price(self, address: int, size: int) -> tuple[int, tuple[int, ...], int, int]:
        """(instructions, cycles of one execution by kind, cycles added when it jumps, saved when it falls through)."""
        block = list(disassemble(bytes(self._read(address, size)), address))
        if sum(instruction.size for instruction in block) != size:
            raise ValueError(f"the {size} bytes of code at {address:#x} are not all Thumb instructions")
        by_kind = dict.fromkeys(KINDS, 0)
        previous: Instruction | None = None
        for instruction in block:
            by_kind[instruction.kind] += instruction.cycles_after(previous)
            previous = instruction
        last = block[-1]
        return len(block), tuple(by_kind.values()), last.refill, self._saved_after(last, address + size)

    def _saved_after(self, last: Instruction, address: int) -> int:
        """Cycles that the instruction at `address` saves when it follows `last` without a jump."""
        if not last.loaded:
            return 0
        following = next(disassemble(bytes(self._read(address, LONGEST_INSTRUCTION)), address))
        return following.cycles - following.cycles_after(last)


def costs_by(
    blocks: Iterable[BlockCount], costs: BlockCosts, key: Callable[[BlockCount], object]
) -> dict[object, Cost]:
    """Sum of the costs of `blocks` for each value of `key`: scope, function."""
    sums: dict[object, Cost] = defaultdict(lambda: NOTHING)
    for block in blocks:
        sums[key(block)] += costs.cost(block)
    return dict(sums)
