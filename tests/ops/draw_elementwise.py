"""Cases of operators that work element by element, and reductions."""

from __future__ import annotations

from build_graph import Case
from hypothesis import strategies as st

CASES: dict[str, st.SearchStrategy[Case]] = {}
