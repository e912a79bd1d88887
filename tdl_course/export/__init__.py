"""From a trained Keras model to a fully quantized .tflite file.

In: `keras.Model` and calibration samples. Out: the bytes of a flatbuffer whose input, output, weights and
activations are int8 (weights of four bits and less: int4; biases int32), batch 1. The converter is TensorFlow's; this
package makes it quiet, checks what it is given, and puts weights that were trained on a grid onto that grid.
"""

from tdl_course.export.convert import MINIMUM_CALIBRATION, ExportError, to_tflite
from tdl_course.export.grids import with_grids

__all__ = ["MINIMUM_CALIBRATION", "ExportError", "to_tflite", "with_grids"]
