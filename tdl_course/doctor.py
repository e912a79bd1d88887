"""doctor: is everything here that the course needs? For each thing that is not: the cause and the next command.

In: this computer. Out: a list of `Finding`. Nothing is repaired and nothing is downloaded. Heavy or fragile imports
happen in a process of their own, so that a library that crashes is a finding too.
"""

from __future__ import annotations

import importlib.metadata
import json
import os
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

Status = Literal["ok", "optional", "warn", "fail"]

PYTHONS = ((3, 11), (3, 13))
DISTRIBUTION = "tdl-course"
ROOT = Path(__file__).resolve().parent.parent
SELFTEST = Path(__file__).parent / "firmware" / "selftest" / "model.c"
REINSTALL = "make setup   (without make: pip install --require-hashes -r requirements.lock)"
DISK_BYTES = 2 * 1024**3
# What is imported under another name than the distribution's.
MODULES = {
    "ai-edge-litert": "ai_edge_litert.interpreter",
    "pillow": "PIL",
    "pyelftools": "elftools",
    "pyserial": "serial",
    "scikit-learn": "sklearn",
}
PROBE = """
import importlib, json, sys, time
found = {}
for name in sys.argv[1:]:
    start = time.monotonic()
    try:
        importlib.import_module(name)
        found[name] = [None, time.monotonic() - start]
    except BaseException as error:
        found[name] = [f"{type(error).__name__}: {error}".splitlines()[0], 0.0]
print(json.dumps(found))
"""
WINDOWS_HINT = "install Microsoft's Visual C++ Redistributable (x64), then run tdl doctor again"
OPTIONAL_TOOLS = {
    "qemu": ("qemu-system-arm", "apt install qemu-system-arm, or brew install qemu"),
    "gcc": ("arm-none-eabi-gcc", "apt install gcc-arm-none-eabi"),
    "bubblewrap": ("bwrap", "apt install bubblewrap, to isolate submissions in tdl grade"),
}


@dataclass(frozen=True)
class Finding:
    """One thing that was looked at: what it is, how it stands, and where it fails the next command."""

    name: str
    status: Status
    detail: str
    next: str = ""


@dataclass(frozen=True)
class SelftestSources:
    """C sources in the form that `toolchain.build` takes."""

    files: dict[str, str]
    kernels: tuple[str, ...] = ()


def examine() -> list[Finding]:
    """Look at everything; no exception leaves here."""
    findings: list[Finding] = []
    looks = (python, dependencies, imports, device, optional_tools, renode, jupyter_kernel, data, cache)
    for look in looks:
        findings += _guarded(look)
    return findings


def render(findings: list[Finding]) -> str:
    """The findings as a table, then what to do about each that is not ok."""
    width = max((len(finding.name) for finding in findings), default=0)
    lines = [f"{finding.status:9}{finding.name:{width}}  {finding.detail}" for finding in findings]
    steps = [f"  {finding.name}: {finding.next}" for finding in findings if finding.next]
    failed = sum(finding.status == "fail" for finding in findings)
    verdict = f"{failed} of {len(findings)} checks failed." if failed else "Ready."
    return "\n".join([*lines, "", *(["Next:", *steps, ""] if steps else []), verdict])


def _guarded(look: Callable[[], list[Finding]]) -> list[Finding]:
    try:
        return look()
    except Exception as error:  # a broken installation may raise anything; that is what is being asked
        name = look.__name__.replace("_", " ")
        return [Finding(name, "fail", f"{type(error).__name__}: {str(error).strip()[:300]}", REINSTALL)]


def python() -> list[Finding]:
    """The version, and whether it is a 64-bit build (TensorFlow has no other)."""
    version = sys.version_info[:2]
    detail = f"{sys.version.split()[0]}, {sys.executable}"
    low, high = (".".join(map(str, bound)) for bound in PYTHONS)
    if not PYTHONS[0] <= version <= PYTHONS[1]:
        return [Finding("python", "fail", f"{detail}: {low} to {high} are supported", "make PYTHON=python3.12 setup")]
    if sys.maxsize < 2**32:
        return [Finding("python", "fail", f"{detail}: a 32-bit build", "install the 64-bit build of Python")]
    return [Finding("python", "ok", detail)]


