"""The numbers that an LMS gave students for one assignment, held against those that the assignment is known to have."""

from collections.abc import Mapping

from autograder.lms.document import Document, Row
from autograder.lms.matching import Matched


class OwnNumbers:
    """Says of a row that its number is another student's, by what `unpack` has seen; where nothing is known, nothing.

    `known` are the numbers by student.
    """

    def __init__(self, document: Document, known: Mapping[str, str], matched: Matched) -> None:
        self._document = document
        self._known = {student: number for student, number in known.items() if number}
        self._students = {number: student for student, number in self._known.items()}
        there = {self._number(row) for row in matched.rows.values()} - {""}
        is_known = any(student in self._known for student in matched.rows)
        self._are_others = bool(there) and is_known and not there & set(self._students)

    def doubt(self) -> str:
        """Say that the file is another assignment's, if no number in it is one of this assignment's."""
        if not self._are_others:
            return ""
        return (
            f"no number in '{self._header}' is one that the download of this assignment had: it seems to be another "
            "assignment's worksheet. Download this one's; where the assignment was made anew in the LMS, first unpack "
            "its new download (autograder unpack)"
        )

    def trouble(self, student: str, row: Row) -> str:
        """Say that a row's number is not its student's, '' where it may be."""
        number = self._number(row)
        if self._are_others or not number:
            return ""
        said = f"has '{row.values[self._index].strip()}' in '{self._header}', which is"
        owner = self._students.get(number, student)
        if owner != student:
            return f"{said} {owner}'s by the download, and the LMS goes by it"
        own = self._known.get(student, number)
        return f"{said} not theirs: by the download that is {own}" if own != number else ""

    @property
    def _header(self) -> str:
        return self._document.format.import_keys[0]

    @property
    def _index(self) -> int:
        return list(self._document.layout.header).index(self._header)

    def _number(self, row: Row) -> str:
        return self._document.format.participant(self._document.layout, row.values)
