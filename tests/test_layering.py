"""The shape of the tree, from syntax trees: imports point one way, TensorFlow in its modules only, short files."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
LIBRARY = ROOT / "tdl_course"

# A module imports from lines above its own only; a package also from itself.
ORDER = [
    {"files", "picture", "quiet", "table"},
    {"graph", "boards", "builds", "metrics"},
    {"audio", "ops"},
    {"kernels"},
    {"count", "datasets", "energy", "irrigation"},
    {"augment"},
    {"models", "compiler"},
    {"compress"},
    {"export"},
    {"elf"},
    {"edges", "fit", "footprint"},
    {"toolchain"},
    {"sim"},
    {"report"},
    {"deployment"},
    {"listening"},
    {"widgets", "checks", "firmware_project", "doctor", "bench", "exports"},
    {"classroom", "dashboards", "demo", "pages", "profiling", "wheelhouse"},
    {"cli"},
]
LEVEL = {name: level for level, names in enumerate(ORDER) for name in names}
TENSORFLOW_IN = {"models"}  # `export` and the Keras half of `compress` have it from there
LONGEST_FILE = 350  # lines
PROSE = ("lessons", "talks")  # as long as their subject
MODULES = sorted(LIBRARY.rglob("*.py"))
DOOR = LIBRARY / "__init__.py"  # lazy, and open to everything: tests of its own


def top(path: Path) -> str:
    """`graph` for tdl_course/graph.py, `ops` for tdl_course/ops/conv_2d.py."""
    return path.relative_to(LIBRARY).with_suffix("").parts[0]


def imports(tree: ast.AST) -> set[str]:
    """Dotted names of everything imported, also inside functions, except for type checkers only."""
    found: set[str] = set()
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test):
            continue
        if isinstance(node, ast.Import):
            found |= {f"{alias.name}." for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            found |= {f"{module}.{alias.name}" for alias in node.names}
        found |= imports(node)
    return found


def wrong_imports(path: Path, source: str) -> list[str]:
    """Imports of the library module at `path` that point the wrong way, or at TensorFlow where it may not be."""
    own, found = top(path), []
    for name in sorted(imports(ast.parse(source))):
        parts = name.split(".")
        if name.startswith("."):
            found.append(f"{name}: relative; write tdl_course....")
        elif parts[0] in ("tensorflow", "keras") and own not in TENSORFLOW_IN:
            found.append(f"{name}: TensorFlow belongs to {sorted(TENSORFLOW_IN)}")
        elif parts[0] == "tdl_course" and parts[1] in LEVEL and parts[1] != own and LEVEL[parts[1]] >= LEVEL[own]:
            found.append(f"{name}: {own} comes before {parts[1]}")
    return found


@pytest.mark.parametrize(
    "path", [path for path in MODULES if path != DOOR], ids=lambda path: str(path.relative_to(LIBRARY))
)
def test_imports_point_one_way(path):
    assert top(path) in LEVEL, f"give {top(path)} a place in ORDER"
    assert wrong_imports(path, path.read_text(encoding="utf-8")) == []


def test_the_rule_itself_catches_what_it_should():
    bad = "from tdl_course import sim\nfrom .x import y\ndef f():\n    import keras.layers\n    import tdl_course.cli\n"
    assert len(wrong_imports(LIBRARY / "ops" / "conv_2d.py", bad)) == 4
    good = "from tdl_course.graph import Graph\nimport numpy\nif TYPE_CHECKING:\n    import keras\n"
    assert wrong_imports(LIBRARY / "ops" / "conv_2d.py", good) == []


def test_importing_the_library_does_not_import_tensorflow():
    light = "compiler, toolchain, sim, report, checks, datasets, compress"
    code = (
        f"import sys, tdl_course as tdl; from tdl_course import {light}\n"
        "heavy = [name for name in ('tensorflow', 'keras', 'ai_edge_litert', 'tflite_micro') if name in sys.modules]\n"
        "sys.exit(f'imported: {heavy}' if heavy else 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr


def tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z", *patterns], cwd=ROOT, capture_output=True, text=True, check=True)
    return [ROOT / name for name in listed.stdout.split("\0") if name and (ROOT / name).is_file()]


def test_files_are_short():
    sources = [p for p in tracked("*.py", "*.c", "*.h", "*.js") if p.relative_to(ROOT).parts[0] not in PROSE]
    lines = {str(path.relative_to(ROOT)): len(path.read_text(encoding="utf-8").splitlines()) for path in sources}
    assert {name: count for name, count in lines.items() if count > LONGEST_FILE} == {}


FORBIDDEN = {
    "a path of one machine": re.compile(r"(?:^|[^\w.])/(?:root|home|work|Users)/\w"),
    "an index of packages": re.compile(r"--(?:extra-)?index[-]url|pythonhosted[.]org"),
}
LEFTOVER = re.compile(r"\b(?:TO[D]O|FIX[M]E|X[X]X|HA[C]K)\b")


def test_no_tracked_file_names_a_machine_or_an_index_or_is_unfinished():
    found = []
    for path in tracked():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        name = path.relative_to(ROOT)
        found += [f"{name}: {what}" for what, pattern in FORBIDDEN.items() if pattern.search(text)]
        if path.suffix in (".py", ".c", ".h", ".js") and LEFTOVER.search(text):
            found.append(f"{name}: unfinished")
    assert found == []
