"""Tools that a test may need: missing ones skip the test, unless `$TDL_REQUIRE` names them (CI does).

def test_the_elf_runs_in_qemu(need):
    qemu = need("qemu")
"""

import importlib.util
import os
import shutil
from collections.abc import Callable

import pytest
from hypothesis import settings

# A slow machine is no failure. CI draws the same examples each time; everywhere else they are new ones.
settings.register_profile("course", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("course")

PROGRAMS = {
    "qemu": ("qemu-system-arm",),
    "renode": ("renode",),
    "gcc": ("arm-none-eabi-gcc",),
    "chromium": ("chromium", "chromium-browser", "google-chrome"),
    "clang-format": ("clang-format",),
    "git": ("git",),
    "cmake": ("cmake",),
    "bwrap": ("bwrap",),
}
MODULES = {"tflm": "tflite_micro"}


def find_tool(name: str) -> str | None:
    """The path of a program, or the name of an importable module; None where it is missing."""
    if name in MODULES:
        return MODULES[name] if importlib.util.find_spec(MODULES[name]) else None
    return next((path for program in PROGRAMS[name] if (path := shutil.which(program))), None)


@pytest.fixture(scope="session")
def need() -> Callable[[str], str]:
    """`need("qemu")`: the tool's path; skips where it is missing, fails where TDL_REQUIRE names it."""

    def find(name: str) -> str:
        found = find_tool(name)
        if found:
            return found
        if name in os.environ.get("TDL_REQUIRE", "").split(","):
            pytest.fail(f"{name} is missing, and TDL_REQUIRE={os.environ['TDL_REQUIRE']} asks for it")
        pytest.skip(f"{name} is not installed")

    return find
