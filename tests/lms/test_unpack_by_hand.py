"""autograder unpack: what a person writes into the table of what could not be placed."""

import csv

import pytest

from autograder.gradebook.people import Person
from tests.conftest import ID, World
from tests.lms.class_of import enrol, give
from tests.lms.unpacked import fill_in, handed_in, notebook, reasons, unpack


def test_ids_that_no_export_has_are_written_in_by_hand_once(course: World) -> None:
    """The table of what has no place, with the students' ids filled in, is what the next run needs."""
    members = {"1501-90210 - Zoë Älvarez - Jan 5, 2026 304 PM/ps1.ipynb": notebook(course)}
    assert unpack(course, members)[0] == 1
    table = course.root / "unpacked" / ID / "unplaced.csv"
    mine = course.root / "who.csv"
    lines = table.read_text().splitlines()
    assert lines[1].startswith(",1501,Zoë Älvarez,")
    mine.write_text("\n".join([lines[0], f"s01{lines[1]}"]))
    status, said = unpack(course, members, "--who", str(mine))
    assert status == 0, said
    assert f"{ID}.ipynb" in handed_in(course, "s01")
    assert not (table.parent / "unplaced").exists()


def test_what_was_written_in_by_hand_stays(course: World) -> None:
    """A student with several rows, under one id or two, is found; the table itself can be named, again and again."""
    name = "{}-90210 - {} - Jan {}, 2026 304 PM/{}"
    members = {
        name.format(1501, "Zoë Älvarez", 5, "ps1.ipynb"): notebook(course, "1"),
        name.format(1501, "Zoë Älvarez", 5, "data.csv"): "1,2",
        name.format(1777, "Zoë Älvarez", 4, "ps1.ipynb"): notebook(course, "0"),
        name.format(1502, "Bo", 5, "ps1.ipynb"): notebook(course, "2"),
        name.format(1503, "Stranger", 5, "ps1.ipynb"): notebook(course, "3"),
    }
    assert unpack(course, members)[0] == 1
    written = {"1501": "s01", "1777": "s01", "1502": "s02", "1503": "s99"}
    table = fill_in(course, written)
    for _ in range(2):
        status, said = unpack(course, members, "--who", str(table))
        assert (status, "1 file without a place" in said) == (1, True)
        assert set(handed_in(course, "s01")) == {f"{ID}.ipynb", "data.csv", "timestamp.txt"}
        assert handed_in(course, "s01")[f"{ID}.ipynb"] == notebook(course, "1")
        assert handed_in(course, "s02")[f"{ID}.ipynb"] == notebook(course, "2")
        with table.open(newline="") as file:
            rows = list(csv.DictReader(file))
        assert {(row["student"], row["lms_id"]) for row in rows} == {
            (student, number) for number, student in written.items()
        }
        assert len(rows) == len(members)
        assert [row["file"] for row in rows if row["lms_id"] == "1503"] == ["0001-ps1.ipynb"]
    # Without naming it, or for another download, nothing that was written in is lost either.
    assert unpack(course, {name.format(1504, "X", 5, "ps1.ipynb"): b"{}"})[0] == 1
    assert sum(f",{number}," in table.read_text() for number in (*written, "1504")) == 5


def test_an_id_that_a_spreadsheet_would_take_for_a_formula_is_written_in_too(course: World) -> None:
    members = {"+1 bonus_j_doe_attempt_2026-01-05-15-04-59_a.ipynb": notebook(course)}
    unpack(course, members)
    table = fill_in(course, {"'+1": "s01"})
    assert unpack(course, members, "--who", str(table))[0] == 0
    assert f"{ID}.ipynb" in handed_in(course, "s01")


def test_what_was_replaced_stays(course: World) -> None:
    name = "ps1_s01_attempt_2026-01-0{}-15-04-59_x.ipynb"
    for day in range(1, 5):
        unpack(course, {name.format(day): notebook(course, str(day))})
    kept = (course.root / "unpacked" / ID / "replaced").rglob("*.ipynb")
    assert {path.read_bytes() for path in kept} == {notebook(course, str(day)) for day in range(1, 4)}


