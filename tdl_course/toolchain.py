"""Toolchain: C sources to a firmware ELF, or to a shared library of the host.

In: `Sources` (files and kernel names, from the compiler), a board, the name of a toolchain. Out: `Elf` or a path.
Objects are cached by the hash of all that they are made of. This module knows no graph and no simulator.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import importlib.util
import os
import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from tdl_course.boards import CORTEX_M4F, Board, Core
from tdl_course.boards import board as find_board
from tdl_course.elf import Elf, Section, Symbol, ToolchainError, read_elf
from tdl_course.files import write_atomically
from tdl_course.fit import DoesNotFit, overflow_error

__all__ = [
    "DoesNotFit",
    "Elf",
    "Section",
    "Symbol",
    "ToolchainError",
    "build",
    "build_command",
    "build_host",
    "cache_dir",
    "native_library",
    "objects",
    "read_elf",
]

_FIRMWARE = Path(__file__).parent / "firmware"
_RUNTIME, _KERNELS, _BOARDS = _FIRMWARE / "runtime", _FIRMWARE / "kernels", _FIRMWARE / "boards"
_APPLICATIONS = tuple(sorted((_FIRMWARE / "applications").iterdir()))  # each has a main of its own
_LIBRARY = (_KERNELS, _FIRMWARE / "frontend", *_APPLICATIONS)
"""Where the files are that `CSources.kernels` names."""
_WARNINGS = ("-Wall", "-Wextra", "-Wconversion", "-Werror")
_COMMON = ("-std=c11", "-O2", "-fno-unroll-loops", "-fomit-frame-pointer", *_WARNINGS, "-fno-math-errno")
_RUNTIME_SIZE = "-Os"  # overrides -O2: the serial protocol waits for its line anyway
_TARGET = (
    "-ffreestanding",
    "-fno-unwind-tables",
    "-fno-asynchronous-unwind-tables",
    "-ffunction-sections",
    "-fdata-sections",
)
_HOST_OPTIONS = _COMMON if sys.platform == "win32" else (*_COMMON, "-fPIC")
_CORE: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "zig": {
        "cortex-m4f": ("-target", "thumb-freestanding-eabihf", "-mcpu=cortex_m4+vfp4d16sp"),
        "cortex-m3": ("-target", "thumb-freestanding-eabi", "-mcpu=cortex_m3"),
        "cortex-m0plus": ("-target", "thumb-freestanding-eabi", "-mcpu=cortex_m0plus"),
    },
    "gcc": {
        "cortex-m4f": ("-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16"),
        "cortex-m3": ("-mcpu=cortex-m3", "-mthumb", "-mfloat-abi=soft"),
        "cortex-m0plus": ("-mcpu=cortex-m0plus", "-mthumb", "-mfloat-abi=soft"),
    },
}
_SECONDS = 300


class CSources(Protocol):
    """What `build` needs of the compiler's `Sources`: file names with their text, and the kernels they call."""

    @property
    def files(self) -> Mapping[str, str]: ...
    @property
    def kernels(self) -> Sequence[str]: ...


@dataclass(frozen=True)
class _Compiler:
    """The program with its version (part of every cache key) and the options of the target."""

    name: str
    command: tuple[str, ...]
    version: str
    core: tuple[str, ...]


def build(
    sources: CSources, board: str | Board = "stm32f405", toolchain: str = "zig", out: str | Path | None = None
) -> Elf:
    """Compile and link the firmware of a model.

    Parameters
    ----------
    sources
        The compiler's C files and the files of the kernels they call.
    board
        A board or its name.
    toolchain
        "zig" (clang, from pip) or "gcc" (arm-none-eabi-gcc).
    out
        Where the ELF goes; by default it stays in the cache. The file appears whole or not at all.

    Raises
    ------
    DoesNotFit
        The model needs more flash or RAM than the board has.
    ToolchainError
        The toolchain is missing, or the C does not compile.
    """
    target = find_board(board)
    compiler = _find_compiler(toolchain, target.core)
    options = (*compiler.core, *_COMMON, *_TARGET)
    runtime = ((*options, _clock(target), _RUNTIME_SIZE), _runtime_files(sources))
    objects = _objects(sources, compiler, options, runtime)
    script = target.linker_script
    key = _key(compiler, [script], [*objects, *sorted(_BOARDS.glob("*.ld"))])

    def link(product: Path) -> None:
        command = [
            *compiler.command,
            *compiler.core,
            *_link_options(compiler.name, target),
            *map(str, objects),
            "-o",
            str(product),
        ]
        # The scripts INCLUDE one another by name, so the linker runs where they are.
        result = _run(command, cwd=_BOARDS)
        if result.returncode:
            raise overflow_error(result.stderr, objects, target) or _failure("linking", result.stderr)

    elf = _cached(f"{key}.elf", link)
    return read_elf(write_atomically(Path(out), elf.read_bytes()) if out else elf, target)


