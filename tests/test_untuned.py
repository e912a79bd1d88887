"""Models that nobody tuned for: TFLM's bits, and no layer slower than TFLM + CMSIS-NN is for its like."""

import importlib.util
import sys
from pathlib import Path

import pytest

pytest.importorskip("tensorflow")
pytestmark = [pytest.mark.sim, pytest.mark.slow]

SCRIPT = Path(__file__).resolve().parent.parent / "benchmarks" / "untuned.py"


def load():
    """The benchmark as a module."""
    spec = importlib.util.spec_from_file_location("untuned", SCRIPT)
    module = importlib.util.module_from_spec(spec)
    sys.modules["untuned"] = module  # where its dataclass looks for its annotations
    spec.loader.exec_module(module)
    return module


untuned = load()
TESTED = ("mobilenet_v2", "mobilenet_5x5", "convolutional_autoencoder", "signal_1d", "squeezenet")
"""Of the benchmark's models those whose layers differ most."""


@pytest.mark.parametrize("name", TESTED)
def test_no_layer_is_slower_than_its_like_elsewhere(name, need):
    need("tflm")
    measured, found = untuned.findings(name)
    assert measured.equal == measured.compared == 5 and measured.device_equal
    assert found, "no layer of a kind that peers.json has"
    assert [(each.layer, each.kernel, each.per_mac, each.most) for each in found if each.per_mac > each.most] == []