def test_rows_of_the_file_that_says_who_are_told_where_they_say_nothing(course: World) -> None:
    """Ids that are not in the class, or of two students, or in two rows: a slip of the pen costs nobody in silence."""
    enrol(course, Person("s03", email="s03@uni.example"))
    worksheet = course.root / "worksheet.csv"
    rows = [(701, "s01"), (702, "s02"), (703, "s99"), (704, "s03"), (705, "s03")]
    lines = [
        f'"Participant {number}",{student},{student}@uni.example,,20.00,Yes,-' for number, student in rows
    ]
    lines += ['"Participant 706",s01,s02@uni.example,,20.00,Yes,-']
    header = 'Identifier,"ID number","Email address",Grade,"Maximum grade","Grade can be changed","Last modified (grade)"'
    worksheet.write_text("\n".join([header, *lines, ""]))
    members = {f"Zoë_70{number}_assignsubmission_file/x.ipynb": notebook(course) for number in (1, 2)}
    status, said = unpack(course, members, "--who", str(worksheet))
    assert status == 0, said
    assert "In worksheet.csv:\n  Not in the class, and left alone: row 4 (s99, s99@uni.example).\n" in said
    assert "row 7 (s01, s02@uni.example) may be s01 or s02" in said
    assert "s03 is in several rows: 5, 6" in said
    give(course, {"s01": 3.0})
    back = ["--return", str(course.root / "download.zip"), "-o", str(course.root / "out.zip")]
    ran = course.run("feedback", ID, *back, "--who", str(worksheet))
    assert "left alone: row 4 (s99, s99@uni.example)" in ran.out


def test_an_id_that_was_mistyped_into_the_table_is_told(course: World) -> None:
    members = {
        f"150{number}-90210 - {name} - Jan 5, 2026 304 PM/ps1.ipynb": notebook(course)
        for number, name in enumerate(("Zoë", "Bo"), 1)
    }
    unpack(course, members)
    table = fill_in(course, {"1501": "s01", "1502": "so2"})
    status, said = unpack(course, members, "--who", str(table))
    assert status == 1
    assert "In unplaced.csv:\n  Not in the class, and left alone: row 3 (so2, Bo).\n" in said
    fill_in(course, {"1502": "so2"})
    assert "and left alone: row 2 (so2, Bo)" in unpack(course, members, "--who", str(table))[1]


def test_what_is_written_in_places_the_file_of_its_row(course: World) -> None:
    """Also one whose name says no id, or may be read as two students'; and no other file with that number."""
    enrol(course, Person("s03", lms_user_id="903"))
    members = {
        "team_901_902_55504_ps1.ipynb": notebook(course, "2"),
        "älvarezzoë_901_5_ps1.ipynb": notebook(course, "1"),
        "mine.ipynb": notebook(course, "3"),
    }
    assert unpack(course, members)[0] == 1
    assert reasons(course)["team_901_902_55504_ps1.ipynb"] == "it may be of s01 or s02"
    table = fill_in(course, {"team": "s02", "mine": "s03"})
    for _ in range(2):
        status, said = unpack(course, members, "--who", str(table))
        assert status == 0, said
        for number in "123":
            assert handed_in(course, f"s0{number}")[f"{ID}.ipynb"] == notebook(course, number)


def test_a_folder_that_is_named_in_another_way_is_placed_by_hand(course: World) -> None:
    folder = "901-90210 - Zoë Älvarez - without a date"
    bo = "902-90210 - Bo O'Neil - Nov 4, 2026 905 AM/ps1.ipynb"
    members = {f"{folder}/ps1.ipynb": notebook(course), f"{folder}/data.csv": "1", bo: notebook(course)}
    assert unpack(course, members)[0] == 1
    table = fill_in(course, {"901": "s01"})
    status, said = unpack(course, members, "--who", str(table))
    assert status == 0, said
    assert set(handed_in(course, "s01")) == {f"{ID}.ipynb", "data.csv"}


def test_a_table_with_nobody_written_in_is_told(course: World) -> None:
    """It may be named always, beside the worksheet."""
    members = {"anon_aB3xZ_5_x.ipynb": notebook(course), "älvarezzoë_901_5_x.ipynb": notebook(course)}
    unpack(course, members)
    table = course.root / "unpacked" / ID / "unplaced.csv"
    status, said = unpack(course, members, "--who", str(table))
    assert (status, "Nobody is written into its first column." in said) == (1, True), said
    assert f"{ID}.ipynb" in handed_in(course, "s01")


