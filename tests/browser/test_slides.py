"""A talk as a speaker gives it: served by `tdl slides`, in a browser without a network, the chip run from a slide."""

import os
import re
import signal
import socket
import subprocess
import sys
import time

import psutil
import pytest
from playwright.sync_api import expect

from tests.browser.conftest import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.slow, pytest.mark.sim, pytest.mark.timeout(600)]
PATIENCE_MS = 400_000  # the compiler's own libraries are compiled first, where nobody has needed them before

TALK = """
# %% slideshow={"slide_type": "skip"}
import sys
from pathlib import Path

sys.path.insert(0, ROOT)
from tdl_course import datasets, sim, toolchain
from tdl_course.boards import board
from tdl_course.compiler import emit_c, optimize, plan_memory
from tdl_course.deployment import Deployment
from tdl_course.pages import demos
from tdl_course.widgets import BeatOnChip
from tests.chain import chain

beats = datasets.load("ecg", source="synthetic")
graph = optimize(chain(128, 3, 8, 3))
plan = plan_memory(graph)
sources = emit_c(graph, plan)
elf = toolchain.build(sources, board("tiny32k"))
device = Deployment(board("tiny32k"), b"", graph, plan, sources, elf, None, 0)

# %% [markdown] slideshow={"slide_type": "slide"}
# # A first slide
# %% [markdown] slideshow={"slide_type": "notes"}
# **0:00 to 1:00.** Say hello.

# %% [markdown] slideshow={"slide_type": "slide"}
# # Step by step
#
# stays
# %% [markdown] slideshow={"slide_type": "fragment"}
# second
# %%
print("with the second")
# %% [markdown] slideshow={"slide_type": "fragment"}
# third
# %% [markdown] slideshow={"slide_type": "notes"}
# **1:00 to 2:00.** One after the other.

# %% [markdown] slideshow={"slide_type": "slide"} tags=["live"]
# # A slider
# %% tags=["code"]
demos.WindowInRam(chain(128, 3, 8, 3), 180)

# %% [markdown] slideshow={"slide_type": "subslide"} tags=["live"]
# # A button
# %%
BeatOnChip(device, beats, [0, 1, 2])
# %% [markdown] slideshow={"slide_type": "skip"}
# never seen

# %% [markdown] slideshow={"slide_type": "slide"}
# # The last slide
"""
SCREENSHOTS = ROOT / "build" / "screenshots" / "slides"
LOOPBACK = re.compile(r"(http|ws)://127\.0\.0\.1:|data:|blob:|about:blank")
ROOM = "slide => [slide.scrollHeight - slide.clientHeight, slide.scrollWidth - slide.clientWidth]"
SIZES = ({"width": 1920, "height": 1080}, {"width": 1280, "height": 720})
FAILED = "[data-mime-type='application/vnd.jupyter.error'], [data-mime-type='application/vnd.jupyter.stderr']"
CONSOLE_OF_LAB = "shared module"  # Voila's JupyterLab is older than the widgets' and says so


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    """The process of `tdl slides`, and its address."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    folder = tmp_path_factory.mktemp("slides")
    (folder / "talk.py").write_text(TALK.replace("ROOT", repr(str(ROOT))), encoding="utf-8")
    command = [sys.executable, "-m", "tdl_course.cli", "slides", "talk.py", "--port", str(port), "--no-browser"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    log = folder / "server.log"
    with log.open("wb") as file:
        process = subprocess.Popen(command, cwd=log.parent, env=environment, stdout=file, stderr=file)
    end = time.monotonic() + 120
    while "serves" not in log.read_text("utf-8"):
        assert process.poll() is None and time.monotonic() < end, log.read_text("utf-8")[-2000:]
        time.sleep(0.2)
    yield process, f"http://127.0.0.1:{port}/"
    if process.poll() is None:
        process.terminate()
        process.wait(30)


@pytest.fixture(scope="module")
def deck(launch, server):
    """The page with the first slide, and everything that it said or asked for."""
    browser = launch()
    page = browser.new_context(viewport={"width": 1280, "height": 720}).new_page()
    page.said, page.asked = [], []
    page.on("console", lambda message: message.type == "error" and page.said.append(message.text))
    page.on("pageerror", lambda error: page.said.append(str(error)))
    page.on("request", lambda request: page.asked.append(request.url))
    page.goto(server[1], timeout=PATIENCE_MS)
    expect(page.locator(".tdl-shown h1")).to_contain_text("A first slide", timeout=60_000)
    expect(page.locator(".tdl-slide .widget-html figure")).to_have_count(2, timeout=60_000)
    yield page
    browser.close()


@pytest.fixture
def at(deck):
    """`at("A button")` goes to that slide by the address, and gives it."""

    def go(title):
        number = deck.locator(".tdl-slide", has=deck.locator("h1", has_text=title)).first
        number = number.evaluate("slide => [...document.querySelectorAll('.tdl-slide')].indexOf(slide) + 1")
        deck.evaluate("number => location.hash = `#/${number}`", number)
        expect(deck.locator(".tdl-shown h1")).to_contain_text(title)
        return deck.locator(".tdl-shown")

    return go


def number(deck):
    return int(deck.locator(".tdl-number").inner_text().split("/")[0])


def test_every_slide_has_its_results_and_fits(deck):
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    assert deck.locator(".tdl-slide").count() == 5
    assert deck.locator(FAILED).count() == 0, deck.locator(FAILED).first.inner_text()
    assert deck.get_by_text("never seen").count() == 0
    assert deck.get_by_text("def ").count() == 0 and deck.locator(".tdl-source").count() == 1
    for size in SIZES:
        deck.set_viewport_size(size)
        deck.keyboard.press("Home")
        for expected in range(1, 6):
            while deck.locator(".tdl-shown .tdl-later").count():
                deck.keyboard.press("ArrowRight")
            assert number(deck) == expected and deck.url.endswith(f"#/{expected}")
            slide = deck.locator(".tdl-shown")
            title = slide.locator("h1").inner_text()
            assert max(slide.evaluate(ROOM)) <= 1, f"{title} overflows"
            assert "Could not draw" not in slide.inner_text()
            deck.screenshot(path=SCREENSHOTS / f"{size['width']}_{expected}.png")
            deck.keyboard.press("ArrowRight")
        assert number(deck) == 5, "the last slide stays"


def test_keys_move_step_by_step(deck, at):
    at("Step by step")
    here = number(deck)
    later = deck.locator(".tdl-shown .tdl-later")
    expect(later).to_have_count(3)  # the second brings the print along
    for key, left, slide in [
        ("ArrowRight", 1, here),
        ("PageDown", 0, here),
        ("ArrowLeft", 1, here),
        ("Space", 0, here),
        ("Space", 0, here + 1),
        ("PageUp", 0, here),
        ("Shift+Space", 1, here),
    ]:
        deck.keyboard.press(key)
        assert number(deck) == slide, key
        expect(later).to_have_count(left)
    deck.keyboard.press("End")
    assert number(deck) == deck.locator(".tdl-slide").count()
    deck.keyboard.press("Home")
    assert number(deck) == 1
    deck.keyboard.press("?")
    expect(deck.get_by_role("dialog", name="keys")).to_be_visible()
    deck.keyboard.press("Escape")
    expect(deck.get_by_role("dialog", name="keys")).to_be_hidden()


def test_a_swipe_turns_the_slide(deck):
    deck.keyboard.press("Home")
    swipe = """([from, to]) => {
        const target = document.querySelector(".tdl-shown");
        const touch = (x) => new Touch({identifier: 1, target, clientX: x, clientY: 300});
        const event = (type, x, touches) =>
            target.dispatchEvent(new TouchEvent(type, {bubbles: true, touches, changedTouches: [touch(x)]}));
        event("touchstart", from, [touch(from)]);
        event("touchend", to, []);
    }"""
    deck.evaluate(swipe, [900, 300])
    assert number(deck) == 2
    deck.evaluate(swipe, [300, 900])
    assert number(deck) == 1


def test_notes_in_a_panel_and_in_a_window(deck, at):
    at("Step by step")
    panel = deck.get_by_label("speaker notes")
    expect(panel).to_be_hidden()
    deck.keyboard.press("n")
    expect(panel).to_contain_text("1:00 to 2:00")
    deck.screenshot(path=SCREENSHOTS / "notes.png")
    deck.keyboard.press("n")
    expect(panel).to_be_hidden()
    with deck.expect_popup() as opened:
        deck.keyboard.press("s")
    window = opened.value
    expect(window.locator("h1")).to_contain_text("Step by step")
    expect(window.locator(".next")).to_contain_text("A slider")
    window.keyboard.press("End")
    expect(deck.locator(".tdl-shown h1")).to_contain_text("The last slide")
    expect(window.locator(".next")).to_contain_text("The last slide.")
    window.close()


def test_a_slider_moves_its_picture_and_not_the_slide(deck, at):
    slide = at("A slider")
    here, caption = number(deck), slide.locator("figcaption")
    before = caption.inner_text()
    slide.get_by_role("slider").first.focus()
    for _ in range(6):
        deck.keyboard.press("ArrowRight")
    expect(caption).to_contain_text("A window of 22.8 s", timeout=30_000)
    assert number(deck) == here and caption.inner_text() != before
    deck.keyboard.press("Escape")
    deck.keyboard.press("ArrowRight")
    assert number(deck) == here + 1


def test_the_button_runs_the_chip(deck, at):
    slide = at("A button")
    here, caption = number(deck), slide.locator("figcaption")
    expect(caption).to_contain_text("nobody has asked the chip")
    slide.get_by_role("button", name="Run on the simulated Cortex-M4").focus()
    deck.keyboard.press("Space")
    expect(caption).to_contain_text(re.compile(r"The chip says [NSV] .* instructions \(simulated\)"), timeout=30_000)
    assert number(deck) == here
    deck.screenshot(path=SCREENSHOTS / "answered.png")


def test_axe_finds_nothing_serious_on_any_slide(deck, axe):
    deck.keyboard.press("Home")
    for shown in range(1, 6):
        while deck.locator(".tdl-shown .tdl-later").count():
            deck.keyboard.press("ArrowRight")
        assert number(deck) == shown
        assert axe(deck, exclude=[".tdl-slide:not(.tdl-shown)"]) == []
        deck.keyboard.press("ArrowRight")


def test_it_prints_a_page_a_slide(deck):
    pdf = deck.pdf(prefer_css_page_size=True, print_background=True, path=SCREENSHOTS / "slides.pdf")
    assert len(re.findall(rb"/Type\s*/Page\b(?!s)", pdf)) == deck.locator(".tdl-slide").count()


def test_nothing_was_asked_of_a_network_and_nothing_failed(deck):
    assert [address for address in deck.asked if not LOOPBACK.match(address)] == []
    assert [text for text in deck.said if CONSOLE_OF_LAB not in text] == []


def test_ctrl_c_ends_the_server_and_its_kernels(deck, server):
    process, _ = server
    started = psutil.Process(process.pid).children(recursive=True)
    assert started, "a kernel runs"
    process.send_signal(signal.SIGINT)
    assert process.wait(30) == 0
    assert psutil.wait_procs(started, timeout=10)[1] == []
