"""int4: two values in a byte, the first one in the low half.

In: values from -8 to 7, one in each int8. Out: bytes as .tflite files and the kernels `*_s4` hold them, and back.
"""

from __future__ import annotations

import numpy as np

INT4_MIN, INT4_MAX = -8, 7


def pack_int4(values: np.ndarray) -> np.ndarray:
    """Pack int4 values in C order; an odd number leaves the last high half zero.

    Examples
    --------
    >>> pack_int4(np.array([1, -1, 7], np.int8)).tolist()
    [241, 7]
    """
    flat = np.asarray(values, np.int8).reshape(-1)
    low, high = np.pad(flat, (0, flat.size % 2)).reshape(-1, 2).T
    return ((low & 15) | (high << 4)).astype(np.int8).view(np.uint8)


def unpack_int4(packed: np.ndarray) -> np.ndarray:
    """Two int8 values for each byte.

    Examples
    --------
    >>> unpack_int4(np.array([241], np.uint8)).tolist()
    [1, -1]
    """
    signed = np.asarray(packed, np.uint8).view(np.int8)
    return np.stack([(signed << 4) >> 4, signed >> 4], axis=-1).astype(np.int8).reshape(-1)
