"""Device: talk to a firmware over its serial port, as a host computer would.

In: an `Elf` and bytes for its USART1. Out: the bytes it answers. The whole firmware runs, from reset; its cycle counter
(DWT CYCCNT) counts modelled cycles, in steps of a block; where the cycle model is of another core, it stands still.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from tdl_course.elf import Elf
from tdl_course.sim.counter import block_counter
from tdl_course.sim.machine import Machine
from tdl_course.sim.profile import BlockCosts, costs_by
from tdl_course.sim.result import Cost, SimulatorError

STATUS, DATA = 0, 4  # registers of the USART by offset
RECEIVED, TRANSMITTED = 0x20, 0xC0  # bits of STATUS: RXNE; TXE and TC
POLLS_WHEN_WAITING = 4  # reads of STATUS in a row with nothing received and nothing sent


class Device:
    """A serial session with a firmware. It boots on creation: `greeting` is what it says until it waits for input.

    Raises SimulatorError on a fault, or when the firmware neither waits nor ends within `timeout` seconds of this
    computer's time; the message ends with what it had sent until then. `listener` gets each byte when it is sent.
    Without `counting` it runs faster, and its cycle counter stands still.

    Examples
    --------
    >>> device = Device(elf)                                                   # doctest: +SKIP
    >>> device.send(b"name%")                                                  # doctest: +SKIP
    b'm-name-dut-[tdl]\\r\\nm-ready\\r\\n'
    """

    def __init__(
        self, elf: Elf, timeout: float = 60.0, listener: Callable[[int], None] | None = None, counting: bool = True
    ) -> None:
        self.timeout = timeout
        self._listener = listener
        self._received: deque[int] = deque()
        self._sent = bytearray()
        self._idle_polls = 0
        self._machine = Machine(elf)
        self._machine.uart = (self._read, self._write)
        self._counter = block_counter(self._machine.code)
        self._costs = BlockCosts(self._machine.read, elf.board.core.timed)
        if counting:
            self._machine.cycles = lambda: self._cost().cycles or 0
            self._counter.attach(self._machine.engine)
        self.greeting = self.send(b"")
        self._booted = self._machine.save()

    @property
    def exit_code(self) -> int | None:
        """The code of the firmware's semihosting exit; None while it has not ended."""
        return self._machine.exit_code

    @property
    def stack_bytes(self) -> int:
        """Deepest stack since reset, in bytes: `main`, the protocol and all inferences."""
        return self._machine.stack_used()

    @property
    def instructions(self) -> int:
        """Instructions executed since reset. How often the firmware polls for input is part of it."""
        return self._cost().instructions

    def send(self, data: bytes) -> bytes:
        """Send `data`; returns what the firmware sends until it waits for more input, or ends."""
        if self.exit_code is not None:
            raise SimulatorError(f"the firmware has ended with EXIT {self.exit_code}; start a new Device")
        self._received.extend(data)
        self._sent.clear()
        self._idle_polls = 0
        try:
            self._machine.run(self.timeout)
        except SimulatorError as error:
            said = f" Until then it had sent {bytes(self._sent)!r}" if self._sent else ""
            raise SimulatorError(f"{error}{said}") from None
        return bytes(self._sent)

    def reset(self) -> None:
        """Back to where the firmware first waited for input, much sooner than by a new Device. Counts go on."""
        self._machine.restore(self._booted)
        self._machine.exit_code = None
        self._received.clear()

    def stop(self) -> None:
        """Stop the `send` that is under way in another thread; one that is about to begin is not stopped."""
        self._machine.stop()

    def _cost(self) -> Cost:
        sums = costs_by(self._counter.blocks(), self._costs, lambda block: None)
        return sum(sums.values(), Cost(0, 0))

    def _read(self, offset: int) -> int:
        if offset == STATUS and not self._received:
            self._idle_polls += 1
            if self._idle_polls >= POLLS_WHEN_WAITING:
                self._machine.stop()
        elif offset == DATA and self._received:
            return self._received.popleft()
        return (TRANSMITTED | (RECEIVED if self._received else 0)) if offset == STATUS else 0

    def _write(self, offset: int, value: int) -> None:
        if offset == DATA:
            self._sent.append(value & 0xFF)
            self._idle_polls = 0
            if self._listener:
                self._listener(value & 0xFF)
