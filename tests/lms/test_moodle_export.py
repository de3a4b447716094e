"""autograder export into Moodle's files: what Moodle's import would take amiss, lose in silence or give to somebody else."""

import csv
from datetime import datetime
from pathlib import Path

import pytest

from autograder.gradebook.people import Person
from tests.conftest import ID, World
from tests.lms.class_of import enrol, give

SCORES = {"s01": 17.5, "s02": 9.0, "s03": 13.0}
GRADED = datetime(2026, 1, 5, 15, 4)
HEADER = [
    "Identifier",
    "Full name",
    "Email address",
    "Status",
    "Grade",
    "Maximum grade",
    "Grade can be changed",
    "Last modified (submission)",
    "Last modified (grade)",
    "Feedback comments",
]
GRADEBOOK = (
    "First name,Last name,ID number,Email address,Assignment: ps1 (Real),Last downloaded from this course"
)


@pytest.fixture
def course(world: World) -> World:
    enrol(world, *(Person(student, email=f"{student}@uni.example") for student in SCORES))
    give(world, SCORES, GRADED)
    return world


def rows(*identifiers: str, time: str = "-", times: tuple[str, ...] = ()) -> list[list[str]]:
    found = []
    for at, name in enumerate(identifiers):
        student = f"s0{at + 1}"
        when = times[at] if times else time
        found.append([name, "A B", f"{student}@uni.example", "", "", "20.00", "Yes", when, "-", ""])
    return found


def numbered(*numbers: int) -> list[str]:
    return [f"Participant {number}" for number in numbers]


def text_of(header: list[str], lines: list[list[str]], delimiter: str = ",") -> str:
    quoted = [[f'"{cell}"' if cell else "" for cell in line] for line in [header, *lines]]
    return "".join(delimiter.join(line) + "\n" for line in quoted)


def fill(world: World, data: str | bytes, *arguments: str) -> tuple[int, str, Path]:
    original, out = world.root / "from-moodle.csv", world.root / "filled.csv"
    original.write_bytes(data if isinstance(data, bytes) else data.encode())
    ran = world.run("export", ID, "--into", str(original), "-o", str(out), *arguments)
    return ran.status, ran.out + ran.err, out


def points(out: Path, column: int = HEADER.index("Grade"), encoding: str = "utf-8") -> list[str]:
    with out.open(newline="", encoding=encoding) as file:
        return [line[column] for line in csv.reader(file)][1:]


def unpacked(world: World, numbers: dict[str, int]) -> None:
    """Write what `unpack` has seen."""
    place = world.root / "unpacked" / ID
    place.mkdir(parents=True)
    lines = [f"{student},moodle,{number},,,x," for student, number in numbers.items()]
    (place / "placed.csv").write_text("\n".join(["student,lms,lms_id,time_utc,late,member,note", *lines, ""]))


KNOWN = {"s01": 701, "s02": 702, "s03": 703}


@pytest.mark.parametrize(
    ("numbers", "doubted"),
    [
        ((701, 702, 703), []),
        ((702, 701, 703), ["s01", "s02"]),
        ((702, 703, 701), ["s01", "s02", "s03"]),
        ((701, 702, 799), ["s03"]),
    ],
)
def test_an_identifier_that_is_somebody_elses(
    course: World, numbers: tuple[int, ...], doubted: list[str]
) -> None:
    """By the numbers that the download had: they hold for the assignment, so a new worksheet has the same."""
    unpacked(course, KNOWN)
    data = text_of(HEADER, rows(*numbered(*numbers)))
    status, said, out = fill(course, data)
    assert (status, out.exists()) == ((2, False) if doubted else (0, True)), said
    for student in SCORES:
        assert (f"{student} has 'Participant" in said) == (student in doubted), said
    if doubted:
        fill(course, data, "--force")
        given = dict(zip(SCORES, points(out), strict=True))
        assert [student for student, grade in given.items() if not grade] == doubted


def test_an_identifier_of_one_who_is_not_in_the_file(course: World) -> None:
    """The number is that of a student of whom nothing else is known here."""
    unpacked(course, {"s03": 701})
    status, said, _ = fill(course, text_of(HEADER, rows(*numbered(701, 702))))
    assert status == 2
    assert "s01 has 'Participant 701' in 'Identifier', which is s03's by the download" in said


def test_another_assignments_worksheet(course: World) -> None:
    unpacked(course, KNOWN)
    data = text_of(HEADER, rows(*numbered(801, 802, 803)))
    status, said, out = fill(course, data)
    assert (status, out.exists()) == (2, False), said
    assert "another assignment's worksheet" in said
    assert "s01 has" not in said
    # The assignment may have been made anew in Moodle.
    assert fill(course, data, "--force")[0] == 0


def test_nothing_is_known_of_a_class_that_was_never_unpacked(course: World) -> None:
    assert fill(course, text_of(HEADER, rows(*numbered(801, 802, 803))))[0] == 0
    # Nor where what was unpacked says no number, as for a team, or is of another LMS.
    place = course.root / "unpacked" / ID
    place.mkdir(parents=True)
    table = "student,lms,lms_id,time_utc,late,member,note\ns01,moodle,,,,x,\ns02,canvas,902,,,x,\n"
    (place / "placed.csv").write_text(table)
    status, said, _ = fill(course, text_of(HEADER, rows(*numbered(801, 802, 803))))
    assert status == 0, said


