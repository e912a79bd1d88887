"""A word is spoken into Chromium's microphone, and the simulated device hears it: no network, with or without one."""

from __future__ import annotations

import json
import re
import wave
from collections.abc import Callable, Iterator
from pathlib import Path
from urllib.parse import urlsplit

import nbformat
import numpy as np
import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from tdl_course import datasets
from tdl_course.widgets import Microphone
from tests.browser.conftest import ROOT

pytestmark = [pytest.mark.browser, pytest.mark.slow]

NOTEBOOK = """
from pathlib import Path
import ipywidgets
import tdl_course as tdl
from tdl_course.compiler import emit_c, emit_spotter, plan_memory
from tests.random_spotter import LOW, network, sound
graph = network()
sources = emit_spotter(emit_c(graph, plan_memory(graph)), LOW)
clips = {"first clip": sound(0.6, 1), "second clip": sound(0.6, 2)}
elf = tdl.toolchain.build(sources)
box = tdl.widgets.LiveSpotter(elf, sources, ["yes", "no", "stop", "go", "other"], clips, seconds=4.0)
done = ipywidgets.Label()

def arrived(change):
    Path("arrived.pcm").write_bytes(change.new)
    done.value = "all observed"

box.microphone.observe(arrived, names="samples")
ipywidgets.VBox([box, done])
"""
OF_VOILA = re.compile(r"/npm/(@fortawesome|font-awesome|mathjax)|/ajax/libs/mathjax/")  # asked for by its own template
ATTEMPTS, ALIKE = 3, 0.9  # a busy computer drops pieces of a recording: then it is made again
LABELLED = ("Record", "Use this clip", "Play")


@pytest.fixture
def browse(launch: Callable[..., Browser]) -> Iterator[Callable[..., Page]]:
    """`browse("--a-flag")`: a page of a Chromium started so; `page.asked` are the addresses outside it asked for."""
    opened = []

    def start(*flags: str) -> Page:
        opened.append(launch(*flags))
        page = opened[-1].new_page(viewport={"width": 1000, "height": 860})
        page.asked = []

        def local_only(route):
            if urlsplit(route.request.url).hostname == "127.0.0.1":
                return route.continue_()
            page.asked.append(route.request.url)
            route.abort()

        page.route("**/*", local_only)
        return page

    yield start
    for browser in opened:
        browser.close()


@pytest.fixture
def address(serve, tmp_path: Path) -> str:
    """A page of Voila with a LiveSpotter, whose firmware and host library are built before: that takes longest."""
    exec(compile(NOTEBOOK, "notebook", "exec"), {})
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(NOTEBOOK)])
    notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    nbformat.write(notebook, tmp_path / "spotter.ipynb")
    return serve("voila", "spotter.ipynb", "--Voila.ip=127.0.0.1")


def spoken() -> np.ndarray:
    """Two words of the stand-in dataset, int16 [32000]."""
    clips = datasets.load("keywords", source="synthetic").raw["test"]["x"]
    loudest = np.argsort(np.abs(clips.astype(np.int32)).mean(axis=1))[-2:]
    return np.concatenate(clips[loudest]).astype(np.int16)


def write_wav(path: Path, samples: np.ndarray) -> None:
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(16000)
        file.writeframes(samples.astype("<i2").tobytes())


def correlation(heard: np.ndarray, endless: np.ndarray) -> float:
    """The largest normalized correlation of `heard` with a part of `endless` repeated, wherever that begins."""
    padded = np.zeros(3 * len(endless))
    padded[: len(heard)] = heard
    repeated = np.tile(endless.astype(float), 3)
    products = np.fft.irfft(np.fft.rfft(repeated) * np.conj(np.fft.rfft(padded)), len(padded))[: len(endless)]
    sums = np.concatenate([[0], np.cumsum(repeated**2)])
    energies = (sums[len(heard) :] - sums[: -len(heard)])[: len(endless)]
    return float(np.max(products / np.sqrt(energies * (heard.astype(float) ** 2).sum() + 1e-9)))


def open_spotter(page: Page, address: str) -> None:
    page.goto(address, timeout=120_000)
    expect(page.locator("figcaption")).to_contain_text("The simulated Cortex-M4F heard", timeout=120_000)
    assert all(OF_VOILA.search(url) for url in page.asked), page.asked
    page.asked.clear()


def record(page: Page, status: Locator) -> None:
    """By keyboard: what the page says, shows and where the focus is, until four seconds have come."""
    page.get_by_role("button", name="Record", exact=True).focus()
    page.keyboard.press("Enter")
    expect(status).to_have_text("Recording: speak now.", timeout=20_000)
    expect(page.get_by_role("button", name="Stop", exact=True)).to_be_focused()
    expect(page.locator(".tdl-microphone .countdown")).to_contain_text("s left")
    expect(page.get_by_role("meter", name="level")).not_to_have_attribute("aria-valuenow", "-60")
    expect(status).to_contain_text("Recorded 4.00 s from the microphone.", timeout=40_000)


