"""sim: run a compiled model, on a simulated Cortex-M or on this computer. One signature: `run`.

In: an `Elf` (or, for the host, `Sources`) and int8 inputs. Out: a `RunResult`.
Simulators load when they are first used; adding one is one line of RUNNERS.
"""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING

import numpy as np

from tdl_course.elf import Elf
from tdl_course.sim.result import Cost, FunctionCost, LayerCost, RunResult, SimulatorError

if TYPE_CHECKING:
    from tdl_course.sim.device import Device as Device
    from tdl_course.sim.spotting import listen as listen
    from tdl_course.sim.spotting import listening_stack as listening_stack
    from tdl_course.sim.spotting import spotter_outputs as spotter_outputs
    from tdl_course.sim.trace import layer_outputs as layer_outputs
    from tdl_course.toolchain import CSources

# Name -> module, function, and which of the options of `run` the function takes.
RUNNERS: dict[str, tuple[str, str, tuple[str, ...]]] = {
    "unicorn": ("unicorn", "run_unicorn", ("profile", "timeout")),
    "host": ("host", "run_host", ()),
    "qemu": ("qemu", "run_qemu", ("timeout",)),
    "renode": ("renode", "run_renode", ("timeout",)),
    "serial": ("serial_port", "run_serial", ("timeout", "port")),
}
SIMULATORS = tuple(RUNNERS)
LAZY = {
    "Device": "device",
    "layer_outputs": "trace",
    "listen": "spotting",
    "listening_stack": "spotting",
    "spotter_outputs": "spotting",
    "tflm": "tflm",
}

__all__ = [
    "SIMULATORS",
    "Cost",
    "Device",
    "FunctionCost",
    "LayerCost",
    "RunResult",
    "SimulatorError",
    "layer_outputs",
    "listen",
    "listening_stack",
    "run",
    "spotter_outputs",
]


def run(
    model: Elf | CSources,
    inputs: np.ndarray,
    sim: str = "unicorn",
    profile: bool = False,
    timeout: float = 60.0,
    port: str | None = None,
) -> RunResult:
    """Run every input through a compiled model.

    Parameters
    ----------
    model : Elf or Sources
        The firmware of the board; for "host" the compiler's `Sources`.
    inputs : int8 array [n, ...]
        n inputs of as many bytes as the model's input has.
    sim : str
        "unicorn": a simulated Cortex-M4 with exact instruction counts and modelled cycles. "qemu", "renode": the same
        ELF in those programs, where they are installed. "serial": a real board that has the ELF in its flash, outputs
        only. "host": the same C on this computer, outputs only.
    profile : bool
        Also give the cost of each C function, where the simulator counts.
    timeout : float
        Seconds of this computer's time that each inference may take on a board, simulated or real.
    port : str, optional
        For "serial": the name of the board's serial port.

    Returns
    -------
    RunResult
        `outputs` int8 [n, output bytes]; the counts are of the first inference, None where the simulator has none.

    Raises
    ------
    SimulatorError
        Unknown simulator, inputs that do not fit, a firmware that faults or does not end, a program that is missing,
        a board that does not answer.
    """
    if sim not in RUNNERS:
        raise SimulatorError(f"unknown simulator {sim!r}; simulators are {', '.join(SIMULATORS)}")
    if port is not None and sim != "serial":
        raise SimulatorError(f'port={port!r} is for a real board: sim="serial", not "{sim}"')
    if sim == "host" and isinstance(model, Elf):
        raise SimulatorError('sim="host" builds the C anew for this computer: pass the Sources, not the Elf')
    if sim != "host" and not isinstance(model, Elf):
        raise SimulatorError(f'sim="{sim}" runs an Elf, not {type(model).__name__}: build it with toolchain.build')
    module, function, takes = RUNNERS[sim]
    options = {"profile": profile, "timeout": timeout, "port": port}
    runner: Callable[..., RunResult] = getattr(import_module(f"tdl_course.sim.{module}"), function)
    return runner(model, inputs, **{name: options[name] for name in takes})


def __getattr__(name: str) -> object:
    if name in LAZY:
        module = import_module(f"tdl_course.sim.{LAZY[name]}")
        return module if name == LAZY[name] else getattr(module, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
