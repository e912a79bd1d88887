"""`tdl serve`: clients that come, go, break off and come back; what is left when it ends."""

from __future__ import annotations

import os
import shlex
import signal
import socket
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest
import serial

from tdl_course.sim import SimulatorError
from tdl_course.sim.ports import GONE, TcpPort
from tdl_course.sim.pty_port import PtyPort, newest_command
from tdl_course.sim.serve import open_link, open_ports
from tdl_course.sim.unicorn_link import UnicornLink
from tests.sim.serving import END_SECONDS, serving

pytestmark = pytest.mark.sim
needs_pty = pytest.mark.skipif(not hasattr(os, "openpty"), reason="this system has no pseudo-terminals")
NAME = b"m-name-dut-[tdl_course]\r\nm-ready\r\n"
X = np.random.default_rng(3).integers(-128, 128, 64, dtype=np.int8)
SIMULATORS = ["unicorn", "qemu", pytest.param("renode", marks=needs_pty)]  # its stand-in is a program for a shell
STAND_IN = Path(__file__).with_name("renode_stand_in.py")


@pytest.fixture
def served(toy, need, tmp_path, monkeypatch):
    """`served(simulator, options...)`: a server of the toy. Renode is the stand-in."""

    def start(simulator, *options):
        if simulator == "qemu":
            need("qemu")
        if simulator == "renode":
            program = tmp_path / "renode"
            program.write_text(f'#!/bin/sh\nexec {shlex.join([sys.executable, str(STAND_IN)])} "$@"\n')
            program.chmod(0o755)
            monkeypatch.setenv("RENODE", str(tmp_path))
        return serving(toy.path, "--sim", simulator, *options)

    return start


def both(server):
    return [port for port in (server.pty, server.url) if port]


def connect(port):
    return serial.serial_for_url(port, 115200, timeout=30)


def ask(client, command):
    client.write(command + b"%")
    return client.read_until(b"m-ready\r\n")


@needs_pty
@pytest.mark.parametrize("simulator", SIMULATORS)
def test_pyserial_speaks_over_both_ports_one_after_the_other(served, simulator, toy):
    with served(simulator, "--pty", "--tcp", "0") as server:
        outputs = []
        for port in both(server) * 2:
            with connect(port) as client:
                assert ask(client, b"name") == NAME
                ask(client, b"db load 64")
                assert ask(client, b"db " + X.tobytes().hex().encode()) == b"m-load-done\r\nm-ready\r\n"
                assert b"m-infer-done" in ask(client, b"infer 2 1")
                outputs.append(ask(client, b"x-output"))
        assert len(set(outputs)) == 1
        assert outputs[0].startswith(b"x-output-")


@needs_pty
@pytest.mark.parametrize("half", [b"na", b"db 00", b"db load 64%db 0011", b"infer 3 1", b"\x00\xff", b"a" * 400])
def test_what_a_client_left_unfinished_does_not_reach_the_next(served, half):
    with served("unicorn", "--pty", "--tcp", "0") as server:
        for port in both(server) * 3:
            with connect(port) as client:
                assert ask(client, b"name") == NAME
                client.write(half)


@pytest.mark.parametrize("simulator", SIMULATORS)
def test_the_answers_to_a_client_that_left_do_not_reach_the_next(served, simulator):
    with served(simulator, "--tcp", "0") as server:
        with connect(server.url) as client:
            client.write(b"infer 5000 0%profile%help%db pr")
        with connect(server.url) as client:
            assert ask(client, b"name") == NAME


def test_a_long_inference_is_answered_when_it_is_done(served):
    with served("unicorn", "--tcp", "0") as server, connect(server.url) as client:
        client.write(b"infer 1000 0%")
        assert client.read_until(b"m-warmup-done\r\n").endswith(b"m-warmup-done\r\n")
        client.write(b"name%")  # waits for its turn
        assert b"m-infer-done" in client.read_until(b"m-ready\r\n")
        assert client.read_until(b"m-ready\r\n") == NAME


def test_a_client_that_sends_no_more_still_gets_its_answers(served):
    """`printf 'name%' | nc 127.0.0.1 PORT`"""
    with served("unicorn", "--tcp", "0") as server:
        address = ("127.0.0.1", int(server.url.rpartition(":")[2]))
        with socket.create_connection(address, timeout=30) as client:
            client.sendall(b"infer 100 0%name%")
            client.shutdown(socket.SHUT_WR)
            said = b"".join(iter(lambda: client.recv(4096), b""))
        assert said.startswith(b"m-warmup-start-0") and said.endswith(NAME)


def test_a_second_client_waits_until_the_first_has_left(served):
    with served("unicorn", "--tcp", "0") as server:
        first, second = connect(server.url), connect(server.url)
        second.write(b"name%")
        assert ask(first, b"timestamp").startswith(b"m-lap-us-")
        second.timeout = 0.3
        assert second.read(1) == b""
        first.close()
        second.timeout = 30
        assert second.read_until(b"m-ready\r\n") == NAME
        second.close()


@needs_pty
def test_a_client_that_does_not_read_holds_up_nobody_else(served):
    with served("unicorn", "--pty", "--tcp", "0") as server:
        for port in both(server):
            with connect(port) as client:
                client.write(b"help%" * 200)  # more than a terminal holds
            with connect(port) as client:
                assert ask(client, b"name") == NAME


def children_of(process):
    listed = subprocess.run(["ps", "-A", "-o", "pid=,ppid="], capture_output=True, text=True, check=True).stdout
    pairs = [line.split() for line in listed.splitlines()]
    return [int(pid) for pid, parent in pairs if int(parent) == process]


