"""Work that is there and has no score: whose it may be, so that nobody gets a zero who has handed something in."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, fields

from autograder.course import Assignment, Course
from autograder.gradebook.people import Person
from autograder.lms.files import is_there, read_document
from autograder.lms.naming import by_letters, letters
from autograder.lms.people import People
from autograder.lms.placed import Unplaced, folder
from autograder.lms.rosters import Placing
from autograder.lms.table import as_it_was


@dataclass(frozen=True)
class Ungraded:
    """Why it seems of these students that they handed in, and how many files of the download are nobody's.

    `table` is where the files that have no place are listed; `since` are those who have a score, and other work since.
    """

    reasons: Mapping[str, str] = field(default_factory=dict)
    nobodys: int = 0
    table: str = ""
    since: Collection[str] = ()


def ungraded(course: Course, assignment: Assignment, class_: Iterable[Person]) -> Ungraded:
    """Look for work in `submitted/` and in what `autograder unpack` could not place.

    Raises InstructorError where its table is there and cannot be read.
    """
    people = People(class_)
    names = by_letters(people)
    reasons = dict.fromkeys(
        course.students(assignment),
        f"there is work in submitted/ that is not graded yet (autograder grade {assignment.id})",
    )
    nobodys = 0
    for row in _unplaced(course, assignment):
        meant = _meant(row, people, names)
        nobodys += not meant
        for student in meant:
            reasons.setdefault(student, f"unplaced.csv has '{row.member}': {row.reason}")
    return Ungraded(reasons, nobodys, f"unpacked/{assignment.id}/unplaced.csv")


def _unplaced(course: Course, assignment: Assignment) -> list[Unplaced]:
    path = folder(course, assignment) / "unplaced.csv"
    if not is_there(path):
        return []
    document = read_document(path, Placing.name)
    columns = [each.name for each in fields(Unplaced)]
    return [
        Unplaced(*(as_it_was(document.layout.value(row.values, name)) for name in columns))
        for row in document.rows()
    ]


def _meant(row: Unplaced, people: People, names: Mapping[str, set[str]]) -> set[str]:
    """Give everybody whom a row can mean by an id, in its reason too, or by a name: for a doubt, that is enough."""
    meant = people.with_id(row.student) | people.meant(row.lms_id, "id") | names.get(letters(row.name), set())
    for word in row.reason.split():
        meant |= people.with_own_id(word) | people.with_own_id(word.strip(".,;:'\"()"))
    return meant
