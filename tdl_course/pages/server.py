"""serve_voila: one notebook, or a folder of them, served by Voila on this computer.

In: a notebook or a folder, an address, a template. Out: pages until Ctrl-C, which ends the kernels too. This
module knows neither slides nor dashboards, and no network is needed.
"""

from __future__ import annotations

import errno
import os
import socket
import sys
from pathlib import Path

IP = "127.0.0.1"
SHARE = Path(__file__).parent / "share" / "jupyter"  # our Voila templates lie under it
HIGHEST_PORT = 65535
LEFT_S = 120  # a page ends its kernel when it is closed; one that could not say so loses it after so many seconds
PATIENCE_S = 600  # many kernels that start at once on few cores take longer than the minute that Voila gives them
EXTENSIONS = ("@voila-dashboards/widgets-manager8", "@jupyter-widgets/jupyterlab-manager", "anywidget")
"""What a page loads of JupyterLab's extensions; others may have been built for a JupyterLab that Voila is not."""
ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS")  # of a kernel: many of them share few cores


class PageError(RuntimeError):
    """A page cannot be served; the message says why, and what to type next."""


def serve_voila(
    target: Path,
    port: int = 8866,
    template: str = "lab",
    preheat: int = 0,
    browser: bool = True,
    more_templates: Path | None = None,
    ip: str = IP,
) -> None:
    """Serve `target` until Ctrl-C; then end every kernel.

    Parameters
    ----------
    target : Path
        A notebook, which is then the page at /, or a folder, whose notebooks are listed there.
    port : int
        1 to 65535; another program must not have it.
    template : str
        Of Voila: "lab", or one of our own.
    preheat : int
        Run each notebook so many times before it is asked for (and again after), so that as many first views come at
        once. Each waiting notebook is a process.
    browser : bool
        Open the page.
    more_templates : Path, optional
        A folder whose templates come before those of `template`, such as tree.html, the page that lists a folder.
    ip : str
        Where it listens: this computer only, or "0.0.0.0" for whoever reaches it over a network. There is no password.

    Raises
    ------
    PageError
        There is no such notebook or folder, or the port cannot be had.
    """
    if not target.exists():
        raise PageError(f"no notebook or folder {str(target)!r}")
    check_port(port, ip)
    make_found()
    from traitlets.config import Config
    from voila.app import Voila

    settings = Config(
        Voila={
            "ip": ip,
            "port": port,
            "port_retries": 0,
            "open_browser": browser,
            "log_level": "ERROR",
            "tornado_settings": {"disable_check_xsrf": True},  # else no closed page ends its kernel: voila#1458
        },
        VoilaConfiguration={
            "template": template,
            "preheat_kernel": preheat > 0,
            "default_pool_size": int(preheat),
            "classic_tree": True,
            "extension_allowlist": list(EXTENSIONS),
        },
        VoilaExecutor={"startup_timeout": PATIENCE_S, "iopub_timeout": PATIENCE_S},
        MappingKernelManager={"cull_idle_timeout": LEFT_S, "cull_interval": LEFT_S // 4},
        KernelManager={"transport": "tcp" if sys.platform == "win32" else "ipc"},  # files, that nobody else can open
        VoilaKernelManager={"fill_delay": 2.0 * preheat},  # who looks now comes first
    )
    for threads in ONE_THREAD:
        os.environ.setdefault(threads, "1")
    server = Voila(config=settings)
    server.initialize([str(target.resolve())])
    if more_templates is not None:
        server.template_paths.insert(0, str(more_templates))
    print(f"http://{ip}:{port}/ serves {target.name}; Ctrl-C ends it.", flush=True)
    server.start()


def check_port(port: int, ip: str = IP) -> None:
    """Raises PageError where no server can be started at `port` of `ip`."""
    if not 1 <= port <= HIGHEST_PORT:
        raise PageError(f"port {port} does not exist; 1 to {HIGHEST_PORT} do. Next: --port 8866")
    with socket.socket() as probe:
        if sys.platform != "win32":  # there it would take a port that another program listens on
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((ip, port))
        except OSError as error:
            if error.errno == errno.EADDRINUSE:
                raise PageError(f"port {port} is in use. Next: --port {free_port()}, or end what has it") from None
            other = f"--port {free_port()}, or --ip 127.0.0.1 (this computer) or 0.0.0.0 (its network)"
            raise PageError(f"{ip}, port {port}, cannot be had: {error.strerror}. Next: {other}") from None


def free_port() -> int:
    """A port that nobody has at the moment."""
    with socket.socket() as probe:
        probe.bind((IP, 0))
        return int(probe.getsockname()[1])


def make_found() -> None:
    """Let Voila find our templates, and kernels the data, wherever they start.

    Jupyter's own folder comes before ours: Voila takes the first that has a folder voila/ for the home of its themes.
    """
    from jupyter_core.paths import ENV_JUPYTER_PATH

    folders = [folder for folder in os.environ.get("JUPYTER_PATH", "").split(os.pathsep) if folder]
    folders += [folder for folder in (*ENV_JUPYTER_PATH, str(SHARE)) if folder not in folders]
    os.environ["JUPYTER_PATH"] = os.pathsep.join(folders)
    if mirrors := os.environ.get("TDL_DATA"):  # a kernel runs in its notebook's folder
        os.environ["TDL_DATA"] = os.pathsep.join(os.path.abspath(mirror) for mirror in mirrors.split(os.pathsep))
