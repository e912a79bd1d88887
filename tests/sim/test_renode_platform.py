"""What Renode reads, as text: the platform, its script, the Robot Framework test, and the monitor's commands."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tdl_course import boards, sim
from tdl_course.elf import Elf
from tdl_course.sim import renode_program, renode_script

RENODE = renode_program.PLATFORM
REPL = re.sub(r"//.*", "", (RENODE / "stm32f405.repl").read_text(encoding="utf-8"))
REGISTERS = (RENODE.parent / "runtime" / "registers.h").read_text(encoding="utf-8")
SIZES = {"IRQControllers.NVIC": 0x1000, "Miscellaneous.DWT": 0x1000, "MTD.STM32F4_FlashController": 0x400}


def mapped() -> list[range]:
    """The address ranges of the platform: peripherals, memories, tags."""
    found = []
    for entry in re.finditer(r"^(\w+): ([\w.]+) @ (?:\{\s*)?sysbus (<[^>]+>|0x\w+)((?:.|\n )*\n)", REPL, re.MULTILINE):
        place, attributes = entry[3], entry[4]
        size = re.search(r"size: (0x\w+)\n", attributes)
        start, *length = [int(number, 16) for number in re.findall(r"0x\w+", place)]
        known = length or ([int(size[1], 16)] if size else [SIZES[entry[2]]])
        found.append(range(start, start + known[0]))
    for tag in re.finditer(r'Tag <(0x\w+), (0x\w+)> "\w+"', REPL):
        found.append(range(int(tag[1], 16), int(tag[2], 16) + 1))
    return found


def test_every_register_of_the_firmware_is_there() -> None:
    registers = {name: int(at, 16) for name, at in re.findall(r"#define (\w+) REGISTER\((0x\w+?)u?\)", REGISTERS)}
    assert len(registers) > 10
    ranges = mapped()
    assert {name for name, address in registers.items() if not any(address in place for place in ranges)} == set()


RENODES = [board for board in boards.BOARDS.values() if board.core == boards.CORTEX_M4F]


@pytest.mark.parametrize("board", RENODES, ids=lambda board: board.name)
def test_the_platform_has_the_memory_and_the_clock_of_the_boards(board: boards.Board) -> None:
    assert range(board.flash_base, board.flash_base + board.flash_bytes) in mapped()
    assert not any(board.ram_base in place for place in mapped()), "run.resc adds the RAM"
    assert REPL.count(f"requency: {board.clock_hz}\n") == 2
    assert f"cpu PerformanceInMips {board.clock_hz // 1_000_000}\n" in (RENODE / "run.resc").read_text(encoding="utf-8")


def test_the_platform_fetches_nothing_and_is_indented_as_renode_asks() -> None:
    assert not re.search(r"https?://|SVD|\t", REPL)
    assert all((len(line) - len(line.lstrip(" "))) % 4 == 0 for line in REPL.splitlines())


def test_the_default_ram_is_that_of_the_default_board() -> None:
    board = boards.board("stm32f405")
    line = renode_script.platform_variables(board, Path("model.elf"))[1].removeprefix("$sram=")
    assert f"$sram?={line}\n" in (RENODE / "run.resc").read_text(encoding="utf-8")
    assert line.strip('"') in (RENODE / "firmware.robot").read_text(encoding="utf-8")


@pytest.mark.sim
def test_the_robot_test_asks_what_the_firmware_answers(toy: Elf) -> None:
    """Without Robot Framework: each `Ask` is sent to the firmware, each expected line must come, in order."""
    text = (RENODE / "firmware.robot").read_text(encoding="utf-8")
    cases = re.split(r"^(?=\S)", text.partition("*** Test Cases ***\n")[2], flags=re.MULTILINE)
    assert len(cases) >= 5
    for case in filter(str.strip, cases):
        device = sim.Device(toy)
        rest = device.greeting.decode()
        rest = rest[rest.index("m-ready") :]
        for keyword, content, option in re.findall(r"^    (\w[\w ]+?)  +(\S.*?)(  +\w+=\w+)?$", case, re.MULTILINE):
            if keyword == "Ask":
                rest = device.send(f"{content}%\r".encode()).decode()
                continue
            assert keyword == "Wait For Line On Uart"
            pattern = content.replace("\\\\", "\\") if "treatAsRegex=true" in option else re.escape(content)
            match = re.search(rf"{pattern}.*\n", rest)
            assert match, f"{case}: no {content!r} in {rest!r}"
            rest = rest[match.end() :]


def test_a_path_and_any_bytes_become_monitor_text() -> None:
    assert renode_script.path(Path("/a b/c.elf")) == "@/a\\ b/c.elf"
    assert renode_script.send(b'db 00%"\n') == [
        'sysbus.usart1 WriteLine "db 00%" false',
        "sysbus.usart1 WriteChar 0x22",
        "sysbus.usart1 WriteChar 0x0a",
    ]
    large = b"db " + b"00" * 20_000 + b"%"
    assert len(renode_script.feed(large)) < 2 * (len(large) / renode_script.MOST_BYTES + 1)
