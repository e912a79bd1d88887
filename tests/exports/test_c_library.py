"""An exported library is built as a stranger would build it, and computes what the interpreter computes."""

import ctypes
import json
import re
import shutil

import numpy as np
import pytest
import yaml
from elftools.elf.elffile import ELFFile

from tdl_course import datasets
from tdl_course.boards import BOARDS
from tdl_course.cli import main
from tdl_course.compiler import interpret, read_tflite
from tdl_course.exports import export, identifier
from tdl_course.toolchain import DoesNotFit
from tests.exports.compile_alone import STRICT, ZIG, expected, run
from tests.golden_vectors import golden_vector

pytestmark = pytest.mark.sim

MAIN = """
#include <stdio.h>
#include <string.h>
{includes}
{runs}
int main(void) {{ return {calls}; }}
"""
RUN = """
static const unsigned char {name}_x[] = {{{x}}}, {name}_y[] = {{{y}}};
static int run_{name}(void) {{
  memcpy({name}_input(), {name}_x, sizeof {name}_x);
  {name}_infer();
  return memcmp({name}_output(), {name}_y, sizeof {name}_y) != 0;
}}
"""
KINDS = ("conv_2d", "fully_connected", "quantize", "dequantize", "softmax")


def program(models):
    """C that runs every (kind, name) once and ends with 0 where all bytes are right."""
    runs = []
    for kind, name in models:
        x, y = (", ".join(map(str, block)) for block in expected(kind))
        runs.append(RUN.format(name=name, x=x, y=y))
    includes = "\n".join(f'#include "{name}.h"' for _, name in models)
    return MAIN.format(includes=includes, runs="".join(runs), calls=" + ".join(f"run_{name}()" for _, name in models))


def c_files(folder):
    return sorted((folder / "src").glob("*.c"))


@pytest.mark.parametrize("kind", KINDS)
def test_it_computes_what_the_interpreter_computes(library, kind, tmp_path):
    folder = library(kind, "model")
    (tmp_path / "main.c").write_text(program([(kind, "model")]), encoding="utf-8")
    include = ("-I", folder / "src")
    run(*ZIG, "cc", "-std=c11", *STRICT, *include, tmp_path / "main.c", *c_files(folder), "-o", tmp_path / "main")
    run(tmp_path / "main")


def test_two_models_live_in_one_program(library, tmp_path):
    """The same operator in both: what is not prefixed would be defined twice."""
    models = [("conv_2d", "one"), ("conv_2d", "two"), ("fully_connected", "three")]
    folders = [library(*model) for model in models]
    (tmp_path / "main.c").write_text(program(models), encoding="utf-8")
    include = [part for folder in folders for part in ("-I", folder / "src")]
    files = [file for folder in folders for file in c_files(folder)]
    run(*ZIG, "cc", "-std=c11", *STRICT, *include, tmp_path / "main.c", *files, "-o", tmp_path / "main")
    run(tmp_path / "main")


def test_cmake_builds_it_as_a_subdirectory(library, tmp_path, need):
    need("cmake")
    models = [("conv_2d", "one"), ("fully_connected", "three")]
    lists = "cmake_minimum_required(VERSION 3.13)\nproject(app C CXX)\nadd_executable(app main.c header.cpp)\n"
    for model in models:
        lists += f"add_subdirectory({model[1]})\ntarget_link_libraries(app PRIVATE {model[1]})\n"
        shutil.copytree(library(*model), tmp_path / model[1])
    (tmp_path / "CMakeLists.txt").write_text(lists, encoding="utf-8")
    (tmp_path / "main.c").write_text(program(models), encoding="utf-8")
    (tmp_path / "header.cpp").write_text('#include "one.h"\n#include "three.h"\n', encoding="utf-8")
    run("cmake", "-S", tmp_path, "-B", tmp_path / "build", "-DCMAKE_C_FLAGS=-Wall -Wextra -Werror")
    run("cmake", "--build", tmp_path / "build")
    run(tmp_path / "build" / "app")


