"""QEMU: run a firmware in another program's model of the chip, and count what one inference executes.

In: an `Elf` by the ELF contract and int8 inputs; for a session, the `Elf` alone. Out: a `RunResult`, or a `Link` to the
firmware's serial port. QEMU's machine netduinoplus2 is an STM32F405, and netduino2 an STM32F205: 1 MiB flash, 128 KiB
RAM, and they take exceptions.

`run_qemu` drives it through QEMU's GDB stub over pipes: boot to `main`, then for each input write `tdl_input`, call
`tdl_infer` on an empty stack, read `tdl_output`. Instructions are exact: with `-icount shift=0` each instruction takes
one nanosecond of QEMU's time, and timer TIM2, which QEMU clocks at 1 GHz, is read when `tdl_infer` is entered and when
it has returned. The difference is Unicorn's count, error 0. TIM2 has 32 bits, so a run is cut into slices in which it
cannot wrap. There are no cycles: QEMU has no timing model, and its DWT reads 0.

It does not know: boards with less RAM (QEMU gives every board 128 KiB, so that a firmware for tiny32k is not stopped
when it writes above its RAM), writes to flash (they are ignored), and peripherals beyond the USART. On netduino2 an
access where nothing is reads 0, and is no fault.
"""

from __future__ import annotations

import re
import tempfile
import time
from pathlib import Path

import numpy as np

from tdl_course.elf import Elf
from tdl_course.sim.gdb import LR, PC, SP, GdbClient, ProgramEnded
from tdl_course.sim.inputs import check_inputs
from tdl_course.sim.process import PipeLink, find_program
from tdl_course.sim.result import RunResult, SimulatorError
from tdl_course.sim.stack import paint, stack_floor, stack_used
from tdl_course.sim.unicorn import check_contract

PROGRAM = "qemu-system-arm"
MACHINES = {"cortex-m4f": "netduinoplus2", "cortex-m3": "netduino2"}  # by core: all boards of a core are one chip
INSTALL = "Debian, Ubuntu: apt install qemu-system-arm; macOS: brew install qemu; Windows: the installer of qemu.org"
TIM2_COUNTER = 0x4000_0024
SLICE_SECONDS = 1.0  # far fewer than 2^32 instructions of simulation
# QEMU maps the flash at address 0 too, where no code is executed: a breakpoint there slows no code down.
RETURN_ADDRESS = 0
FAULT = re.compile(r"FAULT (\w+) pc=0x([0-9a-f]{8})")


def open_qemu(elf: Elf) -> PipeLink:
    """Boot `elf` in QEMU. Returns the firmware's serial port; what is sent before its m-ready may be lost."""
    return PipeLink([*_command(elf), "-serial", "stdio"])


def run_qemu(elf: Elf, inputs: np.ndarray, timeout: float = 60.0) -> RunResult:
    """Run every input through `tdl_infer` in QEMU.

    Parameters
    ----------
    elf : Elf
        A firmware by the ELF contract.
    inputs : int8 array [n, ...]
        n inputs of as many bytes as `tdl_input` has.
    timeout : float
        Seconds of this computer's time that boot and each inference may take.

    Returns
    -------
    RunResult
        `outputs` int8 [n, bytes of tdl_output], instructions of the first inference, stacks; no cycles.

    Raises
    ------
    SimulatorError
        QEMU is not installed, the ELF breaks the contract, the inputs do not fit, the firmware faults or does not end.
    """
    check_contract(elf)
    source, target = elf.symbols["tdl_input"], elf.symbols["tdl_output"]
    rows = check_inputs(inputs, source.size)
    began = time.perf_counter()
    with tempfile.TemporaryDirectory(prefix="tdl-qemu-") as folder:
        said = Path(folder) / "uart"
        options = ["-icount", "shift=0", "-gdb", "stdio", "-S", "-serial", f"file:{said}"]
        with PipeLink([*_command(elf), *options]) as link:
            session = _Session(elf, GdbClient(link), timeout)
            try:
                boot_stack = session.boot()
                counts, outputs = [], np.empty((len(rows), target.size), np.int8)
                session.paint_stack()
                for index, row in enumerate(rows):
                    session.gdb.write(source.address, row.tobytes())
                    counts.append(session.infer())
                    outputs[index] = np.frombuffer(session.gdb.read(target.address, target.size), np.int8)
                stack = session.stack_used()
            except SimulatorError as error:
                if not isinstance(error, ProgramEnded) and link.exit_status(0) is None:
                    raise
                text = said.read_text("ascii", "replace") if said.exists() else ""
                raise SimulatorError(_explain(elf, error, text)) from None
    return RunResult(
        outputs=outputs,
        simulator="qemu",
        seconds=time.perf_counter() - began,
        instructions=counts[0],
        stack_bytes=stack,
        boot_stack_bytes=boot_stack,
    )


