"""Renode's drivers against the stand-in: real outputs and counts of the real ELF, and a Renode that misbehaves."""

from __future__ import annotations

import os
import shlex
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from tdl_course import sim, toolchain
from tdl_course.elf import Elf
from tdl_course.sim import renode, renode_link, renode_program, renode_script
from tdl_course.sim.renode import open_renode, run_renode
from tdl_course.sim.renode_count import CountPoints, count_points
from tdl_course.sim.wire import Wire, run_wire

pytestmark = [
    pytest.mark.sim,
    pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is started by a shell script"),
]
STAND_IN = Path(__file__).parent / "renode_stand_in.py"
INPUTS = np.random.default_rng(5).integers(-128, 128, (3, 64), dtype=np.int8)


def processes(word: str) -> list[str]:
    """The command lines that hold `word`."""
    listed = subprocess.run(["ps", "-A", "-ww", "-o", "args"], capture_output=True, text=True, check=True).stdout
    return [line for line in listed.splitlines() if word in line and not line.startswith("ps ")]


@pytest.fixture
def stand_in(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Renode is the stand-in, its temporary folders are in tmp_path; afterwards nothing of it is left."""
    folder, temporary = tmp_path / "portable folder", tmp_path / "temporary files"
    folder.mkdir()
    temporary.mkdir()
    program = folder / "renode"
    # Its own name among the processes: other tests may run a stand-in at the same time.
    mark = f"stand-in-of-{os.getpid()}-{tmp_path.name}"
    alias = tmp_path / mark
    alias.symlink_to(STAND_IN.parent)
    command = [sys.executable, str(alias / STAND_IN.name)]
    program.write_text(f'#!/bin/sh\nexec {shlex.join(command)} "$@"\n')
    program.chmod(0o755)
    monkeypatch.setenv("RENODE", str(folder))
    monkeypatch.setattr("tempfile.tempdir", str(temporary))
    yield mark
    deadline = time.monotonic() + 5
    while processes(mark) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert processes(mark) == []
    assert list(temporary.iterdir()) == []


def test_a_run_equals_unicorn(stand_in: str, toy: Elf) -> None:
    direct, result = sim.run(toy, INPUTS), run_renode(toy, INPUTS, timeout=30)
    assert np.array_equal(result.outputs, direct.outputs)
    assert result.instructions == direct.instructions
    assert (result.simulator, result.cycles, result.stack_bytes) == ("renode", None, None)


def test_a_folder_without_a_space_is_named_whole(
    stand_in: str, toy: Elf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    assert np.array_equal(run_renode(toy, INPUTS[:1], timeout=30).outputs, sim.run(toy, INPUTS[:1]).outputs)
    assert list(folder.iterdir()) == []


def test_it_is_one_of_the_simulators(stand_in: str, toy: Elf) -> None:
    assert np.array_equal(sim.run(toy, INPUTS[:1], sim="renode").outputs, sim.run(toy, INPUTS[:1]).outputs)


def test_a_board_with_less_ram_has_less_ram(stand_in: str, toy_sources: toolchain.CSources) -> None:
    small = toolchain.build(toy_sources, board="tiny32k")
    assert np.array_equal(run_renode(small, INPUTS, timeout=30).outputs, sim.run(small, INPUTS).outputs)
    assert "size: 0x8000 }" in renode_script.platform_variables(small.board, small.path)[1]


def test_a_session_is_a_link(stand_in: str, toy: Elf) -> None:
    with open_renode(toy) as link:
        assert np.array_equal(run_wire(link, toy, INPUTS, timeout=30), sim.run(toy, INPUTS).outputs)
        wire = Wire(link, 30)
        wire.synchronise()
        assert wire.ask("name")[0].startswith("m-name-dut-[")


def test_a_session_takes_any_bytes_as_unicorn_does(stand_in: str, toy: Elf) -> None:
    garbage = bytes(range(256)) + b'"\\" $x `y` ;%' + b"a" * 400 + b"%name%"
    device = sim.Device(toy)
    with open_renode(toy) as link:
        assert link.receive(30) == device.greeting
        link.send(garbage)
        answer, expected = b"", device.send(garbage)
        while len(answer) < len(expected) and (more := link.receive(5)):
            answer += more
    assert answer == expected
    with pytest.raises(sim.SimulatorError, match="Renode has ended"):
        link.send(b"name%")


def test_one_thread_sends_while_another_receives(stand_in: str, toy: Elf) -> None:
    answers: list[bytes] = []
    with open_renode(toy) as link:
        reader = threading.Thread(target=lambda: answers.extend(link.receive(0.1) for _ in range(40)))
        reader.start()
        for _ in range(5):
            link.send(b"name%")
        reader.join()
    assert b"".join(answers).count(b"m-name-dut-[") == 5


def test_the_device_says_no(stand_in: str, toy: Elf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renode, "_questions", lambda data: b"db load 3%infer 1 0%x-output%")
    with pytest.raises(sim.SimulatorError, match=r"'db load 64'.*Wrong number of bytes"):
        run_renode(toy, INPUTS, timeout=30)


def test_a_firmware_that_stops_is_reported(stand_in: str, toy: Elf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renode, "_questions", lambda data: b"x-exit%")
    with pytest.raises(sim.SimulatorError, match="the firmware has ended.*EXIT 0"):
        run_renode(toy, INPUTS, timeout=30)


def test_a_broken_script_is_told_at_once(stand_in: str, toy: Elf, monkeypatch: pytest.MonkeyPatch) -> None:
    """Renode's exit status is 0 then; the reason is in what it said."""
    monkeypatch.setattr(renode, "BOOT", "soon")
    with pytest.raises(sim.SimulatorError, match=r'(?s)ended after 0 of 3 outputs.*RunFor "soon"'):
        run_renode(toy, INPUTS, timeout=30)
    monkeypatch.setattr(renode_link, "BOOT", "soon")
    with pytest.raises(sim.SimulatorError, match=r"(?s)Renode refuses.*KeywordException.*soon"):
        open_renode(toy)


@pytest.mark.parametrize(
    ("fault", "message"),
    [("hang", "no further output from Renode within 0.5 s"), ("die", "Renode ended"), ("silent", "Renode ended")],
)
def test_a_renode_that_fails(
    stand_in: str, toy: Elf, monkeypatch: pytest.MonkeyPatch, fault: str, message: str
) -> None:
    monkeypatch.setenv("STAND_IN", fault)
    monkeypatch.setattr(renode, "START_SECONDS", 2.0)
    began = time.monotonic()
    with pytest.raises(sim.SimulatorError, match=message):
        run_renode(toy, INPUTS, timeout=0.5)
    assert time.monotonic() - began < 20


@pytest.mark.parametrize(("fault", "message"), [("hang", "does not answer"), ("die", "does not answer|has ended")])
def test_a_session_that_fails(
    stand_in: str, toy: Elf, monkeypatch: pytest.MonkeyPatch, fault: str, message: str
) -> None:
    monkeypatch.setenv("STAND_IN", fault)
    monkeypatch.setattr(renode_link, "COMMAND_SECONDS", 2.0)
    with pytest.raises(sim.SimulatorError, match=message):
        open_renode(toy)


def test_a_session_with_a_silent_firmware(stand_in: str, toy: Elf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAND_IN", "silent")
    with open_renode(toy) as link:
        assert link.receive(0.2) == b""


def test_a_session_that_dies_later(stand_in: str, toy: Elf) -> None:
    with open_renode(toy) as link:
        link.receive(30)
        os.killpg(link._workspace._process.pid, signal.SIGKILL)
        link._workspace._process.wait(10)
        with pytest.raises(sim.SimulatorError, match="Renode has ended"):
            link.receive(1)


def test_what_renode_has_started_ends_with_it(stand_in: str, toy: Elf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAND_IN", "child")
    run_renode(toy, INPUTS[:1], timeout=30)
    with open_renode(toy):
        assert processes("renode-stand-in-child") != []
    assert processes("renode-stand-in-child") == []


@pytest.mark.parametrize("call", ["run_renode(elf, np.zeros((1, 64), np.int8))", "open_renode(elf)"])
def test_ctrl_c_leaves_nothing(stand_in: str, toy: Elf, tmp_path: Path, call: str) -> None:
    script = (
        "import numpy as np, tempfile; from tdl_course.elf import read_elf\n"
        "from tdl_course.sim.renode import run_renode, open_renode\n"
        f"tempfile.tempdir = {str(tmp_path / 'temporary files')!r}\nelf = read_elf({str(toy.path)!r})\n{call}\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", script], env={**os.environ, "STAND_IN": "hang"}, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 30
    while not processes(stand_in) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert processes(stand_in) != []
    process.send_signal(signal.SIGINT)
    assert process.wait(30) != 0


def test_the_log_may_come_late(stand_in: str, toy: Elf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAND_IN", "late-log")
    assert run_renode(toy, INPUTS[:1], timeout=30).instructions == sim.run(toy, INPUTS[:1]).instructions


def test_a_count_that_is_not_proved_is_not_given(stand_in: str, toy: Elf, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("STAND_IN", "no-count")
    result = run_renode(toy, INPUTS[:1], timeout=30)
    assert result.instructions is None
    assert np.array_equal(result.outputs, sim.run(toy, INPUTS[:1]).outputs)


def log_of(**counts: list[int]) -> str:
    return "\n".join(
        f"10:00:00.0000 [ERROR] cpu: {renode_script.MARK} {label} {count}"
        for label in counts
        for count in counts[label]
    )


@pytest.mark.parametrize(
    ("log", "instructions"),
    [
        ({"entry": [100, 300], "first": [110, 310], "last": [128, 328], "return": [250, 450]}, 150),
        ({"entry": [100, 100], "first": [110, 110], "last": [128], "return": [250]}, 150),
        ({"entry": [100], "first": [110], "last": [129], "return": [250]}, None),
        ({"entry": [100], "first": [110], "return": [250]}, None),
        ({"entry": [100], "first": [110], "last": [128]}, None),
        ({"entry": [250], "first": [110], "last": [128], "return": [300]}, None),
        ({"entry": [100], "first": [110], "last": [128], "return": [120]}, None),
        ({}, None),
    ],
)
def test_when_a_count_is_believed(log: dict[str, list[int]], instructions: int | None) -> None:
    assert CountPoints(0x0800_0100, (0x0800_0200,), 0x0800_0002, 0x0800_0030, 18).instructions(log_of(**log)) == (
        instructions
    )


@pytest.mark.parametrize("compiler", ["zig", "gcc"])
def test_the_points_lie_where_they_should(toy_sources: toolchain.CSources, need, compiler: str) -> None:
    if compiler == "gcc":
        need("gcc")
    elf = toolchain.build(toy_sources, toolchain=compiler)
    points = count_points(elf)
    assert points is not None
    callers = {function.name for address in points.returns if (function := elf.function_at(address))}
    assert callers and callers.isdisjoint({"tdl_infer"})
    layer = elf.function_at(points.first)
    assert layer is not None and layer.name.startswith("tdl_layer_") and layer.address == points.first
    assert elf.function_at(points.last) == layer
    assert 2 * points.distance <= points.last - points.first <= 4 * points.distance


def test_a_missing_renode_says_how_to_get_it(monkeypatch: pytest.MonkeyPatch, toy: Elf, tmp_path: Path) -> None:
    monkeypatch.delenv("RENODE", raising=False)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(renode_program, "PORTABLE", tmp_path)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    with pytest.raises(sim.SimulatorError, match=r"not installed. Renode 1.16.1: .*conda.*sim=.unicorn. needs nothing"):
        run_renode(toy, INPUTS)
    monkeypatch.setenv("RENODE", str(tmp_path / "nowhere"))
    with pytest.raises(sim.SimulatorError, match="neither a program nor a folder"):
        open_renode(toy)
    assert list(tmp_path.iterdir()) == []


def test_a_portable_build_in_its_usual_folder_is_found(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "renode"
    program.write_text("#!/bin/sh\necho Renode v1.16.1.0\n")
    program.chmod(0o755)
    monkeypatch.delenv("RENODE", raising=False)
    monkeypatch.setattr(renode_program, "PORTABLE", tmp_path)
    monkeypatch.setattr("shutil.which", lambda name: None)
    assert renode_program.find_renode() == str(program)
    assert renode_program.renode_version(str(program)) == "Renode v1.16.1.0"


def test_inputs_that_do_not_fit_are_refused_before_renode_is_looked_for(toy: Elf) -> None:
    with pytest.raises(sim.SimulatorError, match="tdl_input takes 64"):
        run_renode(toy, INPUTS[:, :10])


def test_the_real_renode_equals_unicorn(need, monkeypatch: pytest.MonkeyPatch, toy: Elf) -> None:
    if "RENODE" not in os.environ:
        monkeypatch.setenv("RENODE", need("renode"))
    direct, result = sim.run(toy, INPUTS), run_renode(toy, INPUTS)
    assert np.array_equal(result.outputs, direct.outputs)
    assert result.instructions in (direct.instructions, None)
    with open_renode(toy) as link:
        assert np.array_equal(run_wire(link, toy, INPUTS), direct.outputs)
