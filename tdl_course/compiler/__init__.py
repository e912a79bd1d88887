"""From .tflite bytes to C: tflite_reader -> passes -> reference (interpreter) -> memory -> emit_c.

And from a `FrontEnd` to C: emit_frontend; both with a `Spotter`: emit_spotter.
"""

from tdl_course.compiler.emit_c import EmitError, Sources, emit_c
from tdl_course.compiler.emit_frontend import FrontEndSources, emit_clip_c, emit_frontend
from tdl_course.compiler.emit_spotter import SpotterSources, emit_spotter
from tdl_course.compiler.memory import MemoryPlan, plan_memory
from tdl_course.compiler.passes import optimize
from tdl_course.compiler.reference import interpret, interpret_all
from tdl_course.compiler.tflite_reader import TfliteError, read_tflite

__all__ = [
    "EmitError",
    "FrontEndSources",
    "MemoryPlan",
    "Sources",
    "SpotterSources",
    "TfliteError",
    "emit_c",
    "emit_clip_c",
    "emit_frontend",
    "emit_spotter",
    "interpret",
    "interpret_all",
    "optimize",
    "plan_memory",
    "read_tflite",
]
