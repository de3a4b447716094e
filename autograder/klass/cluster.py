"""Batches judged on a cluster by dask.distributed, for classes that one machine is too small for."""

from collections.abc import Sequence
from concurrent.futures import BrokenExecutor, CancelledError, Future
from urllib.parse import urlsplit

from distributed import Client, KilledWorker

from autograder.errors import InstructorError
from autograder.klass.parcel import Handed, Judged, Parcel
from autograder.klass.worker import judge_batch

_CONNECT_SECONDS = 15
_UNDER_WAY = 2


class DaskWorkers:
    """The workers of a Dask cluster, on which the kit is installed in the same version as here.

    Dask gives a batch whose worker is lost to another one; a batch that has lost three workers is lost here.
    """

    def __init__(self, address: str) -> None:
        _check(address)
        try:
            self._client = Client(address, timeout=_CONNECT_SECONDS, set_as_default=False)
        except (OSError, ValueError) as error:
            raise InstructorError(f"The Dask scheduler at {address} cannot be reached: {error}") from error
        self._executor = self._client.get_executor(pure=False)
        if not self._client.ncores():
            self.close()
            raise InstructorError(f"The Dask scheduler at {address} has no workers: dask worker {address}")

    @property
    def slots(self) -> int:
        """How many batches are to be under way at once."""
        cores: list[int] = list(self._client.ncores().values())
        return _UNDER_WAY * max(1, sum(cores))

    def submit(self, parcel: Parcel, batch: Sequence[Handed]) -> Future[list[Judged]]:
        """Let a batch be judged somewhere."""
        told: Future[list[Judged]] = Future()
        self._executor.submit(judge_batch, parcel, batch).add_done_callback(lambda done: _pass_on(done, told))
        return told

    def close(self) -> None:
        """Leave the cluster. What is still under way there is cancelled."""
        self._client.close()


def _check(address: str) -> None:
    """Refuse what is no address: Dask would wait half a minute at the end for a client that never began."""
    try:
        parts = urlsplit(address if "://" in address else f"tcp://{address}")
        is_one = parts.scheme in ("tcp", "tls") and parts.hostname and parts.port
    except ValueError:
        is_one = False
    if not is_one:
        raise InstructorError(
            f"The Dask scheduler at {address} cannot be reached: an address is written as tcp://HOST:PORT"
        )


def _pass_on(done: Future[list[Judged]], told: Future[list[Judged]]) -> None:
    """Say of Dask's ways to lose a task what the local pools say."""
    try:
        told.set_result(done.result())
    except (KilledWorker, CancelledError) as error:
        told.set_exception(BrokenExecutor(str(error)))
    except Exception as error:  # noqa: BLE001  # whoever waits for it is told
        told.set_exception(error)
