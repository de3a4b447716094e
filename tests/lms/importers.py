"""What each LMS makes of a filled file: the rules of its importer, from the sources that docs/lms/ names."""

import csv
import io
import re
from decimal import Decimal


def rows(data: bytes, encoding: str, delimiter: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode(encoding), newline=""), delimiter=delimiter))


def canvas(data: bytes) -> dict[str, str]:
    """gradebook_importer.rb and process_gradebook_upload.js: scores by Canvas's user id."""
    header, *lines = rows(data, "utf-8", ",")
    # Rule "header": Student, then ID, and Section among the student columns; assignments are `Title (id)`.
    assert "Student" in header[0]
    assert "ID" in header[1]
    assert "Section" in header
    (column,) = [at for at, name in enumerate(header) if re.search(r" \(\d+\)$", name)]
    scores = {}
    for line in lines:
        # Rule "special rows": points possible and posting are no students.
        if "Points Possible" in line[0] or all(not cell or "Manual Posting" in cell for cell in line):
            continue
        # Rule "numbers": only digits, points and commas; the last separator is the decimal point.
        cell = line[column]
        if cell.upper() != "EX" and re.fullmatch(r"[\d.,]+%?", cell):
            whole, _, part = cell.replace(",", ".").rpartition(".")
            cell = f"{whole.replace('.', '')}.{part}" if whole else part
        scores[line[1]] = cell
    return scores


def moodle_gradebook(data: bytes, key: str, item: str) -> dict[str, str]:
    """load_data.php: all or nothing; the teacher maps `key` to the student and `item` to the grade."""
    header, *lines = rows(data, "utf-8-sig", ",")
    grades = {}
    for line in lines:
        # Rule "width": each row has the header's number of cells.
        assert len(line) == len(header)
        # Rule "inherited student": an empty key would take the row before.
        assert line[header.index(key)]
        # Rule "null grade": empty and `-` are no grade; all else must be a number.
        grade = line[header.index(item)]
        grades[line[header.index(key)]] = "" if grade in ("", "-") else str(Decimal(grade))
    return grades


def moodle_worksheet(data: bytes) -> dict[str, tuple[str, str]]:
    """importgradeslib.php: grade and feedback by participant; what it does not like it skips in silence."""
    header, *lines = rows(data, "utf-8-sig", ",")
    # Rule "needed columns".
    assert {"Identifier", "Grade", "Last modified (grade)"} <= set(header)
    taken = {}
    for line in lines:
        row = dict(zip(header, line, strict=True))
        participant = row["Identifier"].removeprefix("Participant ")
        # Rule "skipped": blank, negative, above the maximum, locked.
        if (
            row["Grade"]
            and 0 <= Decimal(row["Grade"]) <= Decimal(row["Maximum grade"])
            and row["Grade can be changed"] == "Yes"
        ):
            taken[participant] = (row["Grade"], row["Feedback comments"])
    return taken


def blackboard(data: bytes) -> dict[str, str]:
    """B1: the row by username, the column by the id behind the bar; blank is unchanged."""
    header, *lines = rows(data, "utf-16", "\t")
    (column,) = [at for at, name in enumerate(header) if re.search(r"\|\d+$", name)]
    return {line[header.index("Username")]: line[column] for line in lines if line[column]}


def brightspace(data: bytes, item: str) -> dict[str, str]:
    """D1: keys first and in order, `<Item> Points Grade`, and the mark for the end of each line."""
    header, *lines = rows(data, "utf-8-sig", ",")
    assert header[:2] == ["OrgDefinedId", "Username"]
    assert header[-1] == "End-of-Line Indicator"
    assert all(line[-1] == "#" for line in lines)
    (column,) = [at for at, name in enumerate(header) if name.startswith(f"{item} Points Grade")]
    return {line[0].removeprefix("#"): line[column] for line in lines if line[column]}


def sakai(data: bytes, item: str) -> dict[str, tuple[str, str]]:
    """ImportGradesHelper.java: student and name by place; `item [points]`, `* item` for its comments."""
    header, *lines = rows(data, "utf-8-sig", ",")
    headings = [name for name in header[2:] if not name.startswith("#")]
    # Rule "headings": none blank, none twice; a comment's item is there.
    assert len(set(headings)) == len(headings)
    assert all(headings)
    (column,) = [at for at, name in enumerate(header) if re.fullmatch(rf"{item} \[\d+([.,]\d\d?)?\]", name)]
    comment = header.index(f"* {item}")
    # Rule "duplicate students" stops the import.
    assert len({line[0] for line in lines}) == len(lines)
    return {line[0]: (line[column], line[comment]) for line in lines if line[column]}
