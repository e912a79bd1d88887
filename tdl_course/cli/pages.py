"""Commands of the pages that Voila serves: slides, dashboards."""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

from tdl_course.cli.options import AddCommand
from tdl_course.pages.server import IP


def add_commands(command: AddCommand) -> None:
    sub = command("slides", slides, "show a talk as slides, with its demonstrations live, until Ctrl-C")
    sub.add_argument(
        "talk", nargs="?", type=Path, metavar="TALK", help=".py (jupytext) or .ipynb (default: the course's talk)"
    )
    add_server(sub)

    sub = command("dashboards", dashboards, "serve the course's dashboards, or one of them, until Ctrl-C")
    sub.add_argument("name", nargs="?", metavar="NAME", help="quantization, pruning, ... (default: all of them)")
    sub.add_argument(
        "--viewers", type=int, default=1, help="how many views of each are kept ready: a process each (%(default)s)"
    )
    add_server(sub)


def add_server(sub: argparse.ArgumentParser) -> None:
    """The options of every command that serves pages."""
    sub.add_argument("--port", type=int, default=8866, help="default: %(default)s")
    sub.add_argument(
        "--ip",
        default=IP,
        help="0.0.0.0 opens it to the network, without a password (default: %(default)s, nobody else)",
    )
    sub.add_argument("--no-browser", action="store_true", help="only serve: open no browser")


def slides(options: argparse.Namespace) -> int:
    from tdl_course.pages.prepared import prepare
    from tdl_course.pages.server import check_port, serve_voila
    from tdl_course.pages.talk import course_talk, needs, place_talk, read_talk

    path = options.talk or course_talk()
    talk = read_talk(path)
    check_port(options.port, options.ip)  # before what may take long
    prepare(needs(talk))
    with tempfile.TemporaryDirectory(prefix="tdl-slides-") as folder:
        placed = place_talk(talk, path, Path(folder))
        print("Every cell of the talk runs before its first slide shows. In the page, ? lists the keys.", flush=True)
        serve_voila(placed, options.port, "tdl-slides", preheat=True, browser=not options.no_browser, ip=options.ip)
    return 0


def dashboards(options: argparse.Namespace) -> int:
    from tdl_course.pages import serve_voila
    from tdl_course.pages.dashboards import find, place, prepare
    from tdl_course.pages.server import check_port, make_found

    if options.viewers < 1:
        raise ValueError(f"--viewers is {options.viewers}; 1 or more are needed")
    chosen = find(options.name)
    check_port(options.port, options.ip)  # before what takes long
    make_found()
    prepare()
    with tempfile.TemporaryDirectory(prefix="tdl-dashboards-") as folder:
        placed = place(chosen, Path(folder))
        serve_voila(
            placed,
            options.port,
            "tdl-dashboard",
            preheat=options.viewers,
            browser=not options.no_browser,
            ip=options.ip,
            more_templates=Path(folder) / "templates",
        )
    return 0
