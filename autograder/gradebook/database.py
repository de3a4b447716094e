"""The gradebook's database: SQLite, or PostgreSQL where the course's settings say so."""

import fcntl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from sqlalchemy import URL, Connection, Engine, create_engine, event, inspect, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, NoSuchModuleError, SQLAlchemyError

from autograder.errors import InstructorError
from autograder.gradebook import tables
from autograder.gradebook.settings import Address

_CONNECT_SECONDS = 15
_WAIT_SECONDS = 60
_ATTEMPTS = 5
# Any numbers will do, as long as all graders of a database use the same ones.
_WRITING = 7_236_071_942_218_503
_REGISTERING = 7_236_071_942_218_504
# PostgreSQL's codes for a transaction that it ended in favour of another one.
_LOST_A_RACE = ("40001", "40P01")
_SECRET_SETTINGS = ("password", "sslpassword")

_Given = TypeVar("_Given")


class Database:
    """A connection to the gradebook, which other programs may use at the same time. To be closed.

    Raises InstructorError where the gradebook's URL is none, or its driver is not installed.
    """

    def __init__(self, address: Address) -> None:
        url = _parse(address.url)
        self._shown = url.difference_update_query(_SECRET_SETTINGS).render_as_string(hide_password=True)
        self.path = url.database if url.get_backend_name() == "sqlite" else None
        try:
            self._engine = create_engine(url, connect_args=_patience(url))
        except (NoSuchModuleError, ModuleNotFoundError) as error:
            raise InstructorError(
                f"The gradebook {self._shown} needs a driver that is not installed ({error}). For PostgreSQL, write "
                "its URL as postgresql://…, and: pip install 'perceptron-autograder[postgres]'"
            ) from error
        self._reader = self._engine
        if self.is_sqlite:
            _take_over_transactions(self._engine)
        else:
            self._reader = self._engine.execution_options(isolation_level="REPEATABLE READ")

    @property
    def is_sqlite(self) -> bool:
        """Whether the gradebook is a file."""
        return self.path is not None

    def is_made(self) -> bool:
        """Tell whether there is a whole gradebook: all tables, and the version of nbgrader's that they are of.

        nbgrader writes the version last; a gradebook without one was being made when its maker was ended. Raises
        InstructorError where the tables are an older nbgrader's.
        """
        if self.path is not None and not Path(self.path).exists():
            return False
        with self.reading() as connection:
            inspector = inspect(connection)
            there = set(inspector.get_table_names())
            for table in tables.ALL:
                if table.name in there:
                    columns = {column["name"] for column in inspector.get_columns(table.name)}
                    self._refuse_older(table.name, set(table.columns.keys()) - columns)
            whole = {table.name for table in (*tables.ALL, tables.version)} <= there
            return whole and connection.scalar(tables.version.select().limit(1)) is not None

    def _refuse_older(self, table: str, missing: set[str]) -> None:
        if missing:
            raise InstructorError(
                f"The gradebook {self._shown} was made by an older nbgrader: its table {table} lacks "
                f"{', '.join(sorted(missing))}. Copy it, and run in the course's folder: nbgrader db upgrade"
            )

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection to read with: all that is read through it is of one moment."""
        with self._told(), self._reader.connect() as connection:
            yield connection

    def write(self, work: Callable[[Connection], _Given]) -> _Given:
        """Do all that `work` does to the gradebook, or nothing of it, while no other grader writes.

        Raises InstructorError where the database cannot be reached or written.
        """
        with self._told():
            for attempt in range(_ATTEMPTS):
                try:
                    return self._write(work)
                except DBAPIError as error:
                    if attempt == _ATTEMPTS - 1 or not _lost_a_race(error):
                        raise
        raise AssertionError("the loop returns or raises")

    @contextmanager
    def registering(self) -> Iterator[None]:
        """Keep other graders from making the gradebook or an assignment's rows meanwhile.

        That is nbgrader's work, in many transactions of its own.
        """
        with self._told():
            if self.path is None:
                with self._engine.begin() as connection:
                    connection.execute(text(f"SELECT pg_advisory_xact_lock({_REGISTERING})"))
                    yield
            else:
                with _locked(Path(f"{self.path}.lock")):
                    yield

    def _write(self, work: Callable[[Connection], _Given]) -> _Given:
        connection = self._engine.connect().execution_options(writes=True)
        with connection, connection.begin():
            if not self.is_sqlite:
                connection.execute(text(f"SET LOCAL lock_timeout = '{_WAIT_SECONDS}s'"))
                connection.execute(text(f"SELECT pg_advisory_xact_lock({_WRITING})"))
            return work(connection)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except (SQLAlchemyError, OSError) as error:
            reason = str(error.orig) if isinstance(error, DBAPIError) else str(error)
            raise InstructorError(
                f"The gradebook {self._shown} could not be used: {reason.strip()}\n"
                "What was judged is kept. Mend this, and run the same command again."
            ) from error


def _parse(text: str) -> URL:
    """Read a URL. What is none is not shown: a password may be in any part of it."""
    try:
        url = make_url(text)
    except (ArgumentError, ValueError):
        url = None
    if url is None or "@" in f"{url.host}{url.database if url.host else ''}":
        raise InstructorError(
            "The gradebook's URL, from AUTOGRADER_DB or c.CourseDirectory.db_url, cannot be read. It is written as "
            "postgresql://USER:PASSWORD@HOST/NAME or sqlite:///FILE, with %40 for an @ in a password, %2F for a /, "
            "%3A for a : and %25 for a %."
        )
    return url


def _patience(url: URL) -> dict[str, Any]:
    """Say how long to wait, for another program's lock or for a machine that does not answer; the URL's own holds."""
    if url.get_backend_name() == "sqlite":
        name, seconds = "timeout", _WAIT_SECONDS
    else:
        name, seconds = "connect_timeout", _CONNECT_SECONDS
    return {} if name in url.query else {name: seconds}


def _lost_a_race(error: DBAPIError) -> bool:
    """Tell whether another try may go well: nbgrader, which knows nothing of our lock, was at the same rows."""
    return isinstance(error, IntegrityError) or getattr(error.orig, "sqlstate", None) in _LOST_A_RACE


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Hold a lock that ends with this process, however it ends."""
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _take_over_transactions(engine: Engine) -> None:
    """Begin SQLite's transactions ourselves: its driver would begin them at the first write, after what was read."""

    @event.listens_for(engine, "connect")
    def _(connection: DBAPIConnection, _: object) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