@pytest.mark.parametrize("compiler", ["zig", "gcc"])
def test_it_compiles_for_a_cortex_m4_and_needs_nothing_else(library, tmp_path, need, compiler):
    core = ("-mcpu=cortex-m4", "-mthumb", "-mfloat-abi=hard", "-mfpu=fpv4-sp-d16")
    command = (need("gcc"), *core) if compiler == "gcc" else (*ZIG, "cc", "-target", "thumb-freestanding-eabihf")
    command = command if compiler == "gcc" else (*command, "-mcpu=cortex_m4+vfp4d16sp", "-ffreestanding")
    folder = library("conv_2d", "one")
    defined, wanted = set(), set()
    for file in c_files(folder):
        product = tmp_path / f"{file.stem}.o"
        run(*command, "-std=c11", "-O2", *STRICT, "-c", file, "-o", product)
        with product.open("rb") as stream:
            for symbol in ELFFile(stream).get_section_by_name(".symtab").iter_symbols():
                if symbol.name and symbol["st_info"]["bind"] == "STB_GLOBAL":
                    (wanted if symbol["st_shndx"] == "SHN_UNDEF" else defined).add(symbol.name)
    assert {"one_infer", "one_arena"} <= defined
    assert {name for name in defined if not name.startswith("one_")} == set()
    assert {name for name in wanted - defined if not name.startswith(("mem", "__aeabi_"))} == set()


@pytest.mark.parametrize("kind", KINDS)
def test_the_header_is_cplusplus_too(library, tmp_path, kind):
    graph = read_tflite(golden_vector(kind)[0])
    source, target = graph.tensors[graph.inputs[0]], graph.tensors[graph.outputs[0]]
    checks = [
        f'static_assert(MODEL_INPUT_BYTES == {source.nbytes} && MODEL_OUTPUT_COUNT == {target.size}, "sizes");',
        'static_assert(MODEL_INPUT_BYTES == MODEL_INPUT_COUNT * sizeof(*model_input()), "input");',
        'static_assert(MODEL_OUTPUT_BYTES == MODEL_OUTPUT_COUNT * sizeof(*model_output()), "output");',
        f"const int shape[MODEL_INPUT_RANK] = MODEL_INPUT_SHAPE; /* {source.shape} */",
    ]
    if source.dtype == "int8":
        checks.append(f'static_assert(MODEL_INPUT_ZERO_POINT == {source.zero_point}, "zero point");')
    text = '#include "model.h"\n' + "\n".join(checks) + "\nint use() { model_infer(); return shape[0]; }\n"
    (tmp_path / "use.cpp").write_text(text, encoding="utf-8")
    include = ("-I", library(kind, "model") / "src")
    run(*ZIG, "c++", "-std=c++11", *STRICT, *include, "-c", tmp_path / "use.cpp", "-o", tmp_path / "use.o")


def test_real_numbers_are_converted_as_tensorflow_lite_does(library, tmp_path):
    folder = library("fully_connected", "three")
    graph = read_tflite(golden_vector("fully_connected")[0])
    source, target = graph.tensors[graph.inputs[0]], graph.tensors[graph.outputs[0]]
    export_it = "#ifdef _WIN32\n__declspec(dllexport)\n#endif\n"
    text = f'#include "three.h"\n{export_it}int in(float x) {{ return three_quantized_input(x); }}\n'
    text += f"{export_it}float out(int q) {{ return three_real_output((int8_t)q); }}\n"
    (tmp_path / "use.c").write_text(text, encoding="utf-8")
    product = tmp_path / "use.shared"
    run(*ZIG, "cc", "-shared", "-fPIC", "-I", folder / "src", tmp_path / "use.c", *c_files(folder), "-o", product)
    use = ctypes.CDLL(str(product))
    use.out.restype = ctypes.c_float
    scale = np.float32(source.scale)
    reals = np.concatenate(
        [
            np.random.default_rng(0).normal(0, 100 * scale, 2000).astype(np.float32),
            (np.arange(-200, 200, dtype=np.float32) + np.float32(0.5)) * scale,
            np.array([0, -0.0, 3e38, -3e38, np.inf, -np.inf, np.nan], np.float32),
        ]
    )
    with np.errstate(over="ignore"):
        steps = (reals / scale).astype(np.float64)
    away = np.where(steps < 0, np.ceil(steps - 0.5), np.floor(steps + 0.5))
    wanted = np.clip(np.nan_to_num(away, nan=-1e9) + source.zero_point, -128, 127).astype(int)
    found = np.array([use["in"](ctypes.c_float(real)) for real in reals])
    np.testing.assert_array_equal(found, wanted)
    for q in range(-128, 128):
        assert np.float32(use.out(q)) == np.float32(target.scale) * np.float32(q - target.zero_point)


