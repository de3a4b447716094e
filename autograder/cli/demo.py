"""autograder demo: the whole way, with sample students."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

from autograder.authoring.samples import Sample
from autograder.cli.common import open_course, plural, sandbox_option
from autograder.cli.table import Tally
from autograder.course import Assignment, Course
from autograder.gradebook.people import Person
from autograder.gradebook.read import Standing
from autograder.results import SubmissionResult, to_json_line
from autograder.sandbox.choose import Wanted


@click.command("demo")
@click.argument("assignment", default="perceptron")
@click.option(
    "--into",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Where the demo's course is made. Else demo/ in the course.",
)
@sandbox_option
@click.pass_context
def command(context: click.Context, assignment: str, folder: Path | None, sandbox: Wanted) -> int:
    """Play a class: make the student version of ASSIGNMENT, let its sample students hand in, grade them, write
    feedback and a grade file, fill what LMSs would export for the class, and show who got what and why. All of it
    happens in a copy of the course, which a second run replaces.
    """
    course, the_assignment = open_course(context, assignment)
    from autograder.authoring.demo import hand_in, make_course
    from autograder.authoring.generate import generate
    from autograder.cli.grade import local_workers
    from autograder.cli.watch import watching
    from autograder.gradebook.opening import open_database
    from autograder.gradebook.read import standings
    from autograder.klass.run import class_run
    from autograder.lms.files import write
    from autograder.lms.table import as_csv
    from autograder.report.write import write_pages

    course, the_assignment = make_course(course, the_assignment, folder or course.root / "demo")
    click.echo("1. autograder generate: the student version, made by nbgrader and proved")
    for sentence in generate(course, the_assignment):
        click.echo(f"   {sentence}")
    samples = hand_in(course, the_assignment)
    click.echo(f"2. {len(samples)} sample students hand in to submitted/")
    click.echo("3. autograder grade: each one in a sandbox of its own, the checks outside of it")
    with (
        local_workers(len(samples)) as workers,
        class_run(course, the_assignment, workers, sandbox) as run,
        watching(len(samples), "   grading", quiet=False) as watch,
    ):
        results = sorted(run.results(samples, watch.saw), key=lambda result: result.student)
    results_file = course.root / "results.jsonl"
    results_file.write_bytes(b"".join(map(to_json_line, results)))
    click.echo("4. autograder feedback --provisional and autograder export --provisional:")
    click.echo("   provisional, since written answers wait for a person to read them")
    with open_database(course) as gradebook:
        everyone = standings(gradebook, the_assignment)
    pages = [path for _, path in write_pages(course, the_assignment, everyone, provisional=True) if path]
    grades = course.root / f"{assignment}-grades.csv"
    write(grades, as_csv(everyone, provisional=True).encode())
    click.echo(
        "5. autograder export --into: the files of LMSs for this class, as exported, with the points filled in"
    )
    _fill_samples(course, the_assignment, everyone)
    _show(results, samples)
    for what, path in (
        ("Student version", the_assignment.release),
        ("A feedback page", pages[0]),
        ("All feedback", course.root / "feedback"),
        ("Grade file", grades),
        ("LMS's own files", course.root / "lms"),
        ("Results", results_file),
    ):
        click.echo(f"{what + ':':<17} {path}")
    click.echo(f"In JupyterLab:    cd {course.root} && jupyter lab   (Nbgrader menu, Formgrader)")
    return 0 if all(result.status == "graded" for result in results) else 1


def _fill_samples(course: Course, assignment: Assignment, standings: Sequence[Standing]) -> None:
    """Fill what LMSs would export for the sample class: a file in `samples/lms/` each."""
    from autograder.lms.choosing import Wanted
    from autograder.lms.files import read_document, write
    from autograder.lms.filling import plan
    from autograder.lms.people import People

    people = People(Person(each.student, each.first_name, each.last_name, each.email) for each in standings)
    wanted = Wanted(likely_columns=(assignment.id, assignment.file.title))
    (course.root / "lms").mkdir()
    for original in sorted((assignment.samples / "lms").glob("*.*")):
        made = plan(read_document(original, None), standings, people, wanted, time.time())
        write(course.root / "lms" / original.name, made.filled())
        cells = plural(len(made.changes), "cell")
        click.echo(f"   {made.document.format.title + ':':<34} {cells} filled, every other byte as it was")


def _show(results: Sequence[SubmissionResult], samples: Mapping[str, Sample]) -> None:
    console = Console(highlight=False)
    table = Table(
        "student",
        "score",
        "what they did",
        "what it cost them",
        box=None,
        header_style="bold",
        pad_edge=False,
    )
    for result in results:
        about = samples[result.student].about
        table.add_row(
            escape(result.student),
            f"{result.score:g} / {result.max_score:g}",
            escape(about),
            escape(_why(result)),
        )
    console.print()
    console.print(table)
    console.print()
    tally = Tally()
    for result in results:
        tally.add(result)
    console.print(tally.summary())
    console.print()


def _why(result: SubmissionResult) -> str:
    """Say where points were lost, and what was the first thing that was wrong."""
    lost, first = [], ""
    for name, cell in result.cells.items():
        if cell.score is None:
            lost.append(f"{name} waits for a person")
        elif cell.score < cell.max_score:
            lost.append(f"{name} −{cell.max_score - cell.score:g}")
            failed = [check.title for check in cell.checks if check.outcome == "failed"]
            first = first or "".join(failed[:1])
    return "\n".join(part for part in (", ".join(lost), f"first: {first}" if first else "") if part)
