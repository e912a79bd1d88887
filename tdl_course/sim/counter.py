"""Block counter: how often each translated block of a simulated program ran, by scope.

In: a Unicorn engine, the address range of the code, and the functions that open a scope of their own (the layers).
Out: `BlockCount`s: scope, block, executions, and how many of these were left by a jump.
`counter.c` does it at native speed; where no C compiler is to be had the same is done in Python, about fifty times
slower, after one warning. Neither knows what an instruction costs: see `profile`.
"""

from __future__ import annotations

import ctypes
import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Protocol

import numpy as np
from unicorn import UC_HOOK_BLOCK, Uc, UcError
from unicorn.arm_const import UC_ARM_REG_LR, UC_ARM_REG_SP
from unicorn.unicorn_py3.unicorn import uclib

from tdl_course import toolchain

MAX_BLOCKS = 1 << 15  # blocks that a counter in C has room for; firmware of 100 KB of code runs some thousands
OUTSIDE = 0  # the scope of everything that no scope function covers; scope k is the k-th scope function


@dataclass(frozen=True, slots=True)
class BlockCount:
    """Block [address, address + size) ran `count` times in `scope`; `taken` times the next block was not adjacent."""

    scope: int
    address: int
    size: int
    count: int
    taken: int


class BlockCounter(Protocol):
    """What both counters do. Attach, run, `finish()` where the run ended by a jump out, detach, read `blocks()`."""

    def attach(self, engine: Uc) -> None: ...
    def detach(self) -> None: ...
    def finish(self) -> None: ...
    def blocks(self) -> list[BlockCount]: ...


def block_counter(code: range, scopes: Sequence[int] = ()) -> BlockCounter:
    """A counter for the addresses `code`; entering an address of `scopes` opens its scope until it returns.

    Native where `counter.c` compiles, else in Python.
    """
    return PythonCounter(code, scopes) if _native() is None else NativeCounter(code, scopes)


class LostBlocks(RuntimeError):
    """The counter met blocks that it could not count, so that no sum would be true."""


@cache
def _native() -> ctypes.CDLL | None:
    try:
        return ctypes.CDLL(str(toolchain.native_library(Path(__file__).with_name("counter.c"))))
    except (toolchain.ToolchainError, OSError) as error:
        warnings.warn(
            f"counting instructions in Python, about fifty times slower: counter.c was not compiled ({error}). "
            "The counts are the same. `tdl doctor` checks the toolchain.",
            stacklevel=4,
        )
        return None


class _Counter(ctypes.Structure):
    """`tdl_counter` of counter.c, field by field."""

    _fields_ = [
        ("base", ctypes.c_uint32),
        ("halfwords", ctypes.c_uint32),
        ("capacity", ctypes.c_uint32),
        ("used", ctypes.c_uint32),
        ("lookup", ctypes.c_void_p),
        ("scope_at", ctypes.c_void_p),
        ("blocks", ctypes.c_void_p),
        ("cells", ctypes.c_void_p),
        ("reg_read", ctypes.c_void_p),
        ("previous", ctypes.c_void_p),
        ("previous_end", ctypes.c_uint32),
        ("scope", ctypes.c_uint32),
        ("return_to", ctypes.c_uint32),
        ("return_sp", ctypes.c_uint32),
        ("lost", ctypes.c_uint32),
    ]


