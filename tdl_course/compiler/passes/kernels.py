"""choose_kernels: which C each operator becomes.

Goal "speed": the fastest kernel that computes an operator exactly, by the kernels' own estimates of their cycles.

Goal "size": the one with the fewest bytes of constants in flash, the reference among them; of those that need up to
30 % more, the fastest. For less, an inner loop several times slower is a bad bargain, the more so as each kernel brings
its code.

Names that are preferred come before both goals: an operator takes the first of them that computes it exactly.

The name is written into the option "kernel", a goal other than speed into the option "goal", that it was preferred into
"preferred". On a core without DSP
instructions fast kernels compute the same in plain C, with several instructions for each that the core lacks; there the
reference stays, but for the kernels that are better even so (WITHOUT_DSP), or are there to give time for flash.
`explain` gives the whole comparison.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from tdl_course.compiler.passes.edit import with_options
from tdl_course.graph import Graph, Op
from tdl_course.kernels import FAST, REFERENCE, flash, gives_time, kernel_name, note

GOALS = ("speed", "size")
SPEED, SIZE = GOALS
KERNELS = (REFERENCE, *sorted({name for kernels in FAST.values() for name in kernels}))
NO_DSP = "the core has no DSP instructions"
AS_SMALL = 1.3
"""Times the bytes of the smallest kernel: up to here speed decides."""


@dataclass(frozen=True)
class Choice:
    """A kernel that an operator might take: what it is estimated to cost, or why it cannot be had.

    `cycles` are None for the reference, `flash` (bytes of its constants) but for the goal "size".
    """

    kernel: str
    cycles: int | None
    why_not: str | None
    flash: int | None = None


def choose_kernels(graph: Graph, dsp: bool = True, goal: str = SPEED, prefer: Sequence[str] = ()) -> Graph:
    """Name the kernel of each operator that has a choice, and has none named yet, for a core with or without DSP.

    Parameters
    ----------
    prefer : sequence of str
        Names of `KERNELS`, the most wanted first, that are taken wherever they are exact, whatever they cost and
        whatever the core has: without DSP instructions they are plain C.

    Raises
    ------
    ValueError
        `goal` is not one of `GOALS`, or a preferred name not one of `KERNELS`.
    """
    if goal not in GOALS:
        raise ValueError(f"goal {goal!r}: what is optimized is one of {', '.join(GOALS)}")
    if isinstance(prefer, str):
        raise ValueError(f"prefer is the text {prefer!r}: names in a tuple are needed, as prefer=({prefer!r},)")
    for name in prefer:
        if name not in KERNELS:
            raise ValueError(f"prefer {name!r}: no operator has such a kernel; there are {', '.join(KERNELS)}")
    ops = tuple(_with_kernel(graph, op, dsp, goal, prefer) for op in graph.ops)
    return graph if all(new is old for new, old in zip(ops, graph.ops, strict=True)) else replace(graph, ops=ops)


def explain(graph: Graph, op: Op, dsp: bool = True, goal: str = SPEED) -> list[Choice]:
    """The fast kernels of an operator, for "size" its reference too: those that it can take first, the best before."""
    names = [name for name in FAST.get(op.kind, {}) if goal == SIZE or not gives_time(graph, op, name)]
    choices = [_choice(graph, op, name, dsp, goal) for name in names]
    if goal == SIZE and choices:
        choices.append(Choice(REFERENCE, None, None, _flash(graph, op, REFERENCE)))
    least = min((choice.flash for choice in choices if choice.flash is not None), default=0)

    def rank(choice: Choice) -> tuple[bool, int, bool, int]:
        larger = 0 if choice.flash is None or choice.flash <= AS_SMALL * least else choice.flash
        return choice.why_not is not None, larger, choice.cycles is None, choice.cycles or 0

    return sorted(choices, key=rank)


def why(graph: Graph, op: Op, dsp: bool = True) -> str:
    """The choice in one line, "rows: about 1,300 cycles; not columns: about 2,000 cycles"; "" where there is none.

    By the goal that it was made for: "huffman: about 61,000 bytes; not rows: about 85,000 bytes".
    """
    chosen = kernel_name(op)
    own: list[str] = []
    others: list[str] = []
    for choice in explain(graph, op, dsp, str(op.options.get("goal", SPEED))):
        reason = f"{choice.kernel}: {_reason(choice, dsp)}"
        about = None if choice.why_not else note(graph, op, choice.kernel)
        (own if choice.kernel == chosen else others).append(f"{reason}, {about}" if about else reason)
    if "preferred" in op.options:
        own = [", ".join([f"{chosen}: asked for", *(text.removeprefix(f"{chosen}: ") for text in own)])]
    if chosen == REFERENCE and others and not own:
        own = [REFERENCE]
    return "; not ".join([*own, *others])


def _choice(graph: Graph, op: Op, name: str, dsp: bool, goal: str) -> Choice:
    module = FAST[op.kind][name]
    runs = dsp or module.WITHOUT_DSP or gives_time(graph, op, name)
    reason = module.why_not(graph, op) if runs else NO_DSP
    if reason:
        return Choice(name, None, reason)
    return Choice(name, module.cycles(graph, op), None, _flash(graph, op, name) if goal == SIZE else None)


def _flash(graph: Graph, op: Op, kernel: str) -> int:
    return flash(graph, with_options(op, kernel=kernel))


def _reason(choice: Choice, dsp: bool) -> str | None:
    if choice.flash is not None:
        return f"about {choice.flash:,} bytes"
    if choice.cycles is not None:
        return f"about {choice.cycles:,} cycles" if dsp else "faster than the reference in plain C too"
    return choice.why_not


def _with_kernel(graph: Graph, op: Op, dsp: bool, goal: str, prefer: Sequence[str]) -> Op:
    if op.kind not in FAST or "kernel" in op.options:
        return op
    written = {} if goal == SPEED else {"goal": goal}
    for name in prefer:
        if name == REFERENCE or (name in FAST[op.kind] and FAST[op.kind][name].why_not(graph, op) is None):
            return with_options(op, kernel=name, preferred=True, **written)
    best = explain(graph, op, dsp, goal)[0]
    return with_options(op, kernel=REFERENCE if best.why_not else best.kernel, **written)
