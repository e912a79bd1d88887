"""Export: int8 from end to end, batch 1, silent, close to float; refusals that say what to pass."""

import numpy as np
import pytest

from tdl_course import datasets, export, models
from tdl_course.compiler import read_tflite
from tdl_course.export import ExportError
from tdl_course.models import BLUEPRINTS, keras

NAMES = ["activity_cnn", "ecg_cnn"]


@pytest.fixture(scope="module", params=NAMES)
def exported(request):
    """A model after a short training, its dataset, and its int8 form."""
    dataset = datasets.load(BLUEPRINTS[request.param].dataset, source="synthetic")
    keras.utils.set_random_seed(0)
    model = models.build(request.param)
    models.train(model, dataset, epochs=4, progress=False)
    return model, dataset, export.to_tflite(model, dataset.x_train[::20])


def test_the_graph_is_int8_with_batch_one(exported):
    model, dataset, content = exported
    graph = read_tflite(content)
    (entry,), (result,) = ([graph.tensors[i] for i in ends] for ends in (graph.inputs, graph.outputs))
    assert entry.dtype == result.dtype == "int8"
    assert entry.shape == (1, *dataset.x_train.shape[1:]) and result.shape == (1, len(dataset.labels))
    kinds = {op.kind for op in graph.ops}
    assert kinds <= {"CONV_2D", "DEPTHWISE_CONV_2D", "MEAN", "FULLY_CONNECTED", "SOFTMAX"}
    assert {tensor.dtype for tensor in graph.tensors if tensor.is_constant} <= {"int8", "int32"}


def test_tflm_runs_it_close_to_float(exported, need):
    need("tflm")
    from tflite_micro import runtime

    model, dataset, content = exported
    graph = read_tflite(content)
    entry = graph.tensors[graph.inputs[0]]
    x, y = dataset.x_test[:480], dataset.y_test[:480]
    q = np.clip(np.rint(x / entry.scale) + entry.zero_point, -128, 127).astype(np.int8)
    interpreter = runtime.Interpreter.from_bytes(content)
    outputs = []
    for sample in q:
        interpreter.set_input(sample[None], 0)
        interpreter.invoke()
        outputs.append(interpreter.get_output(0)[0].argmax())
    expected = models.predict(model, x).argmax(axis=1)
    assert np.mean(outputs == expected) > 0.9, "a model trained for moments is unsure of many samples"
    assert abs(np.mean(outputs == y) - np.mean(expected == y)) < 0.06


def test_the_same_model_gives_the_same_bytes_and_prints_nothing(exported, capfd):
    model, dataset, content = exported
    capfd.readouterr()
    assert export.to_tflite(model, dataset.x_train[::20]) == content
    assert capfd.readouterr() == ("", "")


def test_output_appears_again_after_a_failure(capfd):
    entry = keras.Input((8, 1, 1))
    model = keras.Model(entry, keras.ops.erf(entry), name="odd")
    with pytest.raises(ExportError, match="refused model 'odd'"):
        export.to_tflite(model, np.zeros((60, 8, 1, 1), np.float32))
    assert capfd.readouterr() == ("", "")
    print("heard")
    assert capfd.readouterr().out == "heard\n"


@pytest.mark.parametrize(
    ("calibration", "says"),
    [
        (np.zeros((60, 128, 1, 3)), r"float64\[60, 128, 1, 3\], allowed is float32\['n', 128, 1, 3\]"),
        (np.zeros((60, 128, 3), np.float32), r"float32\[60, 128, 3\]"),
        (np.zeros((49, 128, 1, 3), np.float32), "49 calibration samples; at least 50"),
        (np.full((60, 128, 1, 3), np.nan, np.float32), "not finite"),
    ],
)
def test_calibration_that_does_not_fit_is_named(calibration, says):
    with pytest.raises(ExportError, match=says):
        export.to_tflite(models.build("ecg_cnn"), calibration)


def test_two_inputs_are_refused():
    a, b = keras.Input((4, 1, 1)), keras.Input((4, 1, 1))
    model = keras.Model([a, b], keras.layers.Add()([a, b]), name="pair")
    with pytest.raises(ExportError, match="2 inputs and 1 outputs"):
        export.to_tflite(model, np.zeros((60, 4, 1, 1), np.float32))