def objects(sources: CSources, core: Core = CORTEX_M4F, toolchain: str = "zig") -> list[Path]:
    """The object files of `sources` and its kernels alone, for that core: no runtime, not linked. Cached.

    Raises ToolchainError where the toolchain is missing, or the C does not compile.
    """
    compiler = _find_compiler(toolchain, core)
    return _objects(sources, compiler, (*compiler.core, *_COMMON, *_TARGET))


def build_command(board: str | Board = "stm32f405", toolchain: str = "zig") -> str:
    """The shell command that builds `model.elf` in a folder which holds all the C files and linker scripts."""
    target = find_board(board)
    program = {"zig": "python -m ziglang cc", "gcc": "arm-none-eabi-gcc"}[toolchain]
    core = _CORE[toolchain][target.core.name]
    options = (*core, *_COMMON, *_TARGET, _clock(target), *_link_options(toolchain, target))
    return " ".join([program, *options, "*.c", "-o", "model.elf"])


def _clock(board: Board) -> str:
    return f"-DTDL_CLOCK_MHZ={board.clock_hz // 1_000_000}u"


def _link_options(toolchain: str, board: Board) -> tuple[str, ...]:
    own_start = ("-nostartfiles",) if toolchain == "gcc" else ()  # zig's freestanding target has no other
    return (*own_start, f"-Wl,-T,{board.linker_script}", "-Wl,--entry=Reset_Handler", "-Wl,--gc-sections")


def build_host(sources: CSources) -> Path:
    """The same C without the runtime, as a shared library of this computer. Cached by content.

    Raises ToolchainError where the C does not compile.
    """
    compiler = _host_compiler()
    objects = _objects(sources, compiler, _HOST_OPTIONS)
    return _shared_library(compiler, objects, [])


def native_library(c_file: str | Path) -> Path:
    """One C file compiled into a shared library of this computer. Cached by content.

    Raises ToolchainError where it does not compile.
    """
    compiler = _host_compiler()
    return _shared_library(compiler, [Path(c_file)], _HOST_OPTIONS)


def cache_dir() -> Path:
    """The folder of cached objects: `$TDL_CACHE`, or the user's cache folder."""
    override = os.environ.get("TDL_CACHE")
    if override:
        return Path(override).resolve() / "toolchain"
    import pooch

    return Path(pooch.os_cache("tdl_course")) / "toolchain"


def _find_compiler(name: str, core: Core) -> _Compiler:
    if name == "zig":
        return _Compiler(name, _zig(), importlib.metadata.version("ziglang"), _CORE[name][core.name])
    if name == "gcc":
        found = shutil.which("arm-none-eabi-gcc")
        if not found:
            raise ToolchainError(
                "arm-none-eabi-gcc is not installed. Debian and Ubuntu: sudo apt install gcc-arm-none-eabi "
                "libnewlib-arm-none-eabi. conda: conda install -c conda-forge gcc-arm-none-eabi. "
                'Or use the default toolchain="zig", which comes from pip'
            )
        version = _run([found, "-dumpfullversion"]).stdout.strip()
        return _Compiler(name, (found,), version, _CORE[name][core.name])
    raise ToolchainError(f"unknown toolchain {name!r}; toolchains are {', '.join(_CORE)}")


def _host_compiler() -> _Compiler:
    return _Compiler("host", _zig(), importlib.metadata.version("ziglang"), (sys.platform, platform.machine()))


def _zig() -> tuple[str, ...]:
    if importlib.util.find_spec("ziglang") is None:
        raise ToolchainError("the C compiler is missing. Install it: python -m pip install ziglang")
    return (sys.executable, "-m", "ziglang", "cc")


