"""Makes the helpers beside these tests and those of tests/ops importable."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
for folder in (HERE, HERE.parent / "ops", HERE.parent):
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
