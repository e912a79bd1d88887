"""A student at a JupyterHub, as a browser would be: cookies, forms, redirects, a web socket; no token of the hub."""

from __future__ import annotations

import json
import time
import uuid
from dataclasses import dataclass, field
from urllib.parse import urlsplit

import requests
import websocket

WAIT = 120  # seconds for anything


@dataclass
class Student:
    """One browser with its own cookies, at the hub `url`."""

    url: str
    name: str
    browser: requests.Session = field(default_factory=requests.Session)

    @property
    def server(self) -> str:
        return f"{self.url}/user/{self.name}"

    def log_in(self, password: str) -> requests.Response:
        """Fill in the form of the login page; the answer's status is 200 for those who may come in."""
        page = self.browser.get(f"{self.url}/hub/login", timeout=WAIT)
        form = {"username": self.name, "password": password, "_xsrf": self.token("/hub/")}
        assert page.ok
        return self.browser.post(f"{self.url}/hub/login?next=/hub/home", data=form, timeout=WAIT)

    def start_server(self) -> None:
        """Press Start and wait, as the page does, until JupyterLab is there."""
        self.browser.get(f"{self.url}/hub/spawn/{self.name}", timeout=WAIT)
        end = time.monotonic() + WAIT
        while True:
            page = self.browser.get(f"{self.server}/lab", timeout=WAIT)
            if page.ok and urlsplit(page.url).path == f"/user/{self.name}/lab":
                return
            assert time.monotonic() < end, (page.status_code, page.url)
            time.sleep(0.3)

    def pull(self, repository: str) -> list[dict[str, str]]:
        """Follow a link of nbgitpuller; what its page is told, step by step."""
        query = {"repo": repository, "branch": "main"}
        page = self.browser.get(f"{self.url}/hub/user-redirect/git-pull", params=query, timeout=WAIT)
        assert page.ok and "git-pull" in page.url, page.url
        events = self.browser.get(f"{self.server}/git-pull/api", params=query, timeout=WAIT)
        assert events.ok, events.text
        return [
            json.loads(line.removeprefix("data: ")) for line in events.text.splitlines() if line.startswith("data: ")
        ]

    def files(self, folder: str = "") -> list[str]:
        answer = self.browser.get(f"{self.server}/api/contents/{folder}", timeout=WAIT)
        return sorted(each["name"] for each in answer.json()["content"])

    def run(self, code: str) -> str:
        """Run one cell in a new kernel; what it printed, or the error's name and text."""
        head = {"X-XSRFToken": self.token(f"/user/{self.name}/")}
        kernel = self.browser.post(f"{self.server}/api/kernels", headers=head, timeout=WAIT)
        assert kernel.status_code == 201, kernel.text
        address = f"{self.server}/api/kernels/{kernel.json()['id']}"
        cookies = requests.Request("GET", f"{self.server}/", cookies=self.browser.cookies)
        cookie = self.browser.prepare_request(cookies).headers["Cookie"]
        socket = websocket.create_connection(
            f"ws{address.removeprefix('http')}/channels", timeout=WAIT, header={"Cookie": cookie, **head}
        )
        try:
            socket.send(json.dumps(_execute(code)))
            return _printed(socket)
        finally:
            socket.close()
            assert self.browser.delete(address, headers=head, timeout=WAIT).status_code == 204

    def token(self, path: str) -> str:
        """The cookie that proves that a form is the page's own."""
        return next(
            cookie.value or "" for cookie in self.browser.cookies if (cookie.name, cookie.path) == ("_xsrf", path)
        )


def _execute(code: str) -> dict[str, object]:
    number = uuid.uuid4().hex
    head = {"msg_id": number, "msg_type": "execute_request", "session": number, "username": "", "version": "5.3"}
    content = {"code": code, "silent": False, "store_history": False, "allow_stdin": False}
    return {"header": head, "parent_header": {}, "metadata": {}, "content": content, "channel": "shell", "buffers": []}


def _printed(socket: websocket.WebSocket) -> str:
    text, replied, idle = "", False, False
    while not (replied and idle):
        message = json.loads(socket.recv())
        kind, content = message["msg_type"], message["content"]
        if not message["parent_header"] or message["parent_header"].get("msg_type") != "execute_request":
            continue
        if kind == "stream" and content["name"] == "stdout":
            text += content["text"]
        elif kind == "error":
            text += f"{content['ename']}: {content['evalue']}"
        replied |= kind == "execute_reply"
        idle |= kind == "status" and content["execution_state"] == "idle"
    return text
