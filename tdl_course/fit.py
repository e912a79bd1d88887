"""Fit: what to say when a model is larger than its board.

In: the linker's complaint and the object files. Out: `DoesNotFit`, with the exact number of bytes that are too many.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from elftools.elf.elffile import ELFFile

from tdl_course.boards import BOARDS, Board
from tdl_course.elf import Symbol, read_symbols

_SHOWN = 6
_SECTIONS = {"RAM": (".data", ".bss"), "FLASH": (".text", ".rodata", ".data", ".isr_vector")}
_HINTS = {
    "RAM": "Make the activations smaller: a smaller input, fewer channels in the first layers, or earlier pooling",
    "FLASH": "Make the weights smaller: fewer channels, depthwise-separable layers, or pooling before the dense layer",
}


class DoesNotFit(RuntimeError):
    """The firmware needs more memory than the board has.

    Attributes
    ----------
    region
        "RAM" or "FLASH".
    over_bytes
        How many bytes are too many, the stack reserve counted in.
    largest
        The largest objects in that memory: (name, bytes), largest first; those under 1 % of it are left out.
    """

    def __init__(self, region: str, over_bytes: int, board: Board, largest: Sequence[tuple[str, int]]) -> None:
        self.region, self.over_bytes, self.board, self.largest = region, over_bytes, board, tuple(largest)
        limit = _limit(board, region)
        inside = "\n".join(f"  {size:>11,}  {name}" for name, size in largest)
        super().__init__(
            f"the model does not fit board {board.name}: {region} is {over_bytes:,} bytes too small "
            f"({limit + over_bytes:,} needed, {limit:,} there).\nLargest in {region}, in bytes:\n{inside}\n"
            f"{_HINTS[region]}.{_larger_boards(board, region, limit + over_bytes)}"
        )


def overflow_error(stderr: str, objects: Sequence[Path], board: Board) -> DoesNotFit | None:
    """The error for a linker that ran out of memory, or None where it failed for another reason.

    Both linkers report, for each region, by how many bytes its end is passed; lld does so once a section, so the
    largest figure of a region counts.
    """
    over: dict[str, int] = {}
    for region, count in re.findall(r"region ['`](\w+)'[: ]+overflowed by (\d+) bytes", stderr):
        over[region] = max(over.get(region, 0), int(count))
    for region in ("RAM", "FLASH"):
        if region in over:
            return DoesNotFit(region, over[region], board, _largest(objects, region, board))
    return None


def _largest(objects: Sequence[Path], region: str, board: Board) -> list[tuple[str, int]]:
    sizes: list[tuple[str, int]] = []
    if region == "RAM":
        sizes.append(("stack reserve", board.stack_reserve_bytes))
    for path in objects:
        with path.open("rb") as stream:
            found = [s for s in read_symbols(ELFFile(stream)) if s.size and s.section.startswith(_SECTIONS[region])]
        sizes += [(symbol.name, symbol.size) for symbol in found if not any(_lies_in(symbol, o) for o in found)]
    worth_naming = [entry for entry in sizes if entry[1] >= _limit(board, region) // 100]
    return sorted(worth_naming, key=lambda entry: (-entry[1], entry[0]))[:_SHOWN]


def _lies_in(symbol: Symbol, other: Symbol) -> bool:
    """True for a part of a larger object, as the model's input is of the arena."""
    inside = other.address <= symbol.address and symbol.address + symbol.size <= other.address + other.size
    return symbol.section == other.section and inside and symbol.size < other.size


def _limit(board: Board, region: str) -> int:
    return board.ram_bytes if region == "RAM" else board.flash_bytes


def _larger_boards(board: Board, region: str, needed: int) -> str:
    names = [other.name for other in BOARDS.values() if other != board and _limit(other, region) >= needed]
    return f" Or take a larger board: board={' or '.join(map(repr, names))}." if names else ""
