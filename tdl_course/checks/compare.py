"""Expected against got: says in a sentence how two results of a function differ.

In: two values (numbers, strings, tuples or lists of values, dicts, arrays). Out: None where they agree, else a
`Difference`. This module knows no exercise and no notebook.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

LONGEST_INTEGER = 128  # bits: longer ones are not written out


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
        elements = re.sub(r"-(0\.0*)(?= *[,\]])", r"\1", elements)  # minus zero is zero
        more = f" … of {value.size}" if value.size > 6 else ""
        return f"{value.dtype}{list(value.shape)} {elements}{more}"
    if isinstance(value, np.generic):
        return show(value.item())
    if isinstance(value, int) and value.bit_length() > LONGEST_INTEGER:
        return f"an integer of {value.bit_length():,} bits"
    if isinstance(value, float):
        return f"{value + 0.0:.6g}"  # -0.0 + 0.0 is 0.0
    if isinstance(value, tuple | list):
        inner = ", ".join(show(item) for item in value[:6]) + (", …" if len(value) > 6 else "")
        return f"[{inner}]" if isinstance(value, list) else f"({inner}{',' if len(value) == 1 else ''})"
    text = _named(value) if isinstance(value, Iterator) else repr(value)  # an iterator's repr is an address
    return text if len(text) <= 80 else text[:77] + "..."


def difference(expected: Any, got: Any, rtol: float = 1e-5, atol: float = 1e-8) -> Difference | None:
    """How `got` differs from `expected`, or None.

    Kinds are lenient where a learner may choose (tuple or list, Python or NumPy number, int for float, width of a
    float) and strict where the lesson is about it: an integer is not a float, and integer arrays keep their dtype.
    """
    if got is None and expected is not None:
        return Difference(show(expected), "None", "It returns nothing: is the `return` missing?")
    if isinstance(expected, tuple | list) and not (isinstance(got, np.ndarray) and all(map(np.isscalar, expected))):
        return _sequence_difference(expected, got, rtol, atol)
    if isinstance(expected, dict):
        return _dict_difference(expected, got, rtol, atol)
    if isinstance(expected, str | bytes) or expected is None:
        return None if type(got) is type(expected) and got == expected else Difference(show(expected), show(got))
    return _array_difference(expected, got, rtol, atol)


def _sequence_difference(expected: Any, got: Any, rtol: float, atol: float) -> Difference | None:
    count = len(expected)
    if not isinstance(got, tuple | list):
        kind = f"a {type(expected).__name__} of {count}"
        return Difference(show(expected), show(got), f"It returns {_named(got)}; {kind} is expected.")
    if len(got) != count:
        return Difference(show(expected), show(got), f"It returns {_values(len(got))}; {count} are expected.")
    if not _all_agree(expected, got, rtol, atol) and (why := _other_order(expected, got, rtol, atol)):
        return Difference(show(expected), show(got), why)
    for index, (wanted, given) in enumerate(zip(expected, got, strict=True)):
        found = difference(wanted, given, rtol, atol)
        if found:
            place = f"Look at value {index + 1} of the {count} that it returns."
            return Difference(show(expected), show(got), f"{place} {found.why}".strip())
    return None


def _values(count: int) -> str:
    return "1 value" if count == 1 else f"{count} values"


def _all_agree(expected: Any, got: Any, rtol: float, atol: float) -> bool:
    return all(difference(wanted, given, rtol, atol) is None for wanted, given in zip(expected, got, strict=True))


def _other_order(expected: Any, got: Any, rtol: float, atol: float) -> str:
    """What to say if the items of `got` are those of `expected` in another order; "" if they are not."""
    left = list(got)
    for wanted in expected:
        at = next((i for i, given in enumerate(left) if difference(wanted, given, rtol, atol) is None), None)
        if at is None:
            return ""
        del left[at]
    if len(expected) == 2:
        return "The two values are right, but swapped: the other one comes first."
    return "The values are right, but in another order."


def _named(value: Any) -> str:
    """What kind of thing this is, with its article: "a set", "one array", "one value" for a number."""
    if isinstance(value, np.ndarray):
        return "one array"
    if isinstance(value, int | float | np.generic):
        return "one value"
    kind = type(value).__name__
    return f"{'an' if kind[0] in 'aeiou' else 'a'} {kind}"


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
    plain = Difference(show(expected), show(got))
    if type(expected) is type(got) is int:  # of any size: no array of NumPy holds those beyond 64 bits
        return None if expected == got else plain
    if isinstance(got, tuple) and len(got) < 4 and any(isinstance(item, np.ndarray) for item in got):
        return Difference(plain.expected, plain.got, f"It returns a tuple of {len(got)}; {_one(wanted)} is expected.")
    try:
        given = np.asarray(got)
    except (ValueError, TypeError):
        return Difference(plain.expected, plain.got, "The parts of the result have different lengths.")
    if given.dtype.kind not in "biuf":
        return Difference(plain.expected, plain.got, f"It returns {_named(got)}, not numbers.")
    if given.size > 1 and wanted.ndim == 0:
        return Difference(plain.expected, plain.got, f"It returns {given.size} numbers; one is expected.")
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
    if why := _array_in_other_order(wanted, given, rtol, atol):
        return Difference(plain.expected, plain.got, why)
    first = tuple(int(i) for i in np.argwhere(~same)[0])
    wrong = int(wanted.size - np.count_nonzero(same))
    why = f"{wrong} of {wanted.size} elements differ, the first at {list(first)}: "
    return Difference(plain.expected, plain.got, why + f"expected {show(wanted[first])}, got {show(given[first])}.")


def _array_in_other_order(wanted: np.ndarray, given: np.ndarray, rtol: float, atol: float) -> str:
    """As `_other_order`; "" where values repeat so often, as in masks, that equal counts mean nothing."""
    if wanted.dtype.kind == "b" or wanted.size < 3 or 2 * len(np.unique(wanted)) <= wanted.size:
        return ""
    ordered = [np.sort(values, axis=None).astype(float) for values in (wanted, given)]
    if not np.allclose(ordered[1], ordered[0], rtol=rtol, atol=atol):
        return ""
    if wanted.ndim == 2 and wanted.shape == wanted.T.shape and np.allclose(given.T, wanted, rtol=rtol, atol=atol):
        return "Rows and columns are exchanged: it is the transposed matrix."
    return "The values are right, but in another order."


def constant_factor(expected: list[Any], got: list[Any]) -> str:
    """What to say if every number of `got` is the same multiple of its number in `expected`; "" if not.

    Each list has one result a case: all floats, or all float arrays. Two cases at least, or one would fit by chance.
    """
    if len(expected) < 2 or not all(isinstance(x, float | np.floating | np.ndarray) for x in expected):
        return ""
    wanted = [np.asarray(x) for x in expected]
    try:
        given = [np.asarray(x, np.float64) for x in got]
    except (TypeError, ValueError):
        return ""
    if any(w.dtype.kind != "f" or w.shape != g.shape for w, g in zip(wanted, given, strict=True)):
        return ""
    all_wanted, all_given = (np.concatenate([x.ravel() for x in each]) for each in (wanted, given))
    largest = int(np.abs(all_wanted).argmax()) if all_wanted.size else 0
    factor = all_given[largest] / all_wanted[largest] if all_wanted.size and all_wanted[largest] else 0.0
    if not factor or not np.allclose(all_given, factor * all_wanted, rtol=1e-6, atol=1e-12):
        return ""
    if np.isclose(factor, -1):
        return "Every result has the wrong sign."
    sign, size = ("the wrong sign and is " if factor < 0 else ""), abs(factor)
    power = round(float(np.log10(size)))
    units = " A power of ten: mind the units' prefixes, or percent." if power and np.isclose(size, 10.0**power) else ""
    times = f"{_count(size)} times too large" if size > 1 else f"{_count(1 / size)} times too small"
    return f"Every result {'has ' + sign if sign else 'is '}{times}: a factor is left over or missing.{units}"


def _one(value: np.ndarray) -> str:
    return "one array" if value.ndim else "one number"


def _count(factor: float) -> str:
    return f"{round(factor):,}" if np.isclose(factor, round(factor)) else f"{factor:.4g}"


def _kind(value: Any) -> str:
    return {"f": "a float", "i": "an integer", "u": "an integer", "b": "a bool"}[np.asarray(value).dtype.kind]
