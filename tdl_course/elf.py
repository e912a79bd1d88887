"""Elf: a linked firmware as frozen data.

In: the path of an ELF file and its board. Out: `Elf`, with sections, symbols, sizes and functions.
This module knows no compiler and no simulator; it only reads.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from elftools.common.exceptions import ELFError
from elftools.elf.elffile import ELFFile
from elftools.elf.sections import SymbolTableSection

from tdl_course.boards import Board
from tdl_course.boards import board as find_board
from tdl_course.table import Table

_ALLOCATED = 0x2


class ToolchainError(RuntimeError):
    """A compiler, linker or ELF file failed; the message says why and what to do next."""


@dataclass(frozen=True)
class Section:
    """An allocated section: `loaded` where its bytes lie in flash (.data does, .bss does not)."""

    name: str
    address: int
    size: int
    loaded: bool


@dataclass(frozen=True)
class Symbol:
    """A named object or function of `size` bytes. Function addresses have the Thumb bit cleared.

    `file` is the C file of a static symbol; for a global one the format does not say it.
    """

    name: str
    address: int
    size: int
    kind: str
    section: str
    file: str = ""


@dataclass(frozen=True)
class Elf:
    """A firmware image that fits its board. Sizes in bytes; `flash_bytes` counts everything that is programmed."""

    path: Path
    board: Board
    sections: tuple[Section, ...]
    symbols: Mapping[str, Symbol] = field(repr=False)
    functions: tuple[Symbol, ...] = field(repr=False)
    objects: tuple[Symbol, ...] = field(repr=False, default=())

    @property
    def flash_bytes(self) -> int:
        return sum(section.size for section in self.sections if section.loaded)

    @property
    def data_bytes(self) -> int:
        return self._size(".data")

    @property
    def bss_bytes(self) -> int:
        return self._size(".bss")

    @property
    def static_ram_bytes(self) -> int:
        """.data + .bss: the RAM in use before the first call."""
        return self.data_bytes + self.bss_bytes

    def _size(self, name: str) -> int:
        return sum(section.size for section in self.sections if section.name == name)

    def symbol(self, name: str) -> Symbol:
        """The symbol of that name. Raises ToolchainError where the file has none."""
        if name not in self.symbols:
            raise ToolchainError(f"{self.path.name} has no symbol {name!r}; build it with tdl build or tdl.deploy")
        return self.symbols[name]

    def function_at(self, address: int) -> Symbol | None:
        """The function that holds `address` (the Thumb bit is ignored), or None."""
        address &= ~1
        at = bisect_right(self.functions, address, key=lambda function: function.address) - 1
        if at < 0:
            return None
        function = self.functions[at]
        return function if address < function.address + max(function.size, 2) else None

    def rows(self) -> list[tuple[str, ...]]:
        """What is used of what the board has: name, bytes used, bytes there are, share."""
        board = self.board
        used = (
            ("flash: code, constants, initial data", self.flash_bytes, board.flash_bytes),
            ("RAM: .data", self.data_bytes, board.ram_bytes),
            ("RAM: .bss", self.bss_bytes, board.ram_bytes),
            ("RAM: static and stack reserve", self.static_ram_bytes + board.stack_reserve_bytes, board.ram_bytes),
        )
        return [(name, f"{size:,}", f"{limit:,}", f"{size / limit:.1%}") for name, size, limit in used]

    def table(self) -> Table:
        return Table(f"{self.path.name} for {self.board.name}", ("memory", "bytes", "of", "used"), tuple(self.rows()))

    def __repr__(self) -> str:
        return str(self.table())

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


def read_elf(path: str | Path, board: str | Board = "stm32f405") -> Elf:
    """Read a firmware ELF.

    Raises
    ------
    ToolchainError
        The file is missing, is not a 32-bit Arm ELF, is corrupt, or does not lie in the board's memory.
    """
    path, target = Path(path), find_board(board)
    try:
        with path.open("rb") as stream:
            file = ELFFile(stream)
            if file.elfclass != 32 or file["e_machine"] != "EM_ARM":
                raise ToolchainError(f"{path.name} is an ELF for {file['e_machine']}, not for a 32-bit Arm core")
            sections = tuple(_sections(file))
            symbols = list(read_symbols(file))
    except FileNotFoundError:
        raise ToolchainError(f"no such file: {path}. Build it with tdl build") from None
    except ToolchainError:
        raise
    except (ELFError, OSError, ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError) as error:
        raise ToolchainError(
            f"{path.name} is not a readable ELF file ({error}). Build it again with tdl build"
        ) from None
    for section in sections:
        _check_place(path, section, target)
    by_name: dict[str, Symbol] = {}
    for symbol in symbols:
        by_name.setdefault(symbol.name, symbol)
    functions = sorted((s for s in symbols if s.kind == "function"), key=lambda s: (s.address, -s.size))
    objects = tuple(symbol for symbol in symbols if symbol.kind == "object")
    return Elf(path, target, sections, by_name, tuple(functions), objects)


def read_symbols(file: ELFFile) -> Iterator[Symbol]:
    """The functions and objects of an ELF or object file, and its bare labels; global ones first."""
    table = file.get_section_by_name(".symtab")
    if not isinstance(table, SymbolTableSection):
        raise ELFError("it has no symbol table")
    kinds = {"STT_FUNC": "function", "STT_OBJECT": "object", "STT_NOTYPE": "label"}
    entries, file_name = [], ""
    for entry in table.iter_symbols():
        local = entry["st_info"]["bind"] == "STB_LOCAL"
        if entry["st_info"]["type"] == "STT_FILE":  # the local symbols that follow are of this file
            file_name = entry.name
        elif entry.name and not entry.name.startswith("$") and entry["st_shndx"] != "SHN_UNDEF":
            entries.append((local, entry, file_name if local else ""))
    for _, entry, source in sorted(entries, key=lambda item: item[0]):
        kind = kinds.get(entry["st_info"]["type"])
        if kind is None:
            continue
        index = entry["st_shndx"]
        section = file.get_section(index).name if isinstance(index, int) else ""
        address = entry["st_value"] & ~1 if kind == "function" else entry["st_value"]
        yield Symbol(entry.name, address, entry["st_size"], kind, section, source)


def _sections(file: ELFFile) -> Iterator[Section]:
    for section in file.iter_sections():
        if section["sh_flags"] & _ALLOCATED and section["sh_size"]:
            yield Section(section.name, section["sh_addr"], section["sh_size"], section["sh_type"] != "SHT_NOBITS")


def _check_place(path: Path, section: Section, board: Board) -> None:
    memory = ((board.flash_base, board.flash_bytes), (board.ram_base, board.ram_bytes))
    if not any(base <= section.address and section.address + section.size <= base + size for base, size in memory):
        raise ToolchainError(
            f"{path.name}: section {section.name} at 0x{section.address:08x}, {section.size:,} bytes, lies outside the "
            f"flash and RAM of board {board.name}; give the board that it was built for"
        )
