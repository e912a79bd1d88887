"""GdbClient: drive a simulator through its GDB stub.

In: a `Link` to the stub. Out: memory, registers, breakpoints, and running until one of them. It speaks the remote
serial protocol of GDB ("Debugging with GDB", appendix E), as much of it as a firmware run needs.
This module knows no firmware and no simulator.
"""

from __future__ import annotations

import re
import time

from tdl_course.sim.link import Link
from tdl_course.sim.result import SimulatorError

ANSWER_SECONDS = 20.0  # for everything except running
PACKET = 1024  # bytes of memory in one packet; hex doubles them, and stubs take 4096 characters
SP, LR, PC = 13, 14, 15


class ProgramEnded(SimulatorError):
    """The program on the target has ended itself; `status` is its exit status, None where the stub did not say."""

    def __init__(self, status: int | None) -> None:
        super().__init__(f"the firmware ended with status {status} before it was due")
        self.status = status


class GdbClient:
    """A stopped target at the other end of `link`.

    Raises SimulatorError where the stub refuses or is silent, ProgramEnded where the program exits while it runs.
    """

    def __init__(self, link: Link) -> None:
        self._link = link
        self._arrived = bytearray()
        self._ask("qSupported:xmlRegisters=arm")
        self._ask("qXfer:features:read:target.xml:0,400")  # QEMU lets registers be written after this only

    def read(self, address: int, size: int) -> bytes:
        """`size` bytes of memory."""
        data = bytearray()
        for at in range(address, address + size, PACKET):
            answer = self._ask(f"m{at:x},{min(PACKET, address + size - at):x}")
            try:
                data += bytes.fromhex(answer)
            except ValueError:
                raise self._refused(f"to read memory at 0x{at:08x}", answer) from None
        if len(data) != size:
            raise SimulatorError(f"the GDB stub gave {len(data)} bytes of memory at 0x{address:08x}, {size} were asked")
        return bytes(data)

    def write(self, address: int, data: bytes) -> None:
        """Write memory."""
        for start in range(0, len(data), PACKET):
            part, at = data[start : start + PACKET], address + start
            self._command(f"M{at:x},{len(part):x}:{part.hex()}", f"to write memory at 0x{at:08x}")

    def read_word(self, address: int) -> int:
        return int.from_bytes(self.read(address, 4), "little")

    def write_word(self, address: int, value: int) -> None:
        self.write(address, value.to_bytes(4, "little"))

    def register(self, number: int) -> int:
        answer = self._ask(f"p{number:x}")
        if not re.fullmatch("[0-9a-f]{8}", answer):
            raise self._refused(f"to read register {number}", answer)
        return int.from_bytes(bytes.fromhex(answer), "little")

    def set_register(self, number: int, value: int) -> None:
        self._command(f"P{number:x}={value.to_bytes(4, 'little').hex()}", f"to write register {number}")

    def set_breakpoint(self, address: int) -> None:
        self._command(f"Z0,{address:x},2", f"a breakpoint at 0x{address:08x}")

    def clear_breakpoint(self, address: int) -> None:
        self._command(f"z0,{address:x},2", f"to remove the breakpoint at 0x{address:08x}")

    def run(self, timeout: float) -> None:
        """Run until a breakpoint, at most `timeout` seconds. The target is stopped afterwards; its PC says where."""
        self._send("c")
        answer = self._packet(timeout)
        if answer is None:
            self._link.send(
                b"\x03"
            )  # where a breakpoint was met just now, its answer is on the way and this is ignored
            answer = self._packet(ANSWER_SECONDS)
        if answer is None:
            raise SimulatorError(f"the simulator does not stop: its GDB stub is silent for {ANSWER_SECONDS:g} s")
        if answer[:1] in ("W", "X"):
            raise ProgramEnded(int(answer[1:3], 16) if answer[0] == "W" else None)
        if answer[:1] not in ("T", "S"):
            raise self._refused("to run", answer)

    def _command(self, text: str, what: str) -> None:
        answer = self._ask(text)
        if answer != "OK":
            raise self._refused(what, answer)

    def _ask(self, text: str) -> str:
        self._send(text)
        answer = self._packet(ANSWER_SECONDS)
        if answer is None:
            raise SimulatorError(f"the GDB stub did not answer {text[:40]!r} within {ANSWER_SECONDS:g} s")
        return answer

    def _send(self, text: str) -> None:
        data = text.encode("ascii")
        self._link.send(b"$" + data + b"#" + f"{sum(data) & 0xFF:02x}".encode())

    def _packet(self, timeout: float) -> str | None:
        """The next packet's content, acknowledged; None where none came in time."""
        deadline = time.monotonic() + timeout
        while True:
            start = self._arrived.find(b"$")
            end = self._arrived.find(b"#", start)
            if start >= 0 and 0 <= end <= len(self._arrived) - 3:
                content = self._arrived[start + 1 : end].decode("latin-1")
                del self._arrived[: end + 3]
                self._link.send(b"+")
                return content
            remaining = deadline - time.monotonic()
            if remaining <= 0:
                return None
            self._arrived += self._link.receive(remaining)

    def _refused(self, what: str, answer: str) -> SimulatorError:
        return SimulatorError(f"the GDB stub refused {what}: it answered {answer[:40]!r}")