def requirements() -> list[Requirement]:
    """What the course depends on: from pyproject.toml where there is one, else from the installed package."""
    pyproject = ROOT / "pyproject.toml"
    if pyproject.exists():
        texts = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]["dependencies"]
    else:
        texts = [text for text in importlib.metadata.requires(DISTRIBUTION) or [] if "extra ==" not in text]
    wanted = [Requirement(text) for text in texts]
    return [requirement for requirement in wanted if requirement.marker is None or requirement.marker.evaluate()]


def locked_versions() -> dict[str, str]:
    """Name -> version of requirements.lock; empty where the course is installed without its repository."""
    lock = ROOT / "requirements.lock"
    lines = lock.read_text(encoding="utf-8").splitlines() if lock.exists() else []
    pairs = [line.split(";")[0].rstrip(" \\").split("==") for line in lines if "==" in line and line[0].isalnum()]
    return {canonicalize_name(name): version for name, version in pairs}


def dependencies() -> list[Finding]:
    """Installed versions against the ranges of pyproject.toml; those that differ from the lock are named."""
    found, differing, wanted, locked = [], [], requirements(), locked_versions()
    for requirement in wanted:
        try:
            version = importlib.metadata.version(requirement.name)
        except importlib.metadata.PackageNotFoundError:
            found.append(Finding(requirement.name, "fail", "not installed", REINSTALL))
            continue
        if not requirement.specifier.contains(version, prereleases=True):
            detail = f"{version} is installed, {requirement.specifier} is needed"
            found.append(Finding(requirement.name, "fail", detail, REINSTALL))
        elif locked.get(canonicalize_name(requirement.name), version) != version:
            differing.append(f"{requirement.name} {version}")
    detail = f"{len(wanted) - len(found)} of {len(wanted)} in range"
    if differing:
        detail += f"; not the locked version: {', '.join(differing)}"
    return [
        Finding("dependencies", "warn" if differing or found else "ok", detail, REINSTALL if differing else ""),
        *found,
    ]


def imports() -> list[Finding]:
    """Import each dependency in a process of its own; TensorFlow's time is shown."""
    names = [MODULES.get(requirement.name, requirement.name) for requirement in requirements()]
    environment = {**os.environ, "TF_CPP_MIN_LOG_LEVEL": "3"}
    done = subprocess.run(
        [sys.executable, "-c", PROBE, *names], capture_output=True, text=True, timeout=300, env=environment
    )
    hint = WINDOWS_HINT if sys.platform == "win32" else REINSTALL
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        return [Finding("imports", "fail", f"the process ended with {done.returncode}: {last}", hint)]
    results = json.loads(done.stdout.strip().splitlines()[-1])
    failed = [Finding(name, "fail", error, hint) for name, (error, _) in results.items() if error]
    detail = f"{len(results) - len(failed)} of {len(results)} load"
    if "tensorflow" in results and results["tensorflow"][0] is None:
        detail += f"; TensorFlow {importlib.metadata.version('tensorflow')} in {results['tensorflow'][1]:.1f} s"
    return [Finding("imports", "warn" if failed else "ok", detail), *failed]


def device() -> list[Finding]:
    """Compile a firmware of a few lines for the target, and run it on the simulated board."""
    from tdl_course import sim, toolchain

    sources = SelftestSources({"model.c": SELFTEST.read_text(encoding="utf-8")})
    try:
        elf = toolchain.build(sources)
    except toolchain.ToolchainError as error:
        return [Finding("toolchain", "fail", str(error).strip()[:500], f"{REINSTALL}; it brings ziglang, the compiler")]
    built = Finding("toolchain", "ok", f"zig {importlib.metadata.version('ziglang')} built a Cortex-M4 firmware")
    try:
        result = sim.run(elf, np.array([[1, 2, 3, -4]], np.int8))
    except sim.SimulatorError as error:
        return [built, Finding("unicorn", "fail", str(error).strip()[:500], REINSTALL)]
    outputs = result.outputs.ravel().tolist()
    if outputs != [2, 3, 4, -3]:
        return [built, Finding("unicorn", "fail", f"it computed {outputs}; [2, 3, 4, -3] is right", REINSTALL)]
    counted = f", {result.instructions} instructions counted" if result.instructions else ""
    version = importlib.metadata.version("unicorn")
    return [built, Finding("unicorn", "ok", f"{version} ran it{counted}")]


