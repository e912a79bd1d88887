"""What MLPerf Tiny's runner sends where it is not the model's input: pixels, and float32 for an anomaly score."""

from __future__ import annotations

import struct

import numpy as np
import pytest

from tdl_course import toolchain
from tdl_course.sim.device import Device
from tests.firmware.conftest import ToySources

pytestmark = pytest.mark.sim
INPUTS, SCALE, ZERO_POINT = 8, 0.5, 3

MODEL = """
#include "tdl_model.h"

static int8_t values[8];  // the output lies where the input was
static int8_t first_output[8];
#if SCORED
static float sent[8];
static const tdl_host_form host = {.sent = sent, .scale = 0.5f, .zero_point = 3};
#else
static const tdl_host_form host = {.sent = 0};
#endif

static void tdl_layer_00_xor(void) {
  for (int i = 0; i < 8; i++) values[i] ^= 1;
}
static const tdl_layer layers[] = {{"xor", tdl_layer_00_xor}};
static const tdl_tensor outputs[] = {{.type = TDL_INT8, .count = 8, .scale = 0.25f, .zero_point = -1}};
void tdl_infer(void) { layers[0].run(); }
const tdl_model_info tdl_model = {
    .name = "host",
    .input = values,
    .output = values,
    .first_output = first_output,
    .input_bytes = 8,
    .output_bytes = 8,
    .output_count = 1,
    .outputs = outputs,
    .layer_count = 1,
    .layers = layers,
    .host = &host,
};
"""


def device(scored: bool) -> Device:
    return Device(toolchain.build(ToySources({"model.c": f"#define SCORED {int(scored)}\n{MODEL}"})))


def ask(board: Device, command: str) -> list[str]:
    lines = board.send(command.encode() + b"%").decode("ascii").splitlines()
    assert lines[-1] == "m-ready"
    return lines[:-1]


def output(board: Device) -> list[int]:
    return list(
        struct.unpack("8b", bytes.fromhex(ask(board, "x-output")[0].removeprefix("x-output-").replace("-", "")))
    )


def test_pixels_are_taken_less_128_and_printed_as_they_came():
    board = device(scored=False)
    assert ask(board, "db load 8") == ["m-[Expecting 8 bytes]"]
    assert ask(board, "db 00017f8081feff40") == ["m-load-done"]
    assert ask(board, "db print") == ["m-buffer-00-01-7f-80-81-fe-ff-40"]
    ask(board, "infer 1 0")
    pixels = np.array([0, 1, 127, 128, 129, 254, 255, 64])
    assert output(board) == ((pixels - 128) ^ 1).tolist()


def load(board: Device, values: list[float]) -> None:
    data = struct.pack("<8f", *values)
    assert ask(board, "db load 32") == ["m-[Expecting 32 bytes]"]
    assert ask(board, f"db {data[:13].hex()}") == []  # the runner's pieces end anywhere
    assert ask(board, f"db {data[13:].hex()}") == ["m-load-done"]


def test_real_values_are_quantized_and_the_result_is_a_score():
    board = device(scored=True)
    values = [0.0, 0.25, -0.25, 0.2499999, 10.6, -10.6, 62.0, -65.5]
    load(board, values)
    answer = ask(board, "infer 2 1")
    quantized = np.array([3, 4, 2, 3, 24, -18, 127, -128])  # halves away from zero
    assert output(board) == (quantized ^ 1).tolist()
    real = 0.25 * ((quantized ^ 1) + 1)
    assert answer[-1] == f"m-results-[{np.mean((real - np.array(values)) ** 2):.3f}]"
    before = ask(board, "x-output")
    assert len(ask(board, "db print")) == 4
    assert ask(board, "x-output") == before  # printing the input has not touched the output
    assert ask(board, "infer 1 0")[-1] == answer[-1]  # the host's values survive every inference


def test_values_beyond_int8_are_limited():
    board = device(scored=True)
    load(board, [1e30, -1e30, float("inf"), float("-inf"), float("nan"), 499.0, -499.0, 1e-40])
    assert ask(board, "infer 1 0")[-1] in ("m-results-[nan]", "m-results-[inf]", "m-results-[-nan]")
    assert output(board) == [value ^ 1 for value in (127, -128, 127, -128, -128, 127, -128, 3)]


def test_a_load_of_the_tensors_size_is_refused():
    board = device(scored=True)
    assert ask(board, "db load 8") == ["e-[Wrong number of bytes: got 8, the model's input has 32]"]
    assert ask(board, "infer 1 0") == ["e-[No input: the last 'db load' was refused]"]
