"""The board behind Renode's stand-in: a firmware in Unicorn that runs for a given number of instructions, with hooks.

It behaves as Renode's models do where the driver could tell: the USART drops what comes before it is enabled and then
queues without end; counts are exact at the hooked addresses; accesses to what the platform lacks read 0.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import cache
from pathlib import Path

import unicorn

from tdl_course.boards import BOARDS
from tdl_course.elf import read_elf
from tdl_course.sim.cycle_model import disassemble
from tdl_course.sim.machine import Machine

STATUS, DATA, CONTROL_1 = 0x00, 0x04, 0x0C
ENABLED = (1 << 13) | (1 << 2)  # UE, RE
RECEIVED, TRANSMITTED = 0x20, 0xC0
IDLE_POLLS = 4
WALL_SECONDS = 100.0


class Board:
    """A firmware in reset. `uart_file` collects what it sends; `log` takes what hooks print."""

    def __init__(self, elf: Path, ram_bytes: int, log: Callable[[str], None]) -> None:
        board = next(board for board in BOARDS.values() if board.ram_bytes == ram_bytes)
        self.uart_file: Path | None = None
        self._log = log
        self._machine = Machine(read_elf(elf, board))
        self._machine.uart = (self._read, self._write)
        self._machine.cycles = lambda: self.executed
        self._received: deque[int] = deque()
        self._control = self._idle = self._counted = self._limit = 0
        self._block = (0, 0)
        self._size = cache(lambda address, size: len(list(disassemble(self._machine.read(address, size), address))))
        self._machine.engine.hook_add(unicorn.UC_HOOK_BLOCK, self._on_block)

    @property
    def executed(self) -> int:
        """ExecutedInstructions: of all blocks that were left, and of the one that is executed now."""
        return self._counted + self._size(*self._block) if self._block[1] else self._counted

    def add_hook(self, address: int, text: str) -> None:
        def hook(engine: object, at: int, size: int, data: object) -> None:
            start = self._block[0]
            before = self._size(start, at - start) if at > start else 0
            self._log(text.format(self._counted + before))

        self._machine.engine.hook_add(unicorn.UC_HOOK_CODE, hook, None, address, address)

    def write_char(self, byte: int) -> None:
        if not self._control & ENABLED:
            self._log("Received a character, but the receiver is not enabled, dropping.")
            return
        self._received.append(byte)

    def run_for(self, instructions: int) -> None:
        """Until so many are executed; a firmware that waits for input would only wait."""
        self._limit, self._idle = self.executed + instructions, 0
        if self._machine.exit_code is None:
            self._machine.run(WALL_SECONDS)

    def _on_block(self, engine: object, address: int, size: int, data: object) -> None:
        if self._block[1]:
            self._counted += self._size(*self._block)
        self._block = (address, size)
        if self._counted >= self._limit:
            self._machine.stop()
            self._block = (address, 0)  # not executed now: the next run begins with it

    def _read(self, offset: int) -> int:
        if offset == STATUS:
            self._idle = 0 if self._received else self._idle + 1
            if self._idle >= IDLE_POLLS:
                self._machine.stop()
            return TRANSMITTED | (RECEIVED if self._received else 0)
        return self._received.popleft() if offset == DATA and self._received else 0

    def _write(self, offset: int, value: int) -> None:
        if offset == CONTROL_1:
            self._control = value
        if offset == DATA:
            self._idle = 0
            if self.uart_file is not None:
                with self.uart_file.open("ab") as stream:
                    stream.write(bytes([value & 0xFF]))
