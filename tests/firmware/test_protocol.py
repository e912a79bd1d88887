"""The MLPerf Tiny device protocol, spoken with the real firmware on the simulated core."""

import re

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from tdl_course import toolchain
from tdl_course.sim.device import Device

pytestmark = pytest.mark.sim
READY = "m-ready"


@pytest.fixture(scope="module")
def shared(toy_elf):
    """One device for all tests: nothing that a test sends may spoil it for the next."""
    return Device(toy_elf)


@pytest.fixture
def fresh(toy_elf):
    return Device(toy_elf)


def ask(device: Device, command: str) -> list[str]:
    """The answer's lines without the closing m-ready."""
    text = device.send(command.encode() + b"%").decode("ascii")
    assert text.endswith("\r\n")
    lines = text.removesuffix("\r\n").split("\r\n")
    assert lines.count(READY) == 1
    assert lines[-1] == READY
    assert not any("\n" in line for line in lines)
    return lines[:-1]


def load(device: Device, x: np.ndarray) -> list[str]:
    assert ask(device, f"db load {x.size}") == [f"m-[Expecting {x.size} bytes]"]
    return ask(device, f"db {x.tobytes().hex()}")


def vector(seed: int) -> np.ndarray:
    return np.random.default_rng(seed).integers(-128, 128, 20).astype(np.int8)


def output(device: Device) -> np.ndarray:
    (line,) = ask(device, "x-output")
    name, *pairs = line.removeprefix("x-").split("-")
    assert name == "output"
    return np.frombuffer(bytes.fromhex("".join(pairs)), np.int8)


def test_it_boots_and_says_who_it_is(fresh):
    assert fresh.greeting == b"m-init-done\r\nm-ready\r\n"
    assert ask(fresh, "name") == ["m-name-dut-[tdl_course]"]
    assert ask(fresh, "profile") == ["m-profile-[ULPMark for tinyML Firmware V0.0.1]", "m-model-[toy]"]


def test_help_lists_every_command(shared):
    text = "\n".join(ask(shared, "help"))
    for command in ("help", "name", "profile", "timestamp", "db load N", "infer N", "results", "x-output", "x-exit"):
        assert command in text


def test_timestamps_are_the_cycle_counter_in_microseconds(fresh, toy_elf):
    def now() -> int:
        (line,) = ask(fresh, "timestamp")
        return int(line.removeprefix("m-lap-us-"))

    first = now()
    ask(fresh, "infer 1000 0")
    instructions, second = fresh.instructions, now()
    assert 0 < first < second
    # No instruction takes less than one cycle, few take more than three.
    megahertz = toy_elf.board.clock_hz / 1e6
    assert instructions / megahertz * 0.8 < second < instructions / megahertz * 3


def test_a_loaded_input_is_printed_back_and_inferred(fresh, reference):
    x = vector(0)
    assert load(fresh, x) == ["m-load-done"]
    pairs = [f"{byte:02x}" for byte in x.tobytes()]
    assert ask(fresh, "db print") == ["m-buffer-" + "-".join(pairs[i : i + 8]) for i in range(0, 20, 8)]
    answer = ask(fresh, "infer 3 2")
    assert answer[:3] == ["m-warmup-start-2", "m-warmup-done", "m-infer-start-3"]
    laps = [int(re.fullmatch(r"m-lap-us-(\d+)", line)[1]) for line in answer[3:5]]
    assert laps[0] <= laps[1]
    assert answer[5] == "m-infer-done"
    real = (reference(x).astype(int) + 128) / 256
    assert answer[6:] == ["m-results-[" + ",".join(f"{value:.3f}" for value in real) + "]"]
    assert ask(fresh, "results") == answer[6:]
    np.testing.assert_array_equal(output(fresh), reference(x))


def test_infer_without_numbers_is_one_inference_after_ten_for_warmup(shared):
    ask(shared, "db load 20")
    ask(shared, "db " + "00" * 20)
    assert ask(shared, "infer")[:3] == ["m-warmup-start-10", "m-warmup-done", "m-infer-start-1"]
    assert ask(shared, "infer 2")[:3] == ["m-warmup-start-10", "m-warmup-done", "m-infer-start-2"]


def test_the_input_survives_inference(fresh):
    load(fresh, vector(3))
    before = ask(fresh, "db print")
    ask(fresh, "infer 5 5")
    assert ask(fresh, "db print") == before


