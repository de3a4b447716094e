"""A PostgreSQL of the tests' own: Debian's programs, a cluster in a temporary folder, ended with the tests."""

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg

PASSWORD = "not-to-be-shown"  # what no message may hold
_USER = "grader"
_NOBODY = 65534
_SECONDS = 60


class Postgres:
    """A server that is running, with databases to be made as they are needed."""

    def __init__(self, folder: Path, programs: Path) -> None:
        self._folder = folder
        self._programs = programs
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._initialise()
        self.start()

    def start(self) -> None:
        """Start the server, and wait until it answers."""
        settings = {
            "listen_addresses": "127.0.0.1",
            "unix_socket_directories": str(self._folder),
            "port": str(self.port),
            "fsync": "off",
            "full_page_writes": "off",
            "synchronous_commit": "off",
            "autovacuum": "off",
        }
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        with (self._folder / "log").open("ab") as log:
            self._process = subprocess.Popen(
                [*_as_ordinary_user(), self._programs / "postgres", "-D", self._folder / "data", *options],
                stdout=log,
                stderr=log,
            )
        until = time.monotonic() + _SECONDS
        while True:
            try:
                psycopg.connect(self.url("postgres"), connect_timeout=5).close()
            except psycopg.OperationalError:
                assert self._process.poll() is None, (self._folder / "log").read_text()
                assert time.monotonic() < until, (self._folder / "log").read_text()
                time.sleep(0.05)
            else:
                return

    def stop(self) -> None:
        """Stop the server at once; whoever is connected loses the connection. What was committed stays."""
        assert self._process is not None
        self._process.send_signal(signal.SIGINT)
        self._process.wait(_SECONDS)

    def url(self, database: str) -> str:
        """Give a database's URL as an instructor writes it."""
        return f"postgresql://{_USER}:{PASSWORD}@127.0.0.1:{self.port}/{database}"

    def create(self, database: str, template: str = "template0") -> str:
        """Make a database, empty or as a copy of another one, and give its URL."""
        self._do(f"CREATE DATABASE {database} TEMPLATE {template}")
        return self.url(database)

    def drop(self, database: str) -> None:
        """Remove a database, whoever is connected to it."""
        self._do(f"DROP DATABASE IF EXISTS {database} WITH (FORCE)")

    def _do(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement)

    def _initialise(self) -> None:
        secret = self._folder / "password"
        secret.write_text(PASSWORD)
        if os.getuid() == 0:
            for path in (self._folder, secret):
                os.chown(path, _NOBODY, _NOBODY)
        command = [self._programs / "initdb", "--no-sync", "--encoding=UTF8", "--locale=C"]
        command += ["--auth=scram-sha-256", f"--username={_USER}", f"--pwfile={secret}"]
        done = subprocess.run(
            [*_as_ordinary_user(), *command, self._folder / "data"],
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr


@contextmanager
def running() -> Iterator[Postgres]:
    """Give a PostgreSQL, and end it."""
    folder = Path(tempfile.mkdtemp(prefix="pg-"))
    try:
        server = Postgres(folder, _programs())
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder)


def fresh_name() -> str:
    """Give a name that no database has."""
    return f"course_{secrets.token_hex(6)}"


def _programs() -> Path:
    """Find the server's programs, which Debian keeps out of PATH."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda path: int(path.parts[-3]))
    on_path = shutil.which("postgres")
    if found:
        return found[-1].parent
    assert on_path is not None, (
        "PostgreSQL is not installed, which the gradebook's tests need. On Debian or Ubuntu: "
        "sudo apt-get install postgresql"
    )
    return Path(on_path).resolve().parent


def _as_ordinary_user() -> list[str]:
    """Give the words before a command that is to end with the tests; PostgreSQL refuses to be run by root."""
    words = ["setpriv", "--pdeathsig=INT"]
    if os.getuid() == 0:
        words += [f"--reuid={_NOBODY}", f"--regid={_NOBODY}", "--clear-groups"]
    return [*words, "--"]


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port
