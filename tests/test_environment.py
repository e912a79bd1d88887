"""environment.yml and classroom/requirements.txt ask for what pyproject.toml asks for."""

import tomllib
from pathlib import Path

import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).resolve().parent.parent
PYPROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))


def test_the_name_is_the_one_the_readme_activates():
    assert CONDA["name"] == "tdl"


def test_python_is_the_same():
    (python,) = [item for item in CONDA["dependencies"] if isinstance(item, str) and item.startswith("python ")]
    assert SpecifierSet(python.removeprefix("python ")) == SpecifierSet(PYPROJECT["project"]["requires-python"])


def test_the_dependencies_are_the_same():
    (pip,) = [item["pip"] for item in CONDA["dependencies"] if isinstance(item, dict)]
    wanted = [*PYPROJECT["build-system"]["requires"], *PYPROJECT["project"]["dependencies"]]
    assert {Requirement(text) for text in pip} == {Requirement(text) for text in wanted}
    assert "pip" in CONDA["dependencies"]


def test_a_classroom_asks_for_the_same():
    lines = (ROOT / "classroom" / "requirements.txt").read_text(encoding="utf-8").splitlines()
    wanted = PYPROJECT["project"]["optional-dependencies"]["classroom"]
    assert {Requirement(line) for line in lines if not line.startswith("#")} == {Requirement(text) for text in wanted}
