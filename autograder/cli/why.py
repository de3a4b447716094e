"""autograder why: how one student's score came about, for the instructor."""

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

import click

from autograder.cli.common import choose_students, open_course, sandbox_option
from autograder.results import CellResult, CheckResult
from autograder.sandbox.choose import Wanted
from autograder.text import one_line

if TYPE_CHECKING:
    from autograder.judge.inquiry import Account
    from autograder.judge.trial import Try

_MOST_CALLS = 12
_MOST_RIGHT_CALLS = 2


@click.command("why")
@click.argument("assignment")
@click.option(
    "--student", required=True, metavar="ID", help="The student whose submission is judged once more."
)
@click.option("--cell", "only", metavar="NAME", help="Only this graded cell, such as test_update.")
@sandbox_option
@click.pass_context
def command(context: click.Context, assignment: str, student: str, only: str | None, sandbox: Wanted) -> None:
    """Judge one submission of ASSIGNMENT once more and tell all of it: each check with its rule, the calls that it
    made, what came back and what was due, the known mistake that explains it, and what a second try over right
    functions changed. Of calls, the last ones are shown. Nothing is written, and it is for instructors: students
    would read in it what was due.
    """
    course, the_assignment = open_course(context, assignment)
    choose_students(course, the_assignment, [student])
    from autograder import notebook as nb
    from autograder.pipeline import account, prepare
    from autograder.sandbox.choose import open_sandbox

    grading = prepare(course, the_assignment)
    path, odd = nb.find(course.submission(the_assignment, student), grading.release, the_assignment.id)
    submitted = nb.read(path)
    with open_sandbox(the_assignment.file.limits, sandbox, grading.warmup) as opened:
        cells, accounts = account(grading, submitted, opened)
    for note in odd:
        click.echo(one_line(note))
    if only is not None and only not in cells:
        raise click.BadParameter(f"there are: {', '.join(cells)}", param_hint="--cell")
    instructors = {mistake.name: mistake.instructor for mistake in grading.rules.mistakes}
    for name, cell in cells.items():
        if only in (None, name):
            for line in _told(name, cell, accounts.get(name), instructors):
                click.echo(line)


def _told(
    name: str, cell: CellResult, account: "Account | None", mistakes: Mapping[str, str]
) -> Iterator[str]:
    if cell.score is None:
        yield f"{name}: waits for a person, {cell.max_score:g} points"
        return
    yield f"{name}: {cell.score:g} of {cell.max_score:g} points"
    if account is None:
        return
    if account.below:
        yield f"  tried twice: as written, and over a right {' and '.join(account.below)}"
    first = {each.check.id: each for each in account.first}
    second = {each.check.id: each for each in account.second}
    for check in cell.checks:
        yield from _check(check, first.get(check.id), second.get(check.id), mistakes)


def _check(
    check: CheckResult, first: "Try | None", second: "Try | None", mistakes: Mapping[str, str]
) -> Iterator[str]:
    yield f"  {check.outcome}{' (carried)' if check.carried else ''}  {check.id}: {check.title}, " + (
        f"{check.points:g} of {check.max_points:g}"
    )
    if check.message:
        yield f"      {one_line(check.message)}"
    if check.mistake is not None:
        yield f"      known mistake {check.mistake}: {mistakes[check.mistake]}"
    if first is not None:
        yield f"      rule: {first.check.where}" + (f"; hint: {first.check.hint}" if first.check.hint else "")
        yield from _tried("as written", first)
    if second is not None and (second.failed or check.carried):
        yield from _tried("over right functions", second)


def _tried(how: str, tried: "Try") -> Iterator[str]:
    yield f"      {how}: {tried.result.outcome}"
    for call in tried.student.last_calls(_MOST_CALLS if tried.failed else _MOST_RIGHT_CALLS):
        yield f"        {one_line(call.called)} {one_line(call.answer)}"
    for line in _due(tried.result.detail):
        yield f"        due: {line}"


def _due(detail: str) -> Sequence[str]:
    return [one_line(line) for line in detail.splitlines() if line.strip()]
