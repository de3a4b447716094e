"""Notebooks that have no cell of the assignment, and what they must not replace: work that has some."""

from pathlib import Path

from autograder.course import Assignment, Course
from autograder.errors import InstructorError
from autograder.lms.archive import Archive
from autograder.lms.notebooks import Due, notebooks_in
from autograder.lms.sorting import Sorted
from autograder.text import some


def refuse_foreign(course: Course, assignment: Assignment, archive: Archive, found: Sorted, due: Due) -> None:
    """Refuse a download in which no notebook of several students has a cell of the assignment, where work has some.

    A right download costs a look at its first notebook. Of one student's or one team's alone, nothing can be said:
    they may have handed in the wrong file. Raises InstructorError.
    """
    handed_in = [
        (student, attempt.owner, member)
        for student, attempts in found.attempts.items()
        for attempt in attempts
        for member, _ in attempt.notebooks
    ]
    students = sorted({student for student, _, _ in handed_in})
    if len(students) < 2 or len({owner for _, owner, _ in handed_in}) < 2:
        return
    if any(due.may_be(archive, member) for _, _, member in handed_in):
        return
    theirs = [student for student in students if has_work(course.submission(assignment, student), due)]
    if not theirs:
        return
    place = course.submission(assignment, "STUDENT").relative_to(course.root)
    raise InstructorError(
        f"{archive.name}: none of the notebooks of {len(students)} students has a cell of {assignment.id}, while work "
        f"that has some lies in submitted/ for {some(theirs)}. Is it the download of another assignment? Nothing was "
        "changed.\n"
        f"If it is the right one, and is to be taken all the same, move {place} away for each of these students, and "
        "run the same command again."
    )


def is_foreign(new: Path, there: Path, due: Due) -> bool:
    """Tell whether what a student handed in has no notebook of the assignment, and what is there has one."""
    return not has_work(new, due) and has_work(there, due)


def has_work(folder: Path, due: Due) -> bool:
    """Tell whether a folder has a notebook with cells of the assignment."""
    return any(due.fits(path) for path in notebooks_in(folder))
