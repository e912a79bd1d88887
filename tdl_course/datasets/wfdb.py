"""Read a PhysioNet record: header, format-212 samples, MIT annotations.

In: the bytes of NAME.hea, NAME.dat, NAME.atr. Out: one lead in mV and the marked beats. Written from the public format
descriptions header(5), signal(5) and annot(5) of the WFDB Applications Guide. It reads what the MIT-BIH Arrhythmia
Database uses (two leads, format 212) and refuses the rest.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tdl_course.datasets.card import DatasetError

# annotation codes that mark a beat (annot(5)); every other code marks rhythm, noise or comments
BEAT_CODES = {
    **dict(enumerate("NLRaVFJASEj/Q", start=1)),
    25: "B",
    30: "?",
    34: "e",
    35: "n",
    38: "f",
    41: "r",
}
SKIP, NUM, SUB, CHN, AUX = 59, 60, 61, 62, 63


@dataclass(frozen=True)
class Lead:
    """One line of a header: units of the ADC per mV, its reading at 0 mV, the lead's name."""

    counts_per_millivolt: float
    zero: int
    name: str


@dataclass(frozen=True)
class Header:
    """What a .hea file says: sampling frequency in Hz, samples per lead, the leads in order."""

    sampling_hz: float
    samples: int
    leads: tuple[Lead, ...]


def read_header(text: str, name: str) -> Header:
    """Parse a .hea file; raises DatasetError unless it is a two-lead format-212 record."""
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    try:
        _, count, sampling, samples, *_ = lines[0].split()
        leads = tuple(_lead(line) for line in lines[1 : 1 + int(count)])
        header = Header(float(sampling.split("/")[0]), int(samples), leads)
    except (IndexError, ValueError) as error:
        raise DatasetError(f"{name}.hea is not a WFDB header ({error}): {lines[:1]}") from error
    if len(header.leads) != 2:
        raise DatasetError(f"{name}.hea has {len(header.leads)} leads, format 212 needs 2 here")
    return header


def _lead(line: str) -> Lead:
    words = line.split(maxsplit=8)
    if words[1] != "212":
        raise ValueError(f"signal format {words[1]}, allowed is 212")
    return Lead(float(words[2].split("/")[0].split("(")[0]), int(words[4]), words[8].strip())


def read_lead(content: bytes, header: Header, lead: str, name: str) -> np.ndarray:
    """One lead of a .dat file in mV, float64 [samples].

    Format 212 packs two 12-bit two's-complement samples, one of each lead, into three bytes.
    """
    names = [each.name for each in header.leads]
    if lead not in names:
        raise DatasetError(f"record {name} has no lead {lead}; it has {', '.join(names)}")
    if len(content) < 3 * header.samples:
        raise DatasetError(
            f"{name}.dat has {len(content)} bytes, {header.samples} samples of 2 leads need {3 * header.samples}"
        )
    triples = np.frombuffer(content, np.uint8, 3 * header.samples).reshape(-1, 3).astype(np.int16)
    which = names.index(lead)
    counts = triples[:, 0] | (triples[:, 1] & 0x0F) << 8 if which == 0 else triples[:, 2] | (triples[:, 1] & 0xF0) << 4
    counts = np.where(counts > 2047, counts - 4096, counts)
    facts = header.leads[which]
    return (counts - facts.zero) / facts.counts_per_millivolt


def read_beats(content: bytes, name: str) -> tuple[np.ndarray, list[str]]:
    """The beats of an .atr file: sample numbers int64 [beats], ascending, and the mark of each.

    Every annotation is a 16-bit word, code << 10 | samples since the one before; SKIP carries a long step, AUX a text.
    """
    if len(content) % 2:
        raise DatasetError(f"{name}.atr has {len(content)} bytes; annotations are 2 bytes each")
    words = np.frombuffer(content, "<u2").astype(np.int64)
    positions: list[int] = []
    symbols: list[str] = []
    time, index = 0, 0
    while index < len(words):
        code, value = int(words[index]) >> 10, int(words[index]) & 0x3FF
        index += 1
        if code == 0 and value == 0:
            return np.array(positions, np.int64), symbols
        if code == SKIP:
            if index + 2 > len(words):
                break
            step = int(words[index]) << 16 | int(words[index + 1])  # high word first
            time += step - (1 << 32) if step >> 31 else step
            index += 2
        elif code == AUX:
            index += (value + 1) // 2
        elif code not in (NUM, SUB, CHN):
            time += value
            if code in BEAT_CODES:
                positions.append(time)
                symbols.append(BEAT_CODES[code])
    raise DatasetError(f"{name}.atr ends after {len(positions)} beats without its end mark: it is cut short")