def test_a_word_spoken_to_the_browser_is_heard_by_the_simulated_device(browse, address, tmp_path):
    words = spoken()
    write_wav(tmp_path / "words.wav", np.tile(words, 8))  # Chromium leaves a gap where the file begins anew
    page = browse(
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-audio-capture={tmp_path / 'words.wav'}",
    )
    open_spotter(page, address)
    caption, status = page.locator("figcaption"), page.locator(".tdl-microphone .status")
    expect(caption).to_contain_text("in 0.60 s of sound")
    for name in LABELLED:
        expect(page.get_by_role("button", name=name, exact=True)).to_be_enabled()
    heard, alike = tmp_path / "arrived.pcm", 0.0
    for _ in range(ATTEMPTS):
        heard.unlink(missing_ok=True)
        record(page, status)
        expect(caption).to_contain_text("in 4.00 s of sound", timeout=60_000)
        while not heard.is_file():
            page.wait_for_timeout(100)
        arrived = np.frombuffer(heard.read_bytes(), "<i2")
        assert len(arrived) == 64000
        alike = correlation(arrived, words)
        print(f"correlation {alike:.3f}")
        if alike > ALIKE:
            break
    assert alike > ALIKE
    assert 0.8 < np.abs(arrived.astype(np.int32)).max() / np.abs(words.astype(np.int32)).max() < 1.25
    with page.expect_event("console", lambda message: message.text == "ended", timeout=20_000):
        page.evaluate("""() => {
            const play = document.querySelector(".tdl-microphone .play");
            const changed = () => play.textContent === "Play" && console.log("ended");
            new MutationObserver(changed).observe(play, {childList: true});
            play.click();
        }""")
    assert page.asked == []


@pytest.mark.parametrize(
    ("flags", "reason"),
    [
        (("--use-fake-device-for-media-stream", "--deny-permission-prompts"), "does not allow this page to use"),
        (("--use-fake-ui-for-media-stream",), "No microphone was found"),
        ((), "Browsers allow a microphone only on https and on localhost"),
    ],
    ids=["denied", "none", "insecure"],
)
def test_without_a_microphone_the_clips_work(browse, address, flags, reason):
    page = browse(*flags)
    if not flags:  # as on a page of another computer by http
        page.add_init_script(
            "Object.defineProperty(navigator, 'mediaDevices', {value: undefined});"
            "Object.defineProperty(window, 'isSecureContext', {value: false});"
        )
    open_spotter(page, address)
    caption, status = page.locator("figcaption"), page.locator(".tdl-microphone .status")
    if flags:
        page.get_by_role("button", name="Record", exact=True).click()
    expect(status).to_contain_text(reason, timeout=20_000)
    expect(status).to_contain_text("The clips work")
    before = caption.inner_text()
    page.get_by_label("or a clip").select_option("second clip")
    page.get_by_role("button", name="Use this clip").click()
    expect(status).to_have_text("Clip second clip chosen: 0.60 s.", timeout=20_000)
    expect(caption).not_to_have_text(before, timeout=60_000)
    expect(caption).to_contain_text(re.compile(r"heard (yes|no|stop|go) after \d\.\d\d s"))
    expect(page.get_by_role("button", name="Record", exact=True)).to_be_enabled()
    assert page.asked == []


def test_resampling_keeps_what_the_new_rate_can_hold_and_nothing_else(browse):
    page = browse()
    code = (ROOT / "tdl_course" / "widgets" / "microphone.js").read_text(encoding="utf-8")
    assert str(Microphone._esm) == code
    resample = """async ([code, signal, from, to]) => {
        const module = await import(URL.createObjectURL(new Blob([code], {type: "text/javascript"})));
        return Array.from(module.resampled(new Float32Array(signal), from, to));
    }"""
    for rate in (48000, 44100, 16000, 8000):
        at, then = np.arange(rate // 4) / rate, np.arange(4000) / 16000
        for hz, kept in ((200, True), (1000, True), (3000, True), (6500, True), (9500, False), (15500, False)):
            if hz < rate / 2:
                done = np.array(page.evaluate(resample, [code, np.sin(2 * np.pi * hz * at).tolist(), rate, 16000]))
                assert len(done) == 4000
                expected = np.sin(2 * np.pi * hz * then) if kept else np.zeros(4000)
                error = np.sqrt(np.mean((done - expected)[100:-100] ** 2))
                assert error < 0.01, (rate, hz, error)
    quarter = """async (code) => {
        const module = await import(URL.createObjectURL(new Blob([code], {type: "text/javascript"})));
        return Array.from(new Uint8Array(module.int16Bytes(new Float32Array([0, 0.5, -1, 1, 2, -3, 1 / 32768]))));
    }"""
    values = np.frombuffer(bytes(page.evaluate(quarter, code)), "<i2")
    assert json.dumps(values.tolist()) == "[0, 16384, -32768, 32767, 32767, -32768, 1]"
