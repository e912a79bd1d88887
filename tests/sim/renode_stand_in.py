"""A stand-in for Renode 1.16.1, where Renode cannot be installed: `python renode_stand_in.py OPTIONS`.

It speaks what the driver may rely on, and refuses all else as Renode does, so that a test notices a driver that relies
on more: the command line, the console with a script and `-e`, the server for Robot Framework (its log line, the file
robot_port, `run_keyword`), and the monitor's commands in `Monitor`. The firmware really runs (renode_stand_in_board).
$STAND_IN makes it misbehave: `hang`, `die`, `silent`, `late-log`, `no-count`, `child`.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from xmlrpc.server import SimpleXMLRPCServer

from renode_stand_in_board import Board

FAULT = os.environ.get("STAND_IN", "")
MIPS = 168
TYPES = {
    "Memory.MappedMemory",
    "IRQControllers.NVIC",
    "CPU.CortexM",
    "Miscellaneous.DWT",
    "UART.STM32_UART",
    "MTD.STM32F4_FlashController",
}
ENTRY = re.compile(r"(\w+): ([\w.]+) @ (.*)")
HOOK = r"\"cpu\.ErrorLog\('([\w -]+\{0\})', cpu\.ExecutedInstructions\)\""
RAM = re.compile(r"sram: Memory\.MappedMemory @ sysbus 0x20000000 \{ size: (0x[0-9a-f]+) \}")


class Refused(Exception):
    """What the monitor prints in red."""


def log(level: str, text: str) -> None:
    print(f"{datetime.now():%H:%M:%S.%f}"[:-2], f"[{level}] {text}", flush=True)


class Monitor:
    """The monitor's commands, each in the one form that the driver uses."""

    def __init__(self) -> None:
        self.variables: dict[str, str] = {}
        self.quitted = False
        self.platform = False
        self.ram_bytes = 0
        self.board: Board | None = None
        self.machine = False
        self.commands: list[tuple[str, Callable[..., str | None]]] = [
            (r"\$(\w+)(\??)=(\S.*)", self.set),
            (r"(?:include|i) (\S.*)", self.include),
            (r'mach create "\w+"', self.create),
            (r"machine LoadPlatformDescription (\S+)", self.load_platform),
            (r"machine LoadPlatformDescriptionFromString (\$\w+)", self.load_line),
            (r"sysbus LoadELF (\S.*)", self.load_elf),
            (r"cpu PerformanceInMips 168", lambda: None),
            (r"sysbus\.usart1 CreateFileBackend (\S.*) true", self.file_backend),
            (r'sysbus\.usart1 WriteLine "([^"\\]+)" false', self.write_line),
            (r"sysbus\.usart1 WriteChar (0x[0-9a-f]{2})", self.write_char),
            (
                r"cpu AddHook (0x[0-9a-f]{8}) \"cpu\.ErrorLog\('([\w -]+\{0\})', cpu\.ExecutedInstructions\)\"",
                self.hook,
            ),
            (r'emulation RunFor "(\d+(?:\.\d{1,6})?)"', self.run_for),
            (r"quit", self.quit),
        ]

    def execute(self, line: str) -> str:
        text = line.strip()
        if not text or text.startswith(("#", ":")):
            return ""
        for pattern, command in self.commands:
            match = re.fullmatch(pattern, text)
            if match:
                return command(*match.groups()) or ""
        raise Refused(f"No such command or device: {text.split()[0]}, or not in this form: {text[:120]}")

    def path(self, token: str) -> Path:
        """`@path`, `$variable`, `$ORIGIN/path`; a space is escaped."""
        if token.startswith("$"):
            name, slash, rest = token[1:].partition("/")
            if name not in self.variables:
                raise Refused(f"No such variable: ${name}")
            token = self.variables[name] + slash + rest
        if not re.fullmatch(r"@(\\ |[^\s;])+", token):
            raise Refused(f"Bad path: {token}")
        return Path(token[1:].replace("\\ ", " "))

    def need_board(self) -> Board:
        if self.board is None:
            raise Refused("No machine with a firmware")
        return self.board

    def set(self, name: str, default: str, value: str) -> None:
        if not (default and name in self.variables):
            self.variables[name] = value

    def include(self, token: str) -> None:
        script = self.path(token)
        outside = self.variables.get("ORIGIN")
        self.variables["ORIGIN"] = "@" + str(script.parent).replace(" ", "\\ ")
        if not script.is_file():
            raise Refused(f"Could not find file {script}")
        for line in script.read_text(encoding="utf-8").splitlines():
            self.execute(line)
            if self.quitted:
                break
        if outside is not None:
            self.variables["ORIGIN"] = outside

    def create(self) -> None:
        self.machine = True

    def load_platform(self, token: str) -> None:
        text = re.sub(r"//.*", "", self.path(token).read_text(encoding="utf-8"))
        for line in filter(str.strip, text.splitlines()):
            indent = len(line) - len(line.lstrip(" "))
            entry = ENTRY.fullmatch(line)
            if "\t" in line or indent % 4 or (entry and entry[2] not in TYPES):
                raise Refused(f"Error E00: {line!r}")
        if not self.machine:
            raise Refused("There is no machine to load it into")
        self.platform = True

    def load_line(self, token: str) -> None:
        match = RAM.fullmatch(self.variables[token[1:]].strip('"'))
        if not match:
            raise Refused(f"Error E00: {self.variables[token[1:]]}")
        self.ram_bytes = int(match[1], 16)

    def load_elf(self, token: str) -> None:
        if not self.platform or not self.ram_bytes:
            raise Refused("Tried to load to memory that is not there")
        self.board = Board(self.path(token), self.ram_bytes, self.cpu_log)
        log("WARNING", "sysbus: [cpu: 0x8001642] (tag: 'RCC') WriteDoubleWord to non existing peripheral at 0x40023830")

    def cpu_log(self, text: str) -> None:
        if FAULT == "no-count" and "tdl-count last" in text:
            return
        if FAULT == "late-log" and "tdl-count return" in text:
            time.sleep(0.3)
        log("ERROR", f"cpu: {text}")

    def file_backend(self, token: str) -> None:
        self.need_board().uart_file = self.path(token)

    def write_line(self, text: str) -> None:
        for byte in text.encode("ascii"):
            self.need_board().write_char(byte)

    def write_char(self, byte: str) -> None:
        self.need_board().write_char(int(byte, 16))

    def hook(self, address: str, text: str) -> None:
        self.need_board().add_hook(int(address, 16), text)

    def run_for(self, seconds: str) -> None:
        if FAULT == "hang":
            time.sleep(1000)
        if FAULT == "die":
            os._exit(3)
        if FAULT == "silent":
            time.sleep(0.01)
            return
        self.need_board().run_for(int(float(seconds) * MIPS * 1_000_000))

    def quit(self) -> None:
        self.quitted = True


