"""Pictures of a benchmark: cycles and RAM beside other engines, and the layers of each model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from tdl_course.bench.measure import Measurement
from tdl_course.bench.peers import Peers
from tdl_course.bench.tables import OURS, by_first_toolchain
from tdl_course.report import Picture, cost_plot, panels, spent_in, timelines

LEFT_OUT = "TFLM reference kernels"  # several times the others: the table has them


def pictures(measurements: Sequence[Measurement], peers: Peers) -> dict[str, Picture]:
    """File name -> picture: beside other engines, over the time of an inference, and the layers of each model.

    Of a model that was built by several toolchains, the first one is shown.
    """
    measurements = by_first_toolchain(measurements)
    timed = [each for each in measurements if each.cycles is not None]
    made: dict[str, Picture] = {}
    if timed:
        made["cycles.png"] = beside_peers(timed, peers, "cycles", "modelled cycles of one inference", "Cycles")
    made["ram.png"] = beside_peers(measurements, peers, "ram", "bytes of RAM all in", "RAM")
    if any(each.macs for each in timed):
        made["time.png"] = over_time(timed)
    for each in measurements:
        names = [f"{index} {layer.operator} {layer.kernel}" for index, layer in enumerate(each.layers)]
        made[f"layers_{each.name.replace('/', '_')}.png"] = layer_bars(each, names)
    return made


def layer_bars(measurement: Measurement, names: Sequence[str]) -> Picture:
    """What each layer takes, and in words how many each multiply-accumulate takes."""
    spent, unit = spent_in(measurement.layers)
    picture = cost_plot(names, spent, unit, f"Where the {unit.split()[1]} of {measurement.name} go")
    return replace(picture, words=f"{picture.words} {per_mac(measurement)}".strip())


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


def per_mac(measurement: Measurement) -> str:
    """Cycles per multiply-accumulate of the best and the worst layer that multiplies, and overall; "" where unknown."""
    known = {
        f"{index} {layer.operator} {'x'.join(map(str, layer.output[1:]))}": layer.cycles / layer.macs
        for index, layer in enumerate(measurement.layers)
        if layer.macs and layer.cycles is not None
    }
    if not known or measurement.cycles is None:
        return ""
    best, worst = min(known, key=known.__getitem__), max(known, key=known.__getitem__)
    return (
        f"Cycles per MAC: from {known[best]:.2f} in layer {best} to {known[worst]:.2f} in layer {worst}; "
        f"{measurement.cycles / measurement.macs:.2f} over the whole inference."
    )
