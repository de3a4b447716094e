"""What a person sees while a class is graded: how far it is, how fast it goes, and at once what went wrong."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from autograder.results import SubmissionResult
from autograder.text import one_line

_LINE_SECONDS = 10.0


class Watch:
    """Told of each verdict. On a terminal it moves a bar, elsewhere it prints a line now and then."""

    def __init__(self, bar: Progress, console: Console, total: int, doing: str, *, quiet: bool) -> None:
        self._bar = bar
        self._console = console
        self._total = total
        self._doing = doing
        self._plain = not quiet and not console.is_terminal
        self._task = bar.add_task(doing, total=total, rate="", last="")
        self._first = 0.0
        self._said = 0.0
        self._seen = 0

    def saw(self, result: SubmissionResult) -> None:
        """Note that a verdict is there."""
        now = time.monotonic()
        self._seen += 1
        self._first = self._first or now
        # Of what came after the first one: before it, workers were starting.
        rate = (self._seen - 1) / max(now - self._first, 1e-3)
        last = f"{one_line(result.student)} {_score(result)}"
        self._bar.update(self._task, advance=1, rate=f"{rate:.0f}/s", last=escape(last))
        if self._plain and self._seen < self._total and (not self._said or now - self._said > _LINE_SECONDS):
            self._said = now
            self._console.print(f"{self._so_far(rate)}; {last}", markup=False, soft_wrap=True)

    def _so_far(self, rate: float) -> str:
        count = f"{self._doing}: {self._seen} of {self._total}"
        if not rate:
            return count
        return f"{count}, {rate:.0f} a second, about {(self._total - self._seen) / rate:.0f} s left"

    def tell(self, result: SubmissionResult) -> None:
        """Print why a submission could not be graded."""
        if result.error is not None:
            self._bar.console.print(one_line(result.error), markup=False, soft_wrap=True)


@contextmanager
def watching(total: int, doing: str, *, quiet: bool) -> Iterator[Watch]:
    """Show on standard error how a class is graded; `quiet` shows only what went wrong."""
    console = Console(stderr=True, highlight=False)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
        TextColumn("{task.fields[last]}"),
    )
    hidden = quiet or not console.is_terminal
    with Progress(*columns, console=console, transient=True, disable=hidden) as bar:
        yield Watch(bar, console, total, doing, quiet=quiet)


def _score(result: SubmissionResult) -> str:
    return "not graded" if result.status == "failed" else f"{result.score:g} / {result.max_score:g}"
