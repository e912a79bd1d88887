"""The hub of a classroom: one Linux computer, a browser for each student, no network needed.

    jupyterhub --config classroom/jupyterhub_config.py

In: the environment variables TDL_HUB_*, all optional; README.md beside this file lists them. Out: the hub's settings.
By default nobody needs root or a Linux account: students choose a password at their first login, and each one's server
runs in a sandbox (bubblewrap) that shows it the course, the data, and one home.
"""

import os
import shutil
import sys
from pathlib import Path
from urllib.parse import urlsplit

c = get_config()  # noqa: F821 JupyterHub defines it where it reads this file

COURSE = Path(__file__).resolve().parents[1]  # this checkout
HUB = Path(os.environ.get("TDL_HUB_DIR", "hub")).resolve()  # all that the hub writes, and the students' homes
URL = os.environ.get("TDL_HUB_URL", "http://127.0.0.1:8000")  # http://0.0.0.0:8000 opens it to the classroom
ROSTER = os.environ.get("TDL_HUB_ROSTER")  # file of user names, one a line; without it any name may log in
TEACHERS = set(os.environ.get("TDL_HUB_TEACHERS", "teacher").split(","))
AUTHENTICATOR = os.environ.get("TDL_HUB_AUTHENTICATOR", "firstuse")  # or pam: Linux accounts
SPAWNER = os.environ.get("TDL_HUB_SPAWNER", "simple")  # or localprocess: servers of Linux accounts, hub as root
MEMORY_GB = float(os.environ.get("TDL_HUB_MEMORY_GB", "4"))
THREADS = os.environ.get("TDL_HUB_THREADS", "2")
IDLE_MINUTES = float(os.environ.get("TDL_HUB_IDLE_MINUTES", "60"))
DATA = os.environ.get("TDL_DATA", "")  # a folder that `tdl data mirror` made

os.umask(0o077)  # what the hub and its servers write, others cannot read
HUB.mkdir(parents=True, exist_ok=True)
HUB.chmod(0o711)  # nobody lists it; the repository in it can be reached
if os.geteuid() == 0 and SPAWNER == "simple" and not os.environ.get("TDL_HUB_AS_ROOT"):
    sys.exit(
        "Start this hub as an ordinary user: servers have its rights. As root only with TDL_HUB_SPAWNER=localprocess"
    )

# --- Doors: the page is at URL; hub and proxy talk to each other on the next two ports of this computer only.
c.JupyterHub.bind_url = URL
c.JupyterHub.hub_port = urlsplit(URL).port + 1
c.ConfigurableHTTPProxy.api_url = f"http://127.0.0.1:{urlsplit(URL).port + 2}"
c.JupyterHub.ssl_cert = os.environ.get("TDL_HUB_CERT", "")  # for https://: both files, in PEM
c.JupyterHub.ssl_key = os.environ.get("TDL_HUB_KEY", "")

# --- What it remembers, in one folder.
c.JupyterHub.db_url = f"sqlite:///{HUB / 'hub.sqlite'}"
c.JupyterHub.cookie_secret_file = str(HUB / "cookie_secret")
c.ConfigurableHTTPProxy.pid_file = str(HUB / "proxy.pid")
c.FirstUseAuthenticator.dbm_path = str(HUB / "passwords")

# --- Who may come in. Who logs in first under a name chooses its password: teachers before students hear of the hub.
c.JupyterHub.authenticator_class = AUTHENTICATOR
c.Authenticator.username_pattern = r"[a-z][a-z0-9_-]{0,31}"  # a name becomes a folder
c.Authenticator.admin_users = TEACHERS
if ROSTER:
    c.Authenticator.allowed_users = TEACHERS | set(Path(ROSTER).read_text("utf-8").lower().split())
else:
    c.Authenticator.allow_all = True
c.FirstUseAuthenticator.min_password_length = 8

# --- What a student gets: JupyterLab in a home of their own, the course's Python, the data, no download unasked.
c.JupyterHub.spawner_class = SPAWNER
c.SimpleLocalProcessSpawner.home_dir_template = str(HUB / "homes" / "{username}")
c.Spawner.default_url = "/lab"
c.Spawner.cmd = [str(Path(sys.executable).with_name("jupyterhub-singleuser"))]
c.Spawner.args = ["--LabApp.news_url=None", "--LabApp.check_for_updates_class=jupyterlab.NeverCheckForUpdate"]
c.Spawner.start_timeout = c.Spawner.http_timeout = 180  # seconds: thirty students click at the same moment
c.Spawner.environment = {
    "TDL_DATA": DATA,
    "TDL_OFFLINE": os.environ.get("TDL_OFFLINE", "1"),
    "OMP_NUM_THREADS": THREADS,
    "TF_NUM_INTRAOP_THREADS": THREADS,
    "TF_NUM_INTEROP_THREADS": "1",
}

# What a sandbox shows of this computer: programs, this Python and its packages, the library, the data. No solutions.
PACKAGES = [path for path in sys.path if "site-packages" in path]
READABLE = ["/usr", "/bin", "/lib", "/lib64", "/etc", "/sys", sys.prefix, sys.base_prefix, *PACKAGES]
READABLE += [str(COURSE / "tdl_course"), *(str(Path(part).resolve()) for part in DATA.split(os.pathsep) if part)]


def sandbox(spawner):
    """Start this server below bubblewrap: it sees `READABLE` and its home; its processes see each other only."""
    home, pulled = spawner.user_env({})["HOME"], str(HUB / "course")
    Path(home).mkdir(parents=True, exist_ok=True)
    shown = [word for path in dict.fromkeys(READABLE) if Path(path).is_dir() for word in ("--ro-bind", path, path)]
    spawner.cmd = [
        *("prlimit", f"--data={int(MEMORY_GB * 2**30)}"),  # of each process: too large an array is a MemoryError
        *("nice", "-n", "5"),  # the hub answers though all cores compute
        *("bwrap", "--die-with-parent", "--unshare-user", "--unshare-pid", "--unshare-ipc"),
        *(("--uid", "1000", "--gid", "1000") if os.geteuid() == 0 and SPAWNER == "simple" else ()),
        *("--proc", "/proc", "--dev", "/dev", "--tmpfs", "/tmp"),
        *shown,
        *("--tmpfs", str(HUB), "--ro-bind-try", pulled, pulled),  # passwords and homes are hidden, wherever they lie
        *("--bind", home, home, "--chdir", home),
        *c.Spawner.cmd,
    ]


missing = [tool for tool in ("prlimit", "nice", "bwrap", "configurable-http-proxy") if not shutil.which(tool)]
if missing:
    sys.exit(f"{', '.join(missing)} not found: see Install in classroom/README.md")
c.Spawner.pre_spawn_hook = sandbox

# --- A server that nobody has used for a while stops: its memory is free, files stay.
c.JupyterHub.services = [
    {
        "name": "idle-culler",
        "command": [sys.executable, "-m", "jupyterhub_idle_culler", f"--timeout={IDLE_MINUTES * 60:.0f}"],
    }
]
c.JupyterHub.load_roles = [
    {
        "name": "idle-culler",
        "services": ["idle-culler"],
        "scopes": ["list:users", "read:users:activity", "read:servers", "delete:servers"],
    }
]
