"""sim: run a compiled model, on a simulated Cortex-M or on this computer. One signature: `run`.

In: an `Elf` (or, for the host, `Sources`) and int8 inputs. Out: a `RunResult`.
Simulators load when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

import numpy as np

from tdl_course.elf import Elf
from tdl_course.sim.result import Cost, FunctionCost, LayerCost, RunResult, SimulatorError

if TYPE_CHECKING:
    from tdl_course.sim.device import Device as Device
    from tdl_course.sim.trace import layer_outputs as layer_outputs
    from tdl_course.toolchain import CSources

SIMULATORS = ("unicorn", "host")
LAZY = {"Device": "device", "layer_outputs": "trace", "tflm": "tflm"}

__all__ = [
    "SIMULATORS",
    "Cost",
    "Device",
    "FunctionCost",
    "LayerCost",
    "RunResult",
    "SimulatorError",
    "layer_outputs",
    "run",
]


def run(
    model: Elf | CSources, inputs: np.ndarray, sim: str = "unicorn", profile: bool = False, timeout: float = 60.0
) -> RunResult:
    """Run every input through a compiled model.

    Parameters
    ----------
    model : Elf or Sources
        The firmware for a simulated board; for "host" the compiler's `Sources`.
    inputs : int8 array [n, ...]
        n inputs of as many bytes as the model's input has.
    sim : str
        "unicorn": a simulated Cortex-M4 with exact instruction counts and modelled cycles. "host": the same C on this
        computer, outputs only.
    profile : bool
        Also give the cost of each C function, where the simulator counts.
    timeout : float
        Seconds of this computer's time that each inference may take on a simulated board.

    Returns
    -------
    RunResult
        `outputs` int8 [n, output bytes]; the counts are of the first inference, None where the simulator has none.

    Raises
    ------
    SimulatorError
        Unknown simulator, inputs that do not fit, or a firmware that faults or does not end.
    """
    if sim not in SIMULATORS:
        raise SimulatorError(f"unknown simulator {sim!r}; simulators are {', '.join(SIMULATORS)}")
    if sim == "host":
        from tdl_course.sim.host import run_host

        if isinstance(model, Elf):
            raise SimulatorError('sim="host" builds the C anew for this computer: pass the Sources, not the Elf')
        return run_host(model, inputs)
    from tdl_course.sim.unicorn import run_unicorn

    if not isinstance(model, Elf):
        raise SimulatorError(f'sim="{sim}" runs an Elf, not {type(model).__name__}: build it with toolchain.build')
    return run_unicorn(model, inputs, profile, timeout)


def __getattr__(name: str) -> object:
    if name in LAZY:
        module = import_module(f"tdl_course.sim.{LAZY[name]}")
        return module if name == LAZY[name] else getattr(module, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
