"""Arrays in files against what a model takes and gives: types, sizes, several inputs; what is said of wrong ones."""

import json
from dataclasses import replace

import numpy as np
import pytest

from tdl_course import sim
from tdl_course.boards import BOARDS
from tdl_course.compress import dequantize, quantize
from tdl_course.edges import load_inputs, save_outputs, typed_outputs
from tdl_course.firmware_project import build_project
from tdl_course.graph import Graph, Op, Quantization, Tensor
from tests.tflite_writer import write_tflite

pytestmark = pytest.mark.sim

SCALE, ZERO_POINT = 0.25, -3
INT8 = Quantization((SCALE,), (ZERO_POINT,))
INT16 = Quantization((SCALE,), (0,))
JOIN = {"axis": 1, "fused_activation": "NONE"}


def tensor(name, size, dtype):
    return Tensor(name, (1, size), dtype, {"int8": INT8, "int16": INT16}.get(dtype))


def graph(*ops, **sizes_and_types):
    """Tensors by name; the last is the output, those that no operator writes are the inputs."""
    tensors = tuple(tensor(name, *facts) for name, facts in sizes_and_types.items())
    written = {index for op in ops for index in op.outputs}
    inputs = tuple(index for index in range(len(tensors)) if index not in written)
    return Graph("edges", tensors, ops, inputs, (len(tensors) - 1,))


MODELS = {
    "float32 to int8": graph(Op("QUANTIZE", (0,), (1,), {}), x=(6, "float32"), y=(6, "int8")),
    "int8 to float32": graph(Op("DEQUANTIZE", (0,), (1,), {}), x=(6, "int8"), y=(6, "float32")),
    "int16": graph(Op("CONCATENATION", (0, 1), (2,), JOIN), a=(2, "int16"), b=(4, "int16"), y=(6, "int16")),
    "mixed": graph(
        Op("QUANTIZE", (0,), (2,), {}),
        Op("CONCATENATION", (2, 1), (3,), JOIN),
        a=(2, "float32"),
        b=(4, "int8"),
        q=(2, "int8"),
        y=(6, "int8"),
    ),
}


@pytest.fixture(scope="module")
def build(tmp_path_factory):
    """`build(name)`: the ELF of one of MODELS, with its report."""
    built = {}

    def get(name):
        if name not in built:
            folder = tmp_path_factory.mktemp("edges")
            (folder / "model.tflite").write_bytes(write_tflite(MODELS[name]))
            built[name] = build_project(folder / "model.tflite", folder / "out", BOARDS["stm32f405"])
        return built[name]

    return get


def saved(folder, values):
    np.save(folder / "x.npy", values)
    return folder / "x.npy"


def run(elf, path):
    return typed_outputs(sim.run(elf, load_inputs(path, elf)).outputs, elf)


REAL = np.array([[-31.0, -0.25, 0.0, 0.5, 7.75, 100.0]], np.float32)
Q = np.array([[-128, -4, -3, 0, 5, 127]], np.int8)
CASES = {
    "float32 to int8": (REAL, quantize(REAL, SCALE, ZERO_POINT)),
    "int8 to float32": (Q, dequantize(Q, SCALE, ZERO_POINT)),
    "int16": (Q * np.int16(250), Q * np.int16(250)),
}


@pytest.mark.parametrize("name", CASES)
def test_a_model_takes_and_gives_arrays_of_its_own_types(build, tmp_path, name):
    elf = build(name)
    x, y = CASES[name]
    for array in (x, x[0], x.reshape(1, 2, 3, 1), x.astype(x.dtype.newbyteorder(">")), x.repeat(2, 1)[:, ::2]):
        outputs = run(elf, saved(tmp_path, array))
        assert outputs.dtype == y.dtype
        np.testing.assert_array_equal(outputs, y)
    batch = np.concatenate([x, x[:, ::-1], x])
    np.testing.assert_array_equal(run(elf, saved(tmp_path, batch)), np.concatenate([y, y[:, ::-1], y]))


