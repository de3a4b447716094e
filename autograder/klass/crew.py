"""Submissions dealt out to workers in batches, and a second try for those whose worker was lost."""

from collections import deque
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, wait
from dataclasses import dataclass

from autograder.klass.parcel import Handed, Judged, Parcel
from autograder.klass.workers import Workers

# Long enough that the way to a worker and back costs little, short enough that little is lost with a worker.
_BATCH_SECONDS = 0.3
_LARGEST_BATCH = 32
_MOST_LOSSES = 3


@dataclass(frozen=True)
class _Batch:
    handed: tuple[Handed, ...]
    losses: int = 0


class Crew:
    """Deals submissions out to workers. Results come in the order in which they are ready."""

    def __init__(self, workers: Workers, parcel: Parcel) -> None:
        self._workers = workers
        self._parcel = parcel
        self._size = 1
        self._next: list[Handed] = []
        self._waiting: deque[_Batch] = deque()
        self._under_way: dict[Future[list[Judged]], _Batch] = {}

    def add(self, handed: Handed) -> None:
        """Take a submission on. It may wait until there are more, or until a worker is free."""
        self._next.append(handed)
        if len(self._next) >= self._size:
            self._close_batch()

    def ready(self) -> Iterator[Judged | Handed]:
        """Give what is ready, and wait for something to be while all workers have enough to do.

        A submission whose worker was lost three times is given as it was handed in.
        """
        yield from self._collect(0.0)
        while self._waiting:
            yield from self._collect(None)

    def rest(self) -> Iterator[Judged | Handed]:
        """Give all that is left, as it is ready."""
        self._close_batch()
        while self._under_way or self._waiting:
            yield from self._collect(None)

    def _close_batch(self) -> None:
        if self._next:
            self._waiting.append(_Batch(tuple(self._next)))
            self._next = []
            self._deal()

    def _deal(self) -> None:
        while self._waiting and len(self._under_way) < self._workers.slots:
            batch = self._waiting.popleft()
            future = self._workers.submit(self._parcel, batch.handed)
            self._under_way[future] = batch

    def _collect(self, timeout: float | None) -> Iterator[Judged | Handed]:
        done = wait(self._under_way, timeout, FIRST_COMPLETED).done
        for future in done:
            batch = self._under_way.pop(future)
            try:
                judged = future.result()
            except BrokenExecutor:
                yield from self._try_again(batch)
                continue
            self._settle_size(judged)
            yield from judged
        self._deal()

    def _try_again(self, batch: _Batch) -> Sequence[Handed]:
        """Let the submissions of a lost batch be judged each by itself: one of them may be what ends workers.

        Gives those that were lost too often.
        """
        if batch.losses + 1 == _MOST_LOSSES:
            return batch.handed
        self._waiting.extendleft(_Batch((handed,), batch.losses + 1) for handed in reversed(batch.handed))
        return ()

    def _settle_size(self, judged: Sequence[Judged]) -> None:
        each = sum(one.result.seconds for one in judged) / len(judged)
        self._size = max(1, min(_LARGEST_BATCH, int(_BATCH_SECONDS / max(each, 0.001))))