def console(monitor: Monitor, script: str, commands: list[str]) -> None:
    """The script, then the commands; an error ends the script, and the exit status stays 0."""
    if " " in script:
        sys.exit(f"this would be typed as it stands: {script}")
    monitor.variables["CWD"] = "@" + str(Path.cwd()).replace(" ", "\\ ")
    for line in [f"i {'@' if Path(script).is_absolute() else '$CWD/'}{script}", *commands]:
        try:
            monitor.execute(line)
        except Refused as error:
            print(f"There was an error executing command '{line}'\n{error}", flush=True)
        if monitor.quitted:
            return
    sys.stdin.buffer.read()


def serve(monitor: Monitor) -> None:
    """The server for Robot Framework, with the one keyword."""

    def run_keyword(name: str, arguments: list[str]) -> dict[str, str]:
        if name != "ExecuteCommand":
            raise ValueError(f'Keyword "{name}" not found')
        try:
            return {"status": "PASS", "return": monitor.execute(arguments[0])}
        except Refused as error:
            text = f"KeywordException: Could not execute command '{arguments[0]}': {error}\n"
            return {"status": "FAIL", "error": text, "traceback": ""}

    with SimpleXMLRPCServer(("127.0.0.1", 0), logRequests=False, allow_none=True) as server:
        port = server.server_address[1]
        folder = Path(os.environ["TMPDIR"]) / f"renode-{os.getpid()}"
        folder.mkdir()
        (folder / "robot_port").write_text(str(port))
        log("INFO", f"Robot Framework remote server is listening on port {port}")
        server.register_function(run_keyword)
        server.serve_forever()


def main(options: list[str]) -> None:
    if options == ["--version"]:
        print("Renode v1.16.1.0\n  build: 0000")
        return
    if options[:3] != ["--disable-gui", "--plain", "--config"]:
        sys.exit(f"unexpected options: {options}")
    Path(options[3]).touch()
    if FAULT == "child":
        subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)", "renode-stand-in-child"])
    match options[4:]:
        case ["--console", script, "-e", command]:
            console(Monitor(), script, [command])
        case ["--robot-server-port", "0"]:
            serve(Monitor())
        case rest:
            sys.exit(f"unexpected options: {rest}")


if __name__ == "__main__":
    main(sys.argv[1:])
