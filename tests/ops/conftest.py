"""Makes the helpers beside these tests importable; pytest's importlib mode leaves sys.path alone."""

import sys
from pathlib import Path

HERE = Path(__file__).parent
for folder in (HERE, HERE.parent):
    if str(folder) not in sys.path:
        sys.path.append(str(folder))