def test_layers_are_profiled_in_order(fresh, reference):
    load(fresh, vector(4))
    layers = [re.fullmatch(r"x-layer-(\d+)-(\w+)-(\d+)", line).groups() for line in ask(fresh, "profile layers")]
    assert [layer[:2] for layer in layers] == [("0", "add_one"), ("1", "fold")]
    assert all(10 < int(cycles) < 2000 for *_, cycles in layers)
    np.testing.assert_array_equal(output(fresh), reference(vector(4)))


def test_the_runner_of_mlcommons_is_served(fresh, reference):
    """Its way: 31 hex pairs a command, upper and lower case, a stray % to flush, line ends between commands."""
    x = vector(5)
    fresh.send(b"%")
    ask(fresh, "\r\ndb load 20\r\n")
    data = x.tobytes().hex()
    assert ask(fresh, "db " + data[:26].upper()) == []
    assert ask(fresh, "db " + data[26:]) == ["m-load-done"]
    assert ask(fresh, "infer 10 0")[-2] == "m-infer-done"
    np.testing.assert_array_equal(output(fresh), reference(x))


def test_exit_ends_the_simulation(fresh):
    assert fresh.send(b"x-exit%") == b"EXIT 0\r\n"
    assert fresh.exit_code == 0


ERRORS = {
    "": "Empty command",
    "   ": "Empty command",
    "\r\n": "Empty command",
    "na\r\nme": "Unknown command: na??me",
    "name\0": "Unknown command: name?",
    "name now": "Too many words behind 'name': at most 0",
    "profile layers 1": "Too many words behind 'profile': at most 1",
    "infer 1 0 0": "Too many words behind 'infer': at most 2",
    "nonsense": "Unknown command: nonsense",
    "names": "Unknown command: names",
    "NAME": "Unknown command: NAME",
    "nam\u00e9": "Unknown command: nam",
    "a" * 200: "Unknown command: " + "a" * 24 + "]",
    "a" * 256: "Command longer than 255 characters",
    "a" * 5000: "Command longer than 255 characters",
    "profile layer": "Command 'profile' takes nothing or 'layers'",
    "db": "Command 'db' requires a subcommand",
    "db load": "requires the number of bytes",
    "db load ten": "requires the number of bytes",
    "db load -20": "requires the number of bytes",
    "db load 20 0": "Too many words behind 'db': at most 2",
    "db 00 00": "hex digits come without spaces",
    "db 00\r\n00": "Invalid hex digit '?'",
    "db load 99999999999999999999": "requires the number of bytes",
    "db load 0": "Wrong number of bytes: got 0, the model's input has 20",
    "db load 21": "Wrong number of bytes: got 21, the model's input has 20",
    "db print 4": "Only 'db load' takes a second word",
    "db 00": "No load in progress",
    "db 0": "Hex digits must come in pairs",
    "db 0g": "Invalid hex digit 'g'",
    "infer 0": "Inference iterations must be 1 to 1000000",
    "infer 1000001": "Inference iterations must be 1 to 1000000",
    "infer -1": "Inference iterations must be 1 to 1000000",
    "infer 1 x": "Inference warmup must be 0 to 1000000",
    "infer 1 99999999999": "Inference warmup must be 0 to 1000000",
}


@pytest.mark.parametrize("command", ERRORS, ids=lambda command: command[:20] or "empty")
def test_what_is_wrong_is_answered_and_the_device_stays_usable(shared, command):
    (line,) = ask(shared, command)
    assert line.startswith("e-[")
    assert line.endswith("]")
    assert ERRORS[command] in line
    assert ask(shared, "name") == ["m-name-dut-[tdl_course]"]


def test_the_longest_command_fits(shared):
    ask(shared, "db load 20")
    (line,) = ask(shared, "db " + "0" * 252)
    assert line == "e-[Too many bytes: got 126, missing 20]"


def test_a_load_that_broke_off_is_named_and_can_be_begun_again(fresh, reference):
    ask(fresh, "db load 20")
    assert ask(fresh, "db 010203") == []
    for command in ("infer 1 0", "profile layers", "db print"):
        assert ask(fresh, command) == ["e-[Input incomplete: 3 bytes of 20]"]
    assert load(fresh, vector(6)) == ["m-load-done"]
    ask(fresh, "infer 1 0")
    np.testing.assert_array_equal(output(fresh), reference(vector(6)))


