"""autograder unpack: an LMS's download into submitted/."""

from collections import Counter
from datetime import UTC, datetime, tzinfo
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import click
from dateutil import tz

from autograder.cli.common import open_course, plural, progress, tell
from autograder.errors import InstructorError

timezone_option = click.option(
    "--timezone",
    "zone",
    metavar="NAME",
    help="The zone of the times in the LMS's names, such as Europe/Berlin. Else this machine's.",
)
who_option = click.option(
    "--who",
    "who_files",
    multiple=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help="A file of the LMS that says who its numbers are: for Moodle the assignment's offline grading worksheet, "
    "for Canvas the gradebook's export, for any the table unplaced.csv with your students' ids filled in. May be given "
    "several times: a later file counts more.",
)


@click.command("unpack")
@click.argument("assignment")
@click.argument("download", type=click.Path(path_type=Path, exists=True))
@who_option
@click.option("--lms", metavar="NAME", help="Whose download it is, where its names leave that open.")
@timezone_option
@click.pass_context
def command(  # noqa: PLR0917  # click gives them by name
    context: click.Context,
    assignment: str,
    download: Path,
    who_files: tuple[Path, ...],
    lms: str | None,
    zone: str | None,
) -> int:
    """Unpack DOWNLOAD, the zip (or a folder) of all submissions of ASSIGNMENT that an LMS gives, to where
    'autograder grade ASSIGNMENT' finds them: submitted/STUDENT/ASSIGNMENT/.

    Files are matched to the students of the gradebook by the ids in their names, never by names of people. Of several
    attempts the last one is taken, with its time. A notebook is known by its cells, whatever its name. What cannot
    be placed lies in unpacked/ASSIGNMENT/unplaced/, and unplaced.csv beside it says why; a submission that is replaced
    moves to unpacked/ASSIGNMENT/replaced/. A second run changes nothing.

    \b
      autograder roster gradebook.csv                               the class, and the LMS's ids
      autograder unpack perceptron submissions.zip
      autograder unpack perceptron moodle.zip --who worksheet.csv

    \b
    Exit status: 0 all placed; 1 something could not be placed; 2 something is yours to mend.
    """
    course, the_assignment = open_course(context, assignment)
    from autograder.lms.advice import advice
    from autograder.lms.archive import open_archive
    from autograder.lms.foreign import refuse_foreign
    from autograder.lms.notebooks import Due
    from autograder.lms.unpacking import Unpacker

    local = time_zone(zone)
    with open_archive(download) as archive:
        from autograder.cli.sorting import sorted_download

        due = Due(the_assignment)
        found = sorted_download(course, archive, lms, who_files, zone=local, due=due)
        refuse_foreign(course, the_assignment, archive, found, due)
        unpacker = Unpacker(course, the_assignment, archive, found, due=due)
        total = len(found.attempts)
        outcomes = list(progress(unpacker.place_all(), total, "Unpacking"))
    states = Counter(outcome.state for outcome in outcomes)
    notes = [f"{each.student}: {note}" for each in outcomes for note in each.notes]
    tell("Good to know:", [*found.told, *notes])
    tell(
        f"Without a place, in {course.root / 'unpacked' / assignment}:",
        [f"{lost.member.name}: {lost.reason.text}" for lost in unpacker.lost],
    )
    reasons = [lost.reason for lost in unpacker.lost]
    tell("What to do next:", advice(reasons, found.download, who_was_named=found.known.says_whose))
    placed = sum(count for state, count in states.items() if state != "none")
    details = ", ".join(
        f"{states[state]} {state}" for state in ("new", "changed", "same", "kept") if states[state]
    )
    name = zone or datetime.now(UTC).astimezone(local).tzname()
    click.echo(
        f"{found.download.title}: {plural(placed, 'submission')} in {course.root / 'submitted'}"
        + (f" ({details})" if details else "")
        + (f", {plural(len(unpacker.lost), 'file')} without a place" if unpacker.lost else "")
        + (f". Times without a zone were taken as {name}." if found.has_local_times else ".")
    )
    return 1 if unpacker.lost else 0


def time_zone(name: str | None) -> tzinfo:
    """Give a time zone by its name, else this machine's. Raises InstructorError where there is none."""
    if name is None:
        local: tzinfo = tz.tzlocal()
        return local
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InstructorError(f"There is no time zone '{name}'; name one as Europe/Berlin or UTC.") from error