@needs_pty
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest.mark.parametrize("simulator", SIMULATORS)
def test_it_ends_without_a_trace(served, simulator, number, tmp_path):
    link = tmp_path / "board"
    with served(simulator, "--link", str(link), "--tcp", "0") as server:
        with connect(str(link)) as client:
            assert ask(client, b"name") == NAME
            children = children_of(server.process.pid)
            assert len(children) == (simulator != "unicorn")
            client.write(b"infer 1000000 0%")
            assert server.stop(number) == 130
        assert not link.is_symlink()
        assert not os.path.exists(server.pty)
        with pytest.raises(ConnectionRefusedError):
            socket.create_connection(("127.0.0.1", int(server.url.rpartition(":")[2])))
        for child in children:
            with pytest.raises(ProcessLookupError):
                os.kill(child, 0)
        assert "Traceback" not in server.process.stderr.read()


@pytest.mark.parametrize("simulator", ["unicorn", "qemu"])  # in Renode, a firmware that has ended loops
def test_it_ends_with_the_device_and_says_why(served, simulator):
    with served(simulator, "--tcp", "0") as server, connect(server.url) as client:
        client.write(b"x-exit%")
        assert client.read_until(b"EXIT 0\r\n") == b"EXIT 0\r\n"
        assert server.process.wait(END_SECONDS) == 2
        said = server.process.stderr.read()
        assert "ended" in said and "Traceback" not in said


def test_mistakes_get_one_message(toy, tmp_path):
    def message(*options):
        command = [sys.executable, "-m", "tdl_course.cli", "serve", str(toy.path), *options]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
        assert done.returncode == 2 and "Traceback" not in done.stderr
        return done.stderr

    assert "unicorn, qemu, renode" in message("--sim", "paper")
    taken = TcpPort()
    assert f"TCP port {taken.number}" in message("--tcp", str(taken.number))
    taken.close()
    assert "TCP port 70000" in message("--tcp", "70000")


@needs_pty
def test_a_link_replaces_an_old_link_and_no_other_file(tmp_path):
    link = tmp_path / "board"
    link.symlink_to("/dev/pts/no-such")
    port = PtyPort(link)
    assert os.path.samefile(link, os.readlink(link))
    port.close()
    assert not link.is_symlink()
    link.write_text("mine")
    with pytest.raises(SimulatorError, match="a file of that name exists"):
        PtyPort(link)
    assert link.read_text() == "mine"


def test_where_there_are_no_pseudo_terminals_tcp_is_the_default(monkeypatch):
    monkeypatch.delattr(os, "openpty", raising=False)
    monkeypatch.setattr(sys, "platform", "win32")
    (port,) = open_ports(pty=False, tcp=None)
    assert port.name.startswith("socket://127.0.0.1:")
    port.close()
    with pytest.raises(SimulatorError, match="Windows has no pseudo-terminals: use --tcp"):
        open_ports(pty=True, tcp=None)


def test_what_cannot_be_served_is_named(toy):
    with pytest.raises(SimulatorError, match="'host' cannot be served; those that can are unicorn, qemu, renode"):
        open_link(toy, "host")


@pytest.mark.parametrize(
    ("read", "new"),
    [
        (b"db 00name%", b"name%"),
        (b"name%profile%db 3445db load 490%", b"db load 490%"),
        (b"infer 1 0%", b"infer 1 0%"),
        (b"3f4e%", b"3f4e%"),
        (b"%", b"%"),
    ],
)
def test_the_command_of_the_next_client_is_told_from_what_the_last_one_left(read, new):
    assert newest_command(read) == new


@needs_pty
@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a terminal that is opened again at once is one session")
@pytest.mark.parametrize("first", [b"", b"db 00", b"name%db 00"])
@pytest.mark.parametrize("second", [[b"profile%"], [b"db load 64", b"%"], [b"", b"infer 1 0", b"%"]])
def test_a_terminal_that_is_closed_and_opened_at_once_has_a_new_client(first, second):
    port = PtyPort()
    try:
        client = os.open(port.name, os.O_RDWR | os.O_NOCTTY)
        assert port.client()
        assert port.read() is None
        os.write(client, first)
        os.close(client)
        client = os.open(port.name, os.O_RDWR | os.O_NOCTTY)
        os.write(client, second[0])
        assert port.read() == GONE
        assert port.read() == GONE  # until its session ends
        port.hang_up()
        assert port.client()
        read = port.read() or b""
        for part in second[1:]:
            os.write(client, part)
            read += port.read() or b""
        assert read == b"".join(second)
        os.close(client)
        assert port.read() == GONE
        port.hang_up()
        assert not port.client()
    finally:
        port.close()


def test_the_link_to_unicorn_streams_and_ends(toy):
    with UnicornLink(toy) as link:
        assert link.receive(5) == b"m-init-done\r\nm-ready\r\n"
        assert link.receive(0.01) == b""
        link.send(b"infer 1000000 0%")
        assert link.receive(30).startswith(b"m-warmup-start-0\r\n")  # while it runs
        began = time.monotonic()
    assert time.monotonic() - began < 5
    assert not any("UnicornLink" in thread.name for thread in threading.enumerate())
    with pytest.raises(SimulatorError, match="closed"):
        link.send(b"name%")


def test_the_link_to_unicorn_tells_how_the_firmware_ended(toy, misbehaving):
    with UnicornLink(toy) as link:
        link.send(b"x-exit%")
        said = b""
        with pytest.raises(SimulatorError, match="EXIT 0"):
            while True:
                said += link.receive(5)
        assert said.endswith(b"EXIT 0\r\n")
    with UnicornLink(misbehaving) as link:
        link.send(b"db load 4%db 02000000%infer 1 0%")
        with pytest.raises(SimulatorError, match="wrote 0x08000100.*write_flash"):
            while True:
                link.receive(5)
