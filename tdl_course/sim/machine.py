"""Machine: a Cortex-M microcontroller in Unicorn, with a firmware loaded and faults explained.

In: an `Elf`. Out: `Machine`: memory, registers, `run_until`. It maps the board's flash (read and execute) and RAM
(read and write), USART1 as `uart` answers, the cycle counter of the DWT as `cycles` answers, and the AHB1 peripherals
(GPIO, RCC, flash interface) and the system control space as registers that keep what is written. Nothing else exists:
an access elsewhere is a fault, and Unicorn takes no exceptions, so every fault ends the run with a SimulatorError. So
does a word at an odd place on a core that has no unaligned access, which Unicorn itself lets pass.
This module counts nothing and knows no model.
"""

from __future__ import annotations

import struct
import threading
from collections.abc import Callable, Sequence

from elftools.elf.elffile import ELFFile
from unicorn import (
    UC_ARCH_ARM,
    UC_HOOK_INTR,
    UC_HOOK_MEM_INVALID,
    UC_HOOK_MEM_READ,
    UC_HOOK_MEM_WRITE,
    UC_MODE_MCLASS,
    UC_MODE_THUMB,
    UC_PROT_EXEC,
    UC_PROT_READ,
    UC_PROT_WRITE,
    Uc,
    UcError,
)
from unicorn.arm_const import (
    UC_ARM_REG_LR,
    UC_ARM_REG_PC,
    UC_ARM_REG_R0,
    UC_ARM_REG_R1,
    UC_ARM_REG_SP,
    UC_CPU_ARM_CORTEX_M0,
    UC_CPU_ARM_CORTEX_M3,
    UC_CPU_ARM_CORTEX_M4,
)

from tdl_course.elf import Elf
from tdl_course.sim import faults, stack
from tdl_course.sim.result import SimulatorError

# The M0+ has the instructions of the M0, which is the one that Unicorn knows.
CPU_MODELS = {
    "cortex-m4f": UC_CPU_ARM_CORTEX_M4,
    "cortex-m3": UC_CPU_ARM_CORTEX_M3,
    "cortex-m0plus": UC_CPU_ARM_CORTEX_M0,
}
PAGE = 0x1000
USART1 = 0x4001_1000
AHB1 = (0x4002_0000, 0x4000)  # GPIO, RCC, flash interface
DWT = 0xE000_1000
SYSTEM_CONTROL = 0xE000_E000
CYCCNT = 4  # offset in the DWT
EXCEPTION_BREAKPOINT = 7
SEMIHOSTING = b"\xab\xbe"  # bkpt 0xab
SYS_EXIT_EXTENDED = 0x20


