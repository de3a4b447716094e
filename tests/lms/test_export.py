"""autograder export: into the LMS's own file, and files made from nothing."""

import csv
import io
from pathlib import Path

import pytest

from autograder.gradebook.people import Person
from tests.conftest import ID, World
from tests.lms.class_of import enrol, give
from tests.lms.files import document, sample

PEOPLE = (
    Person("s01", "Zoë", "Älvarez", "s01@uni.example", "901"),
    Person("s02", "Bo", "O'Neil, Jr.", "s02@uni.example", "902"),
)


@pytest.fixture
def course(world: World) -> World:
    enrol(world, *PEOPLE)
    give(world, {"s01": 17.5, "s02": 0.0})
    return world


def into(world: World, data: bytes, *arguments: str) -> tuple[int, str, Path]:
    original, out = world.root / "from-the-lms.csv", world.root / "filled.csv"
    original.write_bytes(data)
    ran = world.run("export", ID, "--into", str(original), "-o", str(out), *arguments)
    assert original.read_bytes() == data
    assert not [path for path in world.root.iterdir() if path.name.endswith(".new")]
    return ran.status, ran.out + ran.err, out


@pytest.mark.parametrize("name", ["moodle-gradebook", "brightspace"])
def test_fills_the_lms_own_file(course: World, name: str) -> None:
    status, said, out = into(course, sample(f"{name}-before.csv"), "--column", "ps1")
    assert status == 0, said
    assert out.read_bytes() == sample(f"{name}-after.csv")
    assert "2 students found" in said
    assert "2 cells filled" in said
    assert {"moodle-gradebook": "Force import", "brightspace": "Create new grade item"}[name] in said


def test_in_doubt_nothing_is_written(course: World) -> None:
    data = sample("canvas-before.csv").replace(b"s01,Sec 1,", b"s01,Sec 1,12")
    status, said, out = into(course, data)
    assert status == 2
    assert "s01: 12 → 17.50" in said
    assert "--force" in said
    assert not out.exists()
    status, said, out = into(course, data, "--force")
    assert status == 0
    assert b"s01,Sec 1,17.50" in out.read_bytes()


@pytest.mark.parametrize(
    ("there", "status"), [("13.496", 0), ("13.5", 0), ("13.504", 0), ("13.49", 2), ("9" * 40, 2)]
)
def test_canvas_compares_two_decimal_places(course: World, there: str, status: int) -> None:
    """What it would take for the same is no other score."""
    give(course, {"s01": 13.5})
    data = sample("canvas-before.csv").replace(b"s01,Sec 1,", b"s01,Sec 1," + there.encode())
    ran, said, _ = into(course, data)
    assert ran == status, said


def test_moodle_shows_fewer_decimal_places_than_it_takes(course: World) -> None:
    """A third goes in with five places and comes out with two: a second run is in no doubt."""
    give(course, {"s01": 40 / 3})
    data = sample("moodle-gradebook-before.csv")
    status, said, out = into(course, data, "--column", "ps1")
    assert status == 0, said
    assert b",13.33333," in out.read_bytes()
    again = out.read_bytes().replace(b",13.33333,", b",13.33,")
    status, said, out = into(course, again, "--column", "ps1")
    assert status == 0, said
    assert out.read_bytes() == again
    status, said, _ = into(course, again.replace(b",13.33,", b",13.3332,"), "--column", "ps1")
    assert status == 2, said


def test_brightspaces_rows_without_the_sign_at_their_end(course: World) -> None:
    data = sample("brightspace-before.csv").replace(b"s02@uni.example,,#", b"s02@uni.example,,")
    status, said, out = into(course, data, "--column", "ps1")
    assert (status, out.exists()) == (2, False), said
    assert "these have none: boneil." in said
    assert into(course, sample("brightspace-before.csv"), "--column", "ps1")[0] == 0


NUMBERED = (
    "Student,ID,SIS User ID,SIS Login ID,Section,ps1 (1)\n    Points Possible,,,,,20\n"
    "A,12345,0012345,a@uni.example,S,\nB,33,12345,b@uni.example,S,\n"
)


def test_canvas_number_of_a_user_is_no_id_of_the_class(world: World) -> None:
    """12345 is Canvas's number of one student, and another one's id."""
    enrol(world, Person("0012345"), Person("12345"))
    give(world, {"0012345": 17.5, "12345": 3.0})
    status, said, out = into(world, NUMBERED.encode())
    assert status == 0, said
    assert out.read_text() == NUMBERED.replace("a@uni.example,S,", "a@uni.example,S,17.50").replace(
        "b@uni.example,S,", "b@uni.example,S,3.00"
    )


