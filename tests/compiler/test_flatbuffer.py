"""The flatbuffer reader on files of one table built byte by byte: each thing it checks, wrong once."""

from __future__ import annotations

import struct
from collections.abc import Callable

import numpy as np
import pytest

from tdl_course.compiler.flatbuffer import MAX_DEPTH, MAX_TABLES, Flatbuffer, FlatbufferError, Table

VTABLE = 8
TABLE = 24  # room for six slots; what follows the table's first four bytes lies at a multiple of 4, not of 8


def _file(
    slots: tuple[int, ...], payload: bytes, vtable_bytes: int | None = None, table_bytes: int | None = None
) -> bytes:
    """Header, vtable at byte 8, table at byte 24 whose fields are `payload`, from offset 4 on."""
    vtable_bytes = 4 + 2 * len(slots) if vtable_bytes is None else vtable_bytes
    table_bytes = 4 + len(payload) if table_bytes is None else table_bytes
    vtable = struct.pack(f"<HH{len(slots)}H", vtable_bytes, table_bytes, *slots).ljust(TABLE - VTABLE, b"\0")
    return struct.pack("<I4s", TABLE, b"TEST") + vtable + struct.pack("<i", TABLE - VTABLE) + payload


def _table(slots: tuple[int, ...], payload: bytes) -> Table:
    return Flatbuffer(_file(slots, payload)).root("Root", b"TEST")


def test_scalars_and_defaults() -> None:
    table = _table((4, 8, 10, 0), struct.pack("<iHBB", -5, 65535, 1, 0))
    assert table.integer("a", 0, "int32") == -5
    assert table.integer("b", 1, "uint16") == 65535
    assert table.scalar("c", 2, "bool") == 1
    assert table.integer("absent", 3, "int32", 7) == 7
    assert table.integer("beyond the vtable", 9, "int32", 8) == 8
    assert [table.has(slot) for slot in range(5)] == [True, True, True, False, False]


def test_vector_string_and_tables() -> None:
    vector = struct.pack("<IhhI", 2, -1, 300, 0)  # at byte 24 + 16 = 40
    string = struct.pack("<I", 2) + "é".encode() + b"\0\0"
    table = _table((4, 8, 0), struct.pack("<III", 12, 20, 0) + vector + string)
    array = table.vector("v", 0, "int16")
    assert array is not None
    np.testing.assert_array_equal(array, [-1, 300])
    assert not array.flags.writeable
    assert table.string("s", 1) == "é"
    assert (table.vector("n", 2, "int8"), table.string("n", 2), table.table("n", 2), table.tables("n", 2)) == (
        None,
        "",
        None,
        (),
    )


def _vector_of(type: str, payload: bytes) -> Callable[[], object]:
    return lambda: _table((4,), payload).vector("v", 0, type)


