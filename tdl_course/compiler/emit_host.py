"""emit_host: what the firmware exchanges with its host over the serial port, as C.

In: a `Graph` and one of `FORMS`. Out: storage and fields of `tdl_model_info`. MLPerf Tiny's runner sends the files of
its datasets as they are, and for two of the four benchmarks these are not what the model takes; the benchmark's
reference firmware converts, and so does ours where it is asked to. `MLPERF` names the form of each benchmark.
Such a firmware has the symbol `tdl_host`. This module knows no C but these lines.
"""

from __future__ import annotations

from tdl_course.graph import Graph

FORMS = {
    "tensors": "the bytes of the model's inputs, and its outputs",
    "pixels": "pixels 0 to 255 for an int8 input, which has them less 128",
    "score": "float32 numbers for an int8 input; one result, the mean squared difference of the output from them",
}
MLPERF = {"kws01": "tensors", "ic01": "pixels", "vww01": "pixels", "ad01": "score"}


class EmitError(ValueError):
    """The graph cannot be written as firmware; the message names what is in the way."""


def host_c(graph: Graph, form: str) -> tuple[list[str], str]:
    """(C of the storage, fields of tdl_model_info behind the others) for one of `FORMS`.

    Raises EmitError where the model's input or output is not of that form.
    """
    if form not in FORMS:
        raise EmitError(f"host={form!r}; it exchanges one of {', '.join(FORMS)}")
    if form == "tensors":
        return [], ""
    source = graph.tensors[graph.inputs[0]]
    if len(graph.inputs) != 1 or source.dtype != "int8":
        raise EmitError(f"a host that sends {FORMS[form]} needs one int8 input; build without --mlperf")
    if form == "pixels":
        return ["const tdl_host_form tdl_host = {.sent = 0};\n"], ", .host = &tdl_host"
    target = graph.tensors[graph.outputs[0]]
    if len(graph.outputs) != 1 or target.dtype != "int8" or target.size != source.size:
        raise EmitError(f"a score needs one int8 output of the input's {source.size} values; build without --mlperf")
    storage = (
        f"static float tdl_sent[{source.size}];\nconst tdl_host_form tdl_host = "
        f"{{.sent = tdl_sent, .scale = {source.scale.hex()}f, .zero_point = {source.zero_point}}};\n"
    )
    return [storage], ", .host = &tdl_host"
