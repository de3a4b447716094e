"""A real Jupyter server on a course, and a real Chromium that tells what a page did."""

import contextlib
import http.server
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import BrowserContext, Page

from tests.conftest import REPOSITORY

CHROMIUM = "/usr/bin/chromium"
SWITCHES = [
    "--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-component-update",
    "--disable-sync", "--no-first-run",
]  # fmt: skip
MATHJAX = "https://cdnjs.cloudflare.com/ajax/libs/mathjax/2.7.7/"
TOKEN = "a-token"
_UNUSED = ("jupyterlab", "jupyter_lsp", "jupyter_server_terminals", "notebook", "notebook_shim")
_CONFIG = {"ServerApp": {"jpserver_extensions": dict.fromkeys(_UNUSED, False)}}  # half of the start-up


class Listener(http.server.ThreadingHTTPServer):
    """Another host, that answers anything and remembers what it was asked for."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answer)
        self.address = f"http://127.0.0.1:{self.server_port}"
        self.asked: list[str] = []
        threading.Thread(target=self.serve_forever, daemon=True).start()


class _Answer(http.server.BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.server.asked.append(self.path)
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_arguments: object) -> None:
        pass


@contextlib.contextmanager
def jupyter_server(root: Path) -> Iterator[str]:
    """Run a Jupyter server with formgrader on a course; give its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    home = root.parent / f"{root.name}-jupyter"
    environment = {
        **os.environ,
        "PYTHONPATH": str(REPOSITORY),
        **{f"JUPYTER_{kind}_DIR": str(home / kind) for kind in ("CONFIG", "DATA", "RUNTIME")},
    }
    (home / "CONFIG").mkdir(parents=True)
    (home / "CONFIG" / "jupyter_server_config.json").write_text(json.dumps(_CONFIG))
    command = [
        sys.executable, "-m", "jupyter_server", "--no-browser", "--allow-root", "--ServerApp.ip=127.0.0.1",
        f"--ServerApp.port={port}", f"--IdentityProvider.token={TOKEN}", f"--ServerApp.root_dir={root}",
    ]  # fmt: skip
    with (root.parent / f"{root.name}.log").open("w") as log:
        server = subprocess.Popen(
            command, cwd=root, env=environment, stdout=log, stderr=log, start_new_session=True
        )
    try:
        _wait_for(f"http://127.0.0.1:{port}/api?token={TOKEN}", server)
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        server.wait(20)


def _wait_for(address: str, server: subprocess.Popen) -> None:
    for _ in range(300):
        with contextlib.suppress(OSError):
            urllib.request.urlopen(address).close()
            return
        assert server.poll() is None, "the Jupyter server ended"
        time.sleep(0.1)
    raise TimeoutError(address)


def log_in(browser: BrowserContext, server: str) -> None:
    """Let a browser in, as the person who started the server."""
    page = browser.new_page()
    page.goto(f"{server}/api/status?token={TOKEN}")
    page.close()


@dataclass
class Visit:
    """A page that was opened, and what it did."""

    page: Page
    ran: set[str] = field(default_factory=set)
    asked: list[str] = field(default_factory=list)
    dialogs: list[str] = field(default_factory=list)

    def heard(self, name: str) -> None:
        self.ran.add(name)

    def loaded(self) -> list[str]:
        """Give the addresses that it asked for, but for the page, formgrader's own parts and nbgrader's MathJax."""
        server = "/".join(self.page.url.split("/")[:3])
        own = (MATHJAX, f"{server}/formgrader/static/", f"{server}/formgrader/api/")
        return [address for address in self.asked[1:] if not address.startswith(own)]

    def follow_scripted_links(self) -> None:
        """Click what a person might, where it stays on the page: links that are scripts."""
        if self.page.evaluate(
            "[...document.links].filter(link => link.protocol === 'javascript:').map(link => link.click()).length"
        ):
            self.page.wait_for_timeout(300)

    def count(self, selector: str) -> int:
        return self.page.locator(selector).count()

    def covered_by(self, selector: str) -> list[str]:
        """Give what lies over each element of a kind, instead of the element itself."""
        return self.page.eval_on_selector_all(
            selector,
            """elements => elements.map(element => {
                element.scrollIntoView({block: "center"});
                const box = element.getBoundingClientRect();
                const top = document.elementFromPoint(box.x + box.width / 2, box.y + box.height / 2);
                return top === element ? "" : (top ? top.outerHTML : "hidden");
            }).filter(text => text)""",
        )


def visit(browser: BrowserContext, address: str) -> Visit:
    """Open a page, and wait until it has done what it does by itself."""
    page = browser.new_page()
    seen = Visit(page)
    page.expose_function("canary", seen.heard)
    page.on("request", lambda request: seen.asked.append(request.url))
    page.on("dialog", lambda dialog: (seen.dialogs.append(dialog.message), dialog.dismiss()))
    page.route(f"{MATHJAX}**", lambda route: route.abort())
    page.goto(address)
    page.wait_for_load_state("networkidle")
    seen.follow_scripted_links()
    return seen
