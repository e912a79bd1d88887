"""The command line as a user meets it: files in, files out, exit status, one clear message where something is wrong."""

import json
import subprocess
import sys

import numpy as np
import pytest

from tdl_course import datasets, sim, toolchain
from tdl_course.cli import main
from tdl_course.sim.unicorn_link import UnicornLink
from tests.golden_vectors import golden_vector
from tests.sim.boards import on_a_socket

TFLITE, X, Y = golden_vector("conv_2d")
pytestmark = pytest.mark.sim


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    """What `tdl build` leaves of one convolution."""
    folder = tmp_path_factory.mktemp("project")
    (folder / "conv.tflite").write_bytes(TFLITE)
    assert main(["build", str(folder / "conv.tflite"), "--out", str(folder / "out"), "--board", "tiny32k"]) == 0
    return folder / "out"


def test_build_writes_elf_sources_and_report(project):
    report = json.loads((project / "report.json").read_text("utf-8"))
    assert report["board"] == "tiny32k" and report["name"] == "conv"
    assert report["static_ram_bytes"] == report["data_bytes"] + report["bss_bytes"]
    assert report["layers"][0]["operator"] == "CONV_2D" and report["macs"] > 0
    assert (project / "model.elf").read_bytes()[:4] == b"\x7fELF"
    sources = {path.name for path in (project / "src").iterdir()}
    assert {"model.c", "conv_2d_ref.c", "tdl_kernels.h", "startup.c", "tiny32k.ld", "sections.ld"} <= sources


@pytest.mark.parametrize("goal", ["speed", "size"])
def test_build_for_a_goal(tmp_path, goal):
    (tmp_path / "conv.tflite").write_bytes(TFLITE)
    assert main(["build", str(tmp_path / "conv.tflite"), "--out", str(tmp_path), "--optimize", goal]) == 0
    report = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert report["optimize"] == goal
    assert (" bytes" in report["layers"][0]["why"]) == (goal == "size")


