"""Exported libraries, each made once a session."""

from __future__ import annotations

from pathlib import Path

import pytest

from tdl_course.boards import BOARDS
from tdl_course.exports import export
from tests.golden_vectors import golden_vector


@pytest.fixture(scope="session")
def library(tmp_path_factory):
    """`library("conv_2d", "one")`: the folder of the golden model, exported under that name."""
    made: dict[tuple[str, str], Path] = {}

    def make(kind: str, name: str) -> Path:
        if (kind, name) not in made:
            folder = tmp_path_factory.mktemp("exports") / name
            model = folder.with_name(f"{kind}.tflite")
            model.write_bytes(golden_vector(kind)[0])
            export(model, folder, "c-library", BOARDS["stm32f405"], name)
            made[kind, name] = folder
        return made[kind, name]

    return make
