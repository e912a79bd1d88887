"""Tables of a benchmark: measurements in, beside those of peers; `Table`s, Markdown and plain data out.

A figure that nobody gave is left empty, never guessed.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace

from tdl_course.bench.measure import DEFINITIONS, LayerFigures, Measurement
from tdl_course.bench.peers import Engine, Peers
from tdl_course.footprint import FLASH_RULE, RAM_RULE
from tdl_course.report import spent_in
from tdl_course.sim.cycle_model import KINDS
from tdl_course.table import Table

OURS = "this project"
LAYER_COLUMNS = ("#", "operator", "output", "kernel", "MACs", "cycles", "cycles/MAC", "share", "RAM", "flash", "why")
COLUMNS = ("model", "engine", "MACs", "cycles", "cycles/MAC", "RAM", "flash", "code", "equal to TFLM")


def comparison(measurements: Sequence[Measurement], peers: Peers) -> Table:
    """One row for each model and engine, ours first: by each toolchain."""
    rows: list[tuple[str, ...]] = []
    for first in by_first_toolchain(measurements):
        same = [each for each in measurements if each.sha256 == first.sha256]
        rows += [our_row(each, "" if each is not first else first.name) for each in same]
        rows += [("", engine.name, "", *cells, "") for engine, cells in peer_rows(first, peers)]
    board = ", ".join(sorted({each.board for each in measurements}))
    title = f"One inference on {board}, beside other engines (cycles modelled, bytes measured, stack simulated)"
    return Table(title, COLUMNS, tuple(rows), "\n".join(notes(peers)))


def by_first_toolchain(measurements: Sequence[Measurement]) -> list[Measurement]:
    """Each model once: as the toolchain built it that comes first."""
    found: dict[str, Measurement] = {}
    for each in measurements:
        found.setdefault(each.sha256, each)
    return list(found.values())


def our_row(each: Measurement, name: str) -> tuple[str, ...]:
    return (
        name,
        f"{OURS}, {each.toolchain}{'' if each.optimize == 'speed' else f', for {each.optimize}'}",
        f"{each.macs:,}",
        "" if each.cycles is None else f"{each.cycles:,}",
        "" if each.cycles is None or not each.macs else f"{each.cycles / each.macs:.2f}",
        f"{each.ram_bytes:,}",
        f"{each.flash_bytes:,}",
        f"{each.code_bytes:,}",
        equality(each),
    )


def layers(measurement: Measurement) -> Table:
    """Where the cycles (else instructions) of one model go: a row for each layer, and why its kernel was chosen."""
    spent, unit = spent_in(measurement.layers)
    whole = measurement.instructions if measurement.cycles is None else measurement.cycles
    kind, plural = unit.split()
    rows = tuple(
        (
            str(index),
            layer.operator,
            "x".join(map(str, layer.output[1:])),
            layer.kernel,
            f"{layer.macs:,}",
            f"{cost:,}",
            f"{cost / layer.macs:.2f}" if layer.macs else "",
            f"{cost / max(1, whole):.1%}",
            f"{layer.ram_bytes:,}",
            f"{layer.flash_bytes:,}",
            layer.why,
        )
        for index, (layer, cost) in enumerate(zip(measurement.layers, spent, strict=True))
    )
    title = f"{measurement.name}, layer by layer: {whole:,} {plural} ({kind}; bytes measured)"
    columns = tuple(name.replace("cycles", plural) for name in LAYER_COLUMNS)
    return Table(title, columns, rows, f"{RAM_RULE}\n{FLASH_RULE}\nWhy: cycles there are the choice's estimates.")


def kinds(measurement: Measurement) -> Table | None:
    """What the cycles of each layer are spent on: a row for each layer, and one for all. None where nobody knows."""
    parts = [layer.by_kind for layer in measurement.layers]
    if not all(parts) or measurement.cycles is None:
        return None
    names = [f"{index} {layer.operator} {layer.kernel}" for index, layer in enumerate(measurement.layers)]
    lines = [(*names, "all layers"), (*parts, tuple(map(sum, zip(*parts, strict=True))))]
    rows = tuple(
        (name, f"{sum(part):,}", *(f"{cycles / max(1, sum(part)):.0%}" for cycles in part))
        for name, part in zip(*lines, strict=True)
    )
    note = "Other: additions, shifts, moves, packing, saturation. A jump's refill of the pipeline counts as branch."
    title = f"{measurement.name}: what the cycles are spent on (modelled)"
    return Table(title, ("layer", "cycles", *KINDS), rows, note)


def equality(measurement: Measurement) -> str:
    if measurement.equal is None:
        return "TFLM is not installed"
    on_device = "" if measurement.device_equal else "; the device differs"
    return f"{measurement.equal} of {measurement.compared}{on_device}"


def peer_rows(measurement: Measurement, peers: Peers) -> list[tuple[Engine, tuple[str, ...]]]:
    """The engines that have figures of this model, with the cells from cycles to code."""
    found: list[tuple[Engine, tuple[str, ...]]] = []
    for engine in peers.engines:
        figures = engine.models.get(measurement.peer_key or "")
        if figures:
            per_mac = f"{figures['cycles'] / measurement.macs:.2f}"
            sizes = (f"{figures[key]:,}" if key in figures else "" for key in ("ram", "flash", "code"))
            found.append((engine, (f"{figures['cycles']:,}", per_mac, *sizes)))
    return found


def notes(peers: Peers) -> list[str]:
    """Definitions, and where the peers' figures come from."""
    lines = [f"{text[0].upper()}{text[1:]}." for text in DEFINITIONS]
    if not peers.engines:
        return [*lines, "No other engines: benchmarks/peers.json is not here (it is part of a checkout)."]
    for engine in peers.engines:
        remark = f". {engine.note}" if engine.note else ""
        lines.append(f"{engine.name}: {engine.version}{remark}.")
    lines.append(
        f"Other engines: counted by the same model on {peers.conditions['date']}, {peers.conditions['compiler']}; "
        "sources in benchmarks/peers.json."
    )
    return lines


