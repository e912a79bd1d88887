"""A flatbuffer, read with every step checked.

In: the bytes of a file. Out: `Table` objects that give scalars, vectors, strings and further tables by vtable slot.
Every offset, length and alignment is checked before it is followed, and so are nesting, the number of tables and the
sum of bytes read (a small file may point many times at one large vector). What does not hold raises
`FlatbufferError`, which names the table and the field.
This module knows no schema: slots, types and field names come from the caller.

Format: https://flatbuffers.dev/internals/
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np

MAX_DEPTH = 16
MAX_TABLES = 1 << 16

_SCALARS = {
    "bool": struct.Struct("<B"),
    "int8": struct.Struct("<b"),
    "uint8": struct.Struct("<B"),
    "int16": struct.Struct("<h"),
    "uint16": struct.Struct("<H"),
    "int32": struct.Struct("<i"),
    "uint32": struct.Struct("<I"),
    "int64": struct.Struct("<q"),
    "uint64": struct.Struct("<Q"),
    "float32": struct.Struct("<f"),
}


class FlatbufferError(ValueError):
    """The bytes are not a sound flatbuffer; the message names table and field."""


class Flatbuffer:
    """The bytes of one file, and the account of how many tables and bytes have been read out of them."""

    def __init__(self, data: bytes) -> None:
        self.data = data
        self._tables = 0
        self._read = 0
        self._may_read = 4 * len(data) + (1 << 20)

    def root(self, name: str, identifier: bytes) -> Table:
        """The root table, called `name` in messages.

        Raises
        ------
        FlatbufferError
            If the file is too short, or bytes 4 to 8 are not `identifier`.
        """
        if len(self.data) < 8:
            raise FlatbufferError(f"{name}: the file has {len(self.data)} bytes, too few for a header of 8")
        found = self.data[4:8]
        if found != identifier:
            raise FlatbufferError(f"{name}: the identifier at bytes 4 to 8 is {found!r}; it must be {identifier!r}")
        return self.table_at(self.follow(0, name), name, 0)

    def unpack(self, type: str, position: int, where: str) -> int | float:
        """The scalar of `type` at byte `position`, which must lie inside the file and be aligned to its size."""
        scalar = _SCALARS[type]
        if position < 0 or position + scalar.size > len(self.data):
            raise FlatbufferError(
                f"{where}: a {type} at byte {position} lies outside the file of {len(self.data)} bytes; "
                "the file is cut short or damaged"
            )
        if position % scalar.size:
            raise FlatbufferError(f"{where}: a {type} at byte {position} is not aligned to {scalar.size} bytes")
        return scalar.unpack_from(self.data, position)[0]

    def follow(self, position: int, where: str) -> int:
        """The byte that the unsigned offset stored at `position` points to."""
        offset = int(self.unpack("uint32", position, where))
        target = position + offset
        if offset < 4 or target + 4 > len(self.data) or target % 4:
            raise FlatbufferError(
                f"{where}: offset {offset} at byte {position} must lead to a multiple of 4 inside the file of "
                f"{len(self.data)} bytes; the file is cut short or damaged"
            )
        return target

    def table_at(self, position: int, path: str, depth: int) -> Table:
        """The table at byte `position`, its vtable checked."""
        self._tables += 1
        if depth > MAX_DEPTH or self._tables > MAX_TABLES:
            raise FlatbufferError(
                f"{path}: nested {depth} deep, table number {self._tables}; "
                f"at most {MAX_DEPTH} levels and {MAX_TABLES} tables are read"
            )
        vtable = position - int(self.unpack("int32", position, path))
        vtable_bytes = int(self.unpack("uint16", vtable, f"{path} (vtable)"))
        table_bytes = int(self.unpack("uint16", vtable + 2, f"{path} (vtable)"))
        if vtable_bytes < 4 or vtable_bytes % 2 or vtable + vtable_bytes > len(self.data):
            raise FlatbufferError(
                f"{path}: a vtable of {vtable_bytes} bytes at byte {vtable} must have an even size of at least 4 "
                f"and end inside the file of {len(self.data)} bytes"
            )
        if table_bytes < 4 or position + table_bytes > len(self.data):
            raise FlatbufferError(
                f"{path}: a table of {table_bytes} bytes at byte {position} must have at least 4 bytes and "
                f"end inside the file of {len(self.data)} bytes"
            )
        slots = struct.unpack_from(f"<{vtable_bytes // 2 - 2}H", self.data, vtable + 4)
        return Table(self, position, path, depth, table_bytes, slots)

    def vector_at(self, position: int, item_bytes: int, where: str) -> tuple[int, int]:
        """First byte and number of items of the vector whose length field lies at `position`."""
        count = int(self.unpack("uint32", position, where))
        start = position + 4
        if count * item_bytes > len(self.data) - start:
            raise FlatbufferError(
                f"{where}: a vector of {count} items of {item_bytes} bytes at byte {position} "
                f"ends outside the file of {len(self.data)} bytes; the file is cut short or damaged"
            )
        if count and start % item_bytes:
            raise FlatbufferError(f"{where}: the items at byte {start} are not aligned to {item_bytes} bytes")
        self._read += count * item_bytes
        if self._read > self._may_read:
            raise FlatbufferError(
                f"{where}: the tables of this file of {len(self.data)} bytes point to the same bytes again and again; "
                f"reading stops after {self._may_read} bytes"
            )
        return start, count


@dataclass(frozen=True, eq=False)
class Table:
    """One table: `path` names it in messages, `slots` holds each field's offset inside it (0: absent)."""

    buffer: Flatbuffer
    position: int
    path: str
    depth: int
    size: int
    slots: tuple[int, ...]

    def has(self, slot: int) -> bool:
        """Whether the file stores a value for this slot."""
        return slot < len(self.slots) and self.slots[slot] != 0

    def reject_unknown(self, known: range | tuple[int, ...]) -> None:
        """Raise FlatbufferError if the file stores a field that is not in `known`.

        Writers leave default values out, so a stored field says something; not reading it would change the meaning.
        """
        for slot in range(len(self.slots)):
            if self.slots[slot] and slot not in known:
                raise FlatbufferError(f"{self.path}: field number {slot} is set, which this reader does not know")

    def scalar(self, field: str, slot: int, type: str, default: int | float = 0) -> int | float:
        """The scalar in `slot`, or `default` where the file stores none. A bool must be 0 or 1."""
        position = self._place(field, slot, _SCALARS[type].size)
        if position is None:
            return default
        value = self.buffer.unpack(type, position, f"{self.path}.{field}")
        if type == "bool" and value > 1:
            raise FlatbufferError(f"{self.path}.{field}: a bool holds {value}; allowed are 0 and 1")
        return value

    def integer(self, field: str, slot: int, type: str, default: int = 0) -> int:
        """`scalar` for the integer types."""
        return int(self.scalar(field, slot, type, default))

    def vector(self, field: str, slot: int, type: str) -> np.ndarray | None:
        """The vector of scalars in `slot` as a read-only, little-endian view of the file; None where there is none."""
        where = f"{self.path}.{field}"
        position = self._place(field, slot, 4)
        if position is None:
            return None
        item = _SCALARS[type]
        start, count = self.buffer.vector_at(self.buffer.follow(position, where), item.size, where)
        return np.frombuffer(self.buffer.data, np.dtype(type).newbyteorder("<"), count, start)

    def string(self, field: str, slot: int) -> str:
        """The UTF-8 string in `slot`, "" where there is none."""
        where = f"{self.path}.{field}"
        position = self._place(field, slot, 4)
        if position is None:
            return ""
        start, count = self.buffer.vector_at(self.buffer.follow(position, where), 1, where)
        if self.buffer.data[start + count : start + count + 1] != b"\0":
            raise FlatbufferError(f"{where}: the string of {count} bytes at byte {start} is not ended by a zero")
        try:
            return self.buffer.data[start : start + count].decode()
        except UnicodeDecodeError as error:
            raise FlatbufferError(f"{where}: the string at byte {start} is not UTF-8: {error.reason}") from error

    def table(self, field: str, slot: int) -> Table | None:
        """The table in `slot`, None where there is none."""
        position = self._place(field, slot, 4)
        if position is None:
            return None
        path = f"{self.path}.{field}"
        return self.buffer.table_at(self.buffer.follow(position, path), path, self.depth + 1)

    def tables(self, field: str, slot: int) -> tuple[Table, ...]:
        """The vector of tables in `slot`, empty where there is none."""
        position = self._place(field, slot, 4)
        if position is None:
            return ()
        path = f"{self.path}.{field}"
        start, count = self.buffer.vector_at(self.buffer.follow(position, path), 4, path)
        return tuple(
            self.buffer.table_at(self.buffer.follow(start + 4 * i, f"{path}[{i}]"), f"{path}[{i}]", self.depth + 1)
            for i in range(count)
        )

    def _place(self, field: str, slot: int, width: int) -> int | None:
        """Where the `width` bytes of a field lie, None where the table does not store it."""
        if not self.has(slot):
            return None
        offset = self.slots[slot]
        if offset < 4 or offset + width > self.size:
            raise FlatbufferError(
                f"{self.path}.{field}: {width} bytes at offset {offset} lie outside the table's bytes 4 to {self.size}"
            )
        return self.position + offset
