"""Build: what a network costs on a board, found by compiling, linking and running it; or why it does not fit.

In: nothing. Out: the noun, and builds as JSON. `dashboards.combinations` makes them; this module knows no compiler, so
that who only shows builds need not load one.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tdl_course.files import write_atomically


@dataclass(frozen=True)
class Build:
    """One combination. Bytes measured in the ELF, the stack in `ram_bytes` simulated; `cycles` modelled.

    `accuracy` is measured on `samples` test samples in the C on this computer, nothing trained again. Where the linker
    refuses, `over` has bytes that are too many by region, `largest` the largest objects there, and the costs are None.
    """

    network: str
    bits: int
    sparsity: float
    board: str
    accuracy: float
    samples: int
    flash_bytes: int | None = None
    ram_bytes: int | None = None
    cycles: int | None = None
    region: str = ""
    over_bytes: int = 0
    largest: tuple[tuple[str, int], ...] = ()

    @property
    def fits(self) -> bool:
        return not self.region


def save(path: Path, builds: Sequence[Build], synthetic: Sequence[str]) -> None:
    """Write builds, and the names of the datasets that are made up."""
    write_atomically(path, json.dumps({"synthetic": list(synthetic), "builds": [asdict(build) for build in builds]}))


def load(path: Path) -> tuple[list[Build], list[str]]:
    """What `save` wrote."""
    facts = json.loads(path.read_text(encoding="utf-8"))
    builds = [Build(**{**each, "largest": tuple(map(tuple, each["largest"]))}) for each in facts["builds"]]
    return builds, facts["synthetic"]
