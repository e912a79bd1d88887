"""Fuzz the compiler: damaged .tflite files are refused, or read as TensorFlow reads them, run and emitted.

Run it from anywhere; without files it damages a small heartbeat classifier. A failure names the file, whose number as
--seed with --count 1 repeats it:

    python tools/fuzz_tflite.py --count 100000 --seed 0 [MODEL.tflite ...]
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.compiler.conftest import make_ecg_tflite  # noqa: E402
from tests.compiler.fuzz_tflite import fuzz  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("models", type=Path, nargs="*", metavar="MODEL.tflite")
    parser.add_argument("--count", type=int, default=1000, help="damaged files of each model (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="number of the first one (default: %(default)s)")
    options = parser.parse_args()
    models = {path.name: path.read_bytes() for path in options.models} or {"heartbeat classifier": make_ecg_tflite()}
    for name, data in models.items():
        began = time.perf_counter()
        outcomes = fuzz(data, options.seed, options.count)
        seconds = time.perf_counter() - began
        print(
            f"{name}: {options.count:,} damaged files, {outcomes['accepted']:,} of them accepted, the others refused "
            f"for {len(outcomes) - 1} reasons; no difference, {seconds:.0f} s"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
