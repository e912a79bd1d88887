"""requirements.lock against pyproject.toml: complete, exact, hashed, and silent about where packages come from."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).resolve().parent.parent
TEXT = (ROOT / "requirements.lock").read_text(encoding="utf-8")
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PYTHONS = ("3.11.0", "3.12.0", "3.13.0")
PLATFORMS = (("linux", "x86_64"), ("linux", "aarch64"), ("darwin", "arm64"), ("win32", "AMD64"))

# One entry: `name==version ; marker \` and its hashes on the following lines.
ENTRIES = [entry for entry in re.split(r"\n(?=[a-z0-9])", "\n" + re.sub(r"(?m)^\s*#.*\n", "", TEXT)) if "==" in entry]
LOCKED = [Requirement(entry.split("\\")[0].strip()) for entry in ENTRIES]
WANTED = [
    Requirement(text)
    for text in [
        *PYPROJECT["project"]["dependencies"],
        *PYPROJECT["project"]["optional-dependencies"]["test"],
        *PYPROJECT["project"]["optional-dependencies"]["classroom"],
        *PYPROJECT["build-system"]["requires"],
    ]
]


def environment(python: str, system: str, machine: str) -> dict[str, str]:
    return {
        "python_version": python.rpartition(".")[0],
        "python_full_version": python,
        "sys_platform": system,
        "platform_machine": machine,
        "platform_system": {"linux": "Linux", "darwin": "Darwin", "win32": "Windows"}[system],
        "os_name": "nt" if system == "win32" else "posix",
        "implementation_name": "cpython",
        "platform_python_implementation": "CPython",
    }


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("platform", PLATFORMS, ids="-".join)
def test_every_dependency_is_locked_once_in_the_range_asked_for(python, platform):
    here = environment(python, *platform)
    applicable = [entry for entry in LOCKED if entry.marker is None or entry.marker.evaluate(here)]
    versions = {canonicalize_name(entry.name): str(entry.specifier).removeprefix("==") for entry in applicable}
    assert len(versions) == len(applicable), "a package is locked at two versions for one platform"
    for wanted in WANTED:
        if wanted.marker is None or wanted.marker.evaluate(here):
            version = versions.get(canonicalize_name(wanted.name))
            assert version and wanted.specifier.contains(version, prereleases=True), f"{wanted}: locked at {version}"


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.split("==")[0])
def test_an_entry_is_exact_and_hashed(entry):
    specifier = Requirement(entry.split("\\")[0].strip()).specifier
    assert [item.operator for item in specifier] == ["=="] and "*" not in str(specifier)
    assert re.findall(r"--hash=sha256:[0-9a-f]{64}\b", entry)


def test_the_lock_names_no_place():
    assert not re.search(r"://|--(?!hash=)|@ ", re.sub(r"(?m)^#.*$", "", TEXT))


def test_the_lock_is_of_plausible_size():
    assert len(ENTRIES) > 100 and {"tensorflow", "jupyterlab", "ziglang"} <= {entry.name for entry in LOCKED}


def test_pip_finds_the_lock_installed_here():
    command = [sys.executable, "-m", "pip", "install", "--dry-run", "--no-index", "--require-hashes"]
    done = subprocess.run([*command, "-r", "requirements.lock"], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, f"{done.stderr}\nthe environment is not the locked one; next: make setup"
    assert "Would install" not in done.stdout
