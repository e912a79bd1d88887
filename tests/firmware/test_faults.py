"""What the core does by itself, in QEMU: reset, faults, exit. Unicorn takes no exceptions."""

import re

import numpy as np
import pytest

from tdl_course import toolchain
from tdl_course.sim.qemu import open_qemu
from tdl_course.sim.result import SimulatorError

pytestmark = pytest.mark.sim


@pytest.fixture
def qemu(need):
    """`qemu(elf, said)`: exit status and what the firmware printed."""
    need("qemu")

    def run(elf, said):
        text = bytearray()
        with open_qemu(elf) as link:
            # Bytes that arrive before the USART is enabled are lost, as on a board.
            while not text.endswith(b"m-ready\r\n"):
                text += link.receive(60)
            link.send(said)
            with pytest.raises(SimulatorError, match="ended with status"):
                while data := link.receive(60):
                    text += data
            return link.exit_status(0), text.decode("ascii")

    return run


@pytest.mark.parametrize("compiler", ["zig", "gcc"])
def test_the_same_elf_serves_a_session_in_qemu(qemu, need, toy, reference, compiler):
    if compiler == "gcc":
        need("gcc")
    x = np.arange(-10, 10, dtype=np.int8) * 12
    session = f"db load 20%db {x.tobytes().hex()}%infer 2 1%x-output%profile layers%x-exit%"
    status, text = qemu(toolchain.build(toy(), toolchain=compiler), session.encode())
    assert status == 0
    lines = text.split("\r\n")
    assert lines[:2] == ["m-init-done", "m-ready"]
    assert "m-load-done" in lines
    assert "x-output-" + reference(x).tobytes().hex("-") in lines
    assert any(line.startswith("x-layer-1-fold-") for line in lines)
    assert text.endswith("EXIT 0\r\n")


FAULTS = {
    "UsageFault": '__asm__ volatile("udf #0");',
    "BusFault": "*(volatile int *)0xA0000000u = 1;",
    "UsageFault ": "volatile int zero = 0; zero = 7 / zero;",
    "HardFault": '__asm__ volatile("cpsid i\\n udf #0");',
}


@pytest.mark.parametrize("name", FAULTS, ids=lambda name: FAULTS[name][:30])
def test_a_fault_is_reported_with_the_function_it_happened_in(qemu, toy, name):
    elf = toolchain.build(toy(before=FAULTS[name]))
    status, text = qemu(elf, b"infer 1 0%")
    assert status == 99
    report = re.search(r"FAULT (\w+) pc=0x([0-9a-f]{8}) lr=0x([0-9a-f]{8})\r\nEXIT 99\r\n$", text)
    assert report, text
    assert report[1] == name.strip()
    assert elf.function_at(int(report[2], 16)).name == "tdl_layer_00_add_one"
    assert elf.function_at(int(report[3], 16)) is not None


def test_a_fault_with_a_ruined_stack_is_still_reported(qemu, toy):
    elf = toolchain.build(toy(before='__asm__ volatile("mov sp, %0\\n push {r0}\\n udf #0" :: "r"(0x20000002u));'))
    status, text = qemu(elf, b"infer 1 0%")
    assert status == 99
    assert re.search(r"FAULT \w+ pc=0x00000000 lr=0x00000000\r\nEXIT 99\r\n$", text), text


def test_an_interrupt_that_nobody_serves_is_reported(qemu, toy):
    pend = "*(volatile unsigned *)0xE000E100u = 1u << 5; *(volatile unsigned *)0xE000E200u = 1u << 5;"
    status, text = qemu(toolchain.build(toy(before=pend)), b"infer 1 0%")
    assert status == 99
    assert "FAULT Interrupt pc=0x" in text


def test_data_is_copied_and_bss_zeroed_at_reset(qemu, toy):
    # The runtime has no .data of its own: initialised, 13 bytes long, at an odd size, and checked before use.
    before = (
        'static volatile char text[13] = "twelve chars"; static volatile int zero;'
        " if (text[11] != 's' || text[12] || zero++) __asm__ volatile(\"udf #0\");"
    )
    elf = toolchain.build(toy(before=before))
    assert elf.data_bytes == 16
    status, text = qemu(elf, b"infer 1 0%x-exit%")
    assert (status, text[-8:]) == (0, "EXIT 0\r\n")