def silicon(measurements: Sequence[Measurement], peers: Peers) -> Table | None:
    """Published times on a real board, with ours at the same clock as the model has them; None without peers, or where
    the model has none."""
    first = by_first_toolchain(measurements)
    known = [(each, each.cycles) for each in first if each.peer_key and each.cycles is not None]
    if peers.silicon is None or not known:
        return None
    board = peers.silicon
    rows = [
        (f"{OURS}, modelled, zero wait states", *(f"{cycles / board.clock_hz * 1e3:.2f}" for _, cycles in known)),
        *(
            (entry, *(f"{times[key]:.2f}" if (key := each.peer_key or "") in times else "" for each, _ in known))
            for entry, times in board.milliseconds.items()
        ),
    ]
    ours = f"Ours is no measurement on silicon. {board.calibration}."
    note = f"{ours}\nPublished: measured on silicon. Source: {board.source}."
    columns = ("engine", *(each.name for each, _ in known))
    return Table(f"Milliseconds of one inference at 120 MHz: published for {board.board}", columns, tuple(rows), note)


def markdown(table: Table) -> str:
    """A table as GitHub's Markdown; the title bold above it, each line of the note a line below."""
    lines = [f"**{table.title}**", "", f"| {' | '.join(table.columns)} |", f"|{'|'.join(rule(table))}|"]
    lines += [f"| {' | '.join(bold(row))} |" for row in table.rows]
    if table.note:
        lines += ["", *(f"- {line}" for line in table.note.splitlines())]
    return "\n".join(lines) + "\n"


def rule(table: Table) -> list[str]:
    return ["---:" if table.is_numeric(column) else "---" for column in range(len(table.columns))]


def bold(row: Sequence[str]) -> list[str]:
    ours = any(cell.startswith(OURS) for cell in row)
    return [f"**{cell}**" if ours and cell else cell for cell in row]


def to_json(measurements: Sequence[Measurement]) -> str:
    """Measurements as text that `from_json` reads; the same measurements give the same text."""
    plain: Mapping[str, object] = {
        "definitions": list(DEFINITIONS),
        "models": [{**asdict(each), "ram_bytes": each.ram_bytes} for each in measurements],
    }
    return json.dumps(plain, indent=1) + "\n"


def from_json(text: str) -> list[Measurement]:
    """What `to_json` wrote.

    Raises
    ------
    ValueError
        It is something else.
    """
    try:
        return [measurement(row) for row in json.loads(text)["models"]]
    except (ValueError, KeyError, TypeError) as error:
        raise ValueError(
            f"these are not results of tdl bench ({error!r}); write them anew: tdl bench --out DIR"
        ) from None


def measurement(row: dict[str, object]) -> Measurement:
    fields = {name: value for name, value in row.items() if name != "ram_bytes"}
    layers = fields.pop("layers")
    assert isinstance(layers, list)
    figures = (LayerFigures(**layer) for layer in layers)
    made = Measurement(**fields, layers=())  # type: ignore[arg-type]
    layered = (replace(each, output=tuple(each.output), by_kind=tuple(each.by_kind)) for each in figures)
    return replace(made, layers=tuple(layered))
