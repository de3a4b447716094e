"""The gradebook's database: SQLite, or PostgreSQL where the course's settings say so."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from sqlalchemy import Connection, Engine, create_engine, event, inspect, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, IntegrityError, NoSuchModuleError, SQLAlchemyError

from autograder.errors import InstructorError
from autograder.gradebook import tables
from autograder.gradebook.settings import Address

_WAIT_SECONDS = 60
_ATTEMPTS = 5
# Any number will do, as long as all graders of a database use the same one.
_LOCK = 7_236_071_942_218_503

_Given = TypeVar("_Given")


class Database:
    """A connection to the gradebook, which other programs may use at the same time. To be closed."""

    def __init__(self, address: Address) -> None:
        url = make_url(address.url)
        self._shown = url.render_as_string(hide_password=True)
        self.is_sqlite = url.get_backend_name() == "sqlite"
        self.path = url.database if self.is_sqlite else None
        try:
            self._engine = create_engine(
                url, connect_args={"timeout": _WAIT_SECONDS} if self.is_sqlite else {}
            )
        except (NoSuchModuleError, ModuleNotFoundError) as error:
            raise InstructorError(
                f"The gradebook {self._shown} needs a driver that is not installed ({error}). For PostgreSQL: "
                "pip install 'perceptron-autograder[postgres]'"
            ) from error
        if self.is_sqlite:
            _take_over_transactions(self._engine)

    def is_made(self) -> bool:
        """Tell whether there is a gradebook. An SQLite file that is not there is not made."""
        if self.path is not None and not Path(self.path).exists():
            return False
        with self._told():
            return inspect(self._engine).has_table(tables.grades.name)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Give a connection to read with: all that is read through it is of one moment."""
        with self._told(), self._engine.connect() as connection:
            yield connection

    def write(self, work: Callable[[Connection], _Given]) -> _Given:
        """Do all that `work` does to the gradebook, or nothing of it, while no other grader writes.

        Raises InstructorError where the database cannot be reached or written.
        """
        with self._told():
            for attempt in range(_ATTEMPTS):
                try:
                    return self._write(work)
                except IntegrityError:
                    # nbgrader, which knows nothing of our lock, was at the same rows a moment earlier.
                    if attempt == _ATTEMPTS - 1:
                        raise
        raise AssertionError("the loop returns or raises")

    def _write(self, work: Callable[[Connection], _Given]) -> _Given:
        connection = self._engine.connect().execution_options(writes=True)
        with connection, connection.begin():
            if not self.is_sqlite:
                connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_LOCK})")
            return work(connection)

    @contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except SQLAlchemyError as error:
            reason = str(error.orig) if isinstance(error, DBAPIError) else str(error)
            raise InstructorError(
                f"The gradebook {self._shown} could not be used: {reason.strip()}\n"
                "What was judged is kept. Mend this, and run the same command again."
            ) from error


def _take_over_transactions(engine: Engine) -> None:
    """Begin SQLite's transactions ourselves: its driver would begin them at the first write, after what was read."""

    @event.listens_for(engine, "connect")
    def _(connection: DBAPIConnection, _: object) -> None:
        connection.isolation_level = None

    @event.listens_for(engine, "begin")
    def _(connection: Connection) -> None:
        writes = connection.get_execution_options().get("writes")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
