"""TFLM's form: the array is the file, the operators are those of the file, the arena is what TFLM asks for."""

import re
import subprocess

import numpy as np
import pytest

from tdl_course import ops
from tdl_course.boards import BOARDS
from tdl_course.exports import export
from tdl_course.exports.tflm_project import method
from tdl_course.sim import tflm
from tdl_course.sim.tflm_arena import tflm_arena
from tests.exports.compile_alone import ZIG, run
from tests.golden_vectors import golden_vector

# The registering methods of tflite-micro's micro_mutable_op_resolver.h, as far as this compiler has the operators.
RESOLVER_METHODS = {
    "AddAbs",
    "AddAdd", "AddArgMax", "AddAveragePool2D", "AddConcatenation", "AddConv2D", "AddDepthwiseConv2D", "AddDequantize",
    "AddExpandDims", "AddFullyConnected", "AddHardSwish", "AddLeakyRelu", "AddLogistic", "AddMaxPool2D", "AddMean",
    "AddMul", "AddPad", "AddPadV2", "AddPrelu", "AddQuantize", "AddRelu", "AddRelu6", "AddReshape",
    "AddResizeBilinear", "AddResizeNearestNeighbor", "AddSoftmax", "AddSplit", "AddSqueeze", "AddStridedSlice",
    "AddSub", "AddSum", "AddTanh", "AddTranspose", "AddTransposeConv",
}  # fmt: skip

# As much of TFLM's headers as ops.h uses: it counts what is registered, and knows the methods above and no others.
STAND_IN = """
enum TfLiteStatus { kTfLiteOk, kTfLiteError };
#define TF_LITE_ENSURE_STATUS(a) do { const TfLiteStatus s = (a); if (s != kTfLiteOk) return s; } while (0)
namespace tflite {
template <unsigned int size> struct MicroMutableOpResolver {
  unsigned int used = 0;
  TfLiteStatus Add() { return used++ < size ? kTfLiteOk : kTfLiteError; }
%s
};
}
"""
MAIN = """
#include <cstdio>
#include "model.h"
#include "ops.h"
int main() {
  ModelOpResolver resolver;
  if (ModelAddOps(resolver) != kTfLiteOk || resolver.used != %d) return 1;
  return std::fwrite(model_model, 1, model_model_size, stdout) != model_model_size;
}
"""


def exported(tmp_path, kind):
    (tmp_path / "file.tflite").write_bytes(golden_vector(kind)[0])
    return export(tmp_path / "file.tflite", tmp_path / "out", "tflm", BOARDS["stm32f405"], "model")[0].parent


def test_every_operator_has_its_method():
    assert {method(kind) for kind in ops.OPERATORS} == RESOLVER_METHODS


@pytest.mark.sim
@pytest.mark.parametrize("kind", ["conv_2d", "padv2"])
def test_the_array_is_the_file_and_the_operators_register(tmp_path, kind):
    folder = exported(tmp_path, kind)
    header = tmp_path / "tensorflow" / "lite" / "micro" / "micro_mutable_op_resolver.h"
    header.parent.mkdir(parents=True)
    methods = "\n".join(f"  TfLiteStatus {name}() {{ return Add(); }}" for name in sorted(RESOLVER_METHODS))
    header.write_text(f"#pragma once\n{STAND_IN % methods}", encoding="utf-8")
    (tmp_path / "main.cpp").write_text(MAIN % 1, encoding="utf-8")
    include = ("-I", tmp_path, "-I", folder)
    strict = ("-std=c++11", "-Wall", "-Wextra", "-Werror", "-fno-exceptions", "-fno-rtti")
    objects = []
    for source in (tmp_path / "main.cpp", folder / "model.cc"):
        objects.append(tmp_path / f"{source.stem}.o")
        run(*ZIG, "c++", *strict, *include, "-c", source, "-o", objects[-1])
    run(*ZIG, "cc", *objects, "-o", tmp_path / "main")  # a C library will do: zig's C++ library takes minutes to build
    done = subprocess.run([str(tmp_path / "main")], capture_output=True, timeout=60)
    assert done.returncode == 0 and done.stdout == golden_vector(kind)[0]


def test_the_arena_is_the_one_that_tflm_asks_for(tmp_path, need):
    need("tflm")
    from tflite_micro import runtime

    tflite, x, _ = golden_vector("conv_2d")
    folder = exported(tmp_path, "conv_2d")
    smallest = int(re.search(r"model_arena_bytes = (\d+);", (folder / "model.h").read_text("utf-8"))[1])
    interpreter = runtime.Interpreter.from_bytes(tflite, arena_size=smallest)
    interpreter.set_input(x, 0)
    interpreter.invoke()
    with pytest.raises(RuntimeError):
        runtime.Interpreter.from_bytes(tflite, arena_size=smallest - 64)
    arena = tflm_arena(tflite)
    assert arena.smallest == smallest and np.abs(arena.used - smallest) < 2048
    assert f"{arena.used:,} bytes in use" in (folder / "README.md").read_text("utf-8")


def test_without_the_wheel_the_arena_is_said_to_be_unknown(tmp_path, monkeypatch):
    monkeypatch.setattr("tdl_course.sim.tflm_arena.available", lambda: False)
    folder = exported(tmp_path, "relu")
    assert "arena_bytes =" not in (folder / "model.h").read_text("utf-8")
    readme = (folder / "README.md").read_text("utf-8")
    assert "Not known here: the tflite-micro wheel is not installed" in readme and "arena_used_bytes()" in readme


def test_what_tflm_refuses_gets_its_own_words(need):
    need("tflm")
    with pytest.raises(RuntimeError, match="TFLM does not run the model"):
        tflm_arena(golden_vector("conv_2d")[0][:64])
    assert tflm.available()
