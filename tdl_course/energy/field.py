"""A node in a field, from its parts: sensors, a network, a radio, and a processor that sleeps in between.

In: a processor and how it sleeps, cycles of the network, how often it does what. Out: a `Node`. The sensors are those
of the course's `parts`; a probe that needs more than a pair of AA cells gives would add the losses of a converter.
"""

from __future__ import annotations

from collections.abc import Sequence

from tdl_course.energy.cells import TWO_AA_ALKALINE, Cell
from tdl_course.energy.lora import lora_time_on_air
from tdl_course.energy.node import Node
from tdl_course.energy.parts import CAPACITIVE_SOIL_PROBE, SHT4X, SX1276, SX1276_LISTENING, Part, Processor
from tdl_course.energy.states import State

SENSORS = (SHT4X, CAPACITIVE_SOIL_PROBE)
PACKET_BYTES = 10 + 13  # an answer and a few readings, and what LoRaWAN adds


def field_node(
    core: Processor,
    sleep: str,
    cycles: int,
    per_day: float = 24,
    packets_per_day: float = 1,
    battery: Cell = TWO_AA_ALKALINE,
    sensors: Sequence[Part] = SENSORS,
) -> Node:
    """Wakes `per_day` times, reads the sensors, runs a network of `cycles`, and sends some packets a day.

    The core sleeps while sensors settle and while the radio sends: a timer or the radio wakes it. Packets of 23 bytes
    at spreading factor 7 and 125 kHz.

    Raises ValueError for an unknown sleep mode, a negative number, or more work than a day holds.

    Examples
    --------
    >>> from tdl_course.energy.parts import STM32L412
    >>> field_node(STM32L412, "stop", 1_000_000).lasts(365)
    'yes'
    """
    network = core.run("network", cycles, per_day)
    wake = core.wake(sleep, per_day + packets_per_day)
    states: list[State] = [network, wake, core.asleep(sleep, network, wake)]
    for sensor in sensors:
        states += sensor.states(per_day)
    states += SX1276.states(packets_per_day, lora_time_on_air(PACKET_BYTES))
    return Node((*states, *SX1276_LISTENING.states(packets_per_day)), battery)