WRONG: dict[str, tuple[Callable[[], object], str]] = {
    "empty file": (lambda: Flatbuffer(b"").root("Root", b"TEST"), "Root: the file has 0 bytes"),
    "identifier": (lambda: Flatbuffer(bytes(64)).root("Root", b"TEST"), "Root: the identifier .* must be b'TEST'"),
    "root outside": (
        lambda: Flatbuffer(struct.pack("<I4s", 64, b"TEST") + bytes(32)).root("Root", b"TEST"),
        "Root: offset 64 at byte 0",
    ),
    "root not aligned": (
        lambda: Flatbuffer(struct.pack("<I4s", 9, b"TEST") + bytes(32)).root("Root", b"TEST"),
        "Root: offset 9 at byte 0 must lead to a multiple of 4",
    ),
    "vtable outside": (
        lambda: Flatbuffer(struct.pack("<I4si", 8, b"TEST", 100) + bytes(32)).root("Root", b"TEST"),
        r"Root \(vtable\): a uint16 at byte -92 lies outside",
    ),
    "vtable too small": (
        lambda: Flatbuffer(_file((), b"", vtable_bytes=2)).root("Root", b"TEST"),
        "Root: a vtable of 2 bytes",
    ),
    "vtable of odd size": (
        lambda: Flatbuffer(_file((4,), bytes(4), vtable_bytes=5)).root("Root", b"TEST"),
        "Root: a vtable of 5 bytes",
    ),
    "vtable too long": (
        lambda: Flatbuffer(_file((), b"", vtable_bytes=2000)).root("Root", b"TEST"),
        "Root: a vtable of 2000 bytes",
    ),
    "table too small": (
        lambda: Flatbuffer(_file((), b"", table_bytes=0)).root("Root", b"TEST"),
        "Root: a table of 0 bytes",
    ),
    "table too long": (
        lambda: Flatbuffer(_file((), b"", table_bytes=999)).root("Root", b"TEST"),
        "Root: a table of 999 bytes at byte 24 .* end inside the file of 28 bytes",
    ),
    "field in the table's head": (
        lambda: _table((2,), bytes(8)).integer("f", 0, "int8"),
        r"Root\.f: 1 bytes at offset 2",
    ),
    "field behind the table": (
        lambda: _table((6,), bytes(4)).integer("f", 0, "int32"),
        r"Root\.f: 4 bytes at offset 6",
    ),
    "field not aligned": (
        lambda: _table((5,), bytes(8)).integer("f", 0, "int32"),
        r"Root\.f: a int32 at byte 29 is not aligned to 4 bytes",
    ),
    "bool of 2": (lambda: _table((4,), b"\2\0\0\0").scalar("f", 0, "bool"), r"Root\.f: a bool holds 2"),
    "unknown field": (
        lambda: _table((4, 4), bytes(4)).reject_unknown((0,)),
        "Root: field number 1 is set, which this reader does not know",
    ),
    "vector behind the file": (_vector_of("int8", struct.pack("<I", 400)), r"Root\.v: offset 400"),
    "vector too long": (_vector_of("int8", struct.pack("<III", 4, 5, 0)), r"Root\.v: a vector of 5 items of 1 bytes"),
    "vector of 2**32 - 1": (_vector_of("int64", struct.pack("<II", 4, 2**32 - 1)), r"Root\.v: a vector of 4294967295"),
    "vector not aligned": (
        _vector_of("int64", struct.pack("<IIQI", 4, 1, 0, 0)),
        r"Root\.v: the items at byte 36 are not aligned to 8 bytes",
    ),
    "string without end": (
        lambda: _table((4,), struct.pack("<II4s4s", 4, 4, b"abcd", b"efgh")).string("s", 0),
        r"Root\.s: the string of 4 bytes at byte 36 is not ended by a zero",
    ),
    "string at the end of the file": (
        lambda: _table((4,), struct.pack("<II4s", 4, 4, b"abcd")).string("s", 0),
        r"Root\.s: .* is not ended by a zero",
    ),
    "string that is no text": (
        lambda: _table((4,), struct.pack("<II4s", 4, 2, b"\xff\xfe\0\0")).string("s", 0),
        r"Root\.s: the string at byte 36 is not UTF-8",
    ),
    "table outside": (lambda: _table((4,), struct.pack("<I", 4000)).table("t", 0), r"Root\.t: offset 4000"),
    "vector of tables outside": (
        lambda: _table((4,), struct.pack("<III", 4, 1, 4000)).tables("t", 0),
        r"Root\.t\[0\]: offset 4000",
    ),
}


@pytest.mark.parametrize("name", WRONG)
def test_wrong(name: str) -> None:
    read, message = WRONG[name]
    with pytest.raises(FlatbufferError, match=message):
        read()


def test_depth_is_bounded() -> None:
    flatbuffer = Flatbuffer(_file((), b""))
    flatbuffer.table_at(TABLE, "Deep", MAX_DEPTH)
    with pytest.raises(FlatbufferError, match=f"Deep: nested {MAX_DEPTH + 1} deep"):
        flatbuffer.table_at(TABLE, "Deep", MAX_DEPTH + 1)


def test_number_of_tables_is_bounded() -> None:
    flatbuffer = Flatbuffer(_file((), b""))
    for _ in range(MAX_TABLES):
        flatbuffer.table_at(TABLE, "Many", 0)
    with pytest.raises(FlatbufferError, match=f"Many: .* table number {MAX_TABLES + 1}"):
        flatbuffer.table_at(TABLE, "Many", 0)


def test_the_same_vector_again_and_again_is_stopped() -> None:
    data = _file((4,), struct.pack("<II", 4, 1 << 19) + bytes(1 << 19), table_bytes=8)
    table = Flatbuffer(data).root("Root", b"TEST")
    reads = 0
    with pytest.raises(FlatbufferError, match=r"Root\.v: .* again and again"):
        while reads < 100:
            table.vector("v", 0, "int8")
            reads += 1
    assert 4 <= reads <= 6  # four times the file, and 1 MiB
