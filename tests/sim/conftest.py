"""Small firmwares, built once a session: a toy model, short assembly snippets, and one that misbehaves on request."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tdl_course import toolchain
from tdl_course.elf import Elf

HERE = Path(__file__).parent


@dataclass(frozen=True)
class Sources:
    """What the toolchain needs of the compiler's `Sources`."""

    files: Mapping[str, str]
    kernels: tuple[str, ...] = ()


def sources(name: str) -> Sources:
    return Sources({"model.c": (HERE / name).read_text(encoding="utf-8")})


@pytest.fixture(scope="session")
def toy_sources() -> Sources:
    return sources("toy.c")


@pytest.fixture(scope="session")
def toy(toy_sources: Sources) -> Elf:
    return toolchain.build(toy_sources)


@pytest.fixture(scope="session")
def snippets() -> Elf:
    return toolchain.build(sources("snippets.c"))


@pytest.fixture(scope="session")
def misbehaving() -> Elf:
    return toolchain.build(sources("misbehaving.c"))