def test_all_files_that_say_who_are_read(course: World) -> None:
    """The later one counts where they contradict each other, and that is told."""
    numbers = course.root / "numbers.csv"
    numbers.write_text("id,lms_user_id\ns01,1501\ns02,1502\n")
    name = "{}-90210 - X - Jan 5, 2026 304 PM/ps1.ipynb"
    members = {name.format(number): notebook(course, number) for number in ("1501", "1502", "1777")}
    enrol(course, Person("s03"))
    unpack(course, members)
    table = fill_in(course, {"1777": "s03", "1502": "s01"})
    told = "1502 is s02's in numbers.csv and s01's in unplaced.csv, which counts"
    status, said = unpack(course, members, "--who", str(numbers), "--who", str(table))
    assert told in said
    assert handed_in(course, "s03")[f"{ID}.ipynb"] == notebook(course, "1777")
    table.write_text(table.read_text().replace("s01,1502", ",1502"))
    status, said = unpack(course, members, "--who", str(table), "--who", str(numbers))
    assert (status, "which counts" in said) == (0, False), said
    assert handed_in(course, "s02")[f"{ID}.ipynb"] == notebook(course, "1502")


def test_an_id_with_two_students_is_disputed(course: World) -> None:
    members = {
        f"1501-90210 - Zoë Älvarez - Jan 5, 2026 304 PM/{name}": notebook(course)
        for name in ("a.ipynb", "b.ipynb")
    }
    unpack(course, members)
    table = fill_in(course, {next(iter(members)): "s01", "1501": "s02"})
    status, _ = unpack(course, members, "--who", str(table))
    assert status == 1
    assert set(reasons(course).values()) == {
        "the file given with --who says of its id that it is several students': let a row for each of them, with the "
        "file's name, say it, or one row whose it is"
    }
    assert not (course.root / "submitted").exists()


def test_a_table_that_cannot_be_read_is_not_written_over(course: World) -> None:
    members = {"1501-90210 - Zoë Älvarez - Jan 5, 2026 304 PM/ps1.ipynb": notebook(course)}
    unpack(course, members)
    table = course.root / "unpacked" / ID / "unplaced.csv"
    table.write_text("s01 is 1501")
    status, said = unpack(course, members)
    assert (status, "not written over" in said) == (2, True)
    assert table.read_text() == "s01 is 1501"
    assert not (course.root / "submitted").exists()


def test_what_is_written_in_is_an_id_of_the_class_and_of_no_other_kind(course: World) -> None:
    """903 is somebody's own id, and another one's in the LMS; 904 is an id in the LMS only."""
    enrol(
        course,
        Person("903", lms_user_id="905"),
        Person("s03", lms_user_id="903"),
        Person("s04", lms_user_id="904"),
    )
    members = {f"anon_{name}_{number}_x.ipynb": notebook(course, name) for number, name in enumerate("ab", 1)}
    unpack(course, members)
    table = fill_in(course, {"anon_a": "903", "anon_b": "904"})
    status, said = unpack(course, members, "--who", str(table))
    assert (status, course.course.students(course.assignment)) == (1, ["903"]), said
    assert handed_in(course, "903")[f"{ID}.ipynb"] == notebook(course, "a")
    assert "Not in the class, and left alone: row 3 (904)." in said


@pytest.mark.parametrize("alone", [True, False])
def test_an_id_that_has_lost_its_zeros_is_told_with_the_likely_one(course: World, alone: bool) -> None:
    """Also where it is another one's id in the LMS now."""
    enrol(course, Person("00417", lms_user_id="904"), Person("s03", lms_user_id="417"))
    members = {f"anon_{name}_{number}_x.ipynb": notebook(course, name) for number, name in enumerate("ab", 1)}
    unpack(course, members)
    table = fill_in(course, {"anon_a": "417"} | ({} if alone else {"anon_b": "s01"}))
    status, said = unpack(course, members, "--who", str(table))
    assert status == (2 if alone else 1)
    assert "row 2 (417): spreadsheets take leading zeros away. Is it 00417? Write that in." in said
    assert not course.folder("s03").exists()
    assert "'autograder roster" not in said.partition("What to do next")[0]