def test_inputs_of_several_types_are_bytes(build, tmp_path):
    elf = build("mixed")
    data = np.frombuffer(REAL[0, :2].tobytes() + Q[0, :4].tobytes(), np.int8)
    expected = [*quantize(REAL[0, :2], SCALE, ZERO_POINT), *Q[0, :4]]
    np.testing.assert_array_equal(run(elf, saved(tmp_path, data)), [expected])
    with pytest.raises(ValueError, match=r"12 values of int8 an input, float32\[1, 2\] and int8\[1, 4\]"):
        load_inputs(saved(tmp_path, data[:-1]), elf)


def test_real_numbers_are_told_how_to_become_the_models(build, tmp_path):
    """The advice is followed to the letter, and works."""
    elf = build("int8 to float32")
    with pytest.raises(ValueError, match=r"float32\[1, 6\]; the model takes 6 values of int8") as caught:
        load_inputs(saved(tmp_path, REAL), elf)
    _, _, advice = str(caught.value).rpartition("tdl_course.compress.quantize")
    converted = eval("quantize" + advice, {"quantize": quantize, "x": REAL})
    np.testing.assert_array_equal(converted, quantize(REAL, SCALE, ZERO_POINT))
    assert load_inputs(saved(tmp_path, converted), elf).shape == (1, 6)


WRONG = {
    "wide integers": ("int8 to float32", Q.astype(np.int64), r"x\.astype\(numpy\.int8\)"),
    "double precision": ("float32 to int8", REAL.astype(np.float64), r"x\.astype\(numpy\.float32\)"),
    "quantized already": ("float32 to int8", Q, "int8.*6 values of float32 an input"),
    "real numbers for int16": ("int16", REAL, "compress.quantize.x, scale, zero_point., with those of"),
    "too many": ("int8 to float32", Q[0, [0, 1, 2, 3, 4, 5, 0]], "7 values; the model takes 6 values of int8"),
    "none": ("int8 to float32", Q[:0], "0 values; the model takes 6"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_does_not_fit_is_refused(build, tmp_path, case):
    name, values, said = WRONG[case]
    with pytest.raises(ValueError, match=said):
        load_inputs(saved(tmp_path, values), build(name))


def alone(elf, folder, report=None):
    """A copy of the ELF without the files beside it."""
    (folder / "alone.elf").write_bytes(elf.path.read_bytes())
    if report is not None:
        (folder / "report.json").write_text(report, "utf-8")
    return replace(elf, path=folder / "alone.elf")


def test_without_a_report_the_model_is_int8(build, tmp_path):
    elf = alone(build("int8 to float32"), tmp_path)
    np.testing.assert_array_equal(run(elf, saved(tmp_path, Q)).view(np.float32), CASES["int8 to float32"][1])
    with pytest.raises(ValueError, match="with those of the model's input"):
        load_inputs(saved(tmp_path, REAL), elf)


@pytest.mark.parametrize("report", ["", "[]", '{"inputs": 3}', '{"inputs": [{"dtype": "int5", "shape": []}]}'])
def test_a_report_of_something_else_is_named(build, tmp_path, report):
    elf = alone(build("int8 to float32"), tmp_path, report)
    with pytest.raises(ValueError, match=r"report\.json is not a report of tdl build"):
        load_inputs(saved(tmp_path, Q), elf)


def test_the_report_names_scale_and_zero_point(build):
    report = json.loads((build("float32 to int8").path.parent / "report.json").read_text("utf-8"))
    assert report["inputs"] == [{"shape": [1, 6], "dtype": "float32", "scale": None, "zero_point": None}]
    assert report["outputs"] == [{"shape": [1, 6], "dtype": "int8", "scale": SCALE, "zero_point": ZERO_POINT}]


def test_outputs_are_saved_as_they_are(tmp_path):
    values = np.arange(6, dtype=np.float32).reshape(2, 3)
    save_outputs(tmp_path / "y.npy", values)
    np.testing.assert_array_equal(np.load(tmp_path / "y.npy"), values)
    assert [path.name for path in tmp_path.iterdir()] == ["y.npy"]
