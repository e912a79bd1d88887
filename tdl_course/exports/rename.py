"""Names of an exported library: every `tdl_` becomes the model's own prefix, so that two models link into one program.

In: C files by name. Out: the same under the prefix, the names of the files and of what they include too.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

INCLUDE = re.compile(r'#include "([^"]+)"')
PREFIX = re.compile(r'#include "(?P<file>[^"]+)"|\b(?P<lower>tdl_)(?!course)|\b(?P<upper>TDL_)')


def renamed(files: Mapping[str, str], prefix: str) -> dict[str, str]:
    """C files with `tdl_` and `TDL_` replaced by `prefix` wherever a name begins with them."""

    def new(match: re.Match[str]) -> str:
        if match["file"]:
            return f'#include "{file_name(match["file"], prefix) if match["file"] in files else match["file"]}"'
        return f"{prefix}_" if match["lower"] else f"{prefix.upper()}_"

    return {file_name(name, prefix): PREFIX.sub(new, text) for name, text in files.items()}


def file_name(name: str, prefix: str) -> str:
    """`tdl_dot.h` -> `kws_dot.h`, `conv_2d_ref.c` -> `kws_conv_2d_ref.c`."""
    return f"{prefix}_{name.removeprefix('tdl_')}"


def included(files: Mapping[str, str], roots: list[str]) -> list[str]:
    """The names among `files` that `roots` include, directly or not, the roots among them."""
    found: list[str] = []
    waiting = list(roots)
    while waiting:
        name = waiting.pop(0)
        if name not in found:
            found.append(name)
            waiting += [other for other in INCLUDE.findall(files[name]) if other in files]
    return found
