"""How long a LoRa packet is on the air.

In: bytes and the settings of the modem. Out: seconds. Source of the formula: Semtech SX1276/77/78/79 datasheet,
section 4.1.1.7, Time on air.
"""

from __future__ import annotations

from math import ceil

LONGEST_SYMBOL_S = 16e-3  # beyond it the datasheet asks for low data rate optimisation


def lora_time_on_air(
    payload_bytes: int,
    spreading_factor: int = 7,
    bandwidth_hz: float = 125_000,
    coding_rate: int = 1,
    preamble: int = 8,
    explicit_header: bool = True,
    crc: bool = True,
    low_data_rate: bool | None = None,
) -> float:
    """Seconds that one packet is on the air.

    `coding_rate` 1 to 4 stands for 4/5 to 4/8. `low_data_rate` optimisation is None to follow the datasheet: on where
    a symbol lasts longer than 16 ms. LoRaWAN adds at least 13 bytes to what an application sends.

    Raises ValueError for a setting that the modem does not have.

    Examples
    --------
    >>> round(1000 * lora_time_on_air(10), 3)
    41.216
    >>> round(1000 * lora_time_on_air(10, spreading_factor=12), 3)
    991.232
    """
    if not 0 <= payload_bytes <= 255 or payload_bytes != int(payload_bytes):
        raise ValueError(f"payload_bytes is {payload_bytes}; whole numbers 0 to 255 are allowed")
    if spreading_factor not in range(6, 13):
        raise ValueError(f"spreading_factor is {spreading_factor}; 6 to 12 are allowed")
    if spreading_factor == 6 and explicit_header:
        raise ValueError("spreading_factor is 6, which has no explicit header; pass explicit_header=False")
    if not 7_800 <= bandwidth_hz <= 500_000:
        raise ValueError(f"bandwidth_hz is {bandwidth_hz:g}; 7800 to 500000 are allowed")
    if coding_rate not in range(1, 5):
        raise ValueError(f"coding_rate is {coding_rate}; 1 (4/5) to 4 (4/8) are allowed")
    if preamble not in range(6, 65_536):
        raise ValueError(f"preamble is {preamble}; 6 to 65535 symbols are allowed")
    symbol_s = 2**spreading_factor / bandwidth_hz
    low_data_rate = symbol_s > LONGEST_SYMBOL_S if low_data_rate is None else low_data_rate
    bits = 8 * payload_bytes - 4 * spreading_factor + 28 + 16 * crc - 20 * (not explicit_header)
    codewords = max(0, ceil(bits / (4 * (spreading_factor - 2 * low_data_rate))))
    return (preamble + 4.25 + 8 + codewords * (coding_rate + 4)) * symbol_s
