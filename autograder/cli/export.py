"""autograder export: the grades to a file, or into one of the LMS's own."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from autograder.cli.common import open_course, plural, tell, uncollected
from autograder.errors import InstructorError
from autograder.text import some

if TYPE_CHECKING:
    from autograder.course import Assignment, Course
    from autograder.gradebook.people import Person
    from autograder.gradebook.read import Standing

_OURS = "csv"


@click.command("export")
@click.argument("assignment")
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    help="The file. Else ASSIGNMENT-grades.csv in the course; with --into it must be given.",
)
@click.option(
    "--into",
    "lms_file",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="Fill this file, as the LMS exported it: only the cells for the points change, in a copy.",
)
@click.option(
    "--format",
    "kind",
    metavar="KIND",
    default=_OURS,
    help="Without --into: the kind of file to write from nothing. csv (the kit's own), canvas, moodle-gradebook, "
    "moodle-worksheet, blackboard, brightspace or sakai.",
)
@click.option("--lms", metavar="NAME", help="Whose file it is, where its content leaves that open.")
@click.option("--column", metavar="NAME", help="The column to fill: its header, its title or its id.")
@click.option("--id", "key", metavar="COLUMN", help="The only column that says who a row is about.")
@click.option("--rescale", is_flag=True, help="Turn the points into those of a file with another maximum.")
@click.option(
    "--zeros",
    is_flag=True,
    help="Write 0 for students of the file who handed in nothing, by all that is known.",
)
@click.option(
    "--comments", is_flag=True, help="Also fill the column for comments, where it is empty: points by task."
)
@click.option("--force", is_flag=True, help="Go on in doubt, with what is certain; overwrite other points.")
@click.option(
    "--provisional",
    is_flag=True,
    help="Go on although answers wait for a person or submissions could not be graded; every row of a csv says so.",
)
@click.pass_context
def command(  # noqa: PLR0917  # click gives them by name
    context: click.Context,
    assignment: str,
    output: Path | None,
    lms_file: Path | None,
    kind: str,
    lms: str | None,
    column: str | None,
    key: str | None,
    rescale: bool,
    zeros: bool,
    comments: bool,
    force: bool,
    provisional: bool,
) -> int:
    """Write the grades of ASSIGNMENT: as CSV, a row for each student of the gradebook; or into the LMS's own file.

    \b
      autograder export perceptron                                      perceptron-grades.csv
      autograder export perceptron --into grades.csv -o filled.csv      the LMS's file, filled
      autograder export perceptron --format canvas -o canvas.csv        one made from nothing

    Scores are after late penalties. Who has handed in nothing has no score, which is not zero: the cell is left as it
    is. With --into, every byte but the cells for points stays; what would change is told first, and where anything is
    in doubt (a student found twice or not at all, points that would be overwritten, a locked cell, more points than
    the maximum, work handed in again since, a zero for one who may have handed in) nothing is written, and the status
    is 2. --force then writes what is certain.

    Refuses while an answer waits for a person, or a submission could not be graded, unless --provisional is given.
    """
    if lms_file is not None and output is None:
        raise InstructorError("--into needs -o OUT: the original stays as it is")
    course, the_assignment = open_course(context, assignment)
    from autograder.gradebook.opening import open_database
    from autograder.gradebook.people import read_people
    from autograder.gradebook.read import refuse_unreviewed, standings
    from autograder.lms.choosing import refuse_unknown_names

    refuse_unknown_names(the_assignment)
    context.with_resource(uncollected())
    with open_database(course) as gradebook:
        rows = standings(gradebook, the_assignment)
        people = read_people(gradebook)
    if not provisional:
        refuse_unreviewed([row for row in rows if row.submitted], course, the_assignment, "export")
    elif lms_file is not None and (reasons := _unfinished(rows, course, the_assignment)):
        click.echo(f"Provisional: {' and '.join(reasons)}. The LMS's file cannot say so.")
    if lms_file is not None and output is not None:
        from autograder.cli.filling import fill
        from autograder.lms.choosing import Wanted
        from autograder.lms.newer import handed_in_since
        from autograder.lms.ungraded import Ungraded, ungraded

        wanted = Wanted(column, key, (assignment, the_assignment.file.title), rescale, zeros, comments)
        work = ungraded(course, the_assignment, people) if zeros else Ungraded()
        work = replace(work, since=handed_in_since(course, the_assignment, rows))
        return fill(
            lms_file,
            output,
            lms,
            course,
            the_assignment,
            standings=rows,
            people=people,
            wanted=wanted,
            work=work,
            force=force,
        )
    path = output or course.root / f"{assignment}-grades.csv"
    if kind != _OURS:
        return _write_fresh(course, the_assignment, kind, path, rows=rows, people=people)
    return _write_table(path, rows, provisional=provisional)


def _unfinished(rows: Sequence["Standing"], course: "Course", assignment: "Assignment") -> list[str]:
    from autograder.gradebook.read import unfinished

    unread, waiting = unfinished(rows, course, assignment)
    reasons = ["some answers wait for a person"] if waiting else []
    if unread:
        names = some([row.student for row in unread])
        reasons.append(f"{plural(len(unread), 'submission')} could not be graded ({names})")
    return reasons


def _write_table(path: Path, rows: Sequence["Standing"], *, provisional: bool) -> int:
    from autograder.lms.files import write
    from autograder.lms.table import as_csv

    write(path, as_csv(rows, provisional=provisional).encode())
    missing = sum(not row.submitted for row in rows)
    click.echo(
        f"{plural(len(rows), 'student')} in {path}"
        + (f", {missing} without a submission." if missing else ".")
    )
    return 0


def _write_fresh(
    course: "Course",
    assignment: "Assignment",
    kind: str,
    path: Path,
    *,
    rows: Sequence["Standing"],
    people: Sequence["Person"],
) -> int:
    from autograder.lms.files import write
    from autograder.lms.formats import choose, known_formats
    from autograder.lms.fresh import from_nothing
    from autograder.lms.newer import handed_in_since
    from autograder.lms.placed import lms_ids

    chosen = choose(known_formats(), kind)
    if len(chosen) > 1:
        raise InstructorError(f"--format {kind} may be {' or '.join(each.name for each in chosen)}: name one")
    ids = lms_ids(course, assignment, chosen[0].name.partition("-")[0])
    by_id = {person.id: person for person in people}
    since = handed_in_since(course, assignment, rows)
    made = from_nothing(chosen[0], assignment.id, rows, by_id, ids, since=since)
    tell("Left out:", made.left_out)
    if not made.students:
        raise InstructorError(
            f"nobody has points that could go out, so no file was made; first: autograder grade {assignment.id}"
        )
    write(path, made.data)
    click.echo(
        f"{chosen[0].title}: {plural(made.students, 'student')} in {path}\n{made.guesses}\n{made.upload}"
    )
    return 0