def test_what_other_build_systems_read_names_what_there_is(library):
    folder = library("conv_2d", "one")
    sources = {file.name for file in c_files(folder)}
    for path in ("CMakeLists.txt", "zephyr/CMakeLists.txt"):
        assert set(re.findall(r"(?:\.\./)?src/(\S+\.c)", (folder / path).read_text("utf-8"))) == sources
    properties = dict(
        line.split("=", 1) for line in (folder / "library.properties").read_text("utf-8").splitlines() if line
    )
    assert properties["name"] == "one" and properties["includes"] == "one.h"
    described = json.loads((folder / "library.json").read_text("utf-8"))
    assert described["name"] == "one" and (folder / "src" / described["headers"]).is_file()
    module = yaml.safe_load((folder / "zephyr" / "module.yml").read_text("utf-8"))
    assert (folder / module["build"]["cmake"] / "CMakeLists.txt").is_file()
    assert (folder / module["build"]["kconfig"]).is_file()


def test_it_carries_what_it_includes_and_no_more(library):
    folder = library("conv_2d", "one")
    texts = {file.name: file.read_text("utf-8") for file in (folder / "src").iterdir()}
    included = {name for text in texts.values() for name in re.findall(r'#include "([^"]+)"', text)}
    headers = {name for name in texts if name.endswith(".h")}
    assert included == headers
    assert not any("softmax" in name for name in texts)
    assert not any(re.search(r"\bmain\s*\(|\bprintf\b|\bmalloc\b", text) for text in texts.values())


def test_the_sizes_in_the_readme_are_those_of_its_files(library, tmp_path):
    """Compiled anew, with another command line."""
    folder = library("conv_2d", "one")
    options = ("-target", "thumb-freestanding-eabihf", "-mcpu=cortex_m4+vfp4d16sp", "-ffreestanding")
    flash = ram = 0
    for file in c_files(folder):
        product = tmp_path / f"{file.stem}.o"
        quiet = (
            "-O2",
            "-fomit-frame-pointer",
            "-fno-unroll-loops",
            "-fno-unwind-tables",
            "-fno-asynchronous-unwind-tables",
            "-ffunction-sections",
            "-fdata-sections",
        )
        run(*ZIG, "cc", "-std=c11", *options, *quiet, "-fno-math-errno", "-c", file, "-o", product)
        with product.open("rb") as stream:
            for section in ELFFile(stream).iter_sections():
                allocated, zero = section["sh_flags"] & 2, section["sh_type"] == "SHT_NOBITS"
                flash += section["sh_size"] if allocated and not zero else 0
                ram += section["sh_size"] if allocated and zero else 0
    readme = (folder / "README.md").read_text("utf-8")
    assert f"| {flash:,} bytes |" in readme and f"| {ram:,} bytes |" in readme
    assert "simulated" in readme and "modelled" in readme