@pytest.mark.parametrize("compiler", ["zig", "gcc"])
def test_the_sources_are_all_that_it_takes(need, tmp_path, compiler):
    """A user builds them far from this package, with the command that the report names."""
    if compiler == "gcc":
        need("gcc")
    (tmp_path / "conv.tflite").write_bytes(TFLITE)
    arguments = ["--out", str(tmp_path), "--board", "tiny32k", "--toolchain", compiler]
    assert main(["build", str(tmp_path / "conv.tflite"), *arguments]) == 0
    command = json.loads((tmp_path / "report.json").read_text("utf-8"))["command"]
    own = command.replace("python", sys.executable, 1)
    done = subprocess.run(own, cwd=tmp_path / "src", shell=True, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    x = X
    outputs = [
        sim.run(toolchain.read_elf(p, "tiny32k"), x).outputs
        for p in (tmp_path / "model.elf", tmp_path / "src" / "model.elf")
    ]
    np.testing.assert_array_equal(outputs[0], outputs[1])


def test_run_gives_tflms_output(project, tmp_path, capsys):
    np.save(tmp_path / "x.npy", X)
    arguments = ["--input", str(tmp_path / "x.npy"), "--output", str(tmp_path / "y.npy")]
    assert main(["run", str(project / "model.elf"), *arguments, "--json"]) == 0
    np.testing.assert_array_equal(np.load(tmp_path / "y.npy").ravel(), Y.ravel())
    printed = json.loads(capsys.readouterr().out)
    assert printed["instructions"] > 1000 and printed["outputs"][0] == Y.ravel().tolist()


@pytest.mark.parametrize("simulator", ["qemu", "serial"])
def test_run_on_another_simulator_or_a_board(need, project, tmp_path, capsys, simulator):
    """The board is a simulated one, behind a socket."""
    np.save(tmp_path / "x.npy", X)
    arguments = [str(project / "model.elf"), "--input", str(tmp_path / "x.npy"), "--json", "--timeout", "20"]
    if simulator == "qemu":
        need("qemu")
        assert main(["run", *arguments, "--sim", "qemu"]) == 0
    else:
        with UnicornLink(toolchain.read_elf(project / "model.elf", "tiny32k")) as device, on_a_socket(device) as port:
            assert main(["run", *arguments, "--sim", "serial", "--port", port]) == 0
    printed = json.loads(capsys.readouterr().out)
    assert printed["outputs"] == [Y.ravel().tolist()] and printed["simulator"] == simulator
    assert printed["cycles"] is None and (printed["instructions"] is None) == (simulator == "serial")


def test_run_takes_a_batch(project, tmp_path):
    np.save(tmp_path / "x.npy", np.concatenate([X] * 3))
    assert main(["run", str(project / "model.elf"), "--input", str(tmp_path / "x.npy")]) == 0


def test_profile_names_layers_and_functions(project, capsys):
    assert main(["profile", str(project / "model.elf")]) == 0
    printed = capsys.readouterr().out
    assert "tdl_layer_00_conv_2d" in printed and "tdl_conv_2d_s8" in printed
    layer = json.loads((project / "report.json").read_text("utf-8"))["layers"][0]
    for figure in ("macs", "ram_bytes", "flash_bytes"):
        assert f"{layer[figure]:,}" in printed


def test_profile_as_json_and_picture(project, tmp_path, capsys):
    picture = tmp_path / "profile.png"
    assert main(["profile", str(project / "model.elf"), "--json", "--picture", str(picture)]) == 0
    profile = json.loads(capsys.readouterr().out)
    built = json.loads((project / "report.json").read_text("utf-8"))
    layer = profile["layers"][0]
    assert {name: layer[name] for name in built["layers"][0]} == built["layers"][0]
    assert layer["cycles_per_mac"] == pytest.approx(layer["cycles"] / layer["macs"], abs=1e-4)
    assert sum(each["cycles"] for each in profile["layers"]) < profile["cycles"]
    assert sum(each["cycles"] for each in profile["functions"]) == profile["cycles"]
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_profile_by_the_marks_of_the_firmware(project, capsys):
    assert main(["profile", str(project / "model.elf"), "--on", "unicorn", "--json"]) == 0
    marked = json.loads(capsys.readouterr().out)
    assert main(["profile", str(project / "model.elf"), "--json"]) == 0
    counted = json.loads(capsys.readouterr().out)
    (mark,), (count,) = marked["layers"], counted["layers"]
    assert mark["instructions"] is None and mark["macs"] == count["macs"]
    assert count["cycles"] <= mark["cycles"] < count["cycles"] + 200  # the marks' own cost, and blocks that are cut
    assert main(["profile", str(project / "model.elf"), "--on", "unicorn"]) == 0
    printed = capsys.readouterr().out
    assert f"{mark['cycles']:,}" in printed and "modelled, read by the firmware" in printed
    assert "instructions" not in printed.splitlines()[1]


def test_profile_on_what_cannot_count_says_so(project, capsys):
    for on, said in (("qemu", "no cycle counter"), ("abacus", "devices are serial"), ("serial", "--port")):
        assert main(["profile", str(project / "model.elf"), "--on", on]) == 2
        assert said in capsys.readouterr().err


def test_profile_without_the_report_says_what_it_does_not_know(project, tmp_path, capsys):
    (tmp_path / "model.elf").write_bytes((project / "model.elf").read_bytes())
    arguments = ["profile", str(tmp_path / "model.elf"), "--board", "tiny32k"]
    assert main([*arguments, "--json"]) == 0
    layer = json.loads(capsys.readouterr().out)["layers"][0]
    assert layer["cycles"] > 0 and layer["macs"] is None and layer["flash_bytes"] is None
    assert main(arguments) == 0
    assert "tdl_layer_00_conv_2d" in capsys.readouterr().out
    (tmp_path / "report.json").write_text('{"layers": [{}]}', encoding="utf-8")
    assert main(arguments) == 2
    assert "build the model again" in capsys.readouterr().err


def test_data_lists_what_is_where(capsys):
    assert main(["data"]) == 0
    printed = capsys.readouterr().out
    assert all(f"{name}: " in printed for name in datasets.CARDS) and "synthetic" in printed


def test_build_leaves_nothing_behind_when_the_model_is_broken(tmp_path, capsys):
    (tmp_path / "bad.tflite").write_bytes(TFLITE[:300])
    assert main(["build", str(tmp_path / "bad.tflite"), "--out", str(tmp_path / "out")]) == 2
    assert "TfliteError" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


WRONG_INPUT = {
    "too short": (np.zeros(7, np.int8), "7"),
    "real numbers": (np.zeros((1, 3, 4, 10), np.float32), "int8"),
    "an archive": ({"a": np.zeros(3)}, "archive"),
}


@pytest.mark.parametrize("case", WRONG_INPUT)
def test_run_refuses_inputs_that_do_not_fit(project, tmp_path, capsys, case):
    values, said = WRONG_INPUT[case]
    path = tmp_path / "x.npy"
    with path.open("wb") as stream:
        np.savez(stream, **values) if isinstance(values, dict) else np.save(stream, values)
    assert main(["run", str(project / "model.elf"), "--input", str(path)]) == 2
    assert said in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["build", "missing.tflite", "--out", "x"], "does not exist"),
        (["run", "missing.elf", "--input", "x.npy"], "no such file"),
        (["data", "fetch"], "needs a dataset"),
        (["data", "show", "nothing"], "nothing"),
    ],
)
def test_mistakes_get_one_message_and_status_2(arguments, said, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert main(arguments) == 2
    error = capsys.readouterr().err
    assert said in error and "Traceback" not in error


def test_console_script_prints_its_commands():
    done = subprocess.run([sys.executable, "-m", "tdl_course.cli", "--help"], capture_output=True, text=True)
    assert done.returncode == 0
    assert all(name in done.stdout for name in ("doctor", "demo", "build", "export", "run", "profile", "bench", "data"))


@pytest.mark.slow
def test_demo_ends_with_a_report_in_which_device_and_oracle_agree(tmp_path, capsys):
    assert main(["demo", "--out", str(tmp_path)]) == 0
    printed = capsys.readouterr().out
    page = (tmp_path / "report.html").read_text("utf-8")
    for text in (printed, page):
        assert "test beats: yes. (measured)" in text
        assert all(what in text for what in ("flash", "RAM all in", "stack", "instructions", "energy per inference"))
        assert all(label in text for label in ("measured", "simulated", "modelled", "datasheet"))
    assert page.count("<img alt=") == 3
    assert ("SYNTHETIC" in printed) == ("SYNTHETIC" in page)