class _Session:
    """A firmware under QEMU's GDB stub, in reset."""

    def __init__(self, elf: Elf, gdb: GdbClient, timeout: float) -> None:
        self.elf, self.gdb, self.timeout = elf, gdb, timeout
        self.floor = stack_floor(elf)
        self.initial_sp = gdb.register(SP)

    def boot(self) -> int:
        """Run from reset to the first instruction of `main`. Returns the stack used on the way, in bytes."""
        main = self.elf.symbols["main"].address
        self.paint_stack()
        self.gdb.set_breakpoint(main)
        self.run_to(main)
        self.gdb.clear_breakpoint(main)
        self.gdb.set_breakpoint(RETURN_ADDRESS)
        return self.stack_used()

    def infer(self) -> int:
        """Call `tdl_infer` on an empty stack. Returns the instructions executed, its return included."""
        self.gdb.set_register(SP, self.initial_sp)
        self.gdb.set_register(LR, RETURN_ADDRESS | 1)
        self.gdb.set_register(PC, self.elf.symbols["tdl_infer"].address)
        count = self.run_to(RETURN_ADDRESS)
        sp = self.gdb.register(SP)
        if sp != self.initial_sp:
            raise SimulatorError(
                f"tdl_infer returned with sp=0x{sp:08x}, called with 0x{self.initial_sp:08x}: "
                "it pops what it did not push"
            )
        return count

    def run_to(self, address: int) -> int:
        """Run to the breakpoint at `address`. Returns the instructions executed on the way."""
        deadline = time.monotonic() + self.timeout
        count, before = 0, self.gdb.read_word(TIM2_COUNTER)
        while True:
            self.gdb.run(max(0.0, min(SLICE_SECONDS, deadline - time.monotonic())))
            now = self.gdb.read_word(TIM2_COUNTER)
            count, before = count + (now - before) % 2**32, now
            pc = self.gdb.register(PC)
            if pc == address:
                return count
            if time.monotonic() >= deadline:
                self.stack_used()  # an overflow leads to loops of every kind, and is what should be said
                function = self.elf.function_at(pc)
                where = function.name if function else "no function"
                raise SimulatorError(
                    f"No end after {self.timeout:g} s of simulation. It was in {where} (pc=0x{pc:08x}). "
                    "An endless loop? A large model needs longer: pass timeout= in seconds"
                )

    def paint_stack(self) -> None:
        self.gdb.write(self.floor, paint(self.initial_sp - self.floor))

    def stack_used(self) -> int:
        return stack_used(self.gdb.read(self.floor, self.initial_sp - self.floor))


def _command(elf: Elf) -> list[str]:
    """QEMU with `elf` in its flash, no window, no monitor, no network, and semihosting: the firmware's exit ends it."""
    core = elf.board.core
    if core.name not in MACHINES:
        raise SimulatorError(f"QEMU has no machine here for {core}; it has one for {', '.join(MACHINES)}")
    program = find_program(PROGRAM, INSTALL)
    quiet = ["-display", "none", "-monitor", "none", "-nic", "none"]
    semihosting = ["-semihosting-config", "enable=on,target=native"]
    return [program, "-M", MACHINES[core.name], "-kernel", str(elf.path), *quiet, *semihosting]


def _explain(elf: Elf, error: SimulatorError, said: str) -> str:
    """The error text for a firmware, or a QEMU, that ended while it should infer; `said` is what came from its serial
    port."""
    fault = FAULT.search(said)
    if fault is None:
        return f"{error}. Its serial port said {said[-200:]!r}" if said else str(error)
    function = elf.function_at(int(fault[2], 16))
    where = f"in {function.name}" if function else "in no function: a wild jump, or the stack was overrun"
    return f'The firmware raised {fault[1]} {where} (pc=0x{fault[2]}). sim="unicorn" names the address that it touched'
