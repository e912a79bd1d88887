"""Cases of operators that move values, and windows that grow."""

from __future__ import annotations

from build_graph import Case
from hypothesis import strategies as st

CASES: dict[str, st.SearchStrategy[Case]] = {}