class Machine:
    """One simulated microcontroller, in reset, with `elf` in its flash."""

    def __init__(self, elf: Elf) -> None:
        self.elf = elf
        self.exit_code: int | None = None
        self.uart: tuple[Callable[[int], int], Callable[[int, int], None]] = (_uart_ready, _uart_discard)
        self.cycles: Callable[[], int] = lambda: 0
        self._cycles_at_zero = 0
        self._fault: tuple[int, int] | None = None  # (kind of access, address)
        self._unaligned: tuple[int, int] | None = None  # (address, size of access)
        self._exception: int | None = None
        self._expired = False
        board = elf.board
        engine = self.engine = Uc(UC_ARCH_ARM, UC_MODE_THUMB | UC_MODE_MCLASS)
        engine.ctl_set_cpu_model(CPU_MODELS[board.core.name])
        engine.mem_map(board.flash_base, board.flash_bytes, UC_PROT_READ | UC_PROT_EXEC)
        engine.mem_map(board.ram_base, board.ram_bytes, UC_PROT_READ | UC_PROT_WRITE)
        engine.mem_write(board.ram_base, stack.paint(board.ram_bytes))  # so that untouched stack is told from used
        engine.mem_map(*AHB1, UC_PROT_READ | UC_PROT_WRITE)
        engine.mem_map(SYSTEM_CONTROL, PAGE, UC_PROT_READ | UC_PROT_WRITE)
        engine.mmio_map(USART1, PAGE, self._read_uart, None, self._write_uart, None)
        engine.mmio_map(DWT, PAGE, self._read_dwt, None, self._write_dwt, None)
        engine.hook_add(UC_HOOK_MEM_INVALID, self._on_invalid_access)
        engine.hook_add(UC_HOOK_INTR, self._on_exception)
        if not board.core.unaligned:
            engine.hook_add(UC_HOOK_MEM_READ | UC_HOOK_MEM_WRITE, self._on_access)
        engine.ctl_exits_enabled(True)
        with elf.path.open("rb") as stream:
            for segment in ELFFile(stream).iter_segments("PT_LOAD"):
                if segment["p_filesz"]:
                    engine.mem_write(segment["p_paddr"], segment.data())
        self.initial_sp, self.reset_pc = struct.unpack("<II", self.read(board.flash_base, 8))
        self.pc, self.sp = self.reset_pc, self.initial_sp

    # The exit of a function called by `call`: the vector table, which is never executed.
    @property
    def return_address(self) -> int:
        return self.elf.board.flash_base

    @property
    def code(self) -> range:
        """The flash in use: all the code there is."""
        base = self.elf.board.flash_base
        ends = [
            s.address + s.size for s in self.elf.sections if s.address in range(base, base + self.elf.board.flash_bytes)
        ]
        return range(base, max(ends))

    @property
    def pc(self) -> int:
        return int(self.engine.reg_read(UC_ARM_REG_PC)) & ~1

    @pc.setter
    def pc(self, value: int) -> None:
        self.engine.reg_write(UC_ARM_REG_PC, value | 1)

    @property
    def sp(self) -> int:
        return int(self.engine.reg_read(UC_ARM_REG_SP))

    @sp.setter
    def sp(self, value: int) -> None:
        self.engine.reg_write(UC_ARM_REG_SP, value)

    def read(self, address: int, size: int) -> bytes:
        return bytes(self.engine.mem_read(address, size))

    def write(self, address: int, data: bytes) -> None:
        self.engine.mem_write(address, data)

    def stop(self) -> None:
        """Stop the run that is under way, after the block that executes."""
        self.engine.emu_stop()

    def save(self) -> tuple[object, bytes]:
        """Registers and RAM, for `restore`. Peripherals are not part of it."""
        return self.engine.context_save(), self.read(self.elf.board.ram_base, self.elf.board.ram_bytes)

    def restore(self, saved: tuple[object, bytes]) -> None:
        """Go back to where `save` was called."""
        context, ram = saved
        self.engine.context_restore(context)
        self.write(self.elf.board.ram_base, ram)

    def exits(self, addresses: Sequence[int]) -> None:
        """Where the next runs end: before the instruction at any of `addresses`."""
        self.engine.ctl_set_exits(list(addresses))
        self.engine.ctl_flush_tb()  # blocks translated before run across an exit inside them

    def call(self, function: int, timeout: float) -> None:
        """Call `function`, which takes and returns nothing, on an empty stack; `exits([return_address])` before.

        Raises
        ------
        SimulatorError
            A fault, an exit, or no return within `timeout` seconds of this computer's time.
        """
        self.sp = self.initial_sp
        self.engine.reg_write(UC_ARM_REG_LR, self.return_address | 1)
        self.pc = function
        self.run(timeout)
        if self.exit_code is not None:
            raise SimulatorError(f"The firmware ended with EXIT {self.exit_code} instead of returning. {self.where()}")
        if self.sp != self.initial_sp:
            raise SimulatorError(
                f"{self.name_of(function)} returned with sp=0x{self.sp:08x}, called with 0x{self.initial_sp:08x}: "
                "it pops what it did not push. Check its inline assembly, or a stack array that it overruns"
            )

    def run(self, timeout: float) -> None:
        """Run from `pc` until an exit address, `stop()`, or the firmware's semihosting exit (then `exit_code` is set).

        Raises SimulatorError on a fault, and when `timeout` seconds of this computer's time are over.
        """
        self._fault = self._unaligned = self._exception = None
        self._expired = False
        timer = threading.Timer(timeout, self._expire)
        timer.daemon = True
        timer.start()
        try:
            self.engine.emu_start(self.pc | 1, 0)
        except UcError as error:
            raise SimulatorError(faults.explain(self, error, self._fault, self._exception)) from None
        finally:
            timer.cancel()
        if self._unaligned is not None:
            raise SimulatorError(faults.unaligned(self, *self._unaligned))
        if self._exception is not None and self.exit_code is None:
            raise SimulatorError(faults.explain(self, None, None, self._exception))
        if self._expired:
            raise SimulatorError(
                f"No end after {timeout:g} s of simulation. {self.where()} An endless loop? "
                "A large model needs longer: pass timeout= in seconds"
            )

    def where(self) -> str:
        """`It was in tdl_infer+0x12 (pc=0x08000122, lr=..., sp=...).`: for error messages."""
        lr = int(self.engine.reg_read(UC_ARM_REG_LR))
        caller = "" if self.elf.function_at(self.pc) else f", called from {self.name_of(lr)}"
        return f"It was in {self.name_of(self.pc)}{caller} (pc=0x{self.pc:08x}, lr=0x{lr:08x}, sp=0x{self.sp:08x})."

    def name_of(self, address: int) -> str:
        """The function at `address` with the offset into it."""
        function = self.elf.function_at(address)
        if function is None:
            return "no function"
        offset = (address & ~1) - function.address
        return f"{function.name}+0x{offset:x}" if offset else function.name

    @property
    def stack_floor(self) -> int:
        """Where static data ends, and the stack must stop."""
        return stack.stack_floor(self.elf)

    def paint_stack(self) -> None:
        """Make all the stack below `sp` look unused."""
        self.write(self.stack_floor, stack.paint(self.sp - self.stack_floor))

    def stack_used(self) -> int:
        """Bytes between the initial stack pointer and the deepest byte written since it was painted.

        Raises SimulatorError where that is the floor: the stack has met static data.
        """
        return stack.stack_used(self.read(self.stack_floor, self.initial_sp - self.stack_floor))

    def floor_is_touched(self) -> bool:
        """True where the lowest word that the stack may use has been written."""
        return stack.floor_is_touched(self.read(self.stack_floor, stack.WORD))

    def _expire(self) -> None:
        self._expired = True
        self.engine.emu_stop()

    def _read_uart(self, _: Uc, offset: int, size: int, __: object) -> int:
        return self.uart[0](offset)

    def _write_uart(self, _: Uc, offset: int, size: int, value: int, __: object) -> None:
        self.uart[1](offset, value)

    def _read_dwt(self, _: Uc, offset: int, size: int, __: object) -> int:
        return (self.cycles() - self._cycles_at_zero) & 0xFFFF_FFFF if offset == CYCCNT else 0

    def _write_dwt(self, _: Uc, offset: int, size: int, value: int, __: object) -> None:
        if offset == CYCCNT:
            self._cycles_at_zero = self.cycles() - value

    def _on_invalid_access(self, _: Uc, access: int, address: int, size: int, value: int, __: object) -> bool:
        self._fault = (access, address)
        return False

    def _on_access(self, engine: Uc, access: int, address: int, size: int, value: int, __: object) -> None:
        if address % size and self._unaligned is None:
            self._unaligned = (address, size)
            engine.emu_stop()

    def _on_exception(self, engine: Uc, number: int, _: object) -> None:
        self._exception = number
        if number == EXCEPTION_BREAKPOINT and self.read(self.pc, 2) == SEMIHOSTING:
            block = int(engine.reg_read(UC_ARM_REG_R1))
            if engine.reg_read(UC_ARM_REG_R0) == SYS_EXIT_EXTENDED:
                self.exit_code = struct.unpack("<II", self.read(block, 8))[1]
        engine.emu_stop()


def _uart_ready(offset: int) -> int:
    return 0xC0 if offset == 0 else 0  # transmitter empty, nothing received


def _uart_discard(offset: int, value: int) -> None:
    return None
