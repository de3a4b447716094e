"""Grades into an LMS's own file: what would change, what is in doubt, and the filled file.

Every byte that is not a target cell stays as it is.
"""

from collections.abc import Iterable, Sequence

from autograder.errors import InstructorError
from autograder.gradebook.read import Standing
from autograder.lms.choosing import Wanted, choose_column, choose_keys
from autograder.lms.document import Document, Row
from autograder.lms.matching import Matched, match, who
from autograder.lms.people import People
from autograder.lms.planned import Plan
from autograder.lms.points import Filler
from autograder.lms.ungraded import Ungraded
from autograder.text import some


def plan(
    document: Document,
    standings: Iterable[Standing],
    people: People,
    wanted: Wanted,
    now: float,
    *,
    work: Ungraded | None = None,
) -> Plan:
    """Work out what is to be filled, without writing anything.

    `now` is in seconds since 1970; `work` is what else is known to be there of those without a score. Raises
    InstructorError where it is not clear which column is meant, where the file's maximum is another than the
    assignment's, or where nobody of the file is in the class.
    """
    column, guessed = choose_column(document, wanted)
    keys = choose_keys(document, wanted.key)
    rows = list(document.rows())
    matched = match(document, rows, people, keys, named=wanted.key is not None)
    if not matched.rows:
        raise InstructorError(_nobody(document, rows, people, wanted, matched))
    made = Plan(document, column, len(matched.rows))
    made.told += [text for text in (document.text.warning, guessed) if text]
    if wanted.remarks and column.remarks is None:
        made.told.append("There is no column for comments that belongs to it.")
    if column.guess:
        made.doubts.append(f"the column '{column.header}' {column.guess}")
    if document.text.bom and (trouble := document.format.bad_mark(document.layout)):
        made.doubts.append(trouble)
    _tell_matches(made, matched)
    for reason in dict.fromkeys(document.format.stale(document.layout, row.values, now) for row in rows):
        made.doubts += [f"the file is stale: {reason}"] if reason else []
    if unmapped := document.format.unmapped(document.layout, [row.values for row in rows]):
        (made.doubts if unmapped.in_doubt else made.told).append(unmapped.reason)
    Filler(made, wanted, rows, work or Ungraded()).fill(matched, list(standings))
    return made


def _nobody(document: Document, rows: Sequence[Row], people: People, wanted: Wanted, matched: Matched) -> str:
    keys = choose_keys(document, wanted.key)
    headers = ", ".join(key.header for key in keys)
    if not rows:
        return f"{document.name} has a header but no students."
    if matched.unclear or matched.twice:
        what_next = "Let the LMS export it anew." if wanted.key else "Name the column with --id."
        return f"{document.name}: for no row it is clear who is meant, by {headers}. {what_next}"
    lost = {name.lstrip("0") for name in people.by_id}
    values = {document.format.key(row.values[key.index]) for row in rows for key in keys} - {""}
    hint = ""
    if values & lost:
        hint = " Ids seem to have lost their leading zeros, as spreadsheets do: export the file anew."
    return (
        f"{document.name}: nobody in it is in the class, by {headers}.{hint} If the LMS has other ids than the class, "
        "teach the class both: autograder roster FILE, with any file that has both; or name the column with --id."
    )


def _tell_matches(made: Plan, matched: Matched) -> None:
    document = made.document
    if matched.by_address:
        made.told.append(f"{matched.by_address} were matched by what their address has before the @.")
    if matched.strangers:
        names = [who(document, row) for row in matched.strangers]
        made.told.append(f"Not in the class, and left alone: {some(names)}.")
    for row, students in matched.unclear:
        made.doubts.append(
            f"{who(document, row)} may be {' or '.join(students)}; name the column that counts with --id"
        )
    for student, rows in matched.twice.items():
        places = ", ".join(str(row.number) for row in rows)
        made.doubts.append(f"{student} is in several rows: {places}")
