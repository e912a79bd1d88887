"""Commands of the pages that Voila serves: slides."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tdl_course.cli.options import AddCommand


def add_commands(command: AddCommand) -> None:
    sub = command("slides", slides, "show a talk as slides, with its demonstrations live, until Ctrl-C")
    sub.add_argument(
        "talk", nargs="?", type=Path, metavar="TALK", help=".py (jupytext) or .ipynb (default: the course's talk)"
    )
    add_server(sub)


def add_server(sub: argparse.ArgumentParser) -> None:
    """The options of every command that serves pages."""
    sub.add_argument("--port", type=int, default=8866, help="default: %(default)s")
    sub.add_argument("--no-browser", action="store_true", help="only serve: open no browser")


def slides(options: argparse.Namespace) -> int:
    from tdl_course.pages import serve_voila
    from tdl_course.pages.server import check_port
    from tdl_course.pages.talk import course_talk, place_talk

    talk = options.talk or course_talk()
    with tempfile.TemporaryDirectory(prefix="tdl-slides-") as folder:
        placed = place_talk(talk, Path(folder))
        check_port(options.port)  # before what takes long
        serve_voila(placed, options.port, "tdl-slides", preheat=True, browser=not options.no_browser)
    return 0
