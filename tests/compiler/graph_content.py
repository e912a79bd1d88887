"""`content`: everything that a graph holds, as something that `==` compares."""

from tdl_course.graph import Graph


def content(graph: Graph) -> object:
    tensors = [
        (t.name, t.shape, t.dtype, t.quantization, None if t.data is None else t.data.tobytes()) for t in graph.tensors
    ]
    ops = [(op.kind, op.inputs, op.outputs, dict(op.options)) for op in graph.ops]
    return graph.name, tensors, ops, graph.inputs, graph.outputs
