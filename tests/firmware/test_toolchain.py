import ctypes
import os
import re
import time
from pathlib import Path

import numpy as np
import pytest

from tdl_course import elf as elf_module
from tdl_course import toolchain
from tdl_course.toolchain import DoesNotFit, ToolchainError

pytestmark = pytest.mark.sim
COMPILERS = ["zig", "gcc"]


@pytest.fixture(params=COMPILERS)
def compiler(request, need):
    if request.param == "gcc":
        need("gcc")
    return request.param


def test_the_elf_keeps_the_contract(toy, compiler):
    elf = toolchain.build(toy(), "stm32f405", compiler)
    assert elf.symbol("tdl_input").size == 20
    assert elf.symbol("tdl_output").size == 10
    assert elf.symbol("tdl_model").section == ".rodata"
    assert elf.symbol("toy_weights").section == ".rodata"
    assert elf.symbol("tdl_arena").section == ".bss"
    for name in ("main", "tdl_infer", "tdl_layer_00_add_one", "tdl_layer_01_fold", "Reset_Handler"):
        function = elf.symbol(name)
        assert function.kind == "function"
        assert function.size > 0
        assert elf.function_at(function.address | 1) == function
        assert elf.function_at(function.address + function.size - 2) == function
    assert elf.symbol("_estack").address == elf.board.stack_top
    vectors = next(section for section in elf.sections if section.name == ".isr_vector")
    assert (vectors.address, vectors.size) == (0x0800_0000, 4 * (16 + 82))
    assert elf.static_ram_bytes == elf.data_bytes + elf.bss_bytes


def test_functions_that_nothing_calls_are_dropped(toy, compiler):
    extra = toy()
    files = {**extra.files, "unused.c": "void unused(void);\nvoid unused(void) {}\n"}
    elf = toolchain.build(type(extra)(files), toolchain=compiler)
    assert "unused" not in elf.symbols


def test_function_at_finds_nothing_outside_of_the_code(toy_elf):
    assert toy_elf.function_at(0) is None
    assert toy_elf.function_at(0x0800_0000) is None
    assert toy_elf.function_at(0x2000_0000) is None


def test_the_second_build_takes_less_than_a_second(toy):
    toolchain.build(toy(zero_point=1))
    start = time.perf_counter()
    toolchain.build(toy(zero_point=2))
    assert time.perf_counter() - start < 1.0


def test_the_same_sources_give_the_same_bytes_in_another_cache(toy, tmp_path, monkeypatch, compiler):
    # The compiler's own support library is the slow part of an empty cache, and not what is compared.
    support = toolchain.cache_dir() / "zig"
    support.mkdir(parents=True, exist_ok=True)
    twins = []
    for name in ("a", "b"):
        monkeypatch.setenv("TDL_CACHE", str(tmp_path / name))
        toolchain.cache_dir().mkdir(parents=True)
        (toolchain.cache_dir() / "zig").symlink_to(support)
        twins.append(toolchain.build(toy(), toolchain=compiler).path.read_bytes())
    assert twins[0] == twins[1]


def test_out_appears_whole_and_alone(toy, tmp_path):
    elf = toolchain.build(toy(), out=tmp_path / "deep" / "model.elf")
    assert elf.path == tmp_path / "deep" / "model.elf"
    assert [path.name for path in elf.path.parent.iterdir()] == ["model.elf"]


@pytest.mark.parametrize("failure", ["int x = ;", 'int x = "text";', "undefined_function();"])
def test_c_that_does_not_compile_or_link_names_the_error_and_leaves_nothing(toy, tmp_path, failure, compiler):
    declared = "extern void undefined_function(void);" if "undefined" in failure else ""
    with pytest.raises(ToolchainError, match=r"(?s)(compiling model.c|linking) failed.*(error|undefined).*tdl doctor"):
        toolchain.build(toy(before=declared + failure), toolchain=compiler, out=tmp_path / "model.elf")
    assert list(tmp_path.iterdir()) == []


