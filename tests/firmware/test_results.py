"""`m-results` prints what C's "%.3f" would: the firmware's integer arithmetic, built for this computer."""

import ctypes
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tdl_course import toolchain

RUNTIME = Path(toolchain.__file__).parent / "firmware" / "runtime"
TYPES = ("int8", "int16", "int32", "int64", "float32")  # by their numbers in tdl_model.h
HARNESS = """
#define tdl_model tdl_model_const
#include "tdl_model.h"
#undef tdl_model
#include "uart.h"

extern char text[];
extern int8_t output[];
extern tdl_model_info tdl_model;
char text[4000];
int8_t output[64] __attribute__((aligned(16)));
static int length;
static tdl_tensor outputs[2];
tdl_model_info tdl_model = {.name = "test", .output = output, .output_bytes = 64, .outputs = outputs};

void uart_put(char c) { text[length++] = c; }
void uart_text(const char *s) { while (*s) uart_put(*s++); }
void uart_hex(uint32_t value, uint32_t digits) { (void)value; (void)digits; }
void uart_decimal(uint64_t value) {
  if (value >= 10) uart_decimal(value / 10);
  uart_put((char)('0' + value % 10));
}
void results_print(void);
const tdl_host_form *buffer_scored(void);
const tdl_host_form *buffer_scored(void) { return 0; }
void tensor(uint32_t type, uint32_t offset, uint32_t count, float scale, int32_t zero_point);
void print(void);
void tensor(uint32_t type, uint32_t offset, uint32_t count, float scale, int32_t zero_point) {
  outputs[tdl_model.output_count++] = (tdl_tensor){type, offset, count, scale, zero_point};
}
void print(void) {
  length = 0;
  results_print();
  text[length] = 0;
  tdl_model.output_count = 0;
}
"""


@dataclass(frozen=True)
class Harness:
    files: dict[str, str]
    kernels: tuple[str, ...] = ()


@pytest.fixture(scope="module")
def printed():
    """`printed((array, scale, zero point), ...)`: what is said of these outputs."""
    files = {"harness.c": HARNESS, "results.c": (RUNTIME / "results.c").read_text()}
    library = ctypes.CDLL(str(toolchain.build_host(Harness(files))))
    library.tensor.argtypes = [ctypes.c_uint32] * 3 + [ctypes.c_float, ctypes.c_int32]
    memory = (ctypes.c_int8 * 64).in_dll(library, "output")
    text = ctypes.addressof(ctypes.c_char.in_dll(library, "text"))

    def run(*tensors):
        offset = 0
        for values, scale, zero_point in tensors:
            ctypes.memmove(ctypes.byref(memory, offset), values.ctypes.data, values.nbytes)
            library.tensor(TYPES.index(values.dtype.name), offset, values.size, scale, zero_point)
            offset += -(-values.nbytes // 8) * 8
        library.print()
        return ctypes.string_at(text).decode()

    return run


def one(value, dtype, scale=0.0, zero_point=0):
    return np.array([value], dtype), scale, zero_point


@given(st.floats(2.0**-140, 2.0**40, width=32), st.integers(-128, 127), st.integers(-128, 127))
@example(1 / 256, -128, -112)  # 0.0625: a tie, to even
@example(1 / 256, -128, -80)  # 0.1875: a tie, up
@example(1 / 256, 127, 126)  # -0.00390625
@example(float(np.float32(1e-30)), 0, -1)  # rounds to zero and keeps its sign
@example(2.0**-149, 0, 1)
@example(2.0**127, -128, 127)
def test_three_decimals_of_the_exact_product(printed, scale, zero_point, q):
    exact = scale * (q - zero_point)  # 24 + 9 bits: exact in float64
    if q == zero_point:
        exact = 0.0
    assert printed(one(q, np.int8, scale, zero_point)) == f"m-results-[{exact:.3f}]\r\n"


@given(st.floats(2.0**-100, 2.0**40, width=32), st.integers(-(2**15), 2**15 - 1))
def test_int16_with_a_scale(printed, scale, q):
    exact = scale * q if q else 0.0  # 24 + 16 bits
    assert printed(one(q, np.int16, scale)) == f"m-results-[{exact:.3f}]\r\n"


@given(st.floats(2.0**-20, 2.0**20, width=32), st.integers(-(2**28), 2**28))
def test_int32_with_a_scale(printed, scale, q):
    exact = scale * q if q else 0.0  # 24 + 29 bits
    assert printed(one(q, np.int32, scale)) == f"m-results-[{exact:.3f}]\r\n"


@pytest.mark.parametrize("dtype", [np.int8, np.int16, np.int32, np.int64])
def test_integers_without_a_scale_are_what_they_are(printed, dtype):
    for value in (np.iinfo(dtype).min, -1, 0, 7, np.iinfo(dtype).max):
        assert printed(one(value, dtype)) == f"m-results-[{value}.000]\r\n"


@given(st.floats(width=32))
@example(0.0005)
@example(-0.0)
@example(float(np.float32(3.4e38)))
@example(float("inf"))
@example(float("-inf"))
def test_float32_as_c_prints_it(printed, value):
    expected = "nan" if np.isnan(value) else f"{value:.3f}"
    assert printed(one(value, np.float32)) == f"m-results-[{expected}]\r\n"


def test_several_outputs_follow_one_another(printed):
    first = (np.array([-128, 0, 127], np.int8), 1 / 256, -128)
    second = (np.array([5, -6], np.int32), 0.0, 0)
    assert printed(first, second) == "m-results-[0.000,0.500,0.996,5.000,-6.000]\r\n"
