"""Keras models of the course: build, train, keep.

In: a name, a `Dataset`. Out: a `keras.Model` whose layers convert to the operators that the compiler knows. Input is
float32 [n, ...] as `datasets` scales it; output is softmax [n, classes].
This package, `export` and the Keras half of `compress` are what imports TensorFlow. It knows no flatbuffer, no C, no
target.
"""

from tdl_course.models.backend import keras, layers, tf
from tdl_course.models.blueprints import BLUEPRINTS, Blueprint, Recipe, blueprint, build
from tdl_course.models.training import History, class_weights, fingerprint, load, predict, recipe_of, train

__all__ = [
    "BLUEPRINTS",
    "Blueprint",
    "History",
    "Recipe",
    "blueprint",
    "build",
    "class_weights",
    "fingerprint",
    "keras",
    "layers",
    "load",
    "predict",
    "recipe_of",
    "tf",
    "train",
]
