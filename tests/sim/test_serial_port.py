"""A board on a serial port: a simulated one behind a pseudo-terminal, which pyserial opens like any other port."""

from __future__ import annotations

import errno
import os
import sys
from collections.abc import Callable

import numpy as np
import pytest
import serial

from tdl_course import sim
from tdl_course.elf import Elf
from tdl_course.sim import serial_port
from tdl_course.sim.link import Link
from tdl_course.sim.qemu import open_qemu
from tdl_course.sim.result import SimulatorError
from tdl_course.sim.serial_port import SerialLink
from tdl_course.sim.unicorn_link import UnicornLink
from tdl_course.sim.wire import Wire
from tests.sim.boards import on_a_pty, on_a_socket

if sys.platform == "win32":
    pytest.skip("Windows has no pseudo-terminals", allow_module_level=True)

X = np.random.default_rng(2).integers(-128, 128, (3, 64)).astype(np.int8)
NOBODY = "/dev/tty-tdl-nobody"


@pytest.fixture(params=["unicorn", "qemu"])
def board(request, need, toy: Elf):
    """A board that runs `toy`."""
    if request.param == "qemu":
        need("qemu")
    opened: Callable[[Elf], Link] = {"unicorn": UnicornLink, "qemu": open_qemu}[request.param]
    link = opened(toy)
    yield link
    link.close()


@pytest.mark.sim
def test_a_board_computes_what_unicorn_does(board: Link, toy: Elf):
    """Twice: it is not reset in between, and greets only once."""
    with on_a_pty(board) as port:
        for x in (X, X[::-1]):
            result = sim.run(toy, x, sim="serial", port=port)
            np.testing.assert_array_equal(result.outputs, sim.run(toy, x).outputs)
    figures = (result.instructions, result.cycles, result.layers, result.stack_bytes)
    assert (result.simulator, *figures) == ("serial", None, None, None, None)


@pytest.mark.sim
def test_what_somebody_left_unfinished_does_no_harm(board: Link, toy: Elf):
    with on_a_pty(board) as port:
        with SerialLink(port) as before:
            Wire(before).synchronise()
            before.send(b"name%db load 64%db 0102%db 03")  # and it never reads the answers
        result = sim.run(toy, X, sim="serial", port=port)
    np.testing.assert_array_equal(result.outputs, sim.run(toy, X).outputs)


@pytest.mark.sim
def test_a_socket_is_a_port_too(toy: Elf):
    board = UnicornLink(toy)
    with on_a_socket(board) as port:
        result = sim.run(toy, X, sim="serial", port=port)
    board.close()
    np.testing.assert_array_equal(result.outputs, sim.run(toy, X).outputs)


@pytest.mark.sim
def test_a_port_without_a_board_is_silent(toy: Elf):
    master, slave = os.openpty()
    with pytest.raises(SimulatorError, match="does not answer within 0.3 s.*nothing.*115200"):
        sim.run(toy, X, sim="serial", port=os.ttyname(slave), timeout=0.3)
    os.close(master)
    os.close(slave)


def test_a_port_that_somebody_uses_is_refused():
    master, slave = os.openpty()
    name = os.ttyname(slave)
    with SerialLink(name), pytest.raises(SimulatorError, match=f"another program has {name} open"):
        SerialLink(name)
    os.close(master)
    os.close(slave)


def test_a_board_that_is_unplugged_is_gone():
    master, slave = os.openpty()
    with SerialLink(os.ttyname(slave)) as link:
        os.write(master, b"m-re")
        assert link.receive(10) == b"m-re"
        assert link.receive(0.01) == b""
        os.close(slave)
        os.close(master)
        with pytest.raises(SimulatorError, match="is gone.*unplugged"):
            link.receive(10)
        with pytest.raises(SimulatorError, match="is gone"):
            link.send(b"name%")


def test_no_port_lists_those_that_there_are(monkeypatch):
    def ports():
        return [serial.tools.list_ports_common.ListPortInfo("/dev/ttyACM7")]

    monkeypatch.setattr(serial_port.list_ports, "comports", ports)
    with pytest.raises(SimulatorError, match=f"there is no port {NOBODY}. Ports of this computer: /dev/ttyACM7"):
        SerialLink(NOBODY)
    monkeypatch.setattr(serial_port.list_ports, "comports", list)
    with pytest.raises(SimulatorError, match="no serial port; plug it in"):
        SerialLink(NOBODY)
    with pytest.raises(SimulatorError, match="does not open as a serial port"):
        SerialLink("nonsense://")


REFUSED = {
    "permission": (serial.SerialException(errno.EACCES, "could not open port"), "usermod -a -G dialout"),
    "windows, missing": (serial.SerialException("could not open 'COM9': FileNotFoundError(2)"), "there is no port"),
    "windows, in use": (serial.SerialException("could not open 'COM9': PermissionError(13)"), "another program"),
}


@pytest.mark.parametrize("case", REFUSED)
def test_why_a_port_does_not_open_is_said(monkeypatch, case: str):
    error, said = REFUSED[case]

    def refuse(*_: object, **__: object) -> None:
        raise error

    monkeypatch.setattr(serial, "serial_for_url", refuse)
    with pytest.raises(SimulatorError, match=said):
        SerialLink(NOBODY)


@pytest.mark.sim
def test_the_port_is_asked_for_where_it_is_needed_and_only_there(toy: Elf):
    with pytest.raises(SimulatorError, match='sim="serial" needs the port.*--port'):
        sim.run(toy, X, sim="serial")
    with pytest.raises(SimulatorError, match="is for a real board"):
        sim.run(toy, X, sim="unicorn", port=NOBODY)
