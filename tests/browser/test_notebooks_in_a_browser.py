"""What a learner sees: lesson 00 runs from top to bottom in JupyterLab; knobs change pictures, there and in Voila."""

import json
import re
import shutil
import time
import urllib.request
from contextlib import suppress

import nbformat
import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.slow]

SCREENSHOTS = ROOT / "build" / "screenshots"
EXPLORER = """
import numpy as np
import tdl_course as tdl
weights = {"first": np.random.default_rng(0).normal(size=(21, 8))}
tdl.widgets.QuantizationExplorer(weights, lambda w: float(np.exp(-np.abs(w["first"] - weights["first"]).mean())))
"""


def wait_for_kernel(address: str) -> None:
    """Until the page is connected to an idle kernel: JupyterLab drops what is run before."""
    end = time.monotonic() + 60
    kernels = []
    while time.monotonic() < end:
        with suppress(OSError), urllib.request.urlopen(f"{address}/api/kernels", timeout=30) as answer:
            kernels = json.load(answer)  # while a kernel starts, the server may answer with an error
        if kernels and kernels[0]["connections"] and kernels[0]["execution_state"] == "idle":
            return
        time.sleep(0.2)
    pytest.fail(f"no idle kernel within a minute: {kernels}")


def test_lesson_00_runs_in_jupyterlab(page: Page, serve, tmp_path):
    shutil.copy(ROOT / "notebooks" / "00_start_here.ipynb", tmp_path)
    address = serve("jupyterlab", "--allow-root", "--IdentityProvider.token=", "--ip=127.0.0.1")
    page.goto(f"{address}/lab/tree/00_start_here.ipynb")
    page.locator(".jp-Notebook .jp-CodeCell").first.wait_for(timeout=60_000)
    wait_for_kernel(address)
    page.get_by_role("menuitem", name="Run", exact=True).click()
    page.get_by_text("Run All Cells", exact=True).click()
    outputs = page.locator(".jp-OutputArea-output")
    expect(outputs.filter(has_text="not written yet")).to_have_count(1, timeout=240_000)
    expect(outputs.filter(has_text="200 of 200 beats")).to_have_count(1)
    expect(page.locator("[data-mime-type='application/vnd.jupyter.error']")).to_have_count(0)
    expect(page.locator("[data-mime-type='application/vnd.jupyter.stderr']")).to_have_count(0)
    explorer = page.locator(".tdl-explorer")
    explorer.scroll_into_view_if_needed()
    picture, caption = explorer.locator("figure img"), explorer.locator("figcaption")
    expect(caption).to_contain_text("Test beat 1; nobody has asked the chip yet")
    before = picture.get_attribute("src")
    explorer.get_by_role("slider").focus()
    page.keyboard.press("ArrowRight")
    expect(caption).to_contain_text("Test beat 2; nobody has asked the chip yet", timeout=30_000)
    assert picture.get_attribute("src") != before
    explorer.get_by_role("button", name="Run on the simulated Cortex-M4").click()
    expect(caption).to_contain_text(re.compile(r"The chip says [NSV] .* instructions \(simulated\)"), timeout=30_000)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / "lesson_00.png")


def test_the_explorers_knobs_change_the_picture_in_voila(page: Page, serve, tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(EXPLORER)])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, tmp_path / "explorer.ipynb")
    page.goto(serve("voila", "explorer.ipynb", "--Voila.ip=127.0.0.1"), timeout=120_000)
    caption = page.locator("figcaption")
    expect(caption).to_contain_text("first at 8 bits", timeout=60_000)
    before = caption.inner_text()
    page.get_by_role("checkbox").check()
    expect(caption).not_to_have_text(before, timeout=30_000)
    page.locator("select").nth(1).select_option("mse")
    page.get_by_role("slider").first.focus()
    for _ in range(4):
        page.keyboard.press("ArrowLeft")
    expect(caption).to_contain_text("first at 4 bits", timeout=30_000)
    assert page.locator("figure img").get_attribute("alt")