@pytest.mark.parametrize("damaged", ["703", "703.0", "Participant703", " 703", "Participant"])
def test_an_identifier_that_is_none(course: World, damaged: str) -> None:
    """Moodle cuts the length of its word off the cell's front, whatever stands there."""
    status, said, _ = fill(course, text_of(HEADER, rows(*numbered(701, 702), damaged)))
    assert status == 2
    assert f"s03 has '{damaged.strip()}' in 'Identifier', which is none of the LMS's" in said


def test_identifiers_in_another_language(course: World) -> None:
    names = [f"Teilnehmer/in {number}" for number in (701, 702, 703)]
    unpacked(course, KNOWN)
    status, said, _ = fill(course, text_of(HEADER, rows(*names)))
    assert status == 0, said


@pytest.mark.parametrize("profile", ["", "10th"])
@pytest.mark.parametrize("at", [3, 4])
def test_two_columns_grade(course: World, profile: str, at: int) -> None:
    """A field of the users' profiles may be called so. Moodle's import reads the last of them."""
    header = [*HEADER[:at], "Grade", *HEADER[at:]]
    lines = [[*line[:at], profile, *line[at:]] for line in rows(*numbered(701, 702, 703))]
    status, said, out = fill(course, text_of(header, lines))
    assert status == 0, said
    assert points(out, 5) == ["17.50", "9.00", "13.00"]
    assert points(out, at) == [profile] * 3
    assert "several columns 'Grade'" in said


@pytest.mark.parametrize("arguments", [[], ["--column", "Grade"]])
def test_two_columns_grade_of_which_moodle_reads_another(course: World, arguments: list[str]) -> None:
    lines = [[*line, ""] for line in rows(*numbered(701, 702, 703))]
    status, said, out = fill(course, text_of([*HEADER, "Grade"], lines), *arguments, "--force")
    assert (status, out.exists()) == (2, False)
    assert "several columns 'Grade'" in said, said


@pytest.mark.parametrize(
    ("delimiter", "encoding", "told"),
    [
        (",", "utf-8-sig", None),
        (";", "utf-8-sig", "semicolons and UTF-8"),
        (";", "cp1252", "semicolons and Windows-1252"),
        (",", "cp1252", "commas and Windows-1252"),
        ("\t", "utf-16", "tabs and UTF-16"),
    ],
)
def test_the_worksheets_separator_and_encoding(
    course: World, delimiter: str, encoding: str, told: str | None
) -> None:
    """Moodle takes commas and UTF-8, and, where it is newer, what it is told."""
    lines = rows(*numbered(701, 702, 703))
    lines[0][-1] = "Schön"
    status, said, _ = fill(course, text_of(HEADER, lines, delimiter).encode(encoding))
    assert status == 0, said
    if told is None:
        assert "choose the file's" not in said
    else:
        assert f"choose the file's separator and encoding ({told})" in said


def test_a_worksheet_without_the_time_of_the_last_change(course: World) -> None:
    """Moodle's import needs that column."""
    at = HEADER.index("Last modified (grade)")
    lines = [[*line[:at], *line[at + 1 :]] for line in rows(*numbered(701, 702, 703))]
    status, said, _ = fill(course, text_of([*HEADER[:at], *HEADER[at + 1 :]], lines))
    assert status == 2
    assert "no column 'Last modified (grade)'" in said


@pytest.mark.parametrize(
    ("times", "newer", "unread"),
    [
        # One day above 12 says the order of all.
        (("05/01/2026, 15:04", "5/01/26, 3:04 PM", "13/01/2026, 15:04"), ["s03"], []),
        (("01/05/2026, 15:04", "01/13/2026, 15:04", "1/7/26, 9:00 AM"), ["s02", "s03"], []),
        (("05.01.2026 15:04", "13.01.2026 15:04", "-"), ["s02"], []),
        # None says it, or they contradict each other.
        (("05/01/2026, 15:04", "06/01/2026, 15:04", "-"), [], ["s01", "s02"]),
        (("13/01/2026, 15:04", "01/13/2026, 15:04", "05/01/2026, 15:04"), [], ["s01", "s02", "s03"]),
        (("13/13/2026, 15:04", "13/01/2026, 15:04", "-"), [], ["s01", "s02"]),
        # The year in front, or the name of a month, leave nothing open.
        (("2026-01-05 15:04", "2026-01-13 15:04", "05/01/2026, 15:04"), ["s02"], ["s03"]),
        (("Monday, 5 January 2026, 3:04 PM", "13 Jan 2026 15:04", "5 1 2026 15:04"), ["s02"], ["s03"]),
    ],
)
def test_numeric_dates(course: World, times: tuple[str, ...], newer: list[str], unread: list[str]) -> None:
    """05/01 may be in January or in May."""
    status, said, _ = fill(course, text_of(HEADER, rows(*numbered(701, 702, 703), times=times)))
    assert [student for student in SCORES if f"{student} has handed in again since" in said] == newer, said
    (told,) = [line for line in said.splitlines() if "cannot be read" in line] or [""]
    assert [student for student in SCORES if f"{student} ('" in told] == unread, said
    assert status == (2 if newer else 0)


