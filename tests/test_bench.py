"""tdl bench: what is measured, what stands beside it, and that the committed table is what the tool makes."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from tdl_course import bench, datasets
from tdl_course.bench import LayerFigures, Measurement
from tdl_course.bench.peers import NOBODY
from tdl_course.bench.readme import BEGIN, END
from tdl_course.boards import board
from tdl_course.cli import main
from tdl_course.sim import tflm
from tests.golden_vectors import golden_vector

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results.json"
TFLITE = golden_vector("conv_2d")[0]

KWS = Measurement(
    name="mlperf_tiny/kws",
    file="kws_ref_model.tflite",
    sha256=datasets.MODELS["mlperf_tiny/kws"].sha256,
    board="stm32f405",
    toolchain="zig",
    macs=2_656_768,
    instructions=5_000_000,
    cycles=6_000_000,
    flash_bytes=50_000,
    code_bytes=20_000,
    static_ram_bytes=15_000,
    stack_bytes=500,
    compared=100,
    equal=100,
    device_equal=True,
    layers=(
        LayerFigures("CONV_2D", (1, 25, 5, 64), 320_000, 900_000, 1_000_000, 8_000, 5_000, "columns", "columns: cheap"),
        LayerFigures("SOFTMAX", (1, 12), 0, 1_000, 2_000, 24, 900),
    ),
)
OTHER = replace(KWS, name="mine", sha256="0" * 64, equal=None, device_equal=None, macs=0)


def test_results_read_back_as_they_were():
    assert bench.from_json(bench.to_json([KWS, OTHER])) == [KWS, OTHER]


@pytest.mark.parametrize("text", ["", "{}", '{"models": [{}]}', '{"models": 3}'])
def test_other_files_are_no_results(text):
    with pytest.raises(ValueError, match="not results of tdl bench"):
        bench.from_json(text)


def test_a_model_is_known_by_its_bytes_and_stands_beside_its_peers():
    peers = bench.load_peers()
    table = bench.comparison([KWS, OTHER], peers)
    figures = {row[1]: row for row in table.rows if row[0] != "mine"}
    assert figures["this project, zig"][3:] == ("6,000,000", "2.26", "15,500", "50,000", "20,000", "100 of 100")
    assert figures["TFLM + CMSIS-NN"][3:8] == ("9,302,301", "3.50", "24,316", "106,752", "52,816")
    assert "TinyEngine" not in figures
    assert table.rows[-1][0] == "mine" and table.rows[-1][-1] == "TFLM is not installed"
    published = bench.silicon([KWS, OTHER], peers)
    assert published.columns == ("engine", "mlperf_tiny/kws")
    assert published.rows[0] == ("this project, modelled, zero wait states", "50.00")


def test_layers_stand_in_a_table_of_their_own_with_the_reason_for_their_kernel():
    table = bench.layers(KWS)
    assert table.rows[0][1:7] == ("CONV_2D", "25x5x64", "columns", "320,000", "1,000,000", "3.12")
    assert table.rows[0][-1] == "columns: cheap"
    assert table.rows[1][3:7] == ("ref", "0", "2,000", "")


def test_cycles_are_told_by_what_they_are_spent_on_where_it_is_known():
    spent = [(500_000, 300_000, 50_000, 50_000, 100_000), (0, 1_000, 0, 0, 1_000)]
    layers = tuple(replace(layer, by_kind=part) for layer, part in zip(KWS.layers, spent, strict=True))
    table = bench.kinds(replace(KWS, layers=layers))
    assert table.rows[0] == ("0 CONV_2D columns", "1,000,000", "50%", "30%", "5%", "5%", "10%")
    assert table.rows[-1][:3] == ("all layers", "1,002,000", "50%")
    assert bench.kinds(KWS) is None


def test_a_second_toolchain_stands_below_the_first_and_is_in_no_picture():
    both = [KWS, replace(KWS, toolchain="gcc", cycles=7_000_000)]
    rows = bench.comparison(both, bench.load_peers()).rows
    assert [row[1] for row in rows[:3]] == ["this project, zig", "this project, gcc", "TFLM + CMSIS-NN"]
    assert bench.pictures(both, bench.load_peers()).keys() == bench.pictures([KWS], bench.load_peers()).keys()
    assert bench.silicon(both, bench.load_peers()).columns == ("engine", "mlperf_tiny/kws")


def test_outputs_that_differ_are_said():
    rows = bench.comparison([replace(KWS, equal=99, device_equal=False)], NOBODY).rows
    assert rows[0][-1] == "99 of 100; the device differs"


def test_without_a_checkout_there_are_no_peers(tmp_path):
    peers = bench.load_peers(tmp_path / "peers.json")
    assert peers == NOBODY and bench.silicon([KWS], peers) is None
    assert "No other engines" in bench.comparison([KWS], peers).note
    (tmp_path / "peers.json").write_text('{"engines": []}', encoding="utf-8")
    with pytest.raises(ValueError, match="not a file of peers"):
        bench.load_peers(tmp_path / "peers.json")


def test_every_peer_says_where_its_figures_come_from():
    peers = bench.load_peers()
    keys = {name.split("/")[1] for name in datasets.MODELS}
    assert len(peers.engines) == 3
    for engine in peers.engines:
        assert "https://" in engine.source and engine.version and set(engine.models) <= keys
        assert all(figures["cycles"] >= figures["instructions"] for figures in engine.models.values())
    assert peers.silicon is not None
    assert all(set(times) == keys for times in peers.silicon.milliseconds.values())


def test_markdown_has_one_line_a_row_and_ours_is_bold():
    lines = bench.markdown(bench.comparison([KWS], bench.load_peers())).splitlines()
    body = [line for line in lines if line.startswith("|")]
    assert len({line.count("|") for line in body}) == 1 and len(body) == 5
    assert body[2].startswith("| **mlperf_tiny/kws** | **this project, zig** |") and "**" not in body[3]
    assert body[1] == "|---|---|---:|---:|---:|---:|---:|---:|---:|"


def test_pictures_name_what_they_show():
    pictures = bench.pictures([KWS], bench.load_peers())
    assert set(pictures) == {
        "cycles.png",
        "ram.png",
        "time.png",
        "layers_mlperf_tiny_kws.png",
    }
    assert "this project 6,000,000" in pictures["cycles.png"].words
    assert "TFLM + CMSIS-NN 24,316" in pictures["ram.png"].words
    assert "kws from 3.12 to 3.12, 2.26 overall" in pictures["time.png"].words
    assert "3.12 in layer 0 CONV_2D" in pictures["layers_mlperf_tiny_kws.png"].words
    assert all(picture.png.startswith(b"\x89PNG") for picture in pictures.values())


def test_only_what_is_between_the_markers_is_rewritten(tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n", encoding="utf-8")
    bench.rewrite(readme, "new\n")
    bench.rewrite(readme, "newer\n")
    assert readme.read_text("utf-8") == f"before\n{BEGIN}\nnewer\n{END}\nafter\n"
    assert bench.generated(readme) == "newer\n"


@pytest.mark.parametrize("text", ["", f"{BEGIN}\n", f"{END}\n{BEGIN}\n", f"{BEGIN}\n{END}\n{BEGIN}\n{END}\n"])
def test_a_file_without_its_two_markers_stays_as_it_is(text, tmp_path):
    readme = tmp_path / "README.md"
    readme.write_text(text, encoding="utf-8")
    with pytest.raises(ValueError, match="needs these two lines"):
        bench.rewrite(readme, "new\n")
    assert readme.read_text("utf-8") == text


@pytest.mark.sim
@pytest.mark.parametrize(("kind", "number"), [("conv_2d", 0), ("quantize", 0), ("split", 0), ("concatenation", 3)])
def test_any_model_is_measured(need, tmp_path, capsys, kind, number):
    """Of one operator: int8, float32 in, several outputs, several inputs."""
    need("tflm")
    path = tmp_path / "mine.tflite"
    path.write_bytes(golden_vector(kind, number)[0])
    assert main(["bench", str(path), "--count", "5", "--out", str(tmp_path / "out"), "--json"]) == 0
    (found,) = bench.from_json(capsys.readouterr().out)
    assert found.name == "mine" and found.peer_key is None
    assert (found.equal, found.compared, found.device_equal) == (5, 5, True)
    assert sum(layer.cycles for layer in found.layers) < found.cycles
    assert all(sum(layer.by_kind) == layer.cycles for layer in found.layers)
    assert found.code_bytes <= found.flash_bytes and found.ram_bytes > found.static_ram_bytes
    written = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"results.json", "results.md", "cycles.png", "ram.png", "layers_mine.png"} <= written
    assert bench.from_json((tmp_path / "out" / "results.json").read_text("utf-8")) == [found]


@pytest.mark.sim
def test_outputs_that_differ_from_tflm_fail_the_command(need, tmp_path, capsys, monkeypatch):
    """A planted oracle that is wrong in one byte: the benchmark has to notice."""
    need("tflm")
    right = tflm.run_tflm_all

    def wrong(tflite, inputs, count):
        outputs = right(tflite, inputs, count)
        outputs[0].reshape(len(outputs[0]), -1)[1, -1] ^= 1
        return outputs

    monkeypatch.setattr(tflm, "run_tflm_all", wrong)
    path = tmp_path / "mine.tflite"
    path.write_bytes(TFLITE)
    assert main(["bench", str(path), "--count", "3"]) == 1
    assert "2 of 3" in capsys.readouterr().out


def test_names_and_options_that_make_no_sense_get_one_message(capsys, monkeypatch, tmp_path):
    monkeypatch.delenv("TDL_DATA", raising=False)
    monkeypatch.setenv("TDL_CACHE", str(tmp_path))
    for arguments, said in (
        (["nothing"], "mlperf_tiny/kws"),
        (["kws"], "TDL_DATA"),
        (["--count", "0"], "at least 1"),
        (["kws", "--results", "x"], "earlier run"),
    ):
        assert main(["bench", *arguments]) == 2
        assert said in capsys.readouterr().err


def test_the_readme_has_the_table_of_the_committed_results():
    """After a change of kernels: tdl bench --toolchain zig --toolchain gcc --out benchmarks --readme README.md."""
    measured = bench.from_json(RESULTS.read_text("utf-8"))
    assert bench.generated(ROOT / "README.md") == bench.page(measured, bench.load_peers())


def test_the_committed_results_are_of_all_four_models_and_equal_tflm():
    measured = bench.from_json(RESULTS.read_text("utf-8"))
    for toolchain in ("zig", "gcc"):
        assert [each.name for each in measured if each.toolchain == toolchain] == list(datasets.MODELS)
    assert all(each.equal == each.compared == 100 and each.device_equal for each in measured)


@pytest.mark.sim
@pytest.mark.slow
@pytest.mark.parametrize("name", ["mlperf_tiny/ad", "mlperf_tiny/kws"])
def test_the_committed_results_are_those_of_today(name, need):
    """After a change of kernels: tdl bench --toolchain zig --toolchain gcc --out benchmarks --readme README.md."""
    need("tflm")
    if not datasets.model_place(name):
        pytest.skip(f"no folder of TDL_DATA holds {name}")
    measured = bench.from_json(RESULTS.read_text("utf-8"))
    committed = next(each for each in measured if (each.name, each.toolchain) == (name, "zig"))
    today = bench.measure(datasets.model(name), board("stm32f405"))
    assert json.loads(bench.to_json([today])) == json.loads(bench.to_json([committed]))
