"""Renode: run a firmware in a simulator of whole systems. Written for Renode 1.16.1, found or asked for by
`renode_program`.

In: an `Elf` by the ELF contract and int8 inputs; for a session, the `Elf` alone. Out: a `RunResult`, or a `Link`.

`run_renode` starts Renode once, with a script, and without any socket. The script boots the firmware, then sends it all
inputs and questions over its serial port: the device protocol, as to a board. That is safe for any model (one whose
inference overwrites its input must be told each input anew, and the firmware knows that), and quick enough: one
command of Renode's monitor puts 1,024 bytes into the port, so the 27,648 bytes of a 96 x 96 image, 56,379 as text, are
56 commands. Writing them into `tdl_input` from outside would be one, and would bypass what the firmware knows.
Renode's exit status says nothing, so the run is judged by what the firmware printed, which Renode writes to a file;
when all answers are there, or one is an error, Renode is ended. Instructions: see `renode_count`. No cycles (Renode has
no timing model) and no stack.

It does not know: that an access behind the end of the RAM is a fault. In Renode it reads 0, and is written to a log.
The Robot Framework test of a firmware, for `renode-test`, is firmware/renode/firmware.robot.
"""

from __future__ import annotations

import re
import time

import numpy as np

from tdl_course.elf import Elf
from tdl_course.sim.inputs import check_host_form, check_inputs
from tdl_course.sim.renode_count import CountPoints, count_points
from tdl_course.sim.renode_link import RenodeLink
from tdl_course.sim.renode_program import Workspace
from tdl_course.sim.renode_script import BOOT, feed, load_platform, run_for
from tdl_course.sim.result import RunResult, SimulatorError
from tdl_course.sim.unicorn import check_contract
from tdl_course.sim.wire import BYTES_PER_COMMAND, READY, Wire

START_SECONDS = 60.0  # a portable build unpacks itself at its first start
LOG_SECONDS = 5.0  # Renode's log may come after what it tells of
LOOK_SECONDS = 0.02
SESSION = "session.resc"
ANSWER = re.compile(rb"^x-output-[^\n]*\n", re.MULTILINE)
WRONG = re.compile(rb"^(?:e-\[|FAULT )[^\n]*\n", re.MULTILINE)
EXIT = re.compile(rb"^EXIT [^\n]*\n", re.MULTILINE)


def open_renode(elf: Elf) -> RenodeLink:
    """Boot `elf` in Renode. Returns the firmware's serial port; what is sent before its m-ready may be lost."""
    return RenodeLink(elf)


def run_renode(elf: Elf, inputs: np.ndarray, timeout: float = 60.0) -> RunResult:
    """Run every input through the model, in Renode.

    Parameters
    ----------
    elf : Elf
        A firmware by the ELF contract that speaks the device protocol: one of tdl build.
    inputs : int8 array [n, ...]
        n inputs of as many bytes as `tdl_input` has.
    timeout : float
        Seconds of this computer's time that boot and each inference may take, with its way over the line.

    Returns
    -------
    RunResult
        `outputs` int8 [n, bytes of tdl_output], instructions of the first inference (None where Renode does not prove
        them); no cycles, no stacks.

    Raises
    ------
    SimulatorError
        Renode is not installed, does not start, hangs or ends early; the ELF breaks the contract, the inputs do not
        fit, or the firmware answers with an error or not at all.
    """
    check_contract(elf)
    check_host_form(elf)
    rows = check_inputs(inputs, elf.symbols["tdl_input"].size)
    points = count_points(elf)
    began = time.perf_counter()
    with Workspace(elf) as workspace:
        script = workspace.write_script(SESSION, _session(workspace, rows, points, timeout)).as_posix()
        # Renode types the script's name into its own console: a name with a space it must find in its folder.
        # -e: executed after the script, also where the script fails.
        workspace.start(["--console", SESSION if " " in script else script, "-e", "quit"])
        transcript = _wait_for_answers(workspace, len(rows), timeout)
        outputs = _read(transcript, rows, elf.symbols["tdl_output"].size)
        log = _wait_for_counts(workspace, points)
    return RunResult(
        outputs=outputs,
        simulator="renode",
        seconds=time.perf_counter() - began,
        instructions=points.instructions(log) if points else None,
    )


