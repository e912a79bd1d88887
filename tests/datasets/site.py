"""An official site in this process, which can cut a transfer and go on where it was cut."""

import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Site(ThreadingHTTPServer):
    """Serves `content`; sends at most `cut_after` bytes; `asked` lists the Range header of every request."""

    def __init__(self, content):
        super().__init__(("127.0.0.1", 0), Handler)
        self.content, self.cut_after, self.asked = content, None, []

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}/archive"


class Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        wanted = self.headers.get("Range", "")
        self.server.asked.append(wanted)
        start = int(wanted[6:-1]) if wanted else 0
        content = self.server.content
        if start >= len(content):
            self.send_response(416)
            self.end_headers()
            return
        self.send_response(206 if wanted else 200)
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        self.wfile.write(content[start : self.server.cut_after])

    def log_message(self, *arguments):
        pass


@contextmanager
def serving(content):
    with Site(content) as site:
        threading.Thread(target=site.serve_forever, daemon=True).start()
        yield site
        site.shutdown()