def test_a_model_too_large_for_the_board_is_exported_without_simulated_figures(tmp_path, monkeypatch):
    def too_large(*arguments, **options):
        raise DoesNotFit("FLASH", 12, BOARDS["tiny32k"], ())

    monkeypatch.setattr("tdl_course.toolchain.build", too_large)
    model = tmp_path / "m.tflite"
    model.write_bytes(golden_vector("relu")[0])
    export(model, tmp_path / "out", "c-library", BOARDS["tiny32k"])
    assert "not given" in (tmp_path / "out" / "README.md").read_text("utf-8")


def test_the_same_model_gives_the_same_files(library, tmp_path):
    first = library("conv_2d", "one")
    export(first.with_name("conv_2d.tflite"), tmp_path / "again", "c-library", BOARDS["stm32f405"], "one")
    files = sorted(path.relative_to(first) for path in first.rglob("*") if path.is_file())
    assert files == sorted(p.relative_to(tmp_path / "again") for p in (tmp_path / "again").rglob("*") if p.is_file())
    assert all((first / path).read_bytes() == (tmp_path / "again" / path).read_bytes() for path in files)


@pytest.mark.parametrize(
    ("file", "name"), [("KWS-ref (1).tflite", "kws_ref_1"), ("01.tflite", "model_01"), ("ä.tflite", "model")]
)
def test_names_are_c_names(tmp_path, file, name):
    assert identifier(tmp_path / file) == name


def test_mistakes_get_one_message(tmp_path, capsys):
    (tmp_path / "m.tflite").write_bytes(golden_vector("relu")[0])
    arguments = ["export", str(tmp_path / "m.tflite"), "--out", str(tmp_path / "out"), "--as", "c-library"]
    assert main([*arguments, "--name", "Two words"]) == 2
    assert "lower-case" in capsys.readouterr().err and not (tmp_path / "out").exists()
    (tmp_path / "m.tflite").write_bytes(b"nothing")
    assert main(arguments) == 2
    assert "TfliteError" in capsys.readouterr().err and not (tmp_path / "out").exists()
    with pytest.raises(ValueError, match="c-library, tflm"):
        export(tmp_path / "m.tflite", tmp_path / "out", "wheel", BOARDS["stm32f405"])


@pytest.mark.slow
def test_keyword_spotting_runs_from_its_library(tmp_path):
    name = "mlperf_tiny/kws"
    if not datasets.model_place(name):
        pytest.skip(f"no folder of TDL_DATA holds {name}")
    export(datasets.model(name), tmp_path / "kws", "c-library", BOARDS["stm32f405"], "kws")
    graph = read_tflite(datasets.model(name))
    x = np.random.default_rng(0).integers(-128, 128, graph.tensors[graph.inputs[0]].shape).astype(np.int8)
    (y,) = interpret(graph, x)
    blocks = (", ".join(map(str, block.tobytes())) for block in (x, y))
    text = RUN.format(name="kws", x=next(blocks), y=next(blocks))
    (tmp_path / "main.c").write_text(
        MAIN.format(includes='#include "kws.h"', runs=text, calls="run_kws()"), encoding="utf-8"
    )
    files = c_files(tmp_path / "kws")
    run(*ZIG, "cc", "-O2", *STRICT, "-I", tmp_path / "kws" / "src", tmp_path / "main.c", *files, "-o", tmp_path / "m")
    run(tmp_path / "m")


@pytest.mark.parametrize("core", ["cortex-m0plus", "cortex-m3"])
def test_a_core_may_be_named_instead_of_a_board(core, tmp_path):
    model = tmp_path / "m.tflite"
    model.write_bytes(golden_vector("conv_2d")[0])
    assert main(["export", str(model), "--out", str(tmp_path / "out"), "--as", "c-library", "--core", core]) == 0
    readme = (tmp_path / "out" / "README.md").read_text("utf-8")
    assert f"measured: {core}, zig" in readme and "no board was named" in readme
    assert [file.name for file in c_files(tmp_path / "out") if "dsp" in file.name] == []