def optional_tools() -> list[Finding]:
    """Programs that add something and are not needed: other simulators, another compiler."""
    found = []
    for name, (program, hint) in OPTIONAL_TOOLS.items():
        path = shutil.which(program)
        if path:
            found.append(Finding(name, "ok", f"{path} (optional)"))
        else:
            found.append(Finding(name, "optional", f"{program} is not installed, and is not needed", hint))
    return found


def renode() -> list[Finding]:
    """The optional simulator of whole systems: which version, and whether it is the tested one."""
    from tdl_course.sim import SimulatorError
    from tdl_course.sim.renode_program import VERSION, find_renode, install_hint, renode_version

    try:
        program = find_renode()
    except SimulatorError:
        named = os.environ.get("RENODE")
        if named:
            detail = f"RENODE={named} is neither the program nor its folder, and it is not needed"
            return [Finding("renode", "optional", detail, f"correct RENODE, or unset it and install {install_hint()}")]
        return [Finding("renode", "optional", "renode is not installed, and is not needed", install_hint())]
    try:
        version = renode_version(program)
    except SimulatorError as error:
        return [Finding("renode", "warn", str(error)[:300], install_hint())]
    if VERSION not in version:
        return [Finding("renode", "warn", f"{version}, {program}: tested is {VERSION}", install_hint())]
    return [Finding("renode", "ok", f"{version}, {program} (optional)")]


def jupyter_kernel() -> list[Finding]:
    """Whether the kernel that notebooks ask for, python3, is this Python."""
    from jupyter_client.kernelspec import KernelSpecManager, NoSuchKernel

    install = f'"{sys.executable}" -m ipykernel install --sys-prefix --name python3'
    try:
        program = KernelSpecManager().get_kernel_spec("python3").argv[0]
    except NoSuchKernel:
        return [Finding("jupyter kernel", "fail", "there is no kernel named python3", install)]
    here = {os.path.normcase(os.path.abspath(sys.executable)), "python", "python3"}
    if os.path.normcase(os.path.abspath(program)) in here or program in here:
        return [Finding("jupyter kernel", "ok", f"python3 is {sys.executable}")]
    detail = f"python3 starts {program}, which is not the Python of this course"
    return [Finding("jupyter kernel", "fail", detail, install)]


def data() -> list[Finding]:
    """Which datasets can be had without a connection, and from where."""
    from tdl_course import datasets
    from tdl_course.datasets.registry import CARDS

    found = []
    for name in CARDS:
        sources = datasets.available(name)
        real = [f"{source}: {place}" for source, place in sources.items() if not place.startswith("no:")]
        real = [text for text in real if not text.startswith("synthetic")]
        if real:
            found.append(Finding(f"data {name}", "ok", real[0]))
        else:
            mirror = f"set TDL_DATA to a folder that has it (datasets/{name}.md says what belongs there)"
            detail, step = "no copy here and no automatic download: a synthetic stand-in takes its place", mirror
            if datasets.card(name).download:
                detail = "no copy here: it is downloaded at first use, and offline a synthetic stand-in takes its place"
                step = f"tdl data fetch {name}, or {mirror}"
            found.append(Finding(f"data {name}", "optional", detail, step))
    return found


def cache() -> list[Finding]:
    """Whether the cache folder can be written, and the space on its disk."""
    from tdl_course.datasets.files import cache_folder

    folder = cache_folder()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(dir=folder) as file:
            file.write(b"written by tdl doctor")
    except OSError as error:
        return [Finding("cache", "fail", f"{folder}: {error.strerror}", "set TDL_CACHE to a folder you may write")]
    free = shutil.disk_usage(folder).free
    detail = f"{folder}, {free / 1024**3:.1f} GiB free"
    if free < DISK_BYTES:
        return [Finding("cache", "warn", f"{detail}: less than {DISK_BYTES / 1024**3:.0f} GiB", "free some space")]
    return [Finding("cache", "ok", detail)]
