"""`model`: mirror, cache, download; a file that is not the published one is refused; offline says what to do."""

import hashlib
import threading
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from tdl_course import datasets
from tdl_course.compiler import read_tflite
from tdl_course.datasets import MODELS, DatasetError, download
from tdl_course.ops import operator

CONTENT = b"a model" * 1000
NAME = "mlperf_tiny/kws"
MACS = {"kws": 2_656_768, "ic": 12_501_632, "vww": 7_489_664, "ad": 264_192}


class Site(BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.server.content)))
        self.end_headers()
        self.wfile.write(self.server.content)

    def log_message(self, *arguments):
        pass


@pytest.fixture
def site(monkeypatch):
    """A home of the model that serves `content`, which the registry knows."""
    monkeypatch.setenv("TDL_OFFLINE", "0")
    with ThreadingHTTPServer(("127.0.0.1", 0), Site) as server:
        server.content = CONTENT
        threading.Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/kws_ref_model.tflite"
        digest = hashlib.sha256(CONTENT).hexdigest()
        monkeypatch.setitem(MODELS, NAME, replace(MODELS[NAME], url=url, sha256=digest))
        yield server
        server.shutdown()


def test_it_is_downloaded_once_and_then_cached(site, monkeypatch):
    first = datasets.model(NAME)
    assert first.read_bytes() == CONTENT
    monkeypatch.setenv("TDL_OFFLINE", "1")
    assert datasets.model(NAME) == first and datasets.model_place(NAME) == str(first)


def test_another_file_from_the_home_is_refused_and_not_kept(site):
    site.content = b"something else"
    with pytest.raises(DatasetError, match="is not mlperf_tiny/kws"):
        datasets.model(NAME)
    assert datasets.model_place(NAME) == ""


def test_a_mirror_comes_first_and_is_verified(site, monkeypatch, tmp_path):
    folder = tmp_path / "mirror"
    folder.mkdir()
    monkeypatch.setenv("TDL_DATA", str(folder))
    (folder / MODELS[NAME].file).write_bytes(CONTENT)
    assert datasets.model(NAME).parent == folder
    (folder / MODELS[NAME].file).write_bytes(CONTENT[1:])
    with pytest.raises(DatasetError, match="expected SHA-256"):
        datasets.model(NAME)


def test_offline_says_what_to_do():
    with pytest.raises(download.Unreachable, match="Copy https://raw.githubusercontent.com/.* TDL_DATA"):
        datasets.model(NAME)


def test_no_connection_says_what_to_do(monkeypatch):
    monkeypatch.setenv("TDL_OFFLINE", "0")
    monkeypatch.setitem(MODELS, NAME, replace(MODELS[NAME], url="http://127.0.0.1:1/x.tflite"))
    with pytest.raises(download.Unreachable, match="cannot be downloaded .* TDL_DATA"):
        datasets.model(NAME)


def test_unknown_names_get_the_known_ones():
    with pytest.raises(DatasetError, match="mlperf_tiny/kws, mlperf_tiny/ic"):
        datasets.model("resnet")


@pytest.mark.parametrize("name", MODELS)
def test_the_published_files_are_models_of_known_cost(name, real_mirror, monkeypatch):
    monkeypatch.setenv("TDL_DATA", real_mirror)
    if not datasets.model_place(name):
        pytest.skip(f"no folder of TDL_DATA holds {MODELS[name].file}")
    graph = read_tflite(datasets.model(name))
    assert sum(operator(op.kind).macs(graph, op) for op in graph.ops) == MACS[name.split("/")[1]]