def test_a_refused_load_ends_the_one_before(shared):
    ask(shared, "db load 20")
    ask(shared, "db load 7")
    assert ask(shared, "db 00") == ["e-[No load in progress: send 'db load N' first]"]


def test_a_damaged_line_may_be_sent_again(fresh, reference):
    x = vector(7)
    ask(fresh, "db load 20")
    data = x.tobytes().hex()
    ask(fresh, f"db {data[:20]}")
    for damaged in (data[20:39], data[20:39] + "?", data[20:] + "00", f"{data[20:30]} {data[30:]}"):
        assert ask(fresh, f"db {damaged}")[0].startswith("e-[")
    assert ask(fresh, f"db {data[20:]}") == ["m-load-done"]
    ask(fresh, "infer 1 0")
    np.testing.assert_array_equal(output(fresh), reference(x))


def test_there_are_no_results_before_an_inference_on_this_input(fresh):
    """The output may lie where the next input is loaded: what is there then is no result."""
    none = ["e-[No results: no inference since the input was loaded]"]
    assert ask(fresh, "results") == ask(fresh, "x-output") == none
    load(fresh, vector(1))
    assert ask(fresh, "results") == none
    ask(fresh, "infer 1 0")
    assert ask(fresh, "x-output")[0].startswith("x-output-")
    ask(fresh, "db load 20")
    assert ask(fresh, "x-output") == none


def test_a_refused_load_leaves_no_input(fresh):
    load(fresh, vector(2))
    ask(fresh, "db load 7")
    for command in ("infer 1 0", "profile layers", "db print"):
        assert ask(fresh, command) == ["e-[No input: the last 'db load' was refused]"]


USED_UP = ["e-[No input: inference has used it up, send 'db load N' again]"]


@pytest.fixture
def consuming(toy):
    return Device(toolchain.build(toy(keeps_input=False)))


@pytest.mark.parametrize("numbers", ["1 0", "1 1", "3 0", "2 5"])
def test_results_are_those_of_the_first_inference_where_it_uses_up_the_input(consuming, reference, numbers):
    x = vector(8)
    load(consuming, x)
    answer = ask(consuming, f"infer {numbers}")
    real = (reference(x).astype(int) + 128) / 256
    assert answer[-1] == "m-results-[" + ",".join(f"{value:.3f}" for value in real) + "]"
    np.testing.assert_array_equal(output(consuming), reference(x))
    for command in ("infer 1 0", "infer", "profile layers", "db print"):
        assert ask(consuming, command) == USED_UP
    assert ask(consuming, "results") == answer[-1:]
    load(consuming, vector(9))
    ask(consuming, "infer 2 0")
    np.testing.assert_array_equal(output(consuming), reference(vector(9)))


def test_after_reset_the_input_is_zero_and_there(consuming, reference):
    assert ask(consuming, "db print")[0] == "m-buffer-" + "-".join(["00"] * 8)
    ask(consuming, "infer 1 0")
    np.testing.assert_array_equal(output(consuming), reference(np.zeros(20, np.int8)))


def test_profiled_layers_are_an_inference_and_use_up_the_input(consuming, reference):
    load(consuming, vector(10))
    assert len(ask(consuming, "profile layers")) == 2
    np.testing.assert_array_equal(output(consuming), reference(vector(10)))
    assert ask(consuming, "profile layers") == USED_UP


WORDS = st.sampled_from(
    ["db", "load", "print", "infer", "20", "1", "0", "00ff", "name", "profile", "layers", "results"]
)
GARBAGE = st.one_of(
    st.binary(max_size=300),
    st.lists(WORDS, max_size=5).map(lambda words: " ".join(words).encode() + b"%"),
    st.text("0123456789abcdefxyz %db", max_size=300).map(str.encode),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(GARBAGE, max_size=4).map(b"".join), st.integers(0, 2**31))
@example(b"\x00name\xff%", 1)
@example(b"%" * 50, 2)
def test_after_any_garbage_the_device_still_works(shared, reference, garbage, seed):
    text = shared.send(garbage + b"%").decode("ascii")
    assert text.count(READY + "\r\n") == garbage.count(b"%") + 1
    assert all(32 <= ord(c) < 127 for c in text.replace("\r\n", ""))
    assert ask(shared, "name") == ["m-name-dut-[tdl_course]"]
    x = vector(seed)
    assert load(shared, x) == ["m-load-done"]
    assert ask(shared, "infer 1 0")[-2] == "m-infer-done"
    np.testing.assert_array_equal(output(shared), reference(x))