def gradebook(*downloaded: str, key: str = "{}@uni.example") -> str:
    lines = [f'A,B,s0{at},{key.format(f"s0{at}")},-,"{when}"' for at, when in enumerate(downloaded, start=1)]
    return "\n".join([GRADEBOOK, *lines, ""])


@pytest.mark.parametrize("odd", ["1,79565E+09", "26.11.2026 00:00", "", "-"])
def test_a_gradebook_that_does_not_say_when_it_was_downloaded(course: World, odd: str) -> None:
    """Moodle stops the whole import at such a row."""
    now = str(int(datetime.now().timestamp()) - 60)
    status, said, _ = fill(course, gradebook(now, odd, now), "--column", "ps1")
    assert status == 2
    assert "no time under 'Last downloaded from this course'" in said
    assert "s02" in said
    # What is said beside it is not lost for it.
    gaps = gradebook(now, odd, now).replace("s01@uni.example", "")
    assert "map 'ID number' to the student" in fill(course, gaps, "--column", "ps1", "--force")[1]
    status, said, _ = fill(course, gradebook(now, now, now), "--column", "ps1")
    assert status == 0, said


@pytest.mark.parametrize("days", [-400, 3])
def test_a_stale_gradebook_that_is_filled_all_the_same(course: World, days: int) -> None:
    """What to do with it does not contradict what is in doubt."""
    odd = str(int(datetime.now().timestamp()) + days * 86_400)
    status, said, _ = fill(course, gradebook(odd, odd, odd), "--column", "ps1")
    assert (status, "the file is stale" in said) == (2, True), said
    status, said, _ = fill(course, gradebook(odd, odd, odd), "--column", "ps1", "--force")
    assert status == 0, said
    assert "Leave Force import unticked" not in said
    assert "only with Force import ticked, and then overwrites newer grades, too: better export" in said


def test_a_gradebook_without_the_column_is_not_held_against_newer_grades(course: World) -> None:
    now = str(int(datetime.now().timestamp()) - 60)
    whole = gradebook(now, now, now)
    status, said, _ = fill(course, whole, "--column", "ps1")
    assert (status, "an import that would undo newer grades then stops" in said) == (0, True), said
    without = "\n".join(line.rpartition(",")[0] for line in whole.splitlines())
    status, said, _ = fill(course, without, "--column", "ps1")
    assert (status, "then stops" in said) == (0, False), said
    assert "Moodle does not look whether it has newer grades" in said
    ran = course.run("export", ID, "--format", "moodle-gradebook", "-o", str(course.root / "made.csv"))
    assert (ran.status, "then stops" in ran.out) == (0, False), ran.out
    assert "Moodle does not look whether it has newer grades" in ran.out


def test_which_column_is_to_be_mapped_where_another_one_means_others(course: World) -> None:
    now = str(int(datetime.now().timestamp()) - 60)
    others = gradebook(now, now, now).replace("s01@", "x@").replace("s02@", "s01@").replace("x@", "s02@")
    assert fill(course, others, "--column", "ps1")[0] == 2
    status, said, _ = fill(course, others, "--column", "ps1", "--id", "ID number")
    assert status == 0, said
    assert "map 'ID number' to the student, and never 'Email address'" in said
    assert "2 rows" in said
    status, said, _ = fill(course, gradebook(now, now, now), "--column", "ps1", "--id", "ID number")
    assert (status, "never 'Email address'" in said) == (0, False)


def test_a_worksheet_made_from_nothing_has_moodles_own_dash(course: World) -> None:
    unpacked(course, KNOWN)
    out = course.root / "made.csv"
    assert course.run("export", ID, "--format", "moodle-worksheet", "-o", str(out)).status == 0
    assert points(out, 7) == ["-"] * 3


@pytest.mark.parametrize("arguments", [[], ["--column", "Grade"]])
def test_a_worksheet_of_a_scale(course: World, arguments: list[str]) -> None:
    """There is no column to be named: what helps is said."""
    header = ["Scale" if name == "Maximum grade" else name for name in HEADER]
    lines = [[*line[:5], "Fail, Pass", *line[6:]] for line in rows(*numbered(701, 702, 703))]
    status, said, out = fill(course, text_of(header, lines), *arguments)
    assert (status, out.exists()) == (2, False)
    assert "say with --column" not in said
    assert "takes the words of a scale, not points: choose them in Moodle by hand" in said


def test_drafts_that_were_not_submitted_are_told(course: World) -> None:
    at = HEADER.index("Status")
    lines = rows(*numbered(701, 702, 703))
    lines[0][at], lines[1][at] = "Draft (not submitted) - Not graded", "Submitted for grading - "
    status, said, out = fill(course, text_of(HEADER, lines))
    assert status == 0, said
    assert "Drafts by the file, which were not submitted, get points all the same: s01." in said
    assert points(out) == ["17.50", "9.00", "13.00"]
