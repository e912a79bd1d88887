"""Values to bytes and back, for a pipe whose other end cannot be trusted: JSON, and .npy without pickle for arrays.

In: None, bools, numbers, strings, arrays of numbers, and tuples, lists and dicts of them. Out: the same, exactly: a
tuple stays a tuple, an int8 an int8. What else a function may return arrives as a `Foreign`, which says its kind only.
Decoding runs no code of the sender's, and takes at most the memory that was received.
"""

from __future__ import annotations

import io
import json
import re
import struct
from typing import Any

import numpy as np

DEEPEST = 40  # lists within lists
LONGEST = 4096  # bits of an integer
KINDS = "biufcSU"  # of arrays: numbers and text, never objects
_PLAIN = (bool, int, float, str)
_DECODING = (ValueError, TypeError, LookupError, AttributeError, struct.error, RecursionError, MemoryError)


class CodecError(ValueError):
    """The bytes are not what `encode` makes."""


class Foreign:
    """Stands for a value that does not travel; its class has the name of the value's class."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}>"


def encode(value: Any) -> bytes:
    """A length, JSON, then the arrays. Never raises for what a value is; calls nothing that a student can override."""
    arrays: list[bytes] = []
    tree = json.dumps(_plain(value, arrays, 0)).encode()
    return b"".join([struct.pack(">I", len(tree)), tree, *arrays])


def _plain(value: Any, arrays: list[bytes], depth: int) -> Any:
    kind = type(value)
    if depth > DEEPEST:
        return {"foreign": "nesting"}
    if kind is int and value.bit_length() > LONGEST:
        return {"foreign": "int"}
    if value is None or kind in _PLAIN:
        return value if kind is not str else value.encode("utf-8", "replace").decode()
    if kind in (tuple, list):
        return {kind.__name__: [_plain(item, arrays, depth + 1) for item in value]}
    if kind is dict:
        return {"dict": [[_plain(part, arrays, depth + 1) for part in pair] for pair in value.items()]}
    if (kind is np.ndarray or kind.__module__ == "numpy") and getattr(value, "dtype", np.dtype(object)).kind in KINDS:
        stream = io.BytesIO()
        np.lib.format.write_array(stream, np.asarray(value), allow_pickle=False)
        arrays.append(stream.getvalue())
        return {"array" if kind is np.ndarray else "number": len(arrays[-1])}
    return {"foreign": str(kind.__name__)}


def decode(data: bytes) -> Any:
    """The value that `encode` took.

    Raises
    ------
    CodecError
        Whatever else the bytes are.
    """
    try:
        (length,) = struct.unpack_from(">I", data)
        tree = json.loads(data[4 : 4 + length])
        stream = io.BytesIO(data[4 + length :])
        return _value(tree, stream)
    except _DECODING as error:
        raise CodecError(f"what came back is not a value: {type(error).__name__}") from None


def _value(tree: Any, arrays: io.BytesIO) -> Any:
    if tree is None or type(tree) in _PLAIN:
        return tree
    ((kind, content),) = tree.items()
    if kind in ("tuple", "list"):
        items = [_value(item, arrays) for item in content]
        return tuple(items) if kind == "tuple" else items
    if kind == "dict":
        return {_value(key, arrays): _value(item, arrays) for key, item in content}
    if kind in ("array", "number"):
        array = _array(arrays.read(content))
        return array if kind == "array" else array[()]
    if kind == "foreign" and isinstance(content, str):
        name = content if re.fullmatch(r"[A-Za-z_][\w.]{0,40}", content) else "object"
        return type(name, (Foreign,), {})()
    raise CodecError(f"there is no kind {kind!r}"[:60])


def _array(data: bytes) -> np.ndarray:
    """An array as large as its header says, if the data are there: a header alone takes no memory."""
    stream = io.BytesIO(data)
    if np.lib.format.read_magic(stream) != (1, 0):
        raise CodecError("an array of an unknown version")
    shape, fortran, dtype = np.lib.format.read_array_header_1_0(stream)
    left = len(data) - stream.tell()
    size = dtype.itemsize * int(np.prod(shape, dtype=object))
    if dtype.kind not in KINDS or size != left or min(shape, default=0) < 0:
        raise CodecError("an array that is not what its header says")
    array = np.frombuffer(data, dtype, offset=stream.tell()) if left else np.zeros(0, dtype)
    return array.reshape(shape, order="F" if fortran else "C").copy(order="K")
