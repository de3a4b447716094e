"""Grades into an LMS's own file: what would change, what is in doubt, and the filled file.

Every byte that is not a target cell stays as it is.
"""

from collections.abc import Iterable, Mapping, Sequence

from autograder.errors import InstructorError
from autograder.gradebook.read import Standing
from autograder.lms.choosing import Wanted, choose_column, choose_keys
from autograder.lms.document import Document, Row
from autograder.lms.formats import Key
from autograder.lms.matching import Matched, match, who
from autograder.lms.own_keys import OwnKeys
from autograder.lms.own_numbers import OwnNumbers
from autograder.lms.people import People
from autograder.lms.planned import Plan
from autograder.lms.points import Filler
from autograder.lms.styles import contradiction
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
    numbers: Mapping[str, str] | None = None,
) -> Plan:
    """Work out what is to be filled, without writing anything.

    `now` is in seconds since 1970; `work` is what else is known to be there of those without a score, `numbers` are
    those that the LMS is known to have given students for this assignment. Raises InstructorError where it is not clear
    which column is meant, where the file's maximum is another than the assignment's, or where nobody of the file is in
    the class.
    """
    column, guessed = choose_column(document, wanted)
    keys = choose_keys(document, wanted.key)
    rows = list(document.rows())
    matched = match(document, rows, people, keys, named=wanted.key is not None)
    if not matched.rows:
        raise InstructorError(_nobody(document, rows, people, wanted, matched))
    made = Plan(document, column, len(matched.rows))
    made.told += [text for text in (document.text.warning, guessed, document.layout.moved) if text]
    if wanted.remarks and column.remarks is None:
        made.told.append("There is no column for comments that belongs to it.")
    if column.guess:
        made.doubts.append(f"the column '{column.header}' {column.guess}")
    if document.text.bom and (trouble := document.format.bad_mark(document.layout)):
        made.doubts.append(trouble)
    if unread := document.format.unread(document.delimiter):
        made.doubts.append(unread)
    own_keys = OwnKeys(document, rows, people, matched)
    _tell_matches(made, matched, own_keys)
    if document.start > 1:
        made.doubts.append(
            f"the header is not in the first line, where the LMS's import looks for it, but in line {document.start}: "
            "was the file edited? Export it anew"
        )
    stale = dict.fromkeys(document.format.stale(document.layout, row.values, now) for row in rows)
    made.doubts += [f"the file is stale: {reason}" for reason in stale if reason]
    made.is_stale = any(stale)
    if unmapped := document.format.unmapped(document.layout, [row.values for row in rows]):
        (made.doubts if unmapped.in_doubt else made.told).append(unmapped.reason)
    made.told += [told] if (told := contradiction(document, rows)) else []
    if wanted.key and (told := _never_mapped(document, matched, keys[0])):
        made.told.append(told)
    own_numbers = OwnNumbers(document, numbers or {}, matched)
    made.doubts += [doubt] if (doubt := own_numbers.doubt()) else []
    filler = Filler(made, wanted, rows, own_keys=own_keys, own_numbers=own_numbers, work=work or Ungraded())
    filler.fill(matched, list(standings))
    return made


def _nobody(document: Document, rows: Sequence[Row], people: People, wanted: Wanted, matched: Matched) -> str:
    keys = choose_keys(document, wanted.key)
    headers = ", ".join(key.header for key in keys)
    if not rows:
        return f"{document.name} lists no students."
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


def _never_mapped(document: Document, matched: Matched, key: Key) -> str:
    """Say which columns mean other students than the one that was named, where a person tells the LMS which counts."""
    if not document.format.is_mapped:
        return ""
    rows: set[int] = set()
    headers = []
    for each in (each for each in document.layout.keys if each.index != key.index):
        others = {
            row.number
            for student, row in matched.rows.items()
            if any(meant - {student} for way in matched.ways for meant in way.hits(row, [each]))
        }
        headers += [f"'{each.header}'"] if others else []
        rows |= others
    if not headers:
        return ""
    other = " or ".join(headers)
    count = "1 row" if len(rows) == 1 else f"{len(rows)} rows"
    return f"{other} is another student's in {count}: in the LMS map '{key.header}' to the student, and never {other}."


def _tell_matches(made: Plan, matched: Matched, own_keys: OwnKeys) -> None:
    document = made.document
    if matched.by_address:
        made.told.append(f"{matched.by_address} were matched by what their address has before the @.")
    if matched.strangers:
        names = [who(document, row) for row in matched.strangers]
        made.told.append(f"Not in the class, and left alone: {some(names)}.")
    for row, students in matched.unclear:
        next_ = "name the column that counts with --id"
        if alone := own_keys.stands_alone(row):
            next_ = f"the LMS goes by '{alone}', which is another's than the rest of the row: export the file anew"
        made.doubts.append(f"{who(document, row)} may be {' or '.join(students)}; {next_}")
    for student, rows in matched.twice.items():
        places = ", ".join(str(row.number) for row in rows)
        made.doubts.append(f"{student} is in several rows: {places}")
