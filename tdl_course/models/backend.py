"""TensorFlow and Keras, imported once and quietly, on one thread.

The course's networks are so small that a second thread waits more than it computes: training takes half the time and
half the energy without it. Sums then have one order, whatever the number of cores.
"""

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
tf.config.threading.set_intra_op_parallelism_threads(1)
tf.config.threading.set_inter_op_parallelism_threads(1)

__all__ = ["keras", "layers", "tf"]
