"""The GDB client against a stub in Python: packets however they arrive, refusals, silence, the end of the program."""

from __future__ import annotations

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tdl_course.sim import gdb
from tdl_course.sim.gdb import GdbClient, ProgramEnded
from tdl_course.sim.result import SimulatorError

BASE, SIZE = 0x2000_0000, 5000
PACKET = re.compile(rb"\$([^#]*)#([0-9a-f]{2})")


class FakeStub:
    """A `Link` to a target with memory and registers. `answers` replaces its answers; None is silence."""

    def __init__(self, packet: int = 1 << 20, answers: dict[str, str | None] | None = None) -> None:
        self.memory = bytearray(SIZE)
        self.registers = [0] * 17
        self.breakpoints: set[int] = set()
        self._packet, self._answers = packet, answers or {}
        self._waiting, self._said = bytearray(), bytearray()

    def send(self, data: bytes) -> None:
        self._said += data
        if b"\x03" in data and self._answers.get("\x03") is not None:
            self._reply(self._answers["\x03"])
        while found := PACKET.search(bytes(self._said)):
            assert int(found[2], 16) == sum(found[1]) & 0xFF
            del self._said[: found.end()]
            text = found[1].decode()
            self._waiting += b"+"
            reply = self._answers.get(text[0], "?") if text[0] in self._answers else self._answer(text)
            self._reply(reply)

    def receive(self, timeout: float) -> bytes:
        data = bytes(self._waiting[: self._packet])
        del self._waiting[: self._packet]
        return data

    def close(self) -> None:
        pass

    def _reply(self, text: str | None) -> None:
        if text is not None:
            self._waiting += f"${text}#{sum(text.encode()) & 0xFF:02x}".encode()

    def _answer(self, text: str) -> str:
        kind, rest = text[0], text[1:]
        if kind == "q":
            return "PacketSize=1000"
        if kind in "Zz":
            address = int(rest.split(",")[1], 16)
            self.breakpoints ^= {address}
            return "OK"
        if kind == "p":
            return self.registers[int(rest, 16)].to_bytes(4, "little").hex()
        if kind == "P":
            number, value = rest.split("=")
            self.registers[int(number, 16)] = int.from_bytes(bytes.fromhex(value), "little")
            return "OK"
        at, size = (int(word, 16) for word in rest.split(":")[0].split(","))
        if not BASE <= at <= at + size <= BASE + SIZE or size > 2000:
            return "E14"
        if kind == "m":
            return self.memory[at - BASE : at - BASE + size].hex()
        self.memory[at - BASE : at - BASE + size] = bytes.fromhex(rest.split(":")[1])
        return "OK"


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 4000), st.binary(max_size=3000), st.integers(0, 2000))
def test_memory_is_written_and_read_however_packets_arrive(packet, data, offset):
    client = GdbClient(FakeStub(packet))
    client.write(BASE + offset, data)
    assert client.read(BASE + offset, len(data)) == data


def test_registers_and_breakpoints():
    stub = FakeStub()
    client = GdbClient(stub)
    client.set_register(gdb.PC, 0x0800_0101)
    assert client.register(gdb.PC) == 0x0800_0101
    client.set_breakpoint(0x0800_0200)
    assert stub.breakpoints == {0x0800_0200}
    client.clear_breakpoint(0x0800_0200)
    assert not stub.breakpoints


def test_a_run_ends_at_a_breakpoint_or_is_stopped():
    GdbClient(FakeStub(answers={"c": "T05thread:01;"})).run(1)
    GdbClient(FakeStub(answers={"c": None, "\x03": "T02thread:01;"})).run(0.01)


@pytest.mark.parametrize(("answer", "status"), [("W63", 99), ("W00;process:1", 0), ("X09", None)])
def test_a_program_that_ends_is_told_apart(answer, status):
    with pytest.raises(ProgramEnded) as caught:
        GdbClient(FakeStub(answers={"c": answer})).run(1)
    assert caught.value.status == status


REFUSED = {
    "m": lambda client: client.read(BASE, 4),
    "M": lambda client: client.write(BASE, b"1234"),
    "p": lambda client: client.register(1),
    "P": lambda client: client.set_register(1, 2),
    "Z": lambda client: client.set_breakpoint(0),
    "z": lambda client: client.clear_breakpoint(0),
    "c": lambda client: client.run(0.01),
}


@pytest.mark.parametrize("kind", REFUSED)
@pytest.mark.parametrize("answer", ["", "E14", None])
def test_a_stub_that_refuses_or_is_silent_is_an_error(monkeypatch, kind, answer):
    monkeypatch.setattr(gdb, "ANSWER_SECONDS", 0.01)
    client = GdbClient(FakeStub(answers={kind: answer}))
    with pytest.raises(
        SimulatorError, match="did not answer|does not stop" if answer is None else "refused|gave 0 bytes"
    ):
        REFUSED[kind](client)