@pytest.mark.parametrize("stranger", ["", "C,35,,,S,\n"])
def test_a_class_that_goes_by_canvas_numbers(world: World, stranger: str) -> None:
    """Where all are ids of the class, it goes by them; else somebody must say so."""
    enrol(world, Person("12345"), Person("33"))
    give(world, {"12345": 17.5, "33": 3.0})
    data = NUMBERED.replace("0012345,a@uni.example", ",").replace("12345,b@uni.example", ",") + stranger
    status, said, out = into(world, data.encode())
    assert status == (2 if stranger else 0), said
    status, said, out = into(world, data.encode(), "--id", "ID")
    assert status == 0, said
    assert "A,12345,,,S,17.50" in out.read_text()


def test_never_over_the_original(course: World) -> None:
    data = sample("canvas-before.csv")
    original, link = course.root / "grades.csv", course.root / "link.csv"
    original.write_bytes(data)
    link.hardlink_to(original)
    for out in (original, link):
        ran = course.run("export", ID, "--into", str(original), "-o", str(out))
        assert ran.status == 2
        assert "original" in ran.err
    assert course.run("export", ID, "--into", str(original)).status == 2
    ran = course.run(
        "export", ID, "--into", str(original), "-o", str(course.root / "no" / "out.csv"), "--force"
    )
    assert ran.status == 2
    assert "could not be written" in ran.err
    assert original.read_bytes() == data


def test_the_assignment_names_its_column(course: World) -> None:
    toml = course.assignment.folder / "assignment.toml"
    toml.write_text(toml.read_text() + '\n[lms]\ncanvas = "hw2 (13)"\n')
    header = "Student,ID,SIS User ID,SIS Login ID,Section,hw1 (12),hw2 (13)\n"
    data = f"{header}    Points Possible,,,,,20,20\nA,901,,s01,S,,\nB,902,,s02,S,,\n".encode()
    status, said, out = into(course, data)
    assert status == 0, said
    assert b"s01,S,,17.50" in out.read_bytes()


@pytest.mark.parametrize(
    ("columns", "points", "reason"),
    [
        ("ps1 (999)", "20", "no column 'ps1 (12345)'"),
        ("ps2 (999),ps1 (12345)", "20,(read only)", "read only"),
        ("ps2 (999),ps1 (12345),ps1 (12345)", "20,20,20", "several columns"),
    ],
)
def test_another_column_is_not_taken_for_the_one_that_the_assignment_names(
    course: World, columns: str, points: str, reason: str
) -> None:
    """A column that was named in assignment.toml and cannot be filled is told, with where its name comes from."""
    toml = course.assignment.folder / "assignment.toml"
    toml.write_text(toml.read_text() + '\n[lms]\ncanvas = "ps1 (12345)"\n')
    empty = "," * columns.count(",")
    data = (
        f"Student,ID,SIS User ID,SIS Login ID,Section,{columns}\n"
        f"    Points Possible,,,,,{points}\nA,901,,s01,S,{empty}\nB,902,,s02,S,{empty}\n"
    ).encode()
    status, said, out = into(course, data)
    assert status == 2
    assert reason in said
    assert "[lms] in the assignment.toml of perceptron" in said
    assert not out.exists()
    if "ps2" in columns:
        assert into(course, data, "--column", "ps2")[0] == 0


@pytest.mark.parametrize("name", ["canvs", "moodle", "Canvas"])
def test_a_name_under_lms_that_is_none_is_told_with_its_line(course: World, name: str) -> None:
    """Else another column than the one that was meant would be taken."""
    toml = course.assignment.folder / "assignment.toml"
    lines = [
        *toml.read_text().splitlines(),
        "[lms]",
        'moodle-worksheet = "Grade"',
        f'{name} = "ps1 (12345)"',
        "# moodle",
    ]
    toml.write_text("\n".join(lines))
    for arguments in ((), ("--format", "canvas")):
        ran = course.run("export", ID, "-o", str(course.root / "out.csv"), *arguments)
        assert ran.status == 2
        assert f"assignment.toml:{len(lines) - 1}: lms names '{name}'" in ran.err
        assert "canvas, gradescope, moodle-gradebook, moodle-worksheet" in ran.err
    status, said, out = into(course, sample("canvas-before.csv"))
    assert (status, f"lms names '{name}'" in said, out.exists()) == (2, True, False)


