"""The surroundings of every test and notebook: no network, a cache of its own, mirrors that every folder can find.

`$TDL_DATA` may be relative to where pytest starts (CI does so); notebooks run in their own folder, so it is made
absolute. Downloads are off unless TDL_OFFLINE=0 asks for them. Under pytest-xdist the first process decides and the
workers inherit, so that they share what is trained or built once. Solutions run strictly: a failed check raises.
TensorFlow gets one thread a process: with as many processes as cores, more threads only wait for each other.
"""

import os
import shutil
import signal
import tempfile
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent

# A shell starts what runs in its background without Ctrl-C, and nohup without hang-ups; children inherit that, and
# tests send both.
if signal.getsignal(signal.SIGINT) == signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)
if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) == signal.SIG_IGN:
    signal.signal(signal.SIGHUP, signal.SIG_DFL)

if "PYTEST_XDIST_WORKER" not in os.environ:
    os.environ["TDL_CACHE"] = tempfile.mkdtemp(prefix="tdl-test-cache-")
    os.environ.setdefault("TDL_OFFLINE", "1")
    for threads in ("TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS", "OMP_NUM_THREADS"):
        os.environ.setdefault(threads, "1")
    if os.environ.get("TDL_DATA"):
        mirrors = os.environ["TDL_DATA"].split(os.pathsep)
        os.environ["TDL_DATA"] = os.pathsep.join(os.path.abspath(mirror) for mirror in mirrors)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the cache, once, when the process that made it ends."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        shutil.rmtree(os.environ["TDL_CACHE"], ignore_errors=True)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """A notebook's kernel inherits TDL_STRICT from here; it starts in the first setup of its file."""
    if item.path.suffix == ".ipynb":
        os.environ["TDL_STRICT"] = "1" if item.path.parent == ROOT / "solutions" else "0"
    else:
        os.environ.pop("TDL_STRICT", None)
