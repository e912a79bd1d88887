"""A two-layer toy model in hand-written C, so that toolchain and runtime are tested without the compiler.

y[i] = (x[2i] + 1) xor (x[2i+1] + 1), in int8 arithmetic that wraps.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest

from tdl_course import toolchain
from tdl_course.elf import Elf

INPUTS, OUTPUTS = 20, 10

_MODEL = """
#include "tdl_model.h"
#include "toy_sizes.h"

int8_t tdl_input[TOY_INPUTS] __attribute__((aligned(16)));
int8_t tdl_output[TOY_OUTPUTS] __attribute__((aligned(16)));
#if TOY_KEEPS_INPUT
static uint8_t tdl_arena[TOY_ARENA] __attribute__((aligned(16)));
#define TOY_FIRST_OUTPUT 0
#else
static uint8_t *const tdl_arena = (uint8_t *)tdl_input;
static int8_t first_output[TOY_OUTPUTS];
#define TOY_FIRST_OUTPUT first_output
#endif
static const int8_t toy_weights[TOY_WEIGHTS] __attribute__((aligned(4))) = {1};

void tdl_layer_00_add_one(void);
void tdl_layer_01_fold(void);

static void add(const volatile int8_t *weights, const int8_t *x, volatile uint8_t *y) {
  for (int i = 0; i < TOY_INPUTS; i++) y[i] = (uint8_t)(x[i] + weights[0]);
}

static void fold(const volatile uint8_t *x, int8_t *y) {
  for (int i = 0; i < TOY_OUTPUTS; i++) y[i] = (int8_t)(x[2 * i] ^ x[2 * i + 1]);
}

__attribute__((noinline)) void tdl_layer_00_add_one(void) { TOY_BEFORE add(toy_weights, tdl_input, tdl_arena); }
__attribute__((noinline)) void tdl_layer_01_fold(void) { fold(tdl_arena, tdl_output); }

void tdl_infer(void) {
  tdl_layer_00_add_one();
  tdl_layer_01_fold();
}

static const tdl_layer layers[] = {{"add_one", tdl_layer_00_add_one}, {"fold", tdl_layer_01_fold}};
static const tdl_tensor outputs[] = {
    {.type = TDL_INT8, .count = TOY_OUTPUTS, .scale = TOY_SCALE, .zero_point = TOY_ZERO_POINT}};
const tdl_model_info tdl_model = {
    .name = "toy",
    .input = tdl_input,
    .output = tdl_output,
    .first_output = TOY_FIRST_OUTPUT,
    .input_bytes = TOY_INPUTS,
    .output_bytes = TOY_OUTPUTS,
    .output_count = 1,
    .outputs = outputs,
    .layer_count = 2,
    .layers = layers,
};
"""


@dataclass(frozen=True)
class ToySources:
    """Stands in for the compiler's `Sources`."""

    files: dict[str, str]
    kernels: tuple[str, ...] = field(default=())


def make_toy(
    scale: str = "0.00390625f",
    zero_point: int = -128,
    arena: int = 32,
    weights: int = 4,
    before: str = "",
    keeps_input: bool = True,
) -> ToySources:
    """The toy; `arena` and `weights` are sizes in bytes, `before` is C that its first layer runs first.

    Where it does not keep its input, the first layer works in place.
    """
    sizes = {
        "TOY_INPUTS": INPUTS,
        "TOY_OUTPUTS": OUTPUTS,
        "TOY_ARENA": arena,
        "TOY_WEIGHTS": weights,
        "TOY_SCALE": scale,
        "TOY_ZERO_POINT": zero_point,
        "TOY_BEFORE": before,
        "TOY_KEEPS_INPUT": int(keeps_input),
    }
    header = "".join(f"#define {name} {value}\n" for name, value in sizes.items())
    return ToySources({"model.c": _MODEL, "toy_sizes.h": header})


def toy_reference(x: np.ndarray) -> np.ndarray:
    """What the toy computes: int8[20] -> int8[10]."""
    wrapped = (x.astype(np.int16) + 1).astype(np.int8)
    return wrapped[0::2] ^ wrapped[1::2]


@pytest.fixture(scope="session")
def toy():
    """`toy(arena=..., weights=..., before=...)`: sources of the toy."""
    return make_toy


@pytest.fixture(scope="session")
def reference():
    """`reference(x)`: what the toy answers."""
    return toy_reference


@pytest.fixture(scope="session")
def toy_elf() -> Elf:
    return toolchain.build(make_toy())