def _session(workspace: Workspace, rows: np.ndarray, points: CountPoints | None, timeout: float) -> list[str]:
    """The script: everything from the machine to the last inference."""
    lines = load_platform(workspace.variables, workspace.folder / "run.resc", workspace.uart)
    lines += points.hooks() if points else []
    lines.append(run_for(BOOT))
    for row in rows:
        lines += feed(_questions(row.tobytes()))
    # Virtual time is never ahead of this computer's, so this lasts until the answers are there, or the timeout is over.
    return [*lines, run_for(str(int(START_SECONDS + timeout * (len(rows) + 1)))), "quit"]


def _questions(data: bytes) -> bytes:
    """What loads one input, infers, and asks for the output: as `Wire` does, without waiting for the answers."""
    pieces = [data[start : start + BYTES_PER_COMMAND] for start in range(0, len(data), BYTES_PER_COMMAND)]
    commands = [f"db load {len(data)}", *(f"db {piece.hex()}" for piece in pieces), "infer 1 0", "x-output"]
    return "".join(f"{command}%" for command in commands).encode("ascii")


def _wait_for_answers(workspace: Workspace, count: int, timeout: float) -> bytes:
    """All that the firmware prints, until the last of `count` outputs, or its first error."""
    text, answers = b"", 0
    deadline = time.monotonic() + START_SECONDS + timeout
    while True:
        ended = workspace.exit_status is not None  # asked first: what was printed before the end is read below
        text += workspace.read_uart(len(text))
        found = len(ANSWER.findall(text))
        waits = text.endswith(f"{READY}\r\n".encode())
        if EXIT.search(text) or (waits and (found >= count or WRONG.search(text))):
            return text
        if found > answers:
            answers, deadline = found, time.monotonic() + timeout
        if ended:
            raise SimulatorError(
                f"Renode ended after {found} of {count} outputs; the firmware had printed {text[-200:]!r}. "
                f"{workspace.said()}"
            )
        if time.monotonic() > deadline:
            raise SimulatorError(
                f"no further output from Renode within {timeout:g} s, after {found} of {count}; the firmware had "
                f"printed {text[-200:]!r}. A large model needs longer: pass timeout= in seconds. {workspace.said()}"
            )
        time.sleep(LOOK_SECONDS)


def _read(transcript: bytes, rows: np.ndarray, output_bytes: int) -> np.ndarray:
    """The outputs in what the firmware printed, each answer checked as if the question were asked now."""
    wire = Wire(_Replay(transcript))
    wire.ask("reset", done="m-init-done")
    outputs = np.empty((len(rows), output_bytes), np.int8)
    for index, row in enumerate(rows):
        wire.load(row.tobytes())
        wire.ask("infer 1 0", done="m-infer-done")
        outputs[index] = np.frombuffer(wire.output(output_bytes), np.int8)
    return outputs


class _Replay:
    """A `Link` to a device that has already answered."""

    def __init__(self, transcript: bytes) -> None:
        self._rest = transcript

    def send(self, data: bytes) -> None:
        """The answer is there already."""

    def receive(self, timeout: float) -> bytes:
        rest, self._rest = self._rest, b""
        if not rest:
            raise SimulatorError("the firmware printed no more")
        return rest

    def close(self) -> None:
        """Nothing is open."""


def _wait_for_counts(workspace: Workspace, points: CountPoints | None) -> str:
    deadline = time.monotonic() + LOG_SECONDS
    while points and not points.complete(workspace.log()) and time.monotonic() < deadline:
        time.sleep(LOOK_SECONDS)
    return workspace.log()
