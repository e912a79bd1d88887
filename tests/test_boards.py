import copy
import pickle
import re
from pathlib import Path

import pytest

from tdl_course import boards
from tdl_course.boards import BOARDS, Constant

SCRIPTS = Path(boards.__file__).parent / "firmware" / "boards"


def region(script: str, name: str) -> tuple[int, int]:
    """Origin and length in bytes of a MEMORY region."""
    found = re.search(rf"{name}\s*\(\w+\)\s*:\s*ORIGIN = (0x[0-9A-Fa-f]+), LENGTH = (\d+)K", script)
    assert found, name
    return int(found[1], 16), int(found[2]) * 1024


@pytest.mark.parametrize("board", BOARDS.values(), ids=list(BOARDS))
def test_the_linker_script_has_the_boards_memory(board):
    script = (SCRIPTS / board.linker_script).read_text()
    assert region(script, "FLASH") == (board.flash_base, board.flash_bytes)
    assert region(script, "RAM") == (board.ram_base, board.ram_bytes - board.stack_reserve_bytes)
    assert region(script, "STACK") == (board.stack_top - board.stack_reserve_bytes, board.stack_reserve_bytes)


CURRENTS = ("supply_v", "run_current_a", "stop_current_a", "standby_current_a")
KNOWN = {name: board for name, board in BOARDS.items() if board.run_current_a is not None}


@pytest.mark.parametrize("board", KNOWN.values(), ids=list(KNOWN))
def test_every_current_names_document_table_and_condition(board):
    for constant in (board.run_current_a, board.stop_current_a, board.standby_current_a):
        assert re.search(r"DS8626.*table \d+.*25 degC", constant.source)
        assert constant.source in board._repr_html_()
    assert board.standby_current_a < board.stop_current_a < board.run_current_a


def test_a_board_without_a_source_has_no_currents_and_says_so():
    unknown = [board for board in BOARDS.values() if board not in KNOWN.values()]
    assert [board.name for board in unknown] == ["stm32f205"]
    for board in unknown:
        assert [getattr(board, name) for name in CURRENTS] == [None] * 4
        assert str(board.table()).count("not known for this board") == 4


def test_only_a_core_that_the_cycle_model_is_of_is_timed():
    assert {name: (core.dsp, core.timed, core.unaligned) for name, core in boards.CORES.items()} == {
        "cortex-m4f": (True, True, True),
        "cortex-m3": (False, False, True),
        "cortex-m0plus": (False, False, False),
    }
    assert {board.core for board in BOARDS.values()} == {boards.CORTEX_M4F, boards.CORTEX_M3}
    assert "cortex-m3" in str(BOARDS["stm32f205"].table())


def test_a_board_is_found_by_name_and_passes_through():
    tiny = boards.board("tiny32k")
    assert tiny.ram_bytes == 32 * 1024
    assert boards.board(tiny) is tiny
    with pytest.raises(ValueError, match="unknown board 'nano'; boards are stm32f405, tiny32k, stm32f205"):
        boards.board("nano")


def test_a_constant_is_a_number_that_keeps_its_source_when_copied():
    constant = Constant(0.5, "somewhere")
    for twin in (copy.copy(constant), copy.deepcopy(constant), pickle.loads(pickle.dumps(constant))):
        assert (twin, twin.source) == (0.5, "somewhere")
    assert constant * 2 == 1.0
