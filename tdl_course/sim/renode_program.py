"""Renode, the program: where it is, which version, and a place of its own to run in.

In: an `Elf`. Out: the path of Renode, or a `Workspace`: a temporary folder with all that Renode reads and writes, and
a process group that ends with it. What runs inside is told by `renode_script`; this module knows no command of it.
Written for Renode 1.16.1.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

from tdl_course.boards import CORTEX_M4F
from tdl_course.elf import Elf
from tdl_course.sim.process import end_group, start_group
from tdl_course.sim.renode_script import platform_variables
from tdl_course.sim.result import SimulatorError

VERSION = "1.16.1"
RELEASE = f"https://github.com/renode/renode/releases/download/v{VERSION}"
PORTABLE = Path.home() / "renode_portable"
PLATFORM = Path(__file__).resolve().parent.parent / "firmware" / "renode"
NAMES = ("renode", "renode.exe", "Renode.exe", "bin/Renode.exe", "Contents/MacOS/renode")
VERSION_SECONDS = 60.0  # the first start of a portable build unpacks itself
SHOWN = 2000  # bytes of Renode's log in an error


def install_hint() -> str:
    """How to get Renode on this system; the build of each is pinned."""
    conda = "or conda install -c conda-forge renode-cli"
    if sys.platform == "darwin":
        return (
            f"Renode {VERSION}: open {RELEASE}/renode-{VERSION}-dotnet.osx-arm64-portable.dmg and copy Renode.app to "
            f"/Applications, {conda}"
        )
    if sys.platform == "win32":
        return (
            f"Renode {VERSION}: unpack {RELEASE}/renode-{VERSION}.windows-portable-dotnet.zip and set RENODE to its "
            f"folder, {conda}"
        )
    arm = "arm64-" if os.uname().machine in ("aarch64", "arm64") else ""
    archive = f"renode-{VERSION}.linux-{arm}portable-dotnet.tar.gz"
    return (
        f"Renode {VERSION}: curl -fLO {RELEASE}/{archive} && mkdir -p ~/{PORTABLE.name} && "
        f"tar xf {archive} -C ~/{PORTABLE.name} --strip-components=1, {conda}"
    )


def find_renode() -> str:
    """The path of Renode: `$RENODE` (the program, or its folder), `renode` or `renode-cli` on PATH, a portable build.

    Raises
    ------
    SimulatorError
        There is none; the message says how to install it.
    """
    named = os.environ.get("RENODE")
    if named:
        program = _inside(Path(named).expanduser())
        if program is None:
            raise SimulatorError(
                f"RENODE={named} is neither a program nor a folder with Renode in it. Correct it, or unset it and "
                f"install {install_hint()}"
            )
        return program
    found = (
        shutil.which("renode")
        or shutil.which("renode-cli")
        or _inside(PORTABLE)
        or _inside(Path("/Applications/Renode.app"))
    )
    if found is None:
        raise SimulatorError(f'Renode is not installed. {install_hint()}. sim="unicorn" needs nothing but pip')
    return found


def _inside(place: Path) -> str | None:
    candidates = [place, *(place / name for name in NAMES)]
    return next((str(path.absolute()) for path in candidates if path.is_file() and os.access(path, os.X_OK)), None)


def renode_version(program: str) -> str:
    """What the program says of its version: `Renode v1.16.1...`. Raises SimulatorError where it says nothing."""
    with tempfile.TemporaryDirectory(prefix="tdl-renode-", ignore_cleanup_errors=True) as folder:
        options = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.STDOUT}
        process = start_group([program, "--version"], env=_environment(Path(folder)), **options)
        try:
            said, _ = process.communicate(timeout=VERSION_SECONDS)
        except subprocess.TimeoutExpired:
            raise SimulatorError(f"{program} --version does not end within {VERSION_SECONDS:g} s") from None
        finally:
            end_group(process)
    lines = [line.strip() for line in said.decode("utf-8", "replace").splitlines()]
    version = next((line for line in lines if line.lower().startswith("renode")), None)
    if version is None:
        raise SimulatorError(f"{program} --version says {lines[:3]}, not a version of Renode")
    return version


def _environment(folder: Path) -> dict[str, str]:
    """Renode's settings and temporary files go into `folder`, whatever the user's own Renode keeps elsewhere."""
    # .NET ignores a settings folder that does not exist.
    settings, temporary = folder / "settings", folder / "tmp"
    for place in (settings, temporary):
        place.mkdir(exist_ok=True)
    own = dict.fromkeys(("TMPDIR", "TMP", "TEMP"), str(temporary))
    return {**os.environ, **own, "XDG_CONFIG_HOME": str(settings)}


class Workspace:
    """A folder for one run of Renode, and the run. On exit Renode and all it started are killed, the folder is gone.

    `folder` holds `model.elf` and the platform; `uart` is where the firmware's output is to go, `read_uart` reads it.
    """

    def __init__(self, elf: Elf) -> None:
        if elf.board.core != CORTEX_M4F:
            raise SimulatorError(
                f"Renode's platform here is an STM32F405 with a {CORTEX_M4F}, and board {elf.board.name} has a "
                f'{elf.board.core}; take sim="unicorn" or "qemu"'
            )
        self._program = find_renode()
        self._process: subprocess.Popen[bytes] | None = None
        self.folder = Path(tempfile.mkdtemp(prefix="tdl-renode-")).resolve()
        self.uart = self.folder / "uart.txt"
        self._log = self.folder / "renode.log"
        try:
            shutil.copyfile(elf.path, self.folder / "model.elf")
            for name in ("stm32f405.repl", "run.resc"):
                shutil.copyfile(PLATFORM / name, self.folder / name)
        except OSError:
            self.close()
            raise
        self.variables = platform_variables(elf.board, self.folder / "model.elf")

    def write_script(self, name: str, lines: Sequence[str]) -> Path:
        """A script in the folder."""
        script = self.folder / name
        script.write_text("\n".join(lines) + "\n", encoding="utf-8")
        return script

    def start(self, options: Sequence[str]) -> None:
        """Start Renode in the folder. Its stdin is a pipe that stays open and empty.

        At the end of its stdin Renode's console reads "nothing" over and over (ConsoleIOSource.cs of
        renode-infrastructure), which costs a processor and memory for as long as the simulation runs.
        """
        config = ["--config", str(self.folder / "settings" / "config")]
        with self._log.open("wb") as log:
            self._process = start_group(
                [self._program, "--disable-gui", "--plain", *config, *options],
                cwd=self.folder,
                env=_environment(self.folder),
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
            )

    @property
    def exit_status(self) -> int | None:
        """Of Renode; None while it runs. It says nothing of success: a script that failed ends with 0, too."""
        return None if self._process is None else self._process.poll()

    def read_uart(self, start: int = 0) -> bytes:
        """What the firmware has printed, from byte `start` on."""
        try:
            with self.uart.open("rb") as stream:
                stream.seek(start)
                return stream.read()
        except FileNotFoundError:
            return b""

    def log(self) -> str:
        """All that Renode has said."""
        return self._log.read_text("utf-8", "replace") if self._log.exists() else ""

    def said(self) -> str:
        """The end of the log, for an error message."""
        text = self.log().strip()
        return f"Renode said:\n{text[-SHOWN:]}" if text else "Renode said nothing"

    def close(self) -> None:
        """Kill Renode and all it started, remove the folder. May be called again."""
        if self._process is not None:
            end_group(self._process)
            if self._process.stdin is not None:
                with contextlib.suppress(OSError):
                    self._process.stdin.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def __enter__(self) -> Workspace:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
