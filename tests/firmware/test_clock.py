"""The 64-bit clock over a 32-bit counter: clock.c of the firmware, built for this computer with registers in memory."""

import ctypes
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tdl_course import toolchain

CLOCK = Path(toolchain.__file__).parent / "firmware" / "runtime" / "clock.c"
NAMES = ["FLASH_ACR", "RCC_PLLCFGR", "RCC_CR", "RCC_CFGR", "DEMCR", "DWT_CYCCNT", "DWT_CTRL"]


@dataclass(frozen=True)
class Harness:
    files: dict[str, str]
    kernels: tuple[str, ...] = field(default=())


@pytest.fixture(scope="module")
def clock():
    declared = "".join(f"extern volatile uint32_t {name};\n" for name in NAMES)
    defined = "".join(f"volatile uint32_t {name};\n" for name in NAMES)
    files = {
        "registers.h": f"#include <stdint.h>\n#define TDL_CLOCK_MHZ 168u\n{declared}",
        "registers.c": f'#include "registers.h"\n{defined}',
        "clock.c": CLOCK.read_text(),
    }
    library = ctypes.CDLL(str(toolchain.build_host(Harness(files))))
    library.clock_cycles.restype = library.clock_microseconds.restype = ctypes.c_uint64
    return library


def register(library, name):
    return ctypes.c_uint32.in_dll(library, name)


@given(st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=40))
def test_the_clock_never_runs_backwards_when_the_counter_wraps(clock, steps):
    counter = register(clock, "DWT_CYCCNT")
    start = clock.clock_cycles()
    total = start
    for step in steps:
        counter.value = (counter.value + step) & 0xFFFF_FFFF
        total += step
        assert clock.clock_cycles() == total
    assert clock.clock_microseconds() == total // 168


def test_the_pll_makes_168_megahertz_out_of_16(clock):
    clock.clock_init()
    word = register(clock, "RCC_PLLCFGR").value
    m, n, p = word & 63, word >> 6 & 511, 2 * ((word >> 16 & 3) + 1)
    source = word >> 22 & 1
    assert source == 0  # the internal 16 MHz oscillator: no crystal needed
    assert 1e6 <= 16e6 / m <= 2e6
    assert 192e6 <= 16e6 / m * n <= 432e6
    assert 16e6 / m * n / p == 168e6
    prescale = register(clock, "RCC_CFGR").value
    assert prescale & 3 == 2  # the PLL is the system clock
    assert {4: 2, 5: 4}[prescale >> 10 & 7] == 4  # APB1: 42 MHz at most
    assert {4: 2, 5: 4}[prescale >> 13 & 7] == 2  # APB2: 84 MHz at most
    assert register(clock, "FLASH_ACR").value & 7 == 5  # wait states for 168 MHz at 2.7 to 3.6 V
