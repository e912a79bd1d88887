"""layer_outputs: what each layer of a model computes on the simulated device.

In: an `Elf`, the `Sources` it was built from (they know where each value lies) and one input. Out: one array a layer.
The layers run one by one, each as a call of its own function; nothing is counted.
"""

from __future__ import annotations

import numpy as np

from tdl_course.compiler.emit_c import Sources
from tdl_course.elf import Elf
from tdl_course.sim.inputs import check_inputs
from tdl_course.sim.machine import Machine
from tdl_course.sim.result import SimulatorError
from tdl_course.sim.unicorn import boot, check_contract, layer_functions


def layer_outputs(elf: Elf, sources: Sources, x: np.ndarray, timeout: float = 60.0) -> list[np.ndarray]:
    """The output of every layer for one input.

    Parameters
    ----------
    elf : Elf
        Built from `sources`.
    x : int8 array
        One input, of as many bytes as the model's.

    Returns
    -------
    list of arrays
        In order of execution, each of the shape and dtype of the operator's output tensor.

    Raises
    ------
    SimulatorError
        `elf` is not built from `sources`, the input does not fit, or the firmware faults.
    """
    check_contract(elf)
    graph, plan = sources.graph, sources.plan
    functions = layer_functions(elf)
    if [name for name, _ in functions] != list(sources.layer_names):
        raise SimulatorError(f"{elf.path.name} has other layers than these Sources; build it from them")
    machine = Machine(elf)
    boot(machine, timeout)
    machine.exits([machine.return_address])
    machine.write(elf.symbol("tdl_input").address, check_inputs(x[None], elf.symbol("tdl_input").size)[0].tobytes())
    outputs = []
    for op, (_, function) in zip(graph.ops, functions, strict=True):
        machine.call(function, timeout)
        tensor = graph.output_tensors(op)[0]
        address = elf.symbol("tdl_arena").address + plan.offsets[op.outputs[0]]
        outputs.append(np.frombuffer(machine.read(address, tensor.nbytes), tensor.dtype).reshape(tensor.shape))
    return outputs
