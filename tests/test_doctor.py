"""doctor on this machine, and on machines with one thing broken: each gets its cause and the next command."""

import sys
from types import SimpleNamespace

import pytest
from packaging.requirements import Requirement

from tdl_course import doctor, sim, toolchain


@pytest.fixture
def broken_dependency(monkeypatch):
    def depend_on(text):
        monkeypatch.setattr(doctor, "requirements", lambda: [Requirement(text)])

    return depend_on


@pytest.mark.slow
@pytest.mark.sim
def test_this_machine_is_ready():
    findings = doctor.examine()
    assert [finding for finding in findings if finding.status == "fail"] == []
    names = {finding.name for finding in findings}
    assert {"python", "dependencies", "imports", "toolchain", "unicorn", "jupyter kernel", "data ecg", "cache"} <= names
    assert doctor.render(findings).endswith("Ready.")


def test_an_unsupported_python_fails(monkeypatch):
    monkeypatch.setattr(doctor, "PYTHONS", ((3, 98), (3, 99)))
    (finding,) = doctor.python()
    assert finding.status == "fail" and "3.98 to 3.99" in finding.detail and finding.next


def test_a_missing_dependency_fails(broken_dependency):
    broken_dependency("no-such-distribution-here>=1")
    _, finding = doctor.dependencies()
    assert (finding.status, finding.detail, finding.next) == ("fail", "not installed", doctor.REINSTALL)


def test_a_version_out_of_range_fails(broken_dependency):
    broken_dependency("numpy<1")
    _, finding = doctor.dependencies()
    assert finding.status == "fail" and "<1 is needed" in finding.detail


def test_a_version_that_is_not_the_locked_one_warns(monkeypatch):
    monkeypatch.setattr(doctor, "locked_versions", lambda: {"numpy": "0.0.1"})
    assert [(f.status, "numpy" in f.detail) for f in doctor.dependencies()] == [("warn", True)]


def test_the_lock_is_read():
    assert doctor.locked_versions()["ziglang"] == "0.15.2"


def test_a_library_that_does_not_load_fails(broken_dependency, monkeypatch):
    broken_dependency("numpy")
    monkeypatch.setattr(doctor, "MODULES", {"numpy": "numpy.no_such_part"})
    summary, finding = doctor.imports()
    assert summary.status == "warn" and finding.status == "fail" and "ModuleNotFoundError" in finding.detail


def test_a_library_that_kills_its_process_fails(broken_dependency, monkeypatch):
    broken_dependency("numpy")
    monkeypatch.setattr(doctor, "PROBE", "import sys; sys.exit('a bad wheel')")
    (finding,) = doctor.imports()
    assert finding.status == "fail" and "a bad wheel" in finding.detail


def test_a_toolchain_that_fails_is_reported(monkeypatch):
    def fail(sources):
        raise toolchain.ToolchainError("no compiler")

    monkeypatch.setattr(toolchain, "build", fail)
    assert [(f.name, f.status, f.detail) for f in doctor.device()] == [("toolchain", "fail", "no compiler")]


@pytest.mark.sim
def test_a_simulator_that_computes_wrongly_is_reported(monkeypatch):
    import numpy as np

    wrong = SimpleNamespace(outputs=np.zeros((1, 4), np.int8), instructions=None)
    monkeypatch.setattr(sim, "run", lambda elf, inputs: wrong)
    assert [(f.name, f.status) for f in doctor.device()] == [("toolchain", "ok"), ("unicorn", "fail")]


def test_a_missing_optional_tool_does_not_fail(monkeypatch):
    monkeypatch.setenv("PATH", "")
    findings = doctor.optional_tools()
    assert {f.status for f in findings} == {"optional"} and all(f.next for f in findings)


def test_a_missing_renode_does_not_fail(monkeypatch, tmp_path):
    from tdl_course.sim import renode_program

    monkeypatch.delenv("RENODE", raising=False)
    monkeypatch.setenv("PATH", "")
    monkeypatch.setattr(renode_program, "_inside", lambda place: None)
    (finding,) = doctor.renode()
    assert finding.status == "optional" and "1.16.1" in finding.next and "conda-forge renode-cli" in finding.next
    monkeypatch.setenv("RENODE", str(tmp_path))
    (finding,) = doctor.renode()
    assert finding.status == "optional" and str(tmp_path) in finding.detail and "unset it" in finding.next


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script as the program")
@pytest.mark.parametrize(
    ("said", "status", "part"),
    [
        ("Renode v1.16.1.0", "ok", "(optional)"),
        ("Renode v1.13.0", "warn", "tested is 1.16.1"),
        ("Killed", "warn", "not a version of Renode"),
    ],
)
def test_a_renode_says_its_version(monkeypatch, tmp_path, said, status, part):
    program = tmp_path / "renode"
    program.write_text(f"#!/bin/sh\necho '{said}'\n")
    program.chmod(0o755)
    monkeypatch.setenv("RENODE", str(tmp_path))
    (finding,) = doctor.renode()
    assert (finding.name, finding.status) == ("renode", status) and part in finding.detail


def test_a_kernel_of_another_python_fails(monkeypatch):
    from jupyter_client.kernelspec import KernelSpecManager

    spec = SimpleNamespace(argv=["/somewhere/else/python3.9"])
    monkeypatch.setattr(KernelSpecManager, "get_kernel_spec", lambda self, name: spec)
    (finding,) = doctor.jupyter_kernel()
    assert finding.status == "fail" and sys.executable in finding.next


def test_a_cache_that_cannot_be_written_fails(monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("TDL_CACHE", str(tmp_path / "file" / "cache"))
    (finding,) = doctor.cache()
    assert finding.status == "fail" and "TDL_CACHE" in finding.next


def test_a_small_disk_warns(monkeypatch):
    monkeypatch.setattr(doctor, "DISK_BYTES", 2**80)
    assert [finding.status for finding in doctor.cache()] == ["warn"]


def test_data_in_a_mirror_is_found(monkeypatch, tmp_path):
    (tmp_path / "ecg").mkdir()
    monkeypatch.setenv("TDL_DATA", str(tmp_path))
    assert doctor.data()[0].status == "ok" and str(tmp_path) in doctor.data()[0].detail


def test_a_look_that_raises_becomes_a_finding(monkeypatch):
    def jupyter_kernel():
        raise OSError("odd")

    monkeypatch.setattr(doctor, "jupyter_kernel", jupyter_kernel)
    monkeypatch.setattr(doctor, "imports", list)
    findings = doctor.examine()
    failed = [finding for finding in findings if finding.status == "fail"]
    assert [(finding.name, finding.detail) for finding in failed] == [("jupyter kernel", "OSError: odd")]
    text = doctor.render(findings)
    assert f"1 of {len(findings)} checks failed." in text and f"jupyter kernel: {doctor.REINSTALL}" in text
