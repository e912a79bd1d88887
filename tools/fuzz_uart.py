"""Fuzz the firmware's serial port: good and damaged streams of commands, every answer compared with an oracle.

Half of them go to a model that keeps its input, half to one that uses it up. Run it from anywhere; a failure names the
stream:

    python tools/fuzz_uart.py --count 100000 --seed 0
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent.parent))

from tests.firmware.fuzz_uart import fuzz  # noqa: E402


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--count", type=int, default=1000, help="streams (default: %(default)s)")
    parser.add_argument("--seed", type=int, default=0, help="number of the first stream (default: %(default)s)")
    options = parser.parse_args()
    half = options.count // 2
    for keeps_input, first, count in ((True, options.seed, half), (False, options.seed + half, options.count - half)):
        began = time.perf_counter()
        seen = fuzz(first, count, keeps_input)
        kind = "keeps its input" if keeps_input else "uses up its input"
        print(f"{count:,} streams, a model that {kind}: no difference, {time.perf_counter() - began:.0f} s")
        print("  " + ", ".join(f"{line} {count:,}" for line, count in seen.most_common()))
    return 0


if __name__ == "__main__":
    sys.exit(main())