def test_the_only_column_is_taken_and_told(course: World) -> None:
    status, said, out = into(course, sample("canvas-before.csv"))
    assert status == 0
    assert "was taken, the only one that can be filled" in said
    assert out.exists()


@pytest.mark.parametrize(
    ("columns", "points", "reason"),
    [
        (f"{ID},hw2 (88124)", "20,20", "has no Canvas id"),
        (f"hw2 (88124),{ID} (88123)", "20,(read only)", "is read only"),
    ],
)
def test_the_only_column_is_not_taken_where_another_has_the_name(
    course: World, columns: str, points: str, reason: str
) -> None:
    """The assignment's own column cannot be filled, so the only one that can is another assignment's."""
    data = (
        f"Student,ID,SIS User ID,SIS Login ID,Section,{columns}\n    Points Possible,,,,,{points}\n"
        "A,901,,s01,S,,\nB,902,,s02,S,,\n"
    ).encode()
    status, said, out = into(course, data)
    assert (status, out.exists()) == (2, False), said
    assert "say with --column" in said
    assert reason in said
    assert into(course, data, "--column", "hw2")[0] == 0


def test_waiting_answers_refuse_it(course: World) -> None:
    course.sql("update grade set needs_manual_grade = 1")
    status, said, _ = into(course, sample("canvas-before.csv"))
    assert status == 2
    assert "--provisional" in said
    status, said, _ = into(course, sample("canvas-before.csv"), "--provisional", "--column", "ps1")
    assert status == 0
    assert "Provisional: some answers wait for a person. The LMS's file cannot say so." in said


def test_a_submission_that_could_not_be_graded_is_no_answer_that_waits(course: World) -> None:
    """No cell of it has a score, nor is there a graded notebook of it to mark."""
    course.sql(
        "update grade set auto_score = null, needs_manual_grade = 1 where notebook_id = (select n.id from "
        "submitted_notebook n join submitted_assignment a on a.id = n.assignment_id where a.student_id = 's02')"
    )
    for command in (["export", ID], ["feedback", ID]):
        ran = course.run(*command)
        assert ran.status == 2
        assert "1 of 2 submissions could not be graded at all, and have no score: s02." in ran.err
        assert f"'autograder grade {ID}' says what is wrong" in ran.err
        assert f"autograder {command[0]} {ID} --provisional" in ran.err
        assert "waits for a person" not in ran.err
    provisional = "--provisional", "--column", "ps1"
    status, said, _ = into(course, sample("canvas-before.csv"), *provisional)
    assert status == 0
    assert "Provisional: 1 submission could not be graded (s02). The LMS's file cannot say so." in said
    course.sql("update grade set needs_manual_grade = 1")
    said = course.run("export", ID).err
    assert "waits for a person (" in said
    assert "): s01." in said
    assert "have no score: s02." in said
    said = into(course, sample("canvas-before.csv"), *provisional)[1]
    assert "some answers wait for a person and 1 submission could not be graded (s02)." in said


@pytest.mark.parametrize("most", ["0", "0.00"])
@pytest.mark.parametrize("arguments", [(), ("--rescale",)])
def test_points_are_not_turned_into_none(course: World, most: str, arguments: tuple[str, ...]) -> None:
    """A column of 0 points is how LMSs have extra credit; everybody would get 0."""
    data = sample("canvas-before.csv").replace(b"20.00", most.encode())
    status, said, out = into(course, data, "--column", "ps1", *arguments)
    assert (status, out.exists()) == (2, False)
    assert "none can be turned into those of 0" in said
    assert "--rescale" not in said


