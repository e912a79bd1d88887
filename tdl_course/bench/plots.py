"""Pictures of a benchmark: cycles and RAM beside other engines, and the layers of each model."""

from __future__ import annotations

from collections.abc import Sequence

from tdl_course.bench.measure import Measurement
from tdl_course.bench.peers import Peers
from tdl_course.bench.tables import OURS
from tdl_course.report import Picture, cost_plot, panels, rows, spent_in, timelines

LEFT_OUT = "TFLM reference kernels"  # several times the others: the table has them


def pictures(measurements: Sequence[Measurement], peers: Peers) -> dict[str, Picture]:
    """File name -> picture."""
    made = {"ram.png": beside_peers(measurements, peers, "ram", "bytes of RAM all in", "RAM")}
    timed = [each for each in measurements if each.cycles is not None]
    if timed:
        made["cycles.png"] = beside_peers(timed, peers, "cycles", "modelled cycles of one inference", "Cycles")
    if any(each.macs for each in timed):
        made["time.png"] = over_time(timed)
    for each in measurements:
        stem = each.name.replace("/", "_")
        names = [f"{index} {layer.operator}" for index, layer in enumerate(each.layers)]
        made[f"layers_{stem}.png"] = cost_plot(names, *spent_in(each.layers))
        if each.macs and each.cycles is not None:
            made[f"cycles_per_mac_{stem}.png"] = per_mac(each)
    return made


def beside_peers(measurements: Sequence[Measurement], peers: Peers, figure: str, xlabel: str, title: str) -> Picture:
    """One panel a model, one bar an engine."""
    groups: dict[str, dict[str, float]] = {}
    for each in measurements:
        group = {OURS: float((each.cycles or 0) if figure == "cycles" else each.ram_bytes)}
        for engine in peers.engines:
            figures = engine.models.get(each.peer_key or "", {})
            if engine.name != LEFT_OUT and figure in figures:
                group[engine.name] = float(figures[figure])
        groups[each.name.removeprefix("mlperf_tiny/")] = group
    return panels(groups, xlabel, title)


def over_time(measurements: Sequence[Measurement]) -> Picture:
    """Cycles per multiply-accumulate in the course of an inference, one panel a model that has cycles."""
    shown = {each.name.removeprefix("mlperf_tiny/"): each for each in measurements if each.macs}
    tracks = {name: [(layer.cycles or 0, layer.macs) for layer in each.layers] for name, each in shown.items()}
    boxes = {
        name: ([cycles for cycles, _ in track], [cycles / macs if macs else None for cycles, macs in track])
        for name, track in tracks.items()
    }
    overall = {name: (each.cycles or 0) / each.macs for name, each in shown.items()}
    xlabel, ylabel = "modelled cycles since the inference began", "cycles per MAC"
    note = " Layers count the MACs that are left to compute, the dashed line those of the file."
    return timelines(boxes, overall, xlabel, ylabel, "Cycles per MAC over an inference", note)


def per_mac(measurement: Measurement) -> Picture:
    """Cycles per multiply-accumulate of the layers that multiply, for a measurement that has cycles."""
    shown = [(index, layer) for index, layer in enumerate(measurement.layers) if layer.macs]
    names = [f"{index} {layer.operator} {'x'.join(map(str, layer.output[1:]))}" for index, layer in shown]
    values = [(layer.cycles or 0) / layer.macs for _, layer in shown]
    best = min(range(len(values)), key=values.__getitem__)
    worst = max(range(len(values)), key=values.__getitem__)
    words = (
        f"Cycles per MAC in {measurement.name}: from {values[best]:.2f} in layer {names[best]} to {values[worst]:.2f} "
        f"in layer {names[worst]}; {(measurement.cycles or 0) / measurement.macs:.2f} over the whole inference."
    )
    return rows(names, values, "modelled cycles per MAC", f"Cycles per MAC, {measurement.name}", words)
