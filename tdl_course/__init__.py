"""Tiny Deep Learning: train a network, shrink it, compile it to C, run it on a simulated Cortex-M.

`import tdl_course as tdl` is the one import a lesson needs; submodules load when they are first used, so that importing
the package is quick and does not import TensorFlow.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

__version__ = "0.1.0"

SUBMODULES = (
    "audio",
    "augment",
    "boards",
    "checks",
    "compiler",
    "compress",
    "count",
    "datasets",
    "energy",
    "export",
    "footprint",
    "graph",
    "irrigation",
    "metrics",
    "models",
    "ops",
    "report",
    "sim",
    "toolchain",
    "widgets",
)

if TYPE_CHECKING:
    from tdl_course.deployment import Deployment as Deployment
    from tdl_course.deployment import deploy as deploy
    from tdl_course.listening import Listener as Listener
    from tdl_course.listening import deploy_spotter as deploy_spotter

AT_THE_DOOR = {
    "Deployment": "deployment",
    "Listener": "listening",
    "deploy": "deployment",
    "deploy_spotter": "listening",
}

__all__ = [*AT_THE_DOOR, *SUBMODULES]


def __getattr__(name: str) -> object:
    if name in SUBMODULES:
        return import_module(f"tdl_course.{name}")
    if name in AT_THE_DOOR:
        return getattr(import_module(f"tdl_course.{AT_THE_DOOR[name]}"), name)
    raise AttributeError(f"module 'tdl_course' has no attribute {name!r}; it has {', '.join(__all__)}")


def __dir__() -> list[str]:
    return sorted([*globals(), *__all__])
