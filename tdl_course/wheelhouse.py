"""A folder of wheels, from which the course is installed without a network.

In: a lock with hashes, and the computers to install on: system and Python. Out: the folder with each wheel that the
lock names for them, checked by pip against its hash, the course itself as a wheel, the lock, the notebooks, and
README.txt with the commands. What is already there is not downloaded again. It knows no package by name.
"""

from __future__ import annotations

import platform
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from packaging.requirements import Requirement

from tdl_course.files import replacing, write_atomically

LOCK = "requirements.lock"
SOURCES = ("pyproject.toml", "README.md", "LICENSE", "LICENSE-lessons")  # what building the wheel needs beside the code
PYTHONS = ("3.11", "3.12", "3.13")


class WheelhouseError(RuntimeError):
    """The folder cannot be made whole; the message says why and what to type next."""


@dataclass(frozen=True)
class System:
    """A kind of computer: what a lock's markers call it, and the tags of wheels that run on it."""

    sys_platform: str
    platform_system: str
    machine: str
    tags: tuple[str, ...]


def _manylinux(machine: str) -> tuple[str, ...]:
    """Linux with glibc 2.31 (Debian 11, Ubuntu 20.04) and newer."""
    return (*(f"manylinux_2_{minor}_{machine}" for minor in range(31, 4, -1)), f"manylinux2014_{machine}")


SYSTEMS = {
    "linux_x86_64": System("linux", "Linux", "x86_64", (*_manylinux("x86_64"), "manylinux2010_x86_64")),
    "linux_aarch64": System("linux", "Linux", "aarch64", _manylinux("aarch64")),
    "win_amd64": System("win32", "Windows", "AMD64", ("win_amd64",)),
    "macosx_arm64": System("darwin", "Darwin", "arm64", ("macosx_14_0_arm64",)),
}


def make_wheelhouse(
    folder: Path, systems: Sequence[str] = (), pythons: Sequence[str] = (), lock: Path | None = None
) -> Path:
    """Fill `folder` for each of `systems` (names of `SYSTEMS`; none: this one) and `pythons` (none: this one).

    `lock` is a requirements file with hashes (default: the course's). Returns the path of README.txt, written last.

    Raises
    ------
    WheelhouseError
        A system or Python is unknown, this is no checkout of the course, or pip cannot get a wheel.
    """
    course = checkout()
    lock = lock or course / LOCK
    systems, pythons = tuple(systems) or (this_system(),), tuple(pythons) or (f"3.{sys.version_info.minor}",)
    for python in pythons:
        if python not in PYTHONS:
            raise WheelhouseError(f"Python {python!r} is not supported; allowed are {', '.join(PYTHONS)}")
    locked = lock.read_text("utf-8")
    wanted = {(name, python): requirements_for(locked, system(name), python) for name in systems for python in pythons}
    folder.mkdir(parents=True, exist_ok=True)
    for (name, python), requirements in wanted.items():
        _download(folder, name, python, requirements)
    _build(course, folder)
    write_atomically(folder / LOCK, locked)
    shutil.copytree(course / "notebooks", folder / "notebooks", dirs_exist_ok=True)
    made_for = ", ".join(f"{name} with Python {python}" for name, python in wanted)
    return write_atomically(folder / "README.txt", README.format(made_for=made_for, python=pythons[0]))


def checkout() -> Path:
    """The folder of the course's sources, from which this module is imported."""
    top = Path(__file__).resolve().parents[1]
    missing = [name for name in (LOCK, "notebooks", *SOURCES) if not (top / name).exists()]
    if missing:
        raise WheelhouseError(
            f"{top} is no checkout of the course (no {', '.join(missing)}). Run this in one that is installed with: "
            "python -m pip install --no-deps -e ."
        )
    return top


def system(name: str) -> System:
    """The system of that name; raises WheelhouseError that lists the known ones."""
    if name not in SYSTEMS:
        raise WheelhouseError(f"no system {name!r}; known are {', '.join(SYSTEMS)}: --platform {next(iter(SYSTEMS))}")
    return SYSTEMS[name]


