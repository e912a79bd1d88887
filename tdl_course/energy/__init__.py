"""Energy: from cycles to joules, battery life, and a node that lives a year.

In: cycles, a board, what a node does in a day. Out: nouns that show themselves, each constant with its source. All of
it is modelled: charge is current x time. `cycles` has one board and typical values; `node`, `parts` and `stream` carry
limits through, by the interval arithmetic of `uncertain`.
"""

from tdl_course.energy.cells import CR2032, TWO_AA_ALKALINE, TWO_AA_LITHIUM, Cell
from tdl_course.energy.cycles import (
    LABEL,
    METHOD,
    SECONDS_PER_DAY,
    BatteryLife,
    DutyCycle,
    Energy,
    battery_life,
    duty_cycle,
    energy,
    known_current,
)
from tdl_course.energy.field import field_node
from tdl_course.energy.lora import lora_time_on_air
from tdl_course.energy.node import Node, days_of_life
from tdl_course.energy.parts import (
    CAMERA_BOARD,
    CAPACITIVE_SOIL_PROBE,
    ICS41350_LOW_POWER,
    ICS41350_STANDARD,
    SHT4X,
    STM32L412,
    SX1276,
    SX1276_LISTENING,
    Part,
    Processor,
    SleepMode,
    processor,
)
from tdl_course.energy.states import State, always, rest_of_day
from tdl_course.energy.stream import Streaming, streaming
from tdl_course.energy.uncertain import Uncertain, as_uncertain, with_allowance

__all__ = [
    "CAMERA_BOARD",
    "CAPACITIVE_SOIL_PROBE",
    "CR2032",
    "ICS41350_LOW_POWER",
    "ICS41350_STANDARD",
    "LABEL",
    "METHOD",
    "SECONDS_PER_DAY",
    "SHT4X",
    "STM32L412",
    "SX1276",
    "SX1276_LISTENING",
    "TWO_AA_ALKALINE",
    "TWO_AA_LITHIUM",
    "BatteryLife",
    "Cell",
    "DutyCycle",
    "Energy",
    "Node",
    "Part",
    "Processor",
    "SleepMode",
    "State",
    "Streaming",
    "Uncertain",
    "always",
    "battery_life",
    "days_of_life",
    "duty_cycle",
    "energy",
    "field_node",
    "known_current",
    "lora_time_on_air",
    "processor",
    "rest_of_day",
    "streaming",
    "as_uncertain",
    "with_allowance",
]
