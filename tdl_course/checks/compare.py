"""Expected against got: says in a sentence how two results of a function differ.

In: two values (numbers, strings, tuples or lists of values, dicts, arrays). Out: None where they agree, else a
`Difference`. This module knows no exercise and no notebook.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np


@dataclass(frozen=True)
class Difference:
    """How a result differs: what was expected, what came, and where or why."""

    expected: str
    got: str
    why: str = ""


def show(value: Any) -> str:
    """One short line for a value; arrays with shape and dtype and at most a few elements."""
    if isinstance(value, np.ndarray):
        elements = np.array2string(value.ravel()[:6], precision=5, separator=", ", suppress_small=True)
        more = f" … of {value.size}" if value.size > 6 else ""
        return f"{value.dtype}{list(value.shape)} {elements}{more}"
    if isinstance(value, np.generic):
        return show(value.item())
    if isinstance(value, float):
        return f"{value:.6g}"
    if isinstance(value, tuple | list):
        inner = ", ".join(show(item) for item in value[:6]) + (", …" if len(value) > 6 else "")
        return f"[{inner}]" if isinstance(value, list) else f"({inner}{',' if len(value) == 1 else ''})"
    text = repr(value)
    return text if len(text) <= 80 else text[:77] + "..."


def difference(expected: Any, got: Any, rtol: float = 1e-5, atol: float = 1e-8) -> Difference | None:
    """How `got` differs from `expected`, or None.

    Kinds are lenient where a learner may choose (tuple or list, Python or NumPy number, int for float, width of a
    float) and strict where the lesson is about it: an integer is not a float, and integer arrays keep their dtype.
    """
    if got is None and expected is not None:
        return Difference(show(expected), "None", "It returns nothing: is the `return` missing?")
    if isinstance(expected, tuple | list) and not isinstance(got, np.ndarray):
        return _sequence_difference(expected, got, rtol, atol)
    if isinstance(expected, dict):
        return _dict_difference(expected, got, rtol, atol)
    if isinstance(expected, str | bytes) or expected is None:
        return None if type(got) is type(expected) and got == expected else Difference(show(expected), show(got))
    return _array_difference(expected, got, rtol, atol)


def _sequence_difference(expected: Any, got: Any, rtol: float, atol: float) -> Difference | None:
    count = len(expected)
    if not isinstance(got, tuple | list):
        return Difference(show(expected), show(got), f"It returns one value; {count} values are expected.")
    if len(got) != count:
        return Difference(show(expected), show(got), f"It returns {len(got)} values; {count} are expected.")
    for index, (wanted, given) in enumerate(zip(expected, got, strict=True)):
        found = difference(wanted, given, rtol, atol)
        if found:
            place = f"Look at value {index + 1} of the {count} that it returns."
            return Difference(show(expected), show(got), f"{place} {found.why}".strip())
    return None


def _dict_difference(expected: dict[Any, Any], got: Any, rtol: float, atol: float) -> Difference | None:
    if not isinstance(got, dict) or set(got) != set(expected):
        return Difference(show(expected), show(got), f"A dict with the keys {show(sorted(expected))} is expected.")
    for key, wanted in expected.items():
        found = difference(wanted, got[key], rtol, atol)
        if found:
            return Difference(found.expected, found.got, f"Look at the key {key!r}. {found.why}".strip())
    return None


def _array_difference(expected: Any, got: Any, rtol: float, atol: float) -> Difference | None:
    wanted = np.asarray(expected)
    try:
        given = np.asarray(got)
    except (ValueError, TypeError):
        return Difference(show(expected), show(got), "The parts of the result have different lengths.")
    plain = Difference(show(expected), show(got))
    if given.dtype.kind not in "biuf":
        return Difference(plain.expected, plain.got, f"It returns a {type(got).__name__}, not numbers.")
    if given.shape != wanted.shape:
        return Difference(plain.expected, plain.got, f"The shape is {given.shape}; {wanted.shape} is expected.")
    if wanted.dtype.kind in "iu" and given.dtype.kind == "f":
        return Difference(plain.expected, plain.got, f"It is {_kind(got)}; an integer is expected.")
    both_arrays = isinstance(expected, np.ndarray) and isinstance(got, np.ndarray)
    if both_arrays and wanted.dtype.kind in "iu" and given.dtype != wanted.dtype:
        return Difference(plain.expected, plain.got, f"The dtype is {given.dtype}; {wanted.dtype} is expected.")
    if (wanted.dtype.kind == "b") != (given.dtype.kind == "b"):
        return Difference(plain.expected, plain.got, f"It is {_kind(got)}; {_kind(expected)} is expected.")
    exact = wanted.dtype.kind != "f"
    same = wanted == given if exact else np.isclose(given, wanted, rtol=rtol, atol=atol, equal_nan=True)
    if np.all(same):
        return None
    if wanted.ndim == 0:
        return plain
    first = tuple(int(i) for i in np.argwhere(~same)[0])
    wrong = int(wanted.size - np.count_nonzero(same))
    why = f"{wrong} of {wanted.size} elements differ, the first at {list(first)}: "
    return Difference(plain.expected, plain.got, why + f"expected {show(wanted[first])}, got {show(given[first])}.")


def _kind(value: Any) -> str:
    return {"f": "a float", "i": "an integer", "u": "an integer", "b": "a bool"}[np.asarray(value).dtype.kind]