def this_system() -> str:
    """The name of the computer that this runs on."""
    here = (sys.platform, platform.machine())
    for name, each in SYSTEMS.items():
        if (each.sys_platform, each.machine) == here:
            return name
    raise WheelhouseError(
        f"this computer is {'-'.join(here)}; wheels exist for {', '.join(SYSTEMS)}: choose with --platform"
    )


def requirements_for(lock: str, target: System, python: str) -> str:
    """The lines of a lock that apply to `target` with `python`, without markers: pip asks those of this computer."""
    environment = {
        "python_version": python,
        "python_full_version": f"{python}.0",
        "sys_platform": target.sys_platform,
        "platform_system": target.platform_system,
        "platform_machine": target.machine,
        "os_name": "nt" if target.sys_platform == "win32" else "posix",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }
    entries = re.split(r"\n(?=[A-Za-z0-9])", "\n" + re.sub(r"(?m)^\s*#.*\n?", "", lock))
    kept = []
    for entry in filter(None, (entry.strip() for entry in entries)):
        wanted = Requirement(re.split(r"\\|--hash", entry)[0].strip())
        if wanted.marker is None or wanted.marker.evaluate(environment):
            hashes = " ".join(re.findall(r"--hash=\S+", entry))
            kept.append(f"{wanted.name}{wanted.specifier} {hashes}\n")
    return "".join(kept)


def _download(folder: Path, name: str, python: str, requirements: str) -> None:
    with tempfile.TemporaryDirectory() as scratch:
        wanted = write_atomically(Path(scratch) / "requirements.txt", requirements)  # those of this target alone
        options = ["--require-hashes", "--no-deps", "--only-binary=:all:", "--dest", str(folder)]
        options += ["--implementation", "cp", "--python-version", python]
        options += [word for tag in system(name).tags for word in ("--platform", tag)]
        _pip(f"the wheels for {name} with Python {python}", "download", *options, "--requirement", str(wanted))


def _build(course: Path, folder: Path) -> None:
    """The course as a wheel; built from a copy, so that the checkout stays as it is."""
    with tempfile.TemporaryDirectory() as scratch:
        copy, built = Path(scratch) / "course", Path(scratch) / "built"
        shutil.copytree(course / "tdl_course", copy / "tdl_course", ignore=shutil.ignore_patterns("__pycache__"))
        for name in SOURCES:
            shutil.copy(course / name, copy)
        _pip("the course's wheel", "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", str(built), str(copy))
        for wheel in built.iterdir():
            with replacing(folder / wheel.name) as partial:
                shutil.copy(wheel, partial)


def _pip(what: str, *arguments: str) -> None:
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", *arguments]
    done = subprocess.run(command, stderr=subprocess.PIPE, text=True)
    if done.returncode:
        errors = [line for line in done.stderr.splitlines() if line.startswith("ERROR")] or done.stderr.splitlines()
        reason = " ".join(errors[-2:]) or f"pip ended with status {done.returncode}"
        raise WheelhouseError(
            f"pip could not get {what}: {reason}\nWheels that are in the folder stay. With a network and room "
            "on the disk (and in the folder for temporary files, TMPDIR), run the same again."
        )


README = """The course Tiny Deep Learning, to install without a network.
Made for {made_for}.

Copy this folder to the computer, open a terminal in it, and type:

    python -m venv tdl                        (Python {python}; Windows: py -{python} -m venv tdl)
    source tdl/bin/activate                   (Windows: tdl\\Scripts\\activate)
    python -m pip install --no-index --find-links . --require-hashes -r requirements.lock
    python -m pip install --no-index --find-links . --no-deps tdl-course
    jupyter lab notebooks/00_start_here.ipynb

`tdl doctor` says whether everything is there. Real data comes in a folder of its own (tdl data mirror), which TDL_DATA
names; without it the course works on synthetic stand-ins and says so.
"""
