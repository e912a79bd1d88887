"""Boards: what the firmware runs on, as data.

In: nothing. Out: `Core`, `Board` and what there is of both. This module knows no compiler and no simulator; every
electrical constant carries the text of its source, and one that has no source is None.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from tdl_course.table import Table


class Constant(float):
    """A float that knows where it comes from: `Constant(0.040, "document, table, condition").source`."""

    source: str

    def __new__(cls, value: float, source: str) -> Constant:
        constant = super().__new__(cls, value)
        constant.source = source
        return constant

    def __getnewargs__(self) -> tuple[float, str]:  # type: ignore[override]
        return float(self), self.source


@dataclass(frozen=True)
class Core:
    """A processor core by the name that compilers give it.

    `dsp`: it has the instructions that the fast kernels are made for. `timed`: the cycle model is of this core; of the
    others instructions are counted, and cycles are not known. `unaligned`: words are read and written at any address.
    """

    name: str
    dsp: bool
    timed: bool
    unaligned: bool

    def __str__(self) -> str:
        return self.name


CORTEX_M4F = Core("cortex-m4f", dsp=True, timed=True, unaligned=True)
CORTEX_M3 = Core("cortex-m3", dsp=False, timed=False, unaligned=True)
CORTEX_M0PLUS = Core("cortex-m0plus", dsp=False, timed=False, unaligned=False)
CORES: dict[str, Core] = {core.name: core for core in (CORTEX_M4F, CORTEX_M3, CORTEX_M0PLUS)}

NOT_KNOWN = "not known for this board"


@dataclass(frozen=True)
class Board:
    """A microcontroller as the toolchain, the simulators and the energy model see it.

    Sizes in bytes, clock in Hz, currents in ampere, supply in volt. `ram_bytes` is all of the RAM that is used, the
    `stack_reserve_bytes` at its top included; `linker_script` is a file of `tdl_course/firmware/boards`. Supply and
    currents are None where no source was at hand to copy them from.
    """

    name: str
    core: Core
    flash_base: int
    flash_bytes: int
    ram_base: int
    ram_bytes: int
    stack_reserve_bytes: int
    clock_hz: int
    linker_script: str
    supply_v: Constant | None = None
    run_current_a: Constant | None = None
    stop_current_a: Constant | None = None
    standby_current_a: Constant | None = None

    @property
    def stack_top(self) -> int:
        """The address one past the RAM, where the stack starts."""
        return self.ram_base + self.ram_bytes

    def table(self) -> Table:
        rows = []
        for field in fields(self):
            value = getattr(self, field.name)
            rows.append((field.name, _cell(field.name, value), getattr(value, "source", "")))
        return Table(f"Board {self.name}", ("property", "value", "source"), tuple(rows))

    def _repr_html_(self) -> str:
        return self.table()._repr_html_()


def _cell(name: str, value: object) -> str:
    if value is None:
        return NOT_KNOWN
    if name.endswith("_base"):
        return f"0x{value:08x}"
    return f"{value:,}" if isinstance(value, int) else str(value)


_DATASHEET = "ST DS8626 Rev 12, STM32F405xx STM32F407xx datasheet"
_TYPICAL = "typical at 25 degC and VDD = 3.3 V"

_STM32F405 = Board(
    name="stm32f405",
    core=CORTEX_M4F,
    flash_base=0x0800_0000,
    flash_bytes=1024 * 1024,
    ram_base=0x2000_0000,
    ram_bytes=128 * 1024,
    stack_reserve_bytes=2048,
    clock_hz=168_000_000,
    linker_script="stm32f405.ld",
    supply_v=Constant(3.3, f"{_DATASHEET}, section 6.1.2 Typical values: the supply at which typical figures hold"),
    run_current_a=Constant(
        0.040,
        f"{_DATASHEET}, table 20, Typical and maximum current consumption in Run mode, code with data processing "
        f"running from Flash memory (ART accelerator enabled) or RAM: 168 MHz, all peripherals disabled, {_TYPICAL}",
    ),
    stop_current_a=Constant(
        280e-6,
        f"{_DATASHEET}, table 23, Typical and maximum current consumptions in Stop mode: regulator in low-power mode, "
        f"Flash in deep power-down, RAM kept, {_TYPICAL}",
    ),
    standby_current_a=Constant(
        3.3e-6,
        f"{_DATASHEET}, table 24, Typical and maximum current consumptions in Standby mode: backup SRAM off, low-speed "
        f"oscillator and RTC on to wake the core, RAM lost, {_TYPICAL}",
    ),
)

# Memory, clock and peripherals: ST RM0033. Supply currents are in ST DS6329, which was not at hand to copy from.
_STM32F205 = Board(
    name="stm32f205",
    core=CORTEX_M3,
    flash_base=0x0800_0000,
    flash_bytes=1024 * 1024,
    ram_base=0x2000_0000,
    ram_bytes=128 * 1024,
    stack_reserve_bytes=2048,
    clock_hz=120_000_000,
    linker_script="stm32f205.ld",
)

BOARDS: dict[str, Board] = {
    "stm32f405": _STM32F405,
    "tiny32k": replace(_STM32F405, name="tiny32k", ram_bytes=32 * 1024, linker_script="tiny32k.ld"),
    "stm32f205": _STM32F205,
}


def board(name: str | Board) -> Board:
    """The board of that name; a `Board` is returned as it is.

    Raises
    ------
    ValueError
        The name is unknown; the message lists the known ones.

    Examples
    --------
    >>> board("tiny32k").ram_bytes
    32768
    """
    if isinstance(name, Board):
        return name
    if name not in BOARDS:
        raise ValueError(f"unknown board {name!r}; boards are {', '.join(BOARDS)}")
    return BOARDS[name]
