"""A board whose core the cycle model is not of: everything else is told, and cycles are not guessed."""

import json

import numpy as np
import pytest

import tdl_course as tdl
from tdl_course import bench, sim
from tdl_course.boards import BOARDS
from tdl_course.cli import main
from tests.golden_vectors import golden_vector

pytestmark = pytest.mark.sim
M3 = BOARDS["stm32f205"]


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    path = tmp_path_factory.mktemp("m3") / "model.tflite"
    path.write_bytes(golden_vector("conv_2d")[0])
    return path


@pytest.fixture(scope="module")
def project(model):
    out = model.parent / "build"
    assert main(["build", str(model), "--out", str(out), "--board", "stm32f205"]) == 0
    return out


def test_deploy_says_what_is_not_known(model):
    deployment = tdl.deploy(model, board="stm32f205")
    assert deployment.result.cycles is None
    assert deployment.result.instructions > 0
    rows = {row[0]: row[1] for row in deployment.table().rows}
    unknown = {name for name, value in rows.items() if value == "not known for this board"}
    assert unknown == {"cycles", "time at 120 MHz", "energy per inference", "supply current while running"}
    assert rows["instructions"] == f"{deployment.result.instructions:,}"


def test_profile_goes_by_instructions(project, tmp_path, capsys):
    arguments = ["profile", str(project / "model.elf")]
    assert main([*arguments, "--picture", str(tmp_path / "layers.png")]) == 0
    said = capsys.readouterr().out
    assert "Cycles: not known for this core" in said
    assert "instructions per MAC" in said
    assert "most instructions first" in said
    assert main([*arguments, "--json"]) == 0
    plain = json.loads(capsys.readouterr().out)
    assert plain["cycles"] is None
    assert plain["layers"][0]["cycles"] is None
    assert 0 < plain["layers"][0]["share"] <= 1
    assert plain["layers"][0]["why"] == "" or "no DSP instructions" in plain["layers"][0]["why"]


def test_the_simulated_counter_is_not_asked(project, capsys):
    assert main(["profile", str(project / "model.elf"), "--on", "unicorn"]) != 0
    assert "cycles are not modelled" in capsys.readouterr().err


def test_renode_is_refused_with_what_to_take_instead(project):
    elf = tdl.toolchain.read_elf(project / "model.elf", M3)
    with pytest.raises(sim.SimulatorError, match='STM32F405 with a cortex-m4f.*has a cortex-m3; take sim="unicorn"'):
        sim.run(elf, np.zeros((1, elf.symbol("tdl_input").size), np.int8), sim="renode")


def test_bench_leaves_cycles_empty(model, tmp_path):
    found = bench.measure(model, M3, 2)
    assert found.cycles is None
    assert bench.from_json(bench.to_json([found])) == [found]
    peers = bench.load_peers()
    assert bench.comparison([found], peers).rows[0][3:5] == ("", "")
    assert bench.silicon([found], peers) is None
    bench.save([found], peers, tmp_path)
    assert not (tmp_path / "cycles.png").exists()