@pytest.mark.parametrize("lms", ["canvas", "moodle-gradebook", "blackboard", "brightspace", "sakai"])
def test_made_from_nothing(course: World, lms: str) -> None:
    enrol(course, Person("s03", "Nobody", '=cmd"', "s03@uni.example"))
    give(course, {"s03": 3.0})
    out = course.root / "new.csv"
    ran = course.run("export", ID, "--format", lms, "-o", str(out))
    assert ran.status == 0, ran.err
    assert {"moodle-gradebook": "which column is which"}.get(lms, "") in ran.out
    assert document(out.read_bytes()).format.name == lms
    rows = {
        next(cell for cell in row if "s0" in cell): row
        for row in csv.reader(io.StringIO(out.read_text()))
        if "s0" in str(row)
    }
    assert any(cell in ("17.5", "17.50") for cell in next(row for key, row in rows.items() if "s01" in key))
    assert not [cell for row in rows.values() for cell in row if cell.startswith("=")]
    # Filled again, by its own rules, nothing is left to do.
    status, said, again = into(
        course, out.read_bytes(), "--column", document(out.read_bytes()).layout.columns[0].header, "--force"
    )
    assert status == 0, said
    assert again.read_bytes() == out.read_bytes()


KINDS = ["canvas", "moodle-gradebook", "moodle-worksheet", "blackboard", "brightspace", "sakai"]


@pytest.mark.parametrize("lms", KINDS)
def test_made_from_nothing_without_who_has_no_points(course: World, lms: str) -> None:
    """A blank cell would take a grade away in Canvas. Who is left out is told, and why."""
    enrol(course, Person("s03"), Person("s04", "Much", "Too"))
    give(course, {"s04": 20.0})
    course.sql(
        "update grade set extra_credit = 5 where auto_score = 3 and notebook_id in "
        "(select n.id from submitted_notebook n join submitted_assignment a on n.assignment_id = a.id "
        "where a.student_id = 's04')"
    )
    placed = course.root / "unpacked" / ID / "placed.csv"
    placed.parent.mkdir(parents=True)
    placed.write_text("student,lms,lms_id\ns01,moodle,701\ns03,moodle,703\ns04,moodle,704\n")
    out = course.root / "new.csv"
    ran = course.run("export", ID, "--format", lms, "-o", str(out))
    assert ran.status == 0, ran.err
    written = document(out.read_bytes())
    (column,) = written.layout.columns
    cells = [row.values[column.index] for row in written.rows()]
    worksheet = lms == "moodle-worksheet"
    assert [float(cell) for cell in cells] == ([17.5] if worksheet else [17.5, 0.0])
    assert "without a score: s03" in ran.out
    assert "s04 has 30 of 20 points, which does not go out" in ran.out
    assert ("without a participant number: s02" in ran.out) == worksheet


@pytest.mark.parametrize("lms", KINDS)
def test_made_from_nothing_for_nobody(world: World, lms: str) -> None:
    """A file of nothing but a header brings no grades: that nobody has any is told, as by the other commands."""
    enrol(world, *PEOPLE)
    placed = world.root / "unpacked" / ID / "placed.csv"
    placed.parent.mkdir(parents=True)
    placed.write_text("student,lms,lms_id\ns01,moodle,701\n")
    out = world.root / "new.csv"
    ran = world.run("export", ID, "--format", lms, "-o", str(out))
    assert (ran.status, out.exists()) == (2, False)
    assert "without a score: s01; s02" in ran.out
    assert "nobody has points that could go out, so no file was made" in ran.err
    assert f"autograder grade {ID}" in ran.err


def test_a_worksheet_from_nothing_needs_participants(course: World) -> None:
    ran = course.run("export", ID, "--format", "moodle-worksheet", "-o", str(course.root / "w.csv"))
    assert ran.status == 2
    assert "participant" in ran.err
    assert course.run("export", ID, "--format", "ilias").status == 2


@pytest.mark.parametrize(
    ("cells", "number", "told"),
    [
        (";", "80.0", "There are semicolons between its cells, and decimal points."),
        (",", "80,0", "There are commas between its cells, and decimal commas."),
        ("\t", "80.0", "There are tabs between its cells, and decimal points."),
        (";", "80,0", ""),
        (",", "80.0", ""),
        (";", "80", ""),
    ],
)
def test_what_sakai_does_not_write_together_is_told(
    course: World, cells: str, number: str, told: str
) -> None:
    """As a spreadsheet saves it; Sakai reads commas with points, and semicolons with decimal commas."""
    lines = [
        ["Student ID", "Student Name", f"{ID} [20]", "# Total"],
        ["s01", "A", "", number],
        ["s02", "B", "", ""],
    ]
    text = "".join(cells.join(f'"{cell}"' for cell in line) + "\n" for line in lines)
    status, said, _ = into(course, text.encode())
    assert status == 0, said
    assert told in said
    assert ("between its cells" in said) == bool(told)
