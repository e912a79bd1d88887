"""What a node is made of, as data: processors, a radio, sensors, microphones.

In: boards, and datasheets. Out: `Processor`, `Part` and what there is of both; their methods give states of a day.
Where a document was not at hand, its constant says through whom it is quoted, and the limits are wide.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from tdl_course.boards import Board, Constant
from tdl_course.boards import board as find_board
from tdl_course.energy.cycles import known_current
from tdl_course.energy.states import State, always, rest_of_day
from tdl_course.energy.uncertain import Uncertain, as_uncertain, with_allowance

CYCLE_MODEL = Uncertain(1.0, 0.9, 1.3, "cycles are modelled to within 10 to 30 percent, mostly too few: flash waits")


@dataclass(frozen=True)
class SleepMode:
    """A way to sleep: its current in ampere, and the seconds at run current that waking up takes."""

    current: Uncertain
    wake_seconds: Uncertain
    keeps_ram: bool


@dataclass(frozen=True)
class Processor:
    """A microcontroller as an energy model sees it.

    It need not be a `Board`: cycles simulated on a board hold for every processor of the same core. `amps_per_hz` is
    None where the current at other clocks is not known.
    """

    name: str
    core: str
    clock_hz: float
    supply_v: Constant
    run_current: Uncertain
    sleep_modes: dict[str, SleepMode]
    amps_per_hz: Uncertain | None = None

    def at(self, clock_hz: float) -> Processor:
        """The same processor at a lower clock, its current in proportion.

        Raises ValueError where the current at other clocks is not known, and for a clock above the highest.
        """
        if clock_hz == self.clock_hz:
            return self
        if self.amps_per_hz is None:
            raise ValueError(
                f"clock_hz is {clock_hz:g}; the current of {self.name} is known at {self.clock_hz:g} Hz only: "
                "run at that clock and sleep in between"
            )
        if not 0 < clock_hz <= self.clock_hz:
            raise ValueError(f"clock_hz is {clock_hz:g}; above 0 to {self.clock_hz:g} is allowed")
        return replace(self, clock_hz=clock_hz, run_current=self.amps_per_hz * clock_hz)

    def mode(self, sleep: str) -> SleepMode:
        if sleep not in self.sleep_modes:
            raise ValueError(f"sleep is {sleep!r}; {self.name} has {', '.join(map(repr, self.sleep_modes))}")
        return self.sleep_modes[sleep]

    def run(self, name: str, cycles: int | Uncertain, per_day: float = 1.0) -> State:
        """`cycles` of work, so many times a day; a plain number gets the limits of the cycle model."""
        work = cycles if isinstance(cycles, Uncertain) else CYCLE_MODEL * cycles
        return State(name, self.run_current, work / self.clock_hz, per_day)

    def wake(self, sleep: str = "stop", per_day: float = 1.0) -> State:
        """Waking up from a sleep, so many times a day."""
        return State(f"wake from {sleep}", self.run_current, self.mode(sleep).wake_seconds, per_day)

    def asleep(self, sleep: str, *awake: State) -> State:
        """What is left of the day after the states in which this processor is awake."""
        return rest_of_day(sleep, self.mode(sleep).current, *awake)


def processor(board: str | Board = "stm32f405") -> Processor:
    """A board as a processor, its typical currents with an allowance, since their limits were not at hand.

    Raises ValueError for an unknown board, and for one whose currents are not known.

    Examples
    --------
    >>> print(processor("stm32f405").mode("stop").current.text("A"))
    280 µA (224 µA to 1.12 mA)
    """
    board = find_board(board)
    run, stop, standby = (known_current(board, f"{name}_current_a") for name in ("run", "stop", "standby"))
    assert board.supply_v is not None  # wherever there are currents
    asleep = "parts that differ and temperatures above 25 degC, where leakage grows fast"
    wake = "the datasheet's wake-up times were not at hand: an assumption of this course"
    return Processor(
        board.name,
        board.core.name,
        board.clock_hz,
        board.supply_v,
        with_allowance(run, 0.8, 1.3, "parts that differ, other code, peripherals left on"),
        {
            "stop": SleepMode(with_allowance(stop, 0.8, 4.0, asleep), Uncertain(50e-6, 5e-6, 500e-6, wake), True),
            "standby": SleepMode(
                with_allowance(standby, 0.8, 4.0, asleep),
                Uncertain(2e-3, 0.3e-3, 20e-3, f"{wake}; reset, clock start and boot code"),
                False,
            ),
        },
    )


_L412 = "ST DS12469 Rev 7 (September 2019), STM32L412xx datasheet, features on page 1"
_L412_SLEEP = "temperatures above 25 degC and parts that differ: the tables were not at hand"
_L412_RUN = with_allowance(
    Constant(79e-6 / 1e6, f"{_L412}: 79 uA/MHz run mode (LDO)"), 0.8, 1.6, "other code, flash waits and low clocks"
)

# A core of the simulated kind that sleeps at a microampere. Not a `Board`: the registers of its clock and serial port
# are not those that the firmware drives.
STM32L412 = Processor(
    name="STM32L412",
    core="cortex-m4f",
    clock_hz=80e6,
    supply_v=Constant(3.0, f"{_L412}: 1.71 to 3.6 V; taken at the nominal voltage of two cells"),
    run_current=_L412_RUN * 80e6,
    sleep_modes={
        "stop": SleepMode(
            with_allowance(Constant(0.95e-6, f"{_L412}: 0.95 uA Stop 2 with RTC"), 0.7, 8.0, _L412_SLEEP),
            with_allowance(Constant(4e-6, f"{_L412}: 4 us wakeup from Stop mode"), 1.0, 10.0, "clock start"),
            True,
        ),
        "standby": SleepMode(
            with_allowance(Constant(245e-9, f"{_L412}: 245 nA Standby with RTC"), 0.7, 8.0, _L412_SLEEP),
            Uncertain(1e-3, 0.1e-3, 10e-3, "not found: an assumption of this course; reset, clock start and boot code"),
            False,
        ),
    },
    amps_per_hz=_L412_RUN,
)


@dataclass(frozen=True)
class Part:
    """Something beside the processor: its current in use and at rest, in ampere, and the seconds that one use takes.

    `use_seconds` is None where every use is of another length; `resting` is None where the part is switched off
    between uses, by a pin or a switch.
    """

    name: str
    doing: str
    using: Uncertain
    use_seconds: Uncertain | None
    resting: Uncertain | None = None

    def states(self, per_day: float, seconds: float | Uncertain | None = None) -> list[State]:
        """In use so many times a day, for `seconds` where given; and at rest all day, if it rests.

        Raises ValueError where the length of a use is not known, and not given.
        """
        seconds = self.use_seconds if seconds is None else as_uncertain(seconds)
        if seconds is None:
            raise ValueError(f"seconds is None; {self.name} needs the seconds of one use, such as a time on air")
        used = State(f"{self.name} {self.doing}", self.using, seconds, per_day)
        return [used] if self.resting is None else [used, always(f"{self.name} resting", self.resting)]


_SX1276 = "Semtech SX1276/77/78/79 datasheet"

SX1276 = Part(
    name="SX1276",
    doing="transmitting",
    using=Uncertain(
        29e-3,
        28e-3,
        42e-3,
        f"{_SX1276}, table 6, as copied in public drivers: 29 mA at +13 dBm on RFO; none is given for 14 dBm. Most is "
        "from Microchip's online documents, 7.4.1 Current Consumption, of a LoRa part with a running core: 41.5 mA at "
        "868 MHz, power setting 15, booster off",
    ),
    use_seconds=None,
    resting=Uncertain(0.2e-6, 0.1e-6, 1e-6, f"{_SX1276}, page 1: 200 nA register retention; limits are an allowance"),
)

SX1276_LISTENING = Part(
    name="SX1276",
    doing="listening",
    using=Uncertain(
        9.9e-3,
        9.9e-3,
        12.7e-3,
        f"{_SX1276}, page 1: low RX current of 9.9 mA; most is Microchip's, as for transmitting",
    ),
    use_seconds=Uncertain(0.1, 0.05, 0.3, "an assumption of this course: two empty LoRaWAN class A windows"),
)

# air temperature and humidity; works from 1.08 V, so two alkaline cells feed it to their end
_SHT4X = "Sensirion SHT4x datasheet, Version 1 (October 2020), page 1"

SHT4X = Part(
    name="SHT4x",
    doing="measuring",
    using=Uncertain(
        200e-6,
        39e-6,
        500e-6,
        f"worked out from {_SHT4X}: 0.4 uA on average at 1 Hz less 80 nA idle, over the 1.6 ms (typical) and the "
        "8.3 ms (least) that a low and a high repeatability measurement take; most is an allowance",
    ),
    use_seconds=Uncertain(8.2e-3, 8.2e-3, 8.3e-3, "SHT4x datasheet v7.1, as copied in a driver: high repeatability"),
    resting=Uncertain(80e-9, 50e-9, 1e-6, f"{_SHT4X}: idle current 80 nA; limits are an allowance"),
)

CAPACITIVE_SOIL_PROBE = Part(
    name="capacitive soil probe",
    doing="measuring",
    using=Uncertain(
        5e-3, 3e-3, 10e-3, "sellers' data of the SEN0193 kind of probe (TLC555): operating current 5 mA; no datasheet"
    ),
    use_seconds=Uncertain(0.3, 0.1, 1.0, "an assumption of this course: the output has to settle, and is averaged"),
    resting=None,
)

CAMERA_BOARD = Part(
    name="camera board",
    doing="taking a picture",
    using=Uncertain(
        105e-3,
        50e-3,
        130e-3,
        "Arduino Nicla Vision datasheet: 105 mA on average during image capture, the board's own processor included; "
        "limits are an allowance, since a bare sensor takes less",
    ),
    use_seconds=Uncertain(0.5, 0.2, 2.0, "an assumption of this course: start, a few frames until exposure is right"),
    resting=None,
)

# a microphone with a PDM output
_ICS41350 = "InvenSense ICS-41350 datasheet, DS-000047 Rev 1.1 (June 2016), page 1"

ICS41350_LOW_POWER = Part(
    name="ICS-41350",
    doing="listening, low power mode",
    using=with_allowance(
        Constant(185e-6, f"{_ICS41350}: 185 uA at a clock of 400 to 800 kHz"), 0.9, 1.3, "the table was not at hand"
    ),
    use_seconds=Uncertain(86_400, 86_400, 86_400, "all day"),
)

ICS41350_STANDARD = replace(
    ICS41350_LOW_POWER,
    doing="listening, standard mode",
    using=with_allowance(
        Constant(430e-6, f"{_ICS41350}: 430 uA at a clock of 1.0 to 3.3 MHz"), 0.9, 1.3, "the table was not at hand"
    ),
)
