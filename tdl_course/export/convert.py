"""Convert a Keras model with TensorFlow's converter, quietly, and check what goes in.

In: `keras.Model` and calibration samples. Out: .tflite bytes. Kernel maps are baked in; fake-quantized activations keep
the ranges of training, everything else gets its range from the calibration samples.
"""

from __future__ import annotations

import numpy as np

from tdl_course.compress.kernel_maps import bake, kernels
from tdl_course.compress.qat import FakeQuantize, weight_grids
from tdl_course.compress.share import shared_grids
from tdl_course.export.error import ExportError
from tdl_course.export.grids import with_grids
from tdl_course.models import keras, tf
from tdl_course.quiet import silenced

MINIMUM_CALIBRATION = 50


def to_tflite(model: keras.Model, calibration: np.ndarray) -> bytes:
    """Quantize `model` to int8 and write it as .tflite.

    Parameters
    ----------
    model : keras.Model
        One input, one output. Weights that `compress.qat` trained on a grid of their own keep it: int4 where four bits
        are enough. Weights that `compress.share` gave a codebook have as few different integers.
    calibration : np.ndarray
        float32 [n, ...] like the model's input, n >= 50: typical training samples. Their activations set the scales.

    Returns
    -------
    bytes
        Input int8 [1, ...], output int8 [1, classes].

    Raises
    ------
    ExportError
        If samples are of another shape or dtype, too few, or not finite, activations were trained for other than 8
        bits, or the converter fails.
    """
    samples = _checked(model, calibration)
    plain = bake(model)
    tflite = _converted(_batch_of_one(plain), samples)
    grids = {**weight_grids(model), **shared_grids(model)}
    return with_grids(tflite, kernels(plain), grids) if grids else tflite


def _converted(fixed: keras.Model, samples: np.ndarray) -> bytes:
    converter = tf.lite.TFLiteConverter.from_keras_model(fixed)
    converter.optimizations = [tf.lite.Optimize.DEFAULT]
    converter.representative_dataset = lambda: ([sample[None]] for sample in samples)
    converter.target_spec.supported_ops = [tf.lite.OpsSet.TFLITE_BUILTINS_INT8]
    converter.inference_input_type = tf.int8
    converter.inference_output_type = tf.int8
    with silenced() as noise:
        try:
            return bytes(converter.convert())
        except Exception as error:  # the converter raises many kinds; all mean the same here
            cause = (str(error).strip().splitlines() or [noise.last_line()])[-1][:500]
            raise ExportError(
                f"TensorFlow's converter refused model {fixed.name!r}: {cause}. "
                "Use layers that have an int8 form: Conv2D, DepthwiseConv2D, Dense, pooling, ReLU, BatchNormalization."
            ) from error


def _checked(model: keras.Model, calibration: np.ndarray) -> np.ndarray:
    if len(model.inputs) != 1 or len(model.outputs) != 1:
        raise ExportError(
            f"model {model.name!r} has {len(model.inputs)} inputs and {len(model.outputs)} outputs; allowed is one each"
        )
    for layer in model.layers:
        if isinstance(layer, FakeQuantize) and layer.bits != 8:
            raise ExportError(
                f"{layer.name!r} was trained for {layer.bits} bits; the device has 8: prepare the model so"
            )
    calibration = np.asarray(calibration)
    wanted = tuple(model.input_shape[1:])
    if calibration.dtype != np.float32 or calibration.shape[1:] != wanted:
        raise ExportError(
            f"calibration is {calibration.dtype}{list(calibration.shape)}, allowed is float32{['n', *wanted]}: "
            "pass samples as the model sees them in training, such as dataset.x_train[:200]"
        )
    if len(calibration) < MINIMUM_CALIBRATION:
        raise ExportError(
            f"{len(calibration)} calibration samples; at least {MINIMUM_CALIBRATION} are needed to see the range of "
            "every activation: pass more, such as dataset.x_train[:200]"
        )
    if not np.isfinite(calibration).all():
        raise ExportError("calibration holds values that are not finite; remove the samples with NaN or infinity")
    return calibration


def _batch_of_one(model: keras.Model) -> keras.Model:
    """The same layers behind `Input(batch_size=1)`: a free batch would add SHAPE and PACK operators."""
    entry = keras.Input(batch_shape=(1, *model.input_shape[1:]), dtype="float32", name=model.inputs[0].name)
    return keras.Model(entry, model(entry, training=False), name=model.name)
