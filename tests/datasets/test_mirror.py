"""`tdl data mirror`: a folder that the loaders read, complete or plainly not; resumed, verified, licences respected."""

import hashlib
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tdl_course import datasets
from tdl_course.cli import main
from tdl_course.datasets import CARDS, MODELS, DatasetError, download
from tdl_course.datasets.mirror import check_mirror, make_mirror

MODEL = "mlperf_tiny/kws"


@pytest.fixture
def source(monkeypatch, mirror):
    """A mirror of one dataset and one model, which TDL_DATA names."""
    folder = mirror("ecg")
    (folder / "LICENSE.txt").write_text("the licence's text")
    content = b"a model" * 100
    (folder.parent / MODELS[MODEL].file).write_bytes(content)
    monkeypatch.setitem(MODELS, MODEL, replace(MODELS[MODEL], sha256=hashlib.sha256(content).hexdigest()))
    return folder


def states(folder, *names):
    return {copy.name: copy.state for copy in make_mirror(folder, names)}


def test_what_is_here_is_copied_and_the_loaders_read_the_copy(source, tmp_path, monkeypatch, capsys):
    stick = tmp_path / "stick"
    before = datasets.load("ecg")
    assert main(["data", "mirror", str(stick), "ecg", MODEL]) == 0
    printed = capsys.readouterr().out
    assert "copied    ecg" in printed and f"data mirror --check {stick}" in printed
    shutil.rmtree(source.parent)
    monkeypatch.setenv("TDL_DATA", str(stick))
    after = datasets.load("ecg")
    assert after.digest == before.digest and after.source == "mirror"
    assert datasets.model(MODEL) == stick / MODELS[MODEL].file
    text = (stick / "README.txt").read_text("utf-8")
    for fact in (CARDS["ecg"].licence, CARDS["ecg"].home, CARDS["ecg"].citation, MODELS[MODEL].url, "TDL_DATA"):
        assert fact in text
    assert (stick / CARDS["ecg"].folder / "LICENSE.txt").read_text() == "the licence's text"
    assert main(["data", "mirror", "--check", str(stick)]) == 0


