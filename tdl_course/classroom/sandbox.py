"""A process that can harm nobody: what runs in it, what it may use up, and its end.

In: a Python module of ours, limits. Out: a `Sandbox` that exchanges frames with it, and says in one sentence how it
ended. With bubblewrap the process has no network, no home, none of the machine's files but Python's own (read-only),
no other process in sight, and a small disk in memory. Without it (`isolated=False`) only time, memory and the number of
processes are watched. It does not know what the frames mean; what comes back is bytes from somebody untrusted.
"""

from __future__ import annotations

import contextlib
import os
import selectors
import shutil
import signal
import site
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

import psutil

import tdl_course

MAGIC = b"TDL1"
PACKAGE = Path(tdl_course.__file__).resolve().parent
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/etc/ld.so.cache", "/etc/alternatives")
LOOK_EVERY = 0.05  # seconds
PATIENCE = 5  # times the limit, by the clock on the wall, for what waits instead of computing
LARGEST_REPLY = 64 * 2**20  # bytes
INSTALL = "sudo apt install bubblewrap"


class IsolationError(RuntimeError):
    """Submissions cannot be isolated on this machine; the message says what to do."""


class Stopped(BaseException):
    """The process is gone, and why. No `Exception`: a check takes those for the answer of the student's function."""


@dataclass(frozen=True)
class Limits:
    """What a submission may use up, in seconds of a processor, bytes, or as a count."""

    seconds: float = 10.0  # one call
    start_seconds: float = 30.0  # Python's start, and a notebook's own imports
    total_seconds: float = 180.0  # a submission, by the clock on the wall
    memory_bytes: int = 2 * 2**30
    disk_bytes: int = 64 * 2**20
    processes: int = 32
    proc: bool = False  # whether it sees /proc, with its own processes: compilers need it

    @property
    def resources(self) -> dict[str, int]:
        """For `resource.setrlimit` in the process itself, a second fence inside the first."""
        return {
            "RLIMIT_AS": self.memory_bytes,
            "RLIMIT_CPU": round(2 * self.total_seconds),
            "RLIMIT_FSIZE": self.disk_bytes,
            "RLIMIT_CORE": 0,
            "RLIMIT_NOFILE": 256,
            "RLIMIT_NPROC": self.processes,
        }


def isolation_missing() -> str:
    """Why submissions cannot be isolated here, and the next command; "" where they can."""
    if sys.platform != "linux":
        return (
            f"bubblewrap is a program for Linux, and this is {sys.platform}. Next: grade on Linux; on Windows, in WSL"
        )
    if not shutil.which("bwrap"):
        return f"bubblewrap is not installed. Next: {INSTALL}"
    tried = subprocess.run([*bubblewrap(Limits()), "/bin/true"], capture_output=True, text=True, timeout=30)
    if tried.returncode:
        why = tried.stderr.strip().splitlines()[-1:] or ["no message"]
        return f"bubblewrap does not work here ({why[0]}); 0.7 or newer is needed, and user namespaces. Next: {INSTALL}"
    return ""


def require(isolated: bool) -> None:
    """Raises IsolationError where submissions cannot be run here, `isolated` or not."""
    if os.name != "posix":
        raise IsolationError("submissions cannot be run on Windows itself. Next: wsl --install, then grade within WSL")
    if not isolated:
        return
    missing = isolation_missing()
    if missing:
        raise IsolationError(
            f"submissions cannot be isolated: {missing}; or, if you trust what your students have written with your "
            "files and your network, add --no-isolation"
        )


def bubblewrap(limits: Limits, cache: Path | None = None) -> list[str]:
    """The command in front of a command that isolates it; the folder `cache` is kept, as TDL_CACHE."""
    places: list[str] = []
    for name in SYSTEM:
        link = os.path.islink(name)
        places += ["--symlink", os.readlink(name), name] if link else ["--ro-bind-try", name, name]
    own = {sys.prefix, sys.base_prefix, site.getusersitepackages(), str(PACKAGE)}
    for place in sorted(path for path in own if not path.startswith("/usr/")):
        places += ["--ro-bind-try", place, place]
    small = ["--size", str(limits.disk_bytes), "--tmpfs"]
    return [
        "bwrap",
        *("--unshare-all", "--die-with-parent", "--new-session", "--cap-drop", "ALL", "--clearenv"),
        *(("--proc", "/proc") if limits.proc else ()),
        *("--dev", "/dev", *small, "/dev/shm", *small, "/tmp"),
        *places,  # behind /tmp: the course itself may lie there
        *(("--bind", str(cache), "/tmp/cache") if cache else ()),
        *("--remount-ro", "/dev", "--remount-ro", "/", "--chdir", "/tmp"),
        *(part for name, value in environment("/tmp").items() for part in ("--setenv", name, value)),
        "--",
    ]


def environment(home: str) -> dict[str, str]:
    """All that the process is told: nothing of the instructor's environment."""
    return {
        "HOME": home,
        "TMPDIR": home,
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "PYTHONPATH": str(PACKAGE.parent),
        "PYTHONDONTWRITEBYTECODE": "1",
        "TDL_OFFLINE": "1",
        "TDL_CACHE": f"{home}/cache",
        "MPLBACKEND": "agg",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
    }