class NativeCounter:
    """Counts in counter.c."""

    def __init__(self, code: range, scopes: Sequence[int] = ()) -> None:
        library = _native()
        if library is None:
            raise toolchain.ToolchainError(
                "counter.c was not compiled: use block_counter(), which falls back to Python"
            )
        halfwords = len(code) // 2 + 1
        capacity = min(halfwords, MAX_BLOCKS)
        self._function = ctypes.cast(library.tdl_count_block, ctypes.c_void_p)
        self._lookup = np.zeros(halfwords, np.uint32)
        self._scope_at = np.zeros(halfwords, np.uint16)
        self._scope_at[[(address - code.start) // 2 for address in scopes]] = np.arange(1, len(scopes) + 1)
        self._blocks = np.zeros(capacity, np.dtype([("address", "u4"), ("size", "u4"), ("next", "u4")]))
        self._cells = np.zeros((len(scopes) + 1, capacity), np.dtype([("count", "u8"), ("taken", "u8")]))
        self._state = _Counter(base=code.start, halfwords=halfwords, capacity=capacity)
        self._state.lookup = self._lookup.ctypes.data
        self._state.scope_at = self._scope_at.ctypes.data
        self._state.blocks = self._blocks.ctypes.data
        self._state.cells = self._cells.ctypes.data
        self._state.reg_read = ctypes.cast(uclib.uc_reg_read, ctypes.c_void_p).value
        self._hook: tuple[Uc, ctypes.c_size_t] | None = None

    def attach(self, engine: Uc) -> None:
        handle = ctypes.c_size_t()
        status = uclib.uc_hook_add(
            engine._uch, ctypes.byref(handle), UC_HOOK_BLOCK, self._function, ctypes.byref(self._state), 1, 0
        )
        if status != 0:
            raise UcError(status)
        self._hook = (engine, handle)
        engine.ctl_flush_tb()  # blocks translated before have no call to the hook

    def detach(self) -> None:
        if self._hook is not None:
            engine, handle = self._hook
            uclib.uc_hook_del(engine._uch, handle)
            engine.ctl_flush_tb()
            self._hook = None

    def finish(self) -> None:
        """The run ended by a jump out of the counted code: the last block was left by a jump."""
        if self._state.previous:
            cell = (self._state.previous - self._cells.ctypes.data) // self._cells.itemsize
            self._cells.reshape(-1)["taken"][cell] += 1
            self._state.previous = None

    def blocks(self) -> list[BlockCount]:
        """What ran so far. Raises LostBlocks when something could not be counted."""
        if self._state.lost:
            raise LostBlocks(f"{self._state.lost} blocks ran outside of the code range or beyond the counter's tables")
        used = self._state.used
        cells = self._cells[:, :used]
        return [
            BlockCount(
                int(scope),
                int(self._blocks["address"][index]),
                int(self._blocks["size"][index]),
                int(cells["count"][scope, index]),
                int(cells["taken"][scope, index]),
            )
            for scope, index in zip(*np.nonzero(cells["count"]), strict=True)
        ]


class PythonCounter:
    """Counts in Python, for machines without a C compiler: the same results."""

    def __init__(self, code: range, scopes: Sequence[int] = ()) -> None:
        self._code = code
        self._scope_at = {address: scope for scope, address in enumerate(scopes, start=1)}
        self._cells: dict[tuple[int, int, int], list[int]] = {}
        self._previous: list[int] | None = None
        self._previous_end = 0
        self._scope = OUTSIDE
        self._return = (0, 0)
        self._lost = 0
        self._hook: tuple[Uc, int] | None = None

    def attach(self, engine: Uc) -> None:
        self._hook = (engine, engine.hook_add(UC_HOOK_BLOCK, self._count_block))
        engine.ctl_flush_tb()  # blocks translated before have no call to the hook

    def detach(self) -> None:
        if self._hook is not None:
            engine, handle = self._hook
            engine.hook_del(handle)
            engine.ctl_flush_tb()
            self._hook = None

    def finish(self) -> None:
        """The run ended by a jump out of the counted code: the last block was left by a jump."""
        if self._previous is not None:
            self._previous[1] += 1
            self._previous = None

    def blocks(self) -> list[BlockCount]:
        """What ran so far. Raises LostBlocks when something could not be counted."""
        if self._lost:
            raise LostBlocks(f"{self._lost} blocks ran outside of the code range")
        return [BlockCount(*block, count, taken) for block, (count, taken) in sorted(self._cells.items())]

    def _count_block(self, engine: Uc, address: int, size: int, _: object) -> None:
        if self._previous is not None and address != self._previous_end:
            self._previous[1] += 1
        self._previous = None
        if address not in self._code:
            self._lost += 1
            return
        self._follow_scope(engine, address)
        cell = self._cells.setdefault((self._scope, address, size), [0, 0])
        cell[0] += 1
        self._previous, self._previous_end = cell, address + size

    def _follow_scope(self, engine: Uc, address: int) -> None:
        if self._scope and self._return == (address, engine.reg_read(UC_ARM_REG_SP)):
            self._scope = OUTSIDE
        if not self._scope and address in self._scope_at:
            self._scope = self._scope_at[address]
            self._return = (engine.reg_read(UC_ARM_REG_LR) & ~1, engine.reg_read(UC_ARM_REG_SP))