def test_an_interrupted_build_leaves_no_half_object(toy, monkeypatch, tmp_path):
    def interrupted(command, *_, **__):
        with open(command[command.index("-o") + 1], "wb") as product:
            product.write(b"half")
        raise KeyboardInterrupt

    monkeypatch.setenv("TDL_CACHE", str(tmp_path))
    monkeypatch.setattr(toolchain, "_run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        toolchain.build(toy())
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def overflow(toy, compiler, **sizes):
    with pytest.raises(DoesNotFit) as caught:
        toolchain.build(toy(**sizes), "tiny32k", compiler)
    return caught.value


@pytest.mark.parametrize(("region", "size", "start"), [("RAM", "arena", 40_000), ("FLASH", "weights", 1 << 20)])
def test_a_model_that_does_not_fit_says_by_exactly_how_much(toy, compiler, region, size, start):
    # Sizes move in steps of 32 bytes, so that alignment hides nothing: the largest that fits is found from the message.
    error = overflow(toy, compiler, **{size: start})
    assert error.region == region
    fitting = (start - error.over_bytes) // 32 * 32
    toolchain.build(toy(**{size: fitting}), "tiny32k", compiler)
    again = overflow(toy, compiler, **{size: fitting + 32})
    assert 0 < again.over_bytes <= 32
    assert error.over_bytes - again.over_bytes == start - (fitting + 32)


def test_the_message_lists_what_is_inside_and_what_to_try(toy):
    error = overflow(toy, "zig", arena=40_000)
    assert error.largest[:2] == (("tdl_arena", 40_000), ("stack reserve", 2048))
    needed = 32 * 1024 + error.over_bytes
    for part in ("tiny32k", f"{error.over_bytes:,} bytes", f"{needed:,} needed", "32,768 there", "board='stm32f405'"):
        assert part in str(error)
    assert re.search(r"40,000 +tdl_arena", str(error))
    flash = overflow(toy, "zig", weights=1 << 20)
    assert flash.largest[0] == ("toy_weights", 1 << 20)
    assert "board=" not in str(flash)


def test_every_kernel_compiles_without_a_warning(toy, compiler):
    kernels = Path(toolchain.__file__).parent / "firmware" / "kernels"
    files = tuple(sorted(path.name for path in kernels.glob("*.c")))
    assert {"conv_2d_ref.c", "conv_2d_columns_dsp.c"} <= set(files)
    toolchain.build(type(toy())(toy().files, files), toolchain=compiler)
    toolchain.build_host(type(toy())(toy().files, files))


def test_the_host_library_computes_the_same(toy, reference):
    library = ctypes.CDLL(str(toolchain.build_host(toy())))
    x = np.random.default_rng(0).integers(-128, 128, 20).astype(np.int8)
    np.ctypeslib.as_array((ctypes.c_int8 * 20).in_dll(library, "tdl_input"))[:] = x
    library.tdl_infer()
    output = np.ctypeslib.as_array((ctypes.c_int8 * 10).in_dll(library, "tdl_output"))
    np.testing.assert_array_equal(output, reference(x))


def test_a_native_library_is_compiled_once_and_again_when_the_file_changes(tmp_path):
    source = tmp_path / "answer.c"
    paths = []
    for value in (41, 42, 42):
        source.write_text(f"int answer(void);\nint answer(void) {{ return {value}; }}\n")
        paths.append(toolchain.native_library(source))
    assert paths[0] != paths[1] == paths[2]
    assert ctypes.CDLL(str(paths[2])).answer() == 42


def test_missing_programs_come_with_the_command_that_installs_them(toy, monkeypatch):
    monkeypatch.setenv("PATH", os.devnull)
    with pytest.raises(ToolchainError, match="apt install gcc-arm-none-eabi"):
        toolchain.build(toy(), toolchain="gcc")
    monkeypatch.setattr(toolchain.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(ToolchainError, match="pip install ziglang"):
        toolchain.build(toy())


def test_unknown_names_are_listed(toy):
    with pytest.raises(ToolchainError, match="toolchains are zig, gcc"):
        toolchain.build(toy(), toolchain="keil")
    missing = type(toy())(toy().files, ("no_such_kernel.c",))
    with pytest.raises(ToolchainError, match=r"no kernel no_such_kernel.c.*kernels are "):
        toolchain.build(missing)


def test_a_corrupt_elf_is_refused_and_nothing_else_is_raised(toy_elf, tmp_path):
    whole = toy_elf.path.read_bytes()
    random = np.random.default_rng(1)
    path = tmp_path / "bad.elf"
    refused = 0
    for turn in range(150):
        data = bytearray(whole)
        if turn % 3 == 0:
            data = data[: random.integers(len(data))]
        else:  # bytes of the header, of the section table, or anywhere
            spots = {1: range(52), 2: range(len(data) - 2000, len(data))}[turn % 3]
            for spot in random.choice(spots, 3):
                data[spot] = random.integers(256)
        path.write_bytes(data)
        try:
            elf_module.read_elf(path)
        except ToolchainError as error:
            refused += 1
            assert "bad.elf" in str(error)
    assert refused > 50


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "not a readable ELF"), (b"TFL3 not an elf", "not a readable ELF"), (None, "no such file")],
)
def test_what_is_no_elf_is_refused(tmp_path, content, message):
    path = tmp_path / "x.elf"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ToolchainError, match=message):
        toolchain.read_elf(path)


def test_an_elf_of_another_machine_or_board_is_refused(toy, tmp_path):
    with pytest.raises(ToolchainError, match="not for a 32-bit Arm core"):
        toolchain.read_elf(toolchain.build_host(toy()))
    large = toolchain.build(toy(arena=64_000))
    with pytest.raises(ToolchainError, match=r"\.bss .*outside the flash and RAM of board tiny32k"):
        toolchain.read_elf(large.path, "tiny32k")


def test_the_elf_shows_its_sizes(toy_elf):
    for text in (str(toy_elf), toy_elf._repr_html_()):
        assert f"{toy_elf.flash_bytes:,}" in text
        assert f"{toy_elf.static_ram_bytes + 2048:,}" in text
    with pytest.raises(ToolchainError, match="has no symbol 'nothing'"):
        toy_elf.symbol("nothing")