@dataclass
class Sandbox:
    """A module of ours in a process of its own, `python -m MODULE`, which reads frames and answers each with one.

    Use as a context manager: at its end the process, and all that it has started, is gone.
    """

    module: str
    limits: Limits
    isolated: bool = True
    cache: Path | None = None  # a folder that outlives it, for a module that runs no student's code
    _home: tempfile.TemporaryDirectory | None = field(default=None, repr=False)

    def __enter__(self) -> Sandbox:
        command = [sys.executable, "-m", self.module]
        if self.isolated:
            command, folder, env = (
                [*bubblewrap(self.limits, self.cache), *command],
                "/",
                {"PATH": os.environ.get("PATH", "")},
            )
        else:
            self._home = tempfile.TemporaryDirectory(prefix="tdl-grade-", ignore_cleanup_errors=True)
            folder, env = self._home.name, environment(self._home.name)
            env |= {"TDL_CACHE": str(self.cache)} if self.cache else {}
        pipe = subprocess.PIPE
        self._process = subprocess.Popen(
            command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, cwd=folder, env=env, start_new_session=True
        )
        assert self._process.stdin is not None and self._process.stdout is not None
        self._to, self._from = self._process.stdin.fileno(), self._process.stdout.fileno()
        os.set_blocking(self._to, False)
        os.set_blocking(self._from, False)
        return self

    def __exit__(self, *_: object) -> None:
        family = self._family()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        for process in family:
            with contextlib.suppress(psutil.Error):
                process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout):
            with contextlib.suppress(OSError):
                stream and stream.close()
        if self._home:
            self._home.cleanup()

    def exchange(self, data: bytes, seconds: float) -> bytes:
        """Send a frame, and return the frame that comes back within `seconds`.

        Raises
        ------
        Stopped
            None came: the process ended, took too long, too much memory or too many processes, or sent something else.
        """
        unsent, got = memoryview(MAGIC + len(data).to_bytes(8, "big") + data), bytearray()
        deadline, look = time.monotonic() + PATIENCE * seconds, time.monotonic() + LOOK_EVERY
        before: float | None = None
        with selectors.DefaultSelector() as selector:
            selector.register(self._to, selectors.EVENT_WRITE)
            selector.register(self._from, selectors.EVENT_READ)
            while not _complete(got):
                for key, _ in selector.select(LOOK_EVERY):
                    if key.fd == self._to:
                        unsent = self._send(unsent)
                        if not unsent:
                            selector.unregister(self._to)
                    else:
                        got += self._receive()
                now = time.monotonic()
                if now > look:
                    used = self._look()
                    before = used if before is None else before
                    if now > deadline or used > before + seconds:
                        raise Stopped(f"It did not come to an end within {seconds:g} seconds.")
                    look = now + LOOK_EVERY
        return bytes(got[12:])

    def _send(self, unsent: memoryview) -> memoryview:
        try:
            return unsent[os.write(self._to, unsent[:65536]) :]
        except BlockingIOError:
            return unsent
        except BrokenPipeError:
            raise Stopped(self._end()) from None

    def _receive(self) -> bytes:
        try:
            chunk = os.read(self._from, 1 << 20)
        except BlockingIOError:
            return b""
        if not chunk:
            raise Stopped(self._end())
        return chunk

    def _end(self) -> str:
        """How the process ended, in a sentence."""
        try:
            status = self._process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            return "It closed the connection to the grader."
        number = -status if status < 0 else status - 128  # bubblewrap reports a signal as a shell does
        if number > 0 and number in set(signal.Signals):
            return f"It was ended by the signal {signal.Signals(number).name}."
        return f"It ended the process (exit status {status}), as sys.exit or os._exit does."

    def _family(self) -> list[psutil.Process]:
        """The process and all that it has started."""
        try:
            process = psutil.Process(self._process.pid)
            return [process, *process.children(recursive=True)]
        except psutil.Error:
            return []

    def _look(self) -> float:
        """Seconds of a processor that they have used so far: on a busy computer less than what has gone by.

        Raises Stopped where they are too many, or use too much memory.
        """
        family = self._family()
        if len(family) > self.limits.processes:
            raise Stopped(f"It started more than {self.limits.processes} processes.")
        seconds, memory = 0.0, 0
        for process in family:
            with contextlib.suppress(psutil.Error):
                memory += process.memory_info().rss
                seconds += sum(process.cpu_times()[:2])
        if memory > self.limits.memory_bytes:
            raise Stopped(f"It took more than {self.limits.memory_bytes / 2**30:g} GiB of memory.")
        return seconds


def _complete(got: bytearray) -> bool:
    """Whether a whole frame is there; raises Stopped where it never will be one."""
    if not MAGIC.startswith(bytes(got[:4])) and bytes(got[:4]) != MAGIC:
        raise Stopped("It wrote into the connection to the grader.")
    if len(got) < 12:
        return False
    length = int.from_bytes(got[4:12], "big")
    if length > LARGEST_REPLY:
        raise Stopped(f"It returned more than {LARGEST_REPLY >> 20} MiB, or wrote into the connection to the grader.")
    if len(got) > 12 + length:
        raise Stopped("It wrote into the connection to the grader.")
    return len(got) == 12 + length
