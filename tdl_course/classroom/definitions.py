"""The statements of a notebook that one function needs: found by name, not by running the notebook top to bottom.

In: the sources of code cells. Out: top-level statements in their order: the function's own, imports, and whatever binds
a name that these use. Calls that bind nothing, plots and widgets among them, are never part of it. Runs in the sandbox,
since even parsing somebody's text can be too much for Python.
"""

from __future__ import annotations

import ast
import symtable
from collections.abc import Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Statement:
    """One top-level statement: its code, and the names that it binds and uses."""

    node: ast.stmt
    cell: int
    binds: frozenset[str]
    uses: frozenset[str]


def statements(cells: list[str]) -> tuple[list[Statement], dict[int, str]]:
    """All top-level statements, and for each cell that is not Python why: `{number of the cell: message}`."""
    found, broken = [], {}
    for number, source in enumerate(cells):
        try:
            body = ast.parse(without_magics(source), f"cell {number}").body
            found += [_statement(node, number) for node in body]
        except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
            line = f", line {error.lineno}" if isinstance(error, SyntaxError) else ""
            text = error.msg if isinstance(error, SyntaxError) else type(error).__name__
            broken[number] = f"{text}{line}"
    return found, broken


def _statement(node: ast.stmt, cell: int) -> Statement:
    if isinstance(node, ast.ImportFrom) and node.names[0].name == "*":
        return Statement(node, cell, frozenset("*"), frozenset())
    return Statement(node, cell, *_names(symtable.symtable(ast.unparse(node), f"cell {cell}", "exec")))


def without_magics(source: str) -> str:
    """The cell without lines for IPython: `%matplotlib`, `!ls`, `?name`; a cell in another language is empty."""
    lines = source.splitlines()
    first = next((line for line in lines if line.strip()), "")
    if first.startswith("%%") and not first.startswith(("%%time", "%%capture")):
        return ""
    return "\n".join("pass" if line.lstrip()[:1] in ("%", "!", "?") else line for line in lines)


def needed(name: str, found: list[Statement]) -> list[Statement]:
    """The statements that the last function `name` needs, itself among them; empty where there is none of that name."""
    own = [statement for statement in found if defines(statement, name)]
    if not own:
        return []
    wanted, names = {id(own[-1])}, set(own[-1].uses) - {name}
    grown = True
    while grown:
        more = [s for s in found if id(s) not in wanted and (s.binds & names or "*" in s.binds)]
        wanted |= {id(statement) for statement in more}
        names |= {used for statement in more for used in statement.uses} - {name}
        grown = bool(more)
    return [statement for statement in found if id(statement) in wanted]


def defines(statement: Statement, name: str) -> bool:
    """Whether it makes a function of that name: by `def`, or by giving the name to something."""
    return name in statement.binds and not isinstance(statement.node, ast.Import | ast.ImportFrom)


def _names(table: symtable.SymbolTable) -> tuple[frozenset[str], frozenset[str]]:
    """What a module binds, and what it uses from outside of its functions' own names."""
    binds = {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()}
    uses = {s.get_name() for s in table.get_symbols() if s.is_referenced()}
    for inner in table.get_children():
        uses |= set(_global_names(inner))
    return frozenset(binds), frozenset(uses)


def _global_names(table: symtable.SymbolTable) -> Iterator[str]:
    yield from (symbol.get_name() for symbol in table.get_symbols() if symbol.is_global())
    for inner in table.get_children():
        yield from _global_names(inner)