def _objects(
    sources: CSources,
    compiler: _Compiler,
    options: Sequence[str],
    runtime: tuple[Sequence[str], Sequence[Path]] = ((), ()),
) -> list[Path]:
    """Cached object files of the model, its kernels and the runtime (its own options, its files), in link order."""
    folders = (_RUNTIME, *_LIBRARY)
    headers = [path for folder in folders for path in sorted(folder.glob("*.h"))]
    kernels = [_kernel(file) for file in sources.kernels]
    with tempfile.TemporaryDirectory(prefix="tdl-") as folder:
        for name, text in sources.files.items():
            (Path(folder) / name).write_text(text, encoding="utf-8", newline="\n")
        generated = [Path(folder) / name for name in sorted(sources.files)]
        include = ("-I", folder, *(word for path in folders for word in ("-I", str(path))))
        model = [
            _object(path, compiler, options, include, [*generated, *headers])
            for path in generated
            if path.suffix == ".c"
        ]
        library = [(path, options) for path in kernels] + [(path, runtime[0]) for path in runtime[1]]
        return model + [_object(path, compiler, chosen, include[2:], headers) for path, chosen in library]


def _runtime_files(sources: CSources) -> list[Path]:
    """The runtime's C files, without its main where an application brings one."""
    application = any(_kernel(file).parent in _APPLICATIONS for file in sources.kernels)
    return [path for path in sorted(_RUNTIME.glob("*.c")) if not application or path.name != "main.c"]


def _kernel(file: str) -> Path:
    for folder in _LIBRARY:
        if (folder / file).exists():
            return folder / file
    known = ", ".join(sorted(path.name for folder in _LIBRARY for path in folder.glob("*.c")))
    raise ToolchainError(f"no kernel {file} in {' or '.join(folder.name for folder in _LIBRARY)}; kernels are {known}")


def _object(
    source: Path, compiler: _Compiler, options: Sequence[str], include: Sequence[str], reads: Sequence[Path]
) -> Path:
    def compile_(product: Path) -> None:
        result = _run([*compiler.command, *options, *include, "-c", source.name, "-o", str(product)], source.parent)
        if result.returncode:
            raise _failure(f"compiling {source.name}", result.stderr)

    return _cached(f"{_key(compiler, options, [source, *reads])}.o", compile_)


def _shared_library(compiler: _Compiler, parts: Sequence[Path], options: Sequence[str]) -> Path:
    suffix = {"win32": ".dll", "darwin": ".dylib"}.get(sys.platform, ".so")

    def link(product: Path) -> None:
        result = _run([*compiler.command, *options, "-shared", *map(str, parts), "-o", str(product)])
        if result.returncode:
            raise _failure(f"building {parts[0].name} for this computer", result.stderr)

    return _cached(f"{_key(compiler, ['-shared', *options], parts)}{suffix}", link)


def _key(compiler: _Compiler, options: Sequence[str], files: Sequence[Path]) -> str:
    """SHA-256 over everything that decides the product: compiler, options, and the files' names and bytes."""
    digest = hashlib.sha256()
    for text in (compiler.name, compiler.version, *compiler.core, *options):
        digest.update(text.encode() + b"\0")
    for path in files:
        content = path.read_bytes()
        digest.update(f"{path.name}\0{len(content)}\0".encode() + content)
    return digest.hexdigest()[:32]


def _cached(name: str, make: Callable[[Path], None]) -> Path:
    """The cached file of that name, made first where it is missing. It appears whole or not at all."""
    target = cache_dir() / name
    if not target.exists():
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix="tdl-", dir=target.parent) as folder:
            product = Path(folder) / name
            make(product)
            try:
                os.replace(product, target)
            except PermissionError:  # Windows: another process made the same file meanwhile, and uses it
                if not target.exists():
                    raise
    return target


def _run(command: Sequence[str], cwd: Path | None = None) -> subprocess.CompletedProcess[str]:
    zig_cache = str(cache_dir() / "zig")
    environment = {**os.environ, "ZIG_GLOBAL_CACHE_DIR": zig_cache, "ZIG_LOCAL_CACHE_DIR": zig_cache}
    try:
        return subprocess.run(
            command, cwd=cwd, env=environment, capture_output=True, text=True, errors="replace", timeout=_SECONDS
        )
    except subprocess.TimeoutExpired:
        raise ToolchainError(f"{command[0]} did not end within {_SECONDS} s; try again, or run: tdl doctor") from None
    except OSError as error:
        raise ToolchainError(f"{command[0]} does not start: {error}. Find out more: tdl doctor") from None


def _failure(what: str, stderr: str) -> ToolchainError:
    lines = [line for line in stderr.splitlines() if re.search(r"\berror\b|undefined", line)] or stderr.splitlines()
    shown = "\n".join(f"  {line.strip()}" for line in lines[:6])
    return ToolchainError(f"{what} failed:\n{shown}\nCheck the toolchain: tdl doctor")
