"""`tdl wheelhouse`: from a small lock and local wheels, so that no network is needed; and the real lock, read only."""

import base64
import hashlib
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tdl_course.cli import main
from tdl_course.wheelhouse import (
    LOCK,
    PYTHONS,
    SYSTEMS,
    WheelhouseError,
    checkout,
    make_wheelhouse,
    requirements_for,
    this_system,
)

# name, version, tag of the wheel, marker in the lock
PACKAGES = (
    ("alpha", "1.0", "py3-none-any", ""),
    ("beta", "2.1", "cp312-cp312-manylinux_2_17_x86_64", ""),
    ("beta", "2.1", "cp312-cp312-win_amd64", ""),
    ("gamma", "0.3", "py3-none-win_amd64", " ; sys_platform == 'win32'"),
    ("delta", "4.0", "py3-none-any", " ; python_full_version < '3.12'"),
)


def write_wheel(folder, name, version, tag):
    """A wheel of one module; returns its SHA-256."""
    info = f"{name}-{version}.dist-info"
    files = {
        f"{name}.py": f"VERSION = {version!r}\n",
        f"{info}/METADATA": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
        f"{info}/WHEEL": f"Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: {tag}\n",
    }
    record = "".join(
        f"{path},sha256={base64.urlsafe_b64encode(hashlib.sha256(text.encode()).digest()).rstrip(b'=').decode()},\n"
        for path, text in files.items()
    )
    path = folder / f"{name}-{version}-{tag}.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        for member, text in {**files, f"{info}/RECORD": record}.items():
            wheel.writestr(member, text)
    return hashlib.sha256(path.read_bytes()).hexdigest()


@pytest.fixture
def lock(tmp_path, monkeypatch):
    """`lock("alpha")` writes a lock of these packages; their wheels lie in a folder, and pip looks nowhere else."""
    (tmp_path / "index").mkdir()
    hashes: dict[tuple[str, str], list[str]] = {}
    for name, version, tag, marker in PACKAGES:
        hashes.setdefault((name, f"{name}=={version}{marker}"), []).append(
            write_wheel(tmp_path / "index", name, version, tag)
        )
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "index"))

    def write(*names):
        text = "# a comment\n"
        for (name, wanted), digests in hashes.items():
            if name in names:
                text += (
                    " \\\n    ".join([wanted, *(f"--hash=sha256:{each}" for each in digests)]) + "\n    # via nothing\n"
                )
        (tmp_path / "small.lock").write_text(text, "utf-8")
        return tmp_path / "small.lock"

    return write


def wheels(folder):
    return sorted(path.name for path in folder.glob("*.whl") if not path.name.startswith("tdl_course"))


def test_each_system_gets_its_wheels_from_any_system(lock, tmp_path):
    small = lock("alpha", "beta", "gamma", "delta")
    readme = make_wheelhouse(tmp_path / "wheels", ["linux_x86_64", "win_amd64"], ["3.12"], small)
    needed = {f"{name}-{version}-{tag}.whl" for name, version, tag, _ in PACKAGES if name != "delta"}
    assert set(wheels(tmp_path / "wheels")) == needed
    assert "linux_x86_64 with Python 3.12, win_amd64 with Python 3.12" in readme.read_text("utf-8")
    assert "delta" in requirements_for(small.read_text("utf-8"), SYSTEMS["linux_x86_64"], "3.11")


@pytest.mark.slow
def test_a_computer_without_a_network_installs_from_it(lock, tmp_path, monkeypatch, capfd):
    """With the two commands of README.txt, and nothing but the folder."""
    folder = tmp_path / "wheels"
    assert main(["wheelhouse", str(folder), "--lock", str(lock("alpha"))]) == 0
    assert this_system() in capfd.readouterr().out
    monkeypatch.delenv("PIP_FIND_LINKS")
    venv.create(tmp_path / "env", with_pip=False)
    bin_folder = tmp_path / "env" / ("Scripts" if sys.platform == "win32" else "bin")
    lines = (folder / "README.txt").read_text("utf-8").splitlines()
    commands = [line.split()[1:] for line in lines if line.strip().startswith("python -m pip install --no-index")]
    assert len(commands) == 2
    for _, _, *rest in commands:
        pip = [sys.executable, "-m", "pip", "--python", str(bin_folder / "python"), *rest]
        done = subprocess.run(pip, cwd=folder, capture_output=True, text=True)
        assert done.returncode == 0, done.stderr
    code = "import alpha, tdl_course; print(alpha.VERSION, tdl_course.__file__)"
    clean = {"PATH": str(bin_folder)}
    done = subprocess.run([bin_folder / "python", "-c", code], cwd=tmp_path, env=clean, capture_output=True, text=True)
    version, where = done.stdout.split()
    assert version == "1.0" and Path(where).is_relative_to(tmp_path / "env")
    library = Path(where).parent
    originals = checkout() / "tdl_course"
    for kind in ("*.py", "*.c", "*.h", "*.js", "*.npz", "*.json", "*.ld"):
        installed = {path.relative_to(library) for path in library.rglob(kind)}
        assert installed == {path.relative_to(originals) for path in originals.rglob(kind)}, kind
    assert sorted(path.name for path in (folder / "notebooks").iterdir())[0] == "00_start_here.ipynb"


def test_a_wheel_that_is_not_the_locked_one_is_refused(lock, tmp_path):
    small = lock("alpha")
    small.write_text(f"alpha==1.0 --hash=sha256:{'0' * 64}\n", "utf-8")
    with pytest.raises(WheelhouseError, match="the wheels for win_amd64 with Python 3.12") as refused:
        make_wheelhouse(tmp_path / "wheels", ["win_amd64"], ["3.12"], small)
    assert "run the same again" in str(refused.value)
    assert not (tmp_path / "wheels" / "README.txt").exists() and wheels(tmp_path / "wheels") == []


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--platform", "solaris"], "no system 'solaris'; known are linux_x86_64"),
        (["--python", "3.9"], "Python '3.9' is not supported; allowed are 3.11"),
        (["--lock", "nowhere.lock"], "nowhere.lock"),
    ],
)
def test_a_wrong_option_says_what_is_allowed(options, words, tmp_path, capsys):
    assert main(["wheelhouse", str(tmp_path / "wheels"), *options]) == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "wheels").exists()


@pytest.mark.parametrize("python", PYTHONS)
@pytest.mark.parametrize("name", SYSTEMS)
def test_the_course_s_lock_is_read_whole(name, python):
    lines = requirements_for((checkout() / LOCK).read_text("utf-8"), SYSTEMS[name], python).splitlines()
    names = [Requirement(line.split(" --hash")[0]).name for line in lines]
    assert len(names) == len(set(names)) > 100 and {"tensorflow", "jupyterlab", "ziglang"} <= set(names)
    assert all(" --hash=sha256:" in line and ";" not in line for line in lines)
    assert ("jupyterhub" in names) == name.startswith("linux") and ("pywinpty" in names) == (name == "win_amd64")
