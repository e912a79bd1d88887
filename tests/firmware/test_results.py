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
HARNESS = """
#define tdl_model tdl_model_const
#include "tdl_model.h"
#undef tdl_model
#include "uart.h"

extern char text[];
char text[1000];
static int length;
extern tdl_model_info tdl_model;
static int8_t output[1];
static tdl_tensor outputs[] = {{.type = TDL_INT8, .count = 1}};
tdl_model_info tdl_model = {.name = "test", .output = output, .output_bytes = 1, .output_count = 1, .outputs = outputs};

void uart_put(char c) { text[length++] = c; }
void uart_text(const char *s) { while (*s) uart_put(*s++); }
void uart_hex(uint32_t value, uint32_t digits) { (void)value; (void)digits; }
void uart_decimal(uint64_t value) {
  if (value >= 10) uart_decimal(value / 10);
  uart_put((char)('0' + value % 10));
}
void run(float scale, int32_t zero_point, int8_t q);
void results_print(void);
void run(float scale, int32_t zero_point, int8_t q) {
  outputs[0].scale = scale;
  outputs[0].zero_point = zero_point;
  output[0] = q;
  length = 0;
  results_print();
  text[length] = 0;
}
"""


@dataclass(frozen=True)
class Harness:
    files: dict[str, str]
    kernels: tuple[str, ...] = ()


@pytest.fixture(scope="module")
def printed():
    files = {"harness.c": HARNESS, "results.c": (RUNTIME / "results.c").read_text()}
    library = ctypes.CDLL(str(toolchain.build_host(Harness(files))))
    library.run.argtypes = [ctypes.c_float, ctypes.c_int32, ctypes.c_int8]

    def run(scale, zero_point, q):
        library.run(scale, zero_point, q)
        return ctypes.string_at(ctypes.addressof(ctypes.c_char.in_dll(library, "text"))).decode()

    return run


@given(st.floats(2.0**-140, 2.0**40, width=32), st.integers(-128, 127), st.integers(-128, 127))
@example(1 / 256, -128, -112)  # 0.0625: a tie, to even
@example(1 / 256, -128, -80)  # 0.1875: a tie, up
@example(1 / 256, 127, 126)  # -0.00390625
@example(float(np.float32(1e-30)), 0, -1)  # rounds to zero and keeps its sign
@example(2.0**-149, 0, 1)
def test_three_decimals_of_the_exact_product(printed, scale, zero_point, q):
    exact = scale * (q - zero_point)  # 24 + 9 bits: exact in float64
    if q == zero_point:
        exact = 0.0
    assert printed(scale, zero_point, q) == f"m-results-[{exact:.3f}]\r\n"


@pytest.mark.parametrize("scale", [0.0, float("inf"), float("nan"), 2.0**60])
def test_a_scale_that_is_none_is_refused(printed, scale):
    assert printed(scale, 0, 1).startswith("e-[The output is not int8")
