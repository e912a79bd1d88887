"""PtyPort: a pseudo-terminal as a place where other programs find a device's serial line.

In: optionally the path of a symbolic link to make. Out: a `Port` whose client is whatever program has the terminal
open: pyserial, MLCommons' runner, `screen`. Linux and macOS have them. This module knows no devices, and of their
protocol how commands begin and end, to tell one client from the next.
"""

from __future__ import annotations

import contextlib
import ctypes
import errno
import os
import re
import sys
from pathlib import Path

from tdl_course.sim.ports import CHUNK, GONE
from tdl_course.sim.result import SimulatorError

IN_CLOSE = 0x18  # inotify(7): closed, after reading or writing
COMMAND = re.compile(rb"(?:help|name|profile|timestamp|db|infer|results|x-\w+)(?=[ %])")


class PtyPort:
    """A pseudo-terminal in raw mode (Linux, macOS); `link`: a symbolic link to it, so that its name is known."""

    def __init__(self, link: Path | None = None) -> None:
        if sys.platform == "win32":
            raise SimulatorError("Windows has no pseudo-terminals: use --tcp PORT, and socket://127.0.0.1:PORT")
        self._master, slave = os.openpty()
        os.set_blocking(self._master, False)
        self._device = os.ttyname(slave)
        self._ahead = b""  # read to see whether a client is there
        self._mixed = b""  # half a command, of the last client or of the next: its end will tell
        self._left = False  # the client has, though the next one may be there
        self._closings = _Closings(self._device)
        self.name = self._device
        self._link: Path | None = None
        _make_raw(slave)
        os.close(slave)  # so that the port tells whether a client has it open
        if link is not None:
            try:
                _replace_link(link, self._device)
            except OSError as error:
                self.close()
                raise SimulatorError(f"no link {link} to the pseudo-terminal: {error.strerror}") from None
            self._link = link
            self.name = f"{link} -> {self._device}"

    def fileno(self) -> int:
        return self._master

    def client(self) -> bool:
        """Whether a program has it open, or has left something to read."""
        self._left = False
        if self._ahead:
            return True
        closed = self._closings.clear()
        data, is_open = self._read_all()
        if closed and is_open:
            self._keep_newest(data)
        else:
            self._ahead = data
        return is_open or bool(data)

    def read(self) -> bytes | None:
        if self._left:
            return GONE
        data, self._ahead = self._ahead, b""
        if data:
            return data
        if not self._closings.clear():
            return self._read()
        self._left = True
        data, is_open = self._read_all()
        if is_open:  # by the next client already
            self._keep_newest(data)
        return GONE if is_open else data

    def _keep_newest(self, data: bytes) -> None:
        """Of what was read across a closing and an opening, keep what the next client has sent."""
        whole = data.rfind(b"%") + 1
        if data and whole == len(data):
            self._ahead = newest_command(data)
        else:
            self._mixed = data if whole == 0 else data[whole:]

    def _read_all(self) -> tuple[bytes, bool]:
        """What is there to read, and whether a program has it open."""
        data = b""
        while more := self._read():
            data += more
        return data, more is None

    def _read(self) -> bytes | None:
        data = self._receive()
        if data == GONE:
            self._mixed = b""
        if not data or not self._mixed:
            return data
        self._mixed += data
        whole = self._mixed.find(b"%") + 1
        if not whole:
            return None
        mixed, self._mixed = self._mixed, b""
        return newest_command(mixed[:whole]) + mixed[whole:]

    def _receive(self) -> bytes | None:
        """While no program has it open, Linux answers EIO, macOS the end of the file."""
        try:
            return os.read(self._master, CHUNK)
        except (BlockingIOError, InterruptedError):
            return None
        except OSError as error:
            if error.errno == errno.EIO:
                return GONE
            raise

    def write(self, data: bytes) -> int | None:
        try:
            return os.write(self._master, data[:CHUNK])
        except (BlockingIOError, InterruptedError):
            return 0
        except OSError:
            return None

    def hang_up(self, farewell: bytes = b"") -> None:
        """Forget what the last client left unread, and how it had set the terminal. The next may already be there."""
        import termios

        slave = os.open(self._device, os.O_RDWR | os.O_NOCTTY)
        termios.tcflush(slave, termios.TCIFLUSH)
        _make_raw(slave)
        os.close(slave)
        self._closings.clear()

    def close(self) -> None:
        if self._link is not None:
            with contextlib.suppress(OSError):
                if os.readlink(self._link) == self._device:  # else it is another server's by now
                    os.unlink(self._link)
            self._link = None
        if self._master >= 0:
            os.close(self._master)
            self._master = -1
        self._closings.close()


class _Closings:
    """Tells that a program has closed a file (Linux; elsewhere it tells nothing).

    A client that closes the terminal and opens it again at once is one client to whoever looks only now and then.
    """

    def __init__(self, path: str) -> None:
        self._events = -1
        if sys.platform == "linux":
            library = ctypes.CDLL(None, use_errno=True)
            self._events = library.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
            library.inotify_add_watch(self._events, path.encode(), IN_CLOSE)

    def clear(self) -> bool:
        """Whether it was closed since the last call."""
        try:
            return self._events >= 0 and bool(os.read(self._events, 4096))
        except (BlockingIOError, InterruptedError):
            return False

    def close(self) -> None:
        if self._events >= 0:
            os.close(self._events)
            self._events = -1


def newest_command(data: bytes) -> bytes:
    """The command of the next client, of whole commands before which half a command of the last one may stand.

    The terminal does not tell where one ended and the other began. A client waits for the answer to its first command,
    so that is the last one here, from the last word on with which a command begins.

    >>> newest_command(b"name%db load 49db 00name%")
    b'name%'
    """
    last = data[data[:-1].rfind(b"%") + 1 :]
    starts = [match.start() for match in COMMAND.finditer(last)]
    return last[starts[-1] :] if starts else last


def _make_raw(terminal: int) -> None:
    """No echo, no line editing, no translation of line ends."""
    import termios
    import tty

    tty.setraw(terminal, termios.TCSANOW)


def _replace_link(link: Path, target: str) -> None:
    """A symbolic link to `target`; one that an earlier server left is replaced, any other file is not."""
    if link.exists() and not link.is_symlink():
        raise FileExistsError(errno.EEXIST, "a file of that name exists")
    new = link.with_name(f"{link.name}.{os.getpid()}")
    os.symlink(target, new)
    os.replace(new, link)