def test_what_is_missing_is_named_with_the_reason_and_the_rest_is_there(source, tmp_path, capsys):
    assert main(["data", "mirror", str(tmp_path / "stick")]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert len([line for line in lines if line.startswith("copied")]) == 2
    missing = [line for line in lines if line.startswith("missing")]
    assert len(missing) == len(CARDS) + len(MODELS) - 2
    (activity,) = [line for line in missing if line.startswith("missing   activity")]
    assert CARDS["activity"].home in activity
    assert any("unset TDL_OFFLINE" in line for line in lines)
    assert not (tmp_path / "stick" / CARDS["activity"].folder).exists()


def test_a_second_run_keeps_what_is_whole_and_mends_what_is_not(source, tmp_path):
    stick = tmp_path / "stick"
    assert states(stick, "ecg", MODEL) == {"ecg": "copied", MODEL: "copied"}
    assert states(stick, "ecg", MODEL) == {"ecg": "kept", MODEL: "kept"}
    (stick / CARDS["ecg"].folder / "test.npz").write_bytes(b"half a file")
    (stick / MODELS[MODEL].file).unlink()
    assert [problem.split(":")[0] for problem in check_mirror(stick)] == [
        f"{CARDS['ecg'].folder}/test.npz",
        MODELS[MODEL].file,
    ]
    assert states(stick, "ecg", MODEL) == {"ecg": "copied", MODEL: "copied"}
    assert check_mirror(stick) == []


def test_a_run_with_other_names_adds_to_the_lists(source, tmp_path):
    stick = tmp_path / "stick"
    states(stick, "ecg")
    states(stick, MODEL)
    listed = (stick / "SHA256SUMS").read_text("utf-8")
    assert f"{CARDS['ecg'].folder}/train.npz" in listed and MODELS[MODEL].file in listed
    assert CARDS["ecg"].title in (stick / "README.txt").read_text("utf-8")


def test_sha256sum_agrees(source, tmp_path):
    if not (sha256sum := shutil.which("sha256sum")):
        pytest.skip("sha256sum is not installed")
    states(tmp_path / "stick", "ecg", MODEL)
    done = subprocess.run([sha256sum, "-c", "SHA256SUMS"], cwd=tmp_path / "stick", capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout.count(": OK") == 5, done.stderr


def test_what_the_cache_has_is_mirrored_with_its_own_digests(tmp_path, monkeypatch):
    monkeypatch.setattr(download, "fetch", None)
    card = CARDS["ppg"]
    raw = {part: {n: a[:200] for n, a in arrays.items()} for part, arrays in datasets.synthetic.make("ppg").items()}
    download.keep(card, raw, tmp_path / "cache" / "ppg")
    before = datasets.load("ppg")
    assert states(tmp_path / "stick", "ppg") == {"ppg": "copied"}
    monkeypatch.setenv("TDL_CACHE", str(tmp_path / "empty"))
    monkeypatch.setenv("TDL_DATA", str(tmp_path / "stick"))
    assert datasets.load("ppg").digest == before.digest
    assert states(tmp_path / "stick", "ppg") == {"ppg": "kept"} and check_mirror(tmp_path / "stick") == []


def test_a_licence_that_does_not_allow_it_is_respected(source, tmp_path, monkeypatch):
    for licence in ("all rights reserved", "CC BY-NC-ND 4.0"):
        monkeypatch.setitem(CARDS, "ecg", replace(CARDS["ecg"], licence=licence))
        (copy,) = make_mirror(tmp_path / "stick", ["ecg"])
        assert copy.state == "left out" and licence in copy.detail and CARDS["ecg"].home in copy.detail
    assert not (tmp_path / "stick" / CARDS["ecg"].folder).exists()


def test_a_damaged_source_is_not_passed_on(source, tmp_path):
    (source / "train.npz").write_bytes(b"damaged")
    (copy,) = make_mirror(tmp_path / "stick", ["ecg"])
    assert copy.state == "missing" and "train.npz" in copy.detail
    assert sorted(path.name for path in (tmp_path / "stick").iterdir()) == ["README.txt", "SHA256SUMS"]


def test_a_full_disk_is_one_clear_line_and_leaves_nothing_half(source, tmp_path, need):
    bwrap = need("bwrap")
    code = (
        "import sys; from pathlib import Path; from tdl_course.datasets import CARDS, DatasetError, mirror\n"
        "from dataclasses import replace\n"
        f"CARDS['ecg'] = replace(CARDS['ecg'], files={dict(CARDS['ecg'].files)!r})\n"
        "stick = Path('/mnt/stick')\n"
        "try: list(mirror.make_mirror(stick, ['ecg']))\n"
        "except DatasetError as error: print(error)\n"
        "print(sorted(path.name for path in stick.iterdir()))"
    )
    size = sum(path.stat().st_size for path in source.iterdir()) // 2
    disk = ["--bind", "/", "/", "--dev", "/dev", "--size", str(size), "--tmpfs", "/mnt"]
    root = str(Path(datasets.__file__).parents[2])
    command = [bwrap, "--unshare-user", *disk, "--setenv", "PYTHONPATH", root, sys.executable, "-c", code]
    done = subprocess.run(command, capture_output=True, text=True)
    if "No permissions" in done.stderr or "Operation not permitted" in done.stderr:
        pytest.skip("this computer allows no sandbox")
    message, left = done.stdout.rsplit("\n", 2)[0], done.stdout.splitlines()[-1]
    assert message.startswith("no room for ecg in /mnt/stick") and "run the same command again" in message, done
    assert left == "[]"


@pytest.mark.parametrize(
    ("listing", "words"),
    [(None, "is no mirror"), ("no digest\n", "cannot be read"), (f"{'0' * 64}  ../../outside\n", "outside")],
)
def test_what_is_no_mirror_is_said_to_be_none(tmp_path, listing, words):
    if listing is not None:
        (tmp_path / "SHA256SUMS").write_text(listing)
    try:
        said = "\n".join(check_mirror(tmp_path))
    except DatasetError as error:
        said = str(error)
    assert words in said


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["mirror"], "needs a folder: tdl data mirror"),
        (["mirror", "stick", "ecgg"], "no dataset or model ecgg; known are ecg"),
        (["mirror", "--check", "stick"], "stick is no mirror"),
        (["fetch"], "needs a dataset: ecg"),
    ],
)
def test_a_wrong_command_says_what_is_allowed(arguments, words, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["data", *arguments]) == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "stick").exists()


def test_the_real_data_is_mirrored_whole(real_mirror, tmp_path, monkeypatch):
    monkeypatch.setenv("TDL_DATA", real_mirror)
    found = [name for name in CARDS if not datasets.available(name)["mirror"].startswith("no:")]
    assert set(states(tmp_path / "stick", *found).values()) == {"copied"}
    assert check_mirror(tmp_path / "stick") == []
    monkeypatch.setenv("TDL_DATA", str(tmp_path / "stick"))
    for name in found[:2]:
        assert np.isfinite(datasets.load(name, source="mirror").x_test).all()
