"""A class at a real JupyterHub: three students at once log in, pull the notebooks, and run the simulated chip; nobody
sees another's files or server; a process that wants too much memory gets an error; nothing stays when the hub stops.
"""

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from tests.classroom.conftest import MEMORY_GB, ROOT, Hub
from tests.classroom.student import Student
from tests.golden_vectors import golden_vector

pytestmark = [pytest.mark.slow, pytest.mark.sim]

NAMES = ("ana", "ben", "cho")
LESSON = "00_start_here.ipynb"
ON_THE_CHIP = """
import json
from pathlib import Path
import numpy as np
import tdl_course as tdl
from tdl_course.firmware_project import open_elf
elf = open_elf(Path("course/firmware/model.elf"), None)
result = tdl.sim.run(elf, np.load("course/firmware/x.npy"))
Path("work.txt").write_text("mine")
print(json.dumps([tdl.__file__, result.outputs.tolist()]))
"""
LOOK_AROUND = """
import json, os
import psutil
homes = os.path.dirname(os.getcwd())
seen = [os.path.join(top, name) for top, _, files in os.walk(os.path.dirname(homes)) for name in files]
commands = [" ".join(each.cmdline()) for each in psutil.process_iter()]
print(json.dumps([os.getuid(), os.listdir(homes), seen, commands]))
"""


@pytest.fixture(scope="module")
def students(hub: Hub) -> dict[str, Student]:
    """Three who are logged in, each with a server that runs; all at the same time."""
    return dict(zip(NAMES, at_once(arrive, [Student(hub.url, name) for name in NAMES]), strict=True))


def at_once(function, arguments) -> list:
    with ThreadPoolExecutor(len(arguments)) as together:
        return list(together.map(function, arguments))


def arrive(student: Student) -> Student:
    assert student.log_in(f"password of {student.name}").ok
    student.start_server()
    return student


def test_three_at_once_pull_the_notebooks_and_run_the_chip(hub, students):
    _, _, expected = golden_vector("conv_2d")

    def work(student: Student) -> None:
        assert student.files() == []
        steps = student.pull(hub.repository)
        assert steps[-1] == {"phase": "finished"}, steps
        assert student.files("course") == [LESSON, "firmware"]
        library, outputs = json.loads(student.run(ON_THE_CHIP))
        assert Path(library) == ROOT / "tdl_course" / "__init__.py"
        assert outputs == expected.reshape(1, -1).tolist()
        assert student.files() == ["course", "work.txt"]

    at_once(work, list(students.values()))


def test_nobody_sees_the_files_or_the_server_of_another(hub, students):
    for student in students.values():
        for other in NAMES:
            for page in ("", "lab", "api/contents/work.txt", "api/kernels", "git-pull/api?repo=x"):
                answer = student.browser.get(f"{hub.url}/user/{other}/{page}", timeout=60)
                if other == student.name:
                    assert answer.ok, (page, answer.status_code)
                else:
                    assert answer.status_code == 403, (student.name, other, page, answer.status_code)
    user, homes, files, commands = json.loads(students["ana"].run(LOOK_AROUND))
    assert user != 0 and homes == ["ana"]
    assert {path.name for path in (hub.folder / "homes").iterdir()} == set(NAMES)
    inside = hub.folder / "homes" / "ana", hub.folder / "course"
    assert files and all(any(Path(path).is_relative_to(top) for top in inside) for path in files)
    assert (hub.folder / "cookie_secret").is_file(), "what must not be seen is there"
    assert any("jupyterhub-singleuser" in command for command in commands)
    assert not any(name in command for name in ("ben", "cho", "configurable-http-proxy") for command in commands)


def test_who_has_no_place_in_the_class_stays_outside(hub, students):
    assert Student(hub.url, "ana").log_in("password of ben").status_code == 403
    assert Student(hub.url, "dan").log_in("password of dan").status_code == 403
    assert Student(hub.url, "../ana").log_in("password of ana").status_code == 403
    stranger = Student(hub.url, "ana").browser.get(f"{hub.url}/user/ana/api/contents/work.txt", timeout=60)
    assert stranger.status_code == 403
    assert sorted(path.name for path in (hub.folder / "homes").iterdir()) == list(NAMES)


def test_too_large_an_array_is_an_error_and_the_server_stays(students):
    too_much = int(float(MEMORY_GB) * 2**30)
    error = students["ben"].run(f"import numpy as np; np.ones({too_much}, np.int8); print('allocated')")
    assert "MemoryError" in error.split(":")[0], error
    assert students["ben"].run(f"import numpy as np; print(np.ones({too_much // 8}, np.int8).sum())") != ""
    assert students["ben"].files() == ["course", "work.txt"]


def test_the_hub_stops_and_leaves_no_process(hub, students):
    running = hub.all_processes()
    names = " ".join(" ".join(each.cmdline()) for each in running)
    assert all(part in names for part in ("jupyterhub_idle_culler", "configurable-http-proxy", "bwrap"))
    assert names.count("--die-with-parent") >= len(NAMES)
    hub.stop()
    assert hub.process.returncode == 0
    assert psutil.wait_procs(running, timeout=20)[1] == []
    assert (hub.folder / "homes" / "ana" / "work.txt").read_text("utf-8") == "mine"
