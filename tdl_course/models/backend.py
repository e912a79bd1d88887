"""TensorFlow and Keras, imported once and quietly."""

from __future__ import annotations

import os

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

from tdl_course.quiet import silenced

with silenced():
    import keras
    import tensorflow as tf
    from keras import layers

tf.get_logger().setLevel("ERROR")

__all__ = ["keras", "layers", "tf"]
