"""Canvas: the gradebook's CSV. Rules from Canvas's own importer and exporter (docs/lms/canvas.md)."""

import re
from collections.abc import Iterable, Sequence

from autograder.lms.formats import Column, Entry, Format, Layout, Obstacle, Values, present, split_name

_ITEM = re.compile(r"(?P<title>.*) \((?P<id>\d+)\)")
_DISCARDED = re.compile(r"(?:Current|Final) (?:Score|Points|Grade)|Override (?:Score|Grade|Status)")
_POSTING = re.compile(r"\s*(?:Muted|Manual Posting.*)\s*", re.DOTALL)
_POINTS = "Points Possible"
# Before it may be one row on how grades are posted.
_LATEST = 1
_MOVED = (
    f"The row '{_POINTS}' stands below students, and not right below the header: was the file sorted? The maximum was "
    "taken from it all the same."
)
_GUESS = "has no Canvas id: Canvas looks for an assignment with just this title, or makes a new one"


class Canvas(Format):
    """Canvas's gradebook, exported and imported under Grades."""

    name = "canvas"
    title = "Canvas gradebook"
    always_point = True
    login = "SIS Login ID"
    import_keys = ("ID", "SIS User ID", "SIS Login ID")
    delimiters = (",", ";")
    upload = (
        "In Canvas: Grades, Import, choose the file; look at the changes it lists, and Save Changes. "
        "Tick nothing that would make a new assignment: if it asks, the file is of another course."
    )

    def recognises(self, header: Values) -> bool:
        """By Canvas's own test."""
        names = [name.removeprefix("\ufeff").strip() for name in header[:3]]
        begins = len(header) >= 4 and (
            names == ["LastName", "FirstName", "ID"] or ("Student" in names[0] and "ID" in names[1])
        )
        return begins and any("Section" in name for name in header)

    def layout(self, header: Values, following: Iterable[Values]) -> Layout:
        """Assignments are behind the sections, and end in an id; the points are in one of the next two rows.

        Canvas's import finds them in any, so they are looked for where the file was sorted.
        """
        keys = present(
            header,
            [("SIS Login ID", "id"), ("SIS User ID", "id"), ("Integration ID", "id"), ("ID", "lms")],
            numbers="ID",
        )
        first = min(at for at, name in enumerate(header) if "Section" in name)
        place, points = next(
            ((at, row) for at, row in enumerate(following) if row and _POINTS in row[0]), (0, list[str]())
        )
        columns = [
            _column(at, name, points[at] if at < len(points) else "") for at, name in enumerate(header)
        ]
        moved = _MOVED if place > _LATEST else ""
        return Layout(header, keys, columns[first + 1 :], moved)

    def unmapped(self, layout: Layout, rows: Sequence[Values]) -> Obstacle | None:
        """Canvas reads its numbers of users behind the names, whatever the header there is."""
        place = 2 if layout.header[0] == "LastName" else 1
        if (there := layout.header[place]) == "ID":
            return None
        return Obstacle(
            f"there is no column 'ID' behind the names. Canvas takes what stands there, '{there}', for its own numbers "
            "of users, or does not know the header: export the file anew",
            in_doubt=True,
        )

    def is_student(self, values: Values) -> bool:
        """Not the rows for points and for how grades are posted."""
        filled = [value for value in values if value.strip()]
        return _POINTS not in values[0] and not all(_POSTING.fullmatch(value) for value in filled)

    def is_empty(self, value: str) -> bool:
        """Canvas takes a dash for nothing."""
        return value.strip() in ("", "-")

    def bad_mark(self, layout: Layout) -> str:
        """Canvas looks for `Student` in the first header, but for just `LastName`, and leaves the mark in it."""
        if layout.header[0] != "LastName":
            return ""
        return (
            "the file begins with a byte order mark, behind which Canvas's import does not know 'LastName': switch the "
            "mark off in your settings in Canvas, and export the file anew"
        )

    def is_broken(self, header: str, value: str) -> bool:
        """Canvas counts its users."""
        return header == "ID" and not (value.isascii() and value.isdecimal())

    def obstacle(self, layout: Layout, values: Values, column: Column) -> Obstacle | None:
        """Excused students, and those to whom the assignment is not given."""
        if values[column.index].strip().casefold() == "n/a":
            return Obstacle("has not been given the assignment in Canvas (N/A)", in_doubt=False)
        return super().obstacle(layout, values, column)

    def name_of(self, layout: Layout, values: Values) -> tuple[str, str]:
        """`Last, First` in one column, or a column each."""
        if "LastName" in layout.header:
            return layout.value(values, "FirstName"), layout.value(values, "LastName")
        return split_name(values[0])

    def belongs(self, layout: Layout, values: Values) -> bool:
        """Not Canvas's test student, who has no id of the university."""
        is_test = self.name_of(layout, values) in (("Test", "Student"), ("", "Test Student"))
        return not (is_test and not layout.value(values, "SIS User ID"))

    def fresh(self, title: str, max_score: str, entries: Sequence[Entry]) -> tuple[list[Values], str]:
        """Students by Canvas's id where it is known; the assignment by its title."""
        rows: list[Values] = [
            ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", title],
            [f"    {_POINTS}", "", "", "", "", max_score],
        ]
        example = ""
        for entry in entries:
            person = entry.person
            canvas_id = person.lms_user_id if person.lms_user_id.isdecimal() else ""
            if canvas_id and not example:
                example = (
                    f"'ID', by which it goes first, has what the class is known by in the LMS, as '{canvas_id}' for "
                    f"{person.id}: these must be Canvas's numbers. "
                )
            name = ", ".join(part for part in (person.last_name, person.first_name) if part) or person.id
            rows.append([name, canvas_id, "", entry.login, "", entry.points])
        return rows, (
            f"Canvas must guess which assignment '{title}' is: one with just this title, or it makes a new one. "
            f"{example}Students without a Canvas id it finds by SIS Login ID."
        )


def _column(index: int, header: str, points: str) -> Column:
    found = _ITEM.fullmatch(header.strip())
    title, lms_id = (found["title"], found["id"]) if found else (header.strip(), "")
    obstacle = ""
    if "read only" in points:
        obstacle = "is read only"
    elif _DISCARDED.search(header):
        obstacle = "has a title that Canvas takes for a total, and throws away"
    return Column(index, header, title, lms_id, points, obstacle, "" if found else _GUESS)
