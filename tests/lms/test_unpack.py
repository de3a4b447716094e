"""autograder unpack: downloads of each LMS into submitted/, and what nobody should unpack."""

import csv
import errno
import os
import stat
import time
import zipfile
from pathlib import Path

import pytest

from autograder import notebook as nb
from autograder.authoring.samples import answer_notebook
from autograder.gradebook.people import Person
from autograder.lms import archive
from tests.conftest import ID, RIGHT, World
from tests.lms.class_of import enrol, give
from tests.lms.files import SAMPLES, sample
from tests.lms.zips import zip_bytes, zipped

ZOE = Person("s01", "Zoë", "Älvarez", "s01@uni.example", "901")
BO = Person("s02", "Bo", "O'Neil, Jr.", "s02@uni.example", "902")


@pytest.fixture
def course(world: World) -> World:
    enrol(world, ZOE, BO)
    return world


def notebook(world: World, mark: str = "") -> bytes:
    """A notebook with the assignment's cells; `mark` makes it another one."""
    made = answer_notebook(world.assignment, RIGHT)
    made.metadata["mark"] = mark
    return nb.to_text(made).encode()


def unpack(world: World, members: dict, *arguments: str) -> tuple[int, str]:
    path = zipped(world.root / "download.zip", members)
    return run(world, path, *arguments)


def run(world: World, path: Path, *arguments: str) -> tuple[int, str]:
    ran = world.run("unpack", ID, str(path), "--timezone", "Europe/Berlin", *arguments)
    leftovers = list(world.root.rglob("*.new"))
    assert not leftovers
    return ran.status, ran.out + ran.err


def handed_in(world: World, student: str) -> dict[str, bytes]:
    folder = world.folder(student)
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def reasons(world: World) -> dict[str, str]:
    with (world.root / "unpacked" / ID / "unplaced.csv").open(newline="") as file:
        return {row["member"]: row["reason"] for row in csv.DictReader(file)}


def test_canvas(course: World) -> None:
    one, two = notebook(course, "1"), notebook(course, "2")
    status, said = unpack(
        course,
        {
            "älvarezzoë_901_55501_ps1.ipynb": one,
            "älvarezzoë_901_55502_data.csv": "1,2",
            "älvarezzoë_901_text.html": "<p>hello</p>",
            "oneiljrbo_LATE_902_55503_ps1-1.ipynb": two,
        },
    )
    assert status == 0, said
    assert handed_in(course, "s01") == {f"{ID}.ipynb": one, "data.csv": b"1,2"}
    assert handed_in(course, "s02") == {f"{ID}.ipynb": two}
    assert "s02: late by the LMS's mark" in said
    placed = (course.root / "unpacked" / ID / "placed.csv").read_text()
    assert "s02,canvas,902,,late," in placed


def test_canvas_groups_and_nobodies(course: World) -> None:
    status, _ = unpack(
        course,
        {
            "team_1_902_55504_ps1.ipynb": notebook(course),
            "LATE_anon_aB3xZ_55503_ps1.ipynb": notebook(course),
            "stranger_777_55505_ps1.ipynb": notebook(course),
            "notes.txt": "x",
        },
    )
    assert status == 1
    assert set(handed_in(course, "s02")) == {f"{ID}.ipynb"}
    assert set(reasons(course)) == {
        "LATE_anon_aB3xZ_55503_ps1.ipynb",
        "stranger_777_55505_ps1.ipynb",
        "notes.txt",
    }
    files = {path.name for path in (course.root / "unpacked" / ID / "unplaced").iterdir()}
    assert len(files) == 3


@pytest.mark.parametrize(
    "name",
    [
        "stranger_777_55501_902_55504_ps1.ipynb",
        "777_55501_s02_attempt_2026-01-05-15-04-59_x.ipynb",
        "stranger_777_55501_x_902_55504_ps1.ipynb",
    ],
)
def test_a_file_name_makes_nobody_somebody_else(course: World, name: str) -> None:
    """A stranger names a file by another student's numbers."""
    unpack(
        course,
        {name: notebook(course), "älvarezzoë_901_55501_ps1.ipynb": notebook(course)},
        "--lms",
        "canvas",
    )
    assert not course.folder("s02").exists()


def test_the_same_for_other_lmss(course: World) -> None:
    fake = "ps1_x77_attempt_2026-01-05-15-04-59_s02_attempt_2026-01-06-15-04-59_ps1.ipynb"
    unpack(course, {fake: notebook(course)}, "--lms", "blackboard")
    fake = "Stranger_777_assignsubmission_file/Bo O'Neil, Jr._902_assignsubmission_file/ps1.ipynb"
    unpack(course, {fake: notebook(course)}, "--lms", "moodle")
    fake = "ps1/X, Y(s77)/Submission attachment(s)/O'Neil, Bo(s02)/Submission attachment(s)/ps1.ipynb"
    unpack(course, {fake: notebook(course)}, "--lms", "sakai")
    fake = "777-90210 - X - Jan 5, 2026 304 PM/902-90210 - Bo - Jan 6, 2026 304 PM/ps1.ipynb"
    unpack(course, {fake: notebook(course)}, "--lms", "brightspace")
    assert not course.folder("s02").exists()


@pytest.mark.parametrize("form", ["{}_file/sub/ps1.ipynb", "{}_file_/ps1.ipynb", "{}_file_ps1.ipynb"])
def test_moodle_with_its_worksheet(course: World, form: str) -> None:
    """All three ways in which versions of Moodle name files; times come from the worksheet."""
    worksheet = course.root / "worksheet.csv"
    worksheet.write_bytes(sample("moodle-worksheet-before.csv"))
    members = {
        form.format("Zoë Älvarez_701_assignsubmission"): notebook(course, "1"),
        form.format("Participant_702_assignsubmission"): notebook(course, "2"),
        "Zoë Älvarez_701_assignsubmission_onlinetext/onlinetext.html": "<p>x</p>",
    }
    status, said = unpack(course, members, "--who", str(worksheet))
    assert status == 0, said
    assert handed_in(course, "s01") == {
        f"{ID}.ipynb": notebook(course, "1"),
        "timestamp.txt": b"2026-01-05 14:04:00.000000 UTC\n",
    }
    assert handed_in(course, "s02")[f"{ID}.ipynb"] == notebook(course, "2")


def test_another_assignments_worksheet_makes_nobody_somebody_else(course: World) -> None:
    """Participants' numbers are others in each assignment, and a team's may be anybody's: Moodle's own names disagree."""
    worksheet = course.root / "worksheet.csv"
    worksheet.write_text(
        'Identifier,"Full name","Email address",Grade,"Last modified (grade)"\n'
        '"Participant 701","Bo O\'Neil, Jr.",s02@uni.example,,-\n"Participant 702","Zoë Älvarez",s01@uni.example,,-\n'
    )
    name = "{}_assignsubmission_file/ps1.ipynb"
    wrong = {name.format(who): notebook(course) for who in ("Zoë Älvarez_701", "Team A_702")}
    status, _ = unpack(course, wrong, "--who", str(worksheet))
    assert status == 1
    assert not (course.root / "submitted").exists()
    assert reasons(course)[name.format("Zoë Älvarez_701")] == (
        "its name is not that of its number in the file given with --who, which is Bo O'Neil, Jr.: is it of another "
        "assignment?"
    )
    # As Moodle cleans names for files, and with the group's before the person's.
    right = {
        name.format(who): notebook(course) for who in ("Team A-Zoe\u0308 ÄLVAREZ_702", "Bo ONeil, Jr_701")
    }
    assert unpack(course, right, "--who", str(worksheet))[0] == 0
    assert course.course.students(course.assignment) == ["s01", "s02"]


def test_moodles_numbers_alone_prove_nothing(course: World) -> None:
    """901 is somebody's id in Moodle, and another one's number in this assignment."""
    members = {
        "Bo O'Neil, Jr._901_assignsubmission_file/ps1.ipynb": notebook(course),
        "Zoë Älvarez_700_assignsubmission_file/ps1.ipynb": notebook(course),
    }
    status, said = unpack(course, members)
    assert status == 1
    assert "--who" in said
    assert not (course.root / "submitted").exists()


def test_blackboard_takes_the_last_attempt(course: World) -> None:
    enrol(course, Person("j_doe"))
    name = "ps_1_{}_attempt_2026-{}_ps1.ipynb"
    status, said = unpack(
        course,
        {
            name.format("s01", "01-05-15-04-59"): notebook(course, "old"),
            name.format("s01", "07-06-23-59-59"): notebook(course, "new"),
            "ps_1_s01_attempt_2026-07-06-23-59-59.txt": "Name: Zoë (s01)",
            "ps_1_s01_attempt_2026-07-07-00-00-00.txt": "Name: Zoë (s01)",
            name.format("j_doe", "01-02-03-04-05"): notebook(course),
        },
    )
    assert status == 0, said
    # The documented style of these times is read wrongly by dateutil, as an offset from UTC.
    assert handed_in(course, "s01") == {
        f"{ID}.ipynb": notebook(course, "new"),
        "timestamp.txt": b"2026-07-06 21:59:59.000000 UTC\n",
    }
    assert handed_in(course, "j_doe")["timestamp.txt"] == b"2026-01-02 02:04:05.000000 UTC\n"
    assert "the last of 3 attempts was taken" in said


def test_blackboards_underscores_are_not_guessed(course: World) -> None:
    enrol(course, Person("doe"), Person("j_doe"))
    status, _ = unpack(course, {"ps1_j_doe_attempt_2026-01-05-15-04-59_a.ipynb": notebook(course)})
    assert status == 1
    assert list(reasons(course).values()) == ["it may be of doe or j_doe"]


BESIDE = (
    "Name: Jane (\u201cJay\u201d) Doe ({})\r\nAssignment: ps1\r\n\r\nSubmission Field:\r\nName: Doe (doe)\r\n"
)
"""What Blackboard puts beside an attempt; what was typed in could name anybody."""


@pytest.mark.parametrize(
    ("said", "whose"), [("j_doe", "j_doe"), ("J_Doe", "j_doe"), ("doe", "doe"), ("s02", ""), ("", "")]
)
def test_blackboard_says_beside_a_file_whose_it_is(course: World, said: str, whose: str) -> None:
    """Where its name may be read in two ways, the username in the text beside it decides."""
    enrol(course, Person("doe"), Person("j_doe"))
    name = "ps1_j_doe_attempt_2026-01-05-15-04-59"
    text = BESIDE.format(said) if said else "Name: nobody"
    status, _ = unpack(course, {f"{name}_a.ipynb": notebook(course), f"{name}.txt": text})
    assert (status, course.course.students(course.assignment)) == ((0, [whose]) if whose else (1, []))
    if not whose:
        reason = "names somebody else than its own name does" if said else "it may be of doe or j_doe"
        assert reason in reasons(course)[f"{name}_a.ipynb"]


def test_blackboards_text_beside_one_file_parts_the_names_of_all(course: World) -> None:
    """What the title is, is said beside one of them; j_doe is not in the class."""
    enrol(course, Person("doe"))
    name = "ps_1_{}_attempt_2026-01-05-15-04-59{}"
    names = [name.format("s01", "_a.ipynb"), name.format("j_doe", "_a.ipynb"), name.format("s01", ".txt")]
    members = dict.fromkeys(names, notebook(course))
    assert unpack(course, members | {names[2]: BESIDE.format("s01")})[0] == 1
    assert course.course.students(course.assignment) == ["s01"]
    assert reasons(course) == {names[1]: "nobody in the class has this id"}


def test_one_students_name_at_blackboard_is_not_parted_by_chance(course: World) -> None:
    """j_doe is not in the class and doe is; nothing says which of them it is, until a person does."""
    enrol(course, Person("doe"))
    members = {"ps1_j_doe_attempt_2026-01-05-15-04-59_a.ipynb": notebook(course)}
    assert unpack(course, members)[0] == 1
    assert "which part of its name is the id: it may be 'j_doe' or 'doe'" in " ".join(
        reasons(course).values()
    )
    assert not (course.root / "submitted").exists()
    for student in ("s01", "doe"):
        table = fill_in(course, {"ps1": student})
        assert unpack(course, members, "--who", str(table))[0] == 0
        assert f"{ID}.ipynb" in handed_in(course, student)
    # What was written in is about these names only, not about everybody who is called doe.
    assert unpack(course, {"ps1_doe_attempt_2026-01-06-15-04-59_a.ipynb": notebook(course, "2")})[0] == 0
    assert handed_in(course, "doe")[f"{ID}.ipynb"] == notebook(course, "2")


def test_blackboards_title_is_the_same_for_all(course: World) -> None:
    """j_doe, who is not in the class, is not taken for doe: the other files say where the title ends."""
    enrol(course, Person("doe"))
    name = "ps1_{}_attempt_2026-01-05-15-04-59_a.ipynb"
    names = {who: name.format(who) for who in ("j_doe", "s01", "doe")}
    status, _ = unpack(course, {names[who]: notebook(course, who) for who in ("j_doe", "s01")})
    assert status == 1
    assert reasons(course) == {names["j_doe"]: "nobody in the class has this id"}
    assert ",j_doe," in (course.root / "unpacked" / ID / "unplaced.csv").read_text()
    assert not course.folder("doe").exists()
    assert f"{ID}.ipynb" in handed_in(course, "s01")
    unpack(course, {each: notebook(course, who) for who, each in names.items()})
    assert handed_in(course, "doe")[f"{ID}.ipynb"] == notebook(course, "doe")
    other = {"ps2_s02_attempt_2026-01-05-15-04-59_a.ipynb": notebook(course)}
    assert unpack(course, {names["s01"]: notebook(course, "s01")} | other)[0] == 1
    assert "do not begin with the same title" in " ".join(reasons(course).values())
    assert not course.folder("s02").exists()


NUMBERED = {
    "canvas": "{}_{}_5550{}_ps1.ipynb",
    "brightspace": "{1}-90210 - {0} - Jan 5, 2026 304 PM/{2}.ipynb",
}


@pytest.mark.parametrize("lms", sorted(NUMBERED))
def test_a_number_of_the_lms_is_no_id_of_the_class(course: World, lms: str) -> None:
    """777 is a stranger's number in the LMS, and somebody's own id in the class."""
    enrol(course, Person("777"), Person("778"))
    name = NUMBERED[lms].format
    members = {name("x", 777, 1): notebook(course), name("zoë", 901, 2): notebook(course)}
    assert unpack(course, members, "--lms", lms)[0] == 1
    assert not course.folder("777").exists()
    assert f"{ID}.ipynb" in handed_in(course, "s01")
    assert "somebody's id in the class" in reasons(course)[name("x", 777, 1)]
    # Where all are, the class is known by the LMS's numbers.
    both = {name("x", 777, 1): notebook(course), name("y", 778, 2): notebook(course)}
    assert unpack(course, both, "--lms", lms)[0] == 0
    assert f"{ID}.ipynb" in handed_in(course, "777")


def test_a_canvas_gradebook_says_whose_its_own_numbers_are(course: World) -> None:
    """Not the numbers that the university gave: one student's is another one's in Canvas."""
    enrol(course, Person("u1"), Person("u2"))
    gradebook = course.root / "grades.csv"
    gradebook.write_text(
        "Student,ID,SIS User ID,SIS Login ID,Section,ps1 (1)\n    Points Possible,,,,,20\n"
        "A,31,32,u1,S,\nB,32,33,u2,S,\nC,33,34,u3,S,\n"
    )
    members = {"a_31_1_x.ipynb": notebook(course, "1"), "b_32_2_x.ipynb": notebook(course, "2")}
    status, said = unpack(course, members | {"c_33_3_x.ipynb": notebook(course)}, "--who", str(gradebook))
    assert status == 1, said
    assert set(reasons(course)) == {"c_33_3_x.ipynb"}
    assert handed_in(course, "u1")[f"{ID}.ipynb"] == notebook(course, "1")
    assert handed_in(course, "u2")[f"{ID}.ipynb"] == notebook(course, "2")


def test_usernames_that_are_addresses(course: World) -> None:
    enrol(course, Person("other", email="x@uni.example"))
    name = "ps1_{}_attempt_2026-01-05-15-04-59_a.ipynb"
    assert unpack(course, {name.format("S01@uni.example"): notebook(course)})[0] == 0
    folder = "ps1/O'Neil, Bo(s02@uni.example)/Submission attachment(s)/ps1.ipynb"
    assert unpack(course, {folder: notebook(course)})[0] == 0
    assert unpack(course, {name.format("other@uni.example"): notebook(course)})[0] == 1
    assert course.course.students(course.assignment) == ["s01", "s02"]


def test_brightspaces_months(course: World) -> None:
    """Short, long or in between: the last attempt is the last."""
    name = "901-90210 - Zoë - {} 304 PM/ps1.ipynb"
    days = ["Sept 5, 2025", "September 4, 2025", "Sep. 3, 2025", "Aug 6, 2025", "June 7, 2025"]
    assert unpack(course, {name.format(day): notebook(course, day) for day in days})[0] == 0
    assert handed_in(course, "s01")["timestamp.txt"] == b"2025-09-05 13:04:00.000000 UTC\n"
    assert handed_in(course, "s01")[f"{ID}.ipynb"] == notebook(course, days[0])


def test_brightspaces_months_in_other_languages(course: World) -> None:
    """Whose it is does not hang on the time, and that the time could not be read is told."""
    members = {
        "901-90210 - Zoë - août 5, 2026 304 PM/ps1.ipynb": notebook(course, "1"),
        "902-90210 - Bo - Aug 5, 2026 304 PM/ps1.ipynb": notebook(course, "2"),
    }
    status, said = unpack(course, members)
    assert status == 0, said
    assert handed_in(course, "s01") == {f"{ID}.ipynb": notebook(course, "1")}
    assert "s01: the LMS's time could not be read, so nothing is taken off for lateness" in said
    assert "s02: the LMS's time" not in said


def test_a_name_with_a_time_in_it_is_not_brightspaces_time(course: World) -> None:
    """The last time in a folder's name is Brightspace's; what is inside the folder is the student's."""
    name = (
        "901-90210 - Zoë - Jan 1, 2020 100 AM - Älvarez - Jan 5, 2026 304 PM/a - Jan 9, 2026 100 AM/x.ipynb"
    )
    assert unpack(course, {name: notebook(course)})[0] == 0
    assert handed_in(course, "s01")["timestamp.txt"] == b"2026-01-05 14:04:00.000000 UTC\n"


def test_a_long_name_costs_no_time(course: World) -> None:
    """It may be as long as a zip allows, and be made so that it could be read in many ways."""
    started = time.monotonic()
    members = {"901-90210 - Zoë - Jan 5, 2026 304 PM/ps1.ipynb": notebook(course), "1" + "-1" * 30_000: "x"}
    status, said = unpack(course, members)
    assert status == 1, said
    assert f"{ID}.ipynb" in handed_in(course, "s01")
    assert time.monotonic() - started < 10


def test_attempts_without_a_time_are_told(course: World) -> None:
    name = "901-90210 - Zoë - Foo {}, 2026 304 PM/ps1.ipynb"
    _, said = unpack(course, {name.format(day): notebook(course, str(day)) for day in (4, 5)})
    assert "s01: which of 2 attempts is the last is not known: the LMS gives no times" in said


def test_brightspace(course: World) -> None:
    status, said = unpack(
        course,
        {
            "901-90210 - Zoë Älvarez - Jan 5, 2026 304 PM/ps1.ipynb": notebook(course, "1"),
            "901-90210 - Zoë Älvarez - Jan 12, 2026 1122 AM/ps1.ipynb": notebook(course, "2"),
            "902-90210 - Bo O'Neil, Jr. - Jan 5, 2026 3_04 PM/ps1.ipynb": notebook(course, "3"),
            "index.html": "<html>",
        },
    )
    assert status == 0, said
    assert handed_in(course, "s01") == {
        f"{ID}.ipynb": notebook(course, "2"),
        "timestamp.txt": b"2026-01-12 10:22:00.000000 UTC\n",
    }
    assert handed_in(course, "s02")["timestamp.txt"] == b"2026-01-05 14:04:00.000000 UTC\n"


def test_brightspaces_third_number_makes_nobody_somebody_else(course: World) -> None:
    """One of the numbers is the user's, the same one in all names: another may be anybody's by chance."""
    name = "{}-90210 - X - Jan 5, 2026 304 PM/ps1.ipynb"
    stranger = name.format("777-902")
    assert unpack(course, {stranger: notebook(course)})[0] == 1
    assert not (course.root / "submitted").exists()
    assert "which part of its name is the id" in reasons(course)[stranger]
    enrol(course, Person("s03", lms_user_id="903"))
    members = {name.format(ids): notebook(course, ids) for ids in ("901-1", "903-2", "777-902")}
    assert unpack(course, members)[0] == 1
    assert course.course.students(course.assignment) == ["s01", "s03"]
    table = fill_in(course, {"777": "s02"})
    assert unpack(course, members, "--who", str(table))[0] == 0
    assert handed_in(course, "s02")[f"{ID}.ipynb"] == notebook(course, "777-902")


def test_brightspaces_flat_names(course: World) -> None:
    """All files of one time are one attempt; the last one is kept whole."""
    zoe = "901-90210 - Zoë Älvarez - Jan {}, 2026 304 PM - {}"
    status, said = unpack(
        course,
        {
            zoe.format(5, f"{ID}.ipynb"): notebook(course, "old"),
            zoe.format(12, "data.csv"): "1,2",
            zoe.format(12, f"{ID}.ipynb"): notebook(course, "new"),
            zoe.format(12, "scratch.ipynb"): b"{}",
            "902-90210 - Bo O'Neil, Jr. - Jan 5, 2026 15:04_ps1.ipynb": notebook(course),
        },
    )
    assert status == 0, said
    assert "the last of 2 attempts" in said
    assert handed_in(course, "s01") == {
        f"{ID}.ipynb": notebook(course, "new"),
        "data.csv": b"1,2",
        "scratch.ipynb": b"{}",
        "timestamp.txt": b"2026-01-12 14:04:00.000000 UTC\n",
    }
    assert f"{ID}.ipynb" in handed_in(course, "s02")


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


def fill_in(course: World, students: dict[str, str]) -> Path:
    """Write students into the table of what has no place, by the members' beginnings."""
    path = course.root / "unpacked" / ID / "unplaced.csv"
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        row["student"] = next((who for name, who in students.items() if row["member"].startswith(name)), "")
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)
    return path


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
    # A file without an id of the LMS in its name cannot be placed by one.
    unpack(course, members | {"mine.ipynb": notebook(course)})
    fill_in(course, {"mine": "s01", "1502": "s02"})
    assert (
        "(s01) has no id of the LMS, so it places nothing" in unpack(course, members, "--who", str(table))[1]
    )


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
        "the file given with --who says of its id that it is several students'"
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


def test_sakai(course: World) -> None:
    root = "My ps1/Älvarez, Zoë(s01)"
    grades = (
        '"ps1","Points"\n""\n"Display ID","ID","Last Name","First Name","grade","Submission date","Late submission"\n'
        '"s01","s01","Älvarez","Zoë","","Jan 5, 2026","Late"\n"s02","s02","O\'Neil","Bo","","Jan 5, 2026","On time"\n'
    )
    status, said = unpack(
        course,
        {
            f"{root}/Submission attachment(s)/ps1+1.ipynb": notebook(course),
            f"{root}/timestamp.txt": "2026-01-05T15:04:59Z",
            f"{root}/comments.txt": "",
            "My ps1/O'Neil, Jr., Bo(s02)/Submission attachment(s)/ps1.ipynb": notebook(course),
            "My ps1/grades.csv": grades,
        },
    )
    assert status == 0, said
    assert handed_in(course, "s01") == {
        f"{ID}.ipynb": notebook(course),
        "timestamp.txt": b"2026-01-05 15:04:59.000000 UTC\n",
    }
    assert (
        "s01,sakai,s01,2026-01-05 15:04:59,late" in (course.root / "unpacked" / ID / "placed.csv").read_text()
    )


def test_a_second_run_changes_nothing_and_a_newer_download_replaces(course: World) -> None:
    name = "ps1_s01_attempt_2026-01-0{}-15-04-59_x.ipynb"
    members = {name.format(2): notebook(course, "2")}
    assert "(1 new)" in unpack(course, members)[1]
    path = course.folder("s01") / f"{ID}.ipynb"
    before = path.stat().st_mtime_ns
    time.sleep(0.01)
    assert "(1 same)" in unpack(course, members)[1]
    assert path.stat().st_mtime_ns == before
    assert "(1 changed)" in unpack(course, {name.format(3): notebook(course, "3")})[1]
    assert path.read_bytes() == notebook(course, "3")
    assert (course.root / "unpacked" / ID / "replaced" / "s01" / f"{ID}.ipynb").read_bytes() == notebook(
        course, "2"
    )
    assert "(1 kept)" in unpack(course, {name.format(1): notebook(course, "1")})[1]
    assert path.read_bytes() == notebook(course, "3")


def test_a_folder_is_taken_like_a_zip(course: World) -> None:
    folder = course.root / "download"
    (folder / "sub").mkdir(parents=True)
    (folder / "sub" / "älvarezzoë_901_55501_ps1.ipynb").write_bytes(notebook(course))
    (folder / "oneiljrbo_902_55503_ps1.ipynb").symlink_to(course.root / "nbgrader_config.py")
    os.mkfifo(folder / "oneiljrbo_902_55504_ps1.ipynb")
    status, _ = run(course, folder)
    assert status == 1
    assert f"{ID}.ipynb" in handed_in(course, "s01")
    assert not course.folder("s02").exists()
    assert set(reasons(course).values()) == {"it is a link or a device, not a file"}


def test_which_notebook_is_meant(course: World) -> None:
    """A renamed notebook is known by its cells; others beside it stay what they are."""
    other = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
    status, said = unpack(
        course,
        {
            "a_901_1_My final version.ipynb": notebook(course),
            f"a_901_2_{ID}.ipynb": other,
            "b_902_3_broken.ipynb": b"{",
        },
    )
    assert status == 0, said
    assert handed_in(course, "s01") == {f"{ID}.ipynb": notebook(course), f"other-{ID}.ipynb": other}
    assert handed_in(course, "s02") == {f"{ID}.ipynb": b"{"}
    assert "cannot be read" in said


def test_a_notebook_in_capitals(course: World) -> None:
    assert unpack(course, {"a_901_1_PERCEPTRON.IPYNB": notebook(course)})[0] == 0
    assert handed_in(course, "s01") == {f"{ID}.ipynb": notebook(course)}


def test_two_notebooks_with_the_assignments_cells_are_told(course: World) -> None:
    """The one of the right name is taken; the other may be the one that was worked on."""
    members = {f"a_901_1_{ID}.ipynb": notebook(course, "1"), "a_901_2_final.ipynb": notebook(course, "2")}
    status, said = unpack(course, members)
    assert status == 0
    assert handed_in(course, "s01")[f"{ID}.ipynb"] == notebook(course, "1")
    assert f"s01: {ID}.ipynb is taken; final.ipynb has cells of the assignment, too" in said


@pytest.mark.parametrize(
    ("names", "meant"),
    [
        ({"a/solution.ipynb": "1", "a/.ipynb_checkpoints/solution-checkpoint.ipynb": "2"}, "1"),
        ({".ipynb_checkpoints/x-checkpoint.ipynb": "2", ".hidden.ipynb": "3", "x.ipynb": "1"}, "1"),
        ({".ipynb_checkpoints/x-checkpoint.ipynb": "2", "data.csv": "3"}, "2"),
        ({".ipynb_checkpoints/x-checkpoint.ipynb": "2", "other.ipynb": ""}, "2"),
    ],
)
def test_jupyters_own_copy_is_not_the_notebook_that_is_meant(
    course: World, names: dict[str, str], meant: str
) -> None:
    """But it is better than none with the assignment's cells."""
    other = b'{"cells": [], "metadata": {}, "nbformat": 4, "nbformat_minor": 5}'
    folder = "ps1/Älvarez, Zoë(s01)/Submission attachment(s)/"
    members = {folder + name: notebook(course, mark) if mark else other for name, mark in names.items()}
    status, said = unpack(course, members)
    assert status == 0, said
    assert handed_in(course, "s01")[f"{ID}.ipynb"] == notebook(course, meant)
    assert "too" not in said
    assert "not clear" not in said


@pytest.mark.parametrize(
    ("names", "placed"),
    [
        (["x.", "x_/y.ipynb"], {"x_", f"{ID}.ipynb"}),
        (["x", "x/y.ipynb"], {"x", f"{ID}.ipynb"}),
        (["A/x", "a/X/deep/y.ipynb", "a/X/z.csv"], {"A/x", "a/X-2/z.csv", f"{ID}.ipynb"}),
        (["x/z.csv", "x?", "x./y.ipynb"], {"x/z.csv", "x_-2", f"{ID}.ipynb"}),
        ([f"{ID}.ipynb/y.ipynb"], {f"{ID}.ipynb"}),
        (
            [f"{ID}.ipynb/y.ipynb", f"{ID}.ipynb/z.csv", f"other-{ID}.ipynb/a.csv"],
            {f"{ID}.ipynb", f"other-{ID}-2.ipynb/z.csv", f"other-{ID}.ipynb/a.csv"},
        ),
        (["timestamp.txt/a.csv", "theirs-timestamp.txt", "y.ipynb"], None),
    ],
)
def test_a_students_names_never_stop_the_run(
    course: World, names: list[str], placed: set[str] | None
) -> None:
    """A folder where a file is, and folders that are called as the notebook should be."""
    folder = "Zoë Älvarez_901_assignsubmission_file"
    members = {f"{folder}/{name}": notebook(course) if name.endswith("y.ipynb") else b"x" for name in names}
    members["Bo O'Neil, Jr._902_assignsubmission_file/ps1.ipynb"] = notebook(course)
    status, said = unpack(course, members)
    assert status == 0, said
    assert placed is None or set(handed_in(course, "s01")) == placed
    assert handed_in(course, "s01")[f"{ID}.ipynb"] == notebook(course)
    assert len(handed_in(course, "s01")) == len(names)
    assert f"{ID}.ipynb" in handed_in(course, "s02")
    assert "(2 same)" in unpack(course, members)[1]


def test_a_folder_that_is_called_a_notebook_is_none(course: World) -> None:
    status, said = unpack(
        course,
        {
            f"Zoë Älvarez_901_assignsubmission_file/{ID}.ipynb/data.csv": b"1",
            "Bo O'Neil, Jr._902_assignsubmission_file/ps1.ipynb": notebook(course),
        },
    )
    assert status == 1, said
    assert list(reasons(course).values()) == ["there is no notebook in what s01 handed in"]
    assert f"{ID}.ipynb" in handed_in(course, "s02")


def test_names_that_the_file_system_refuses_cost_one_student(
    course: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = Path.mkdir

    def mkdir(self: Path, *arguments: object, **more: object) -> None:
        if self.name == "odd":
            raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG), str(self))
        real(self, *arguments, **more)

    monkeypatch.setattr(Path, "mkdir", mkdir)
    members = {
        "Zoë Älvarez_901_assignsubmission_file/odd/ps1.ipynb": notebook(course),
        "Bo O'Neil, Jr._902_assignsubmission_file/ps1.ipynb": notebook(course),
    }
    status, said = unpack(course, members)
    assert status == 1, said
    assert "cannot be used: File name too long" in next(iter(reasons(course).values()))
    assert not course.folder("s01").exists()
    assert f"{ID}.ipynb" in handed_in(course, "s02")


def test_a_student_cannot_set_the_time(course: World) -> None:
    name = "ps1_s01_attempt_2026-01-05-15-04-59_{}"
    members = {
        name.format("ps1.ipynb"): notebook(course),
        name.format("timestamp.txt"): "2020-01-01 00:00:00 UTC",
        name.format("submission_secret.txt"): "x",
    }
    unpack(course, members)
    files = handed_in(course, "s01")
    assert files["timestamp.txt"] == b"2026-01-05 14:04:59.000000 UTC\n"
    assert set(files) == {
        f"{ID}.ipynb",
        "timestamp.txt",
        "theirs-timestamp.txt",
        "theirs-submission_secret.txt",
    }


def test_an_archive_in_the_archive_is_not_opened(course: World) -> None:
    inner = zip_bytes({"ps1.ipynb": notebook(course)})
    status, _ = unpack(course, {"a_901_1_ps1.zip": inner, "b_902_2_ps1.ipynb": notebook(course)})
    assert status == 1
    assert "no notebook" in reasons(course)["a_901_1_ps1.zip"]
    assert not course.folder("s01").exists()


HOSTILE = {
    "../../a_901_1_up.ipynb": "out of its folder",
    "/tmp/a_901_2_absolute.ipynb": "absolute",
    "C:/a_901_3_drive.ipynb": "absolute",
    "x\\..\\a_901_4_windows.ipynb": "backslash",
    "./a_901_5_here.ipynb": "out of its folder",
    "a_901_6_\x1b[2J.ipynb": "control characters",
}


def test_hostile_names(course: World) -> None:
    outside = set(course.root.parent.rglob("*.ipynb"))
    members = {name: notebook(course) for name in HOSTILE} | {"b_902_9_ps1.ipynb": notebook(course)}
    status, said = unpack(course, members)
    assert status == 1
    assert not course.folder("s01").exists()
    assert f"{ID}.ipynb" in handed_in(course, "s02")
    found = sorted(reasons(course).values())
    assert len(found) == len(HOSTILE)
    assert all(any(reason in each for each in found) for reason in HOSTILE.values())
    assert "\x1b" not in said
    new = set(course.root.parent.rglob("*.ipynb")) - outside
    assert new == {course.folder("s02") / f"{ID}.ipynb"}


def test_names_that_are_one_to_a_file_system(course: World) -> None:
    twins = ["a_901_1_PS.ipynb", "A_901_1_ps.ipynb", "zoe\u0308_902_2_x.ipynb", "zoë_902_2_x.ipynb"]
    status, _ = unpack(
        course, {name: notebook(course, name) for name in twins} | {"a_901_4_y.ipynb": notebook(course)}
    )
    assert status == 1
    assert set(reasons(course).values()) == {"there are two files of this name"}
    assert f"{ID}.ipynb" in handed_in(course, "s01")
    assert not course.folder("s02").exists()


def test_links_and_encrypted_members(course: World) -> None:
    path = course.root / "download.zip"
    with zipfile.ZipFile(path, "w") as file:
        link = zipfile.ZipInfo("a_901_1_link.ipynb")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        file.writestr(link, "/etc/passwd")
        file.writestr("b_902_2_secret.ipynb", notebook(course))
    data = bytearray(path.read_bytes())
    for signature, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.rindex(signature) + at] |= 1
    path.write_bytes(data)
    status, _ = run(course, path, "--lms", "canvas")
    assert status == 1
    assert set(reasons(course).values()) == {"it is a link or a device, not a file", "it is encrypted"}
    assert not (course.root / "submitted").exists()


def test_bombs(course: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """By ratio, by what the header hides, by size of all and by count."""
    zeros = bytes(archive.FREE_RATIO + 1)
    good = {"b_902_2_ps1.ipynb": notebook(course)}
    assert unpack(course, {"a_901_1_bomb.ipynb": zeros} | good)[0] == 1
    assert "would unpack to 10,000,001 bytes" in next(iter(reasons(course).values()))
    assert f"{ID}.ipynb" in handed_in(course, "s02")

    path = zipped(course.root / "lying.zip", {"a_901_1_lie.ipynb": zeros})
    path.write_bytes(path.read_bytes().replace(len(zeros).to_bytes(4, "little"), (100).to_bytes(4, "little")))
    assert run(course, path)[0] == 1
    assert not course.folder("s01").exists()

    with monkeypatch.context() as patched:
        patched.setattr(archive, "MAX_TOTAL", 1000)
        status, said = unpack(course, good)
        assert (status, "unpack to more than" in said) == (2, True)
    with monkeypatch.context() as patched:
        patched.setattr(archive, "MAX_MEMBERS", 3)
        status, said = unpack(course, {f"b_902_{number}_x.ipynb": "" for number in range(4)})
        assert (status, "more than 3 files" in said) == (2, True)


def test_broken_and_foreign_zips(course: World) -> None:
    whole = zip_bytes({"b_902_2_ps1.ipynb": notebook(course)})
    for data in (b"", b"no zip", whole[: len(whole) // 2], whole[:-10]):
        path = course.root / "download.zip"
        path.write_bytes(data)
        status, said = run(course, path)
        assert status == 2
        assert "zip" in said
    status, said = unpack(course, {"whatever.ipynb": notebook(course)})
    assert status == 2
    assert "no file named as by one of these" in said
    assert unpack(course, {"b_902_2_ps1.ipynb": "{"}, "--lms", "ilias")[0] == 2
    assert not (course.root / "submitted").exists()
    # A member whose bytes are damaged costs nobody else.
    members = zip_bytes({"a_901_1_ps1.ipynb": notebook(course), "b_902_2_ps1.ipynb": notebook(course, "2")})
    damaged = bytearray(members)
    damaged[200:220] = bytes(20)
    path.write_bytes(damaged)
    assert run(course, path)[0] == 1
    assert not course.folder("s01").exists()
    assert f"{ID}.ipynb" in handed_in(course, "s02")


def test_names_in_other_encodings_and_a_macs_own_files(course: World) -> None:
    path = course.root / "download.zip"
    name = "älvarezzoë_901_55501_ps1.ipynb"
    with zipfile.ZipFile(path, "w") as file:
        # UTF-8 without the mark that says so, as several LMSs write it.
        file.writestr("x" * len(name.encode()), notebook(course))
        file.writestr("__MACOSX/._b_902_2_ps1.ipynb", b"x")
        file.writestr("._b_902_2_ps1.ipynb", b"x")
    path.write_bytes(path.read_bytes().replace(b"x" * len(name.encode()), name.encode()))
    status, said = run(course, path)
    assert status == 0, said
    assert f"{ID}.ipynb" in handed_in(course, "s01")
    assert name in (course.root / "unpacked" / ID / "placed.csv").read_text()


def test_hostile_file_names_of_students(course: World) -> None:
    """They become names that any file system takes, in the student's own folder."""
    long = "n" * 200
    members = {
        f"ps1_s01_attempt_2026-01-05-15-04-59_{name}": b"x"
        for name in (".bashrc", "CON?.txt", f"{long}.txt", "=cmd|x.csv", "a b .", "tab-name.ipynb")
    }
    members["ps1_s01_attempt_2026-01-05-15-04-59_ps1.ipynb"] = notebook(course)
    status, said = unpack(course, members)
    assert status == 0, said
    names = set(handed_in(course, "s01"))
    assert f"{ID}.ipynb" in names
    assert not [name for name in names if name.startswith(".") or len(name) > 125 or "?" in name]


def test_each_name_of_the_reference_is_known_as_its_lmss(course: World) -> None:
    enrol(course, Person("s03", lms_user_id="1501"))
    lines = (SAMPLES / "submission-names.txt").read_text().splitlines()
    by_lms: dict[str, dict[str, bytes]] = {}
    for line in lines[1:]:
        lms, name = line.split("\t")
        by_lms.setdefault(lms, {})[name] = notebook(course) if name.endswith(".ipynb") else b""
    for lms, members in by_lms.items():
        _, said = unpack(course, members)
        title = {"brightspace": "D2L Brightspace", "blackboard": "Blackboard Learn"}.get(
            lms, lms.capitalize()
        )
        assert f"{title}:" in said, said
        assert not [reason for reason in reasons(course).values() if "names no file like this" in reason]


def test_names_that_two_lmss_could_have_given(course: World) -> None:
    """A title with two numbers in it makes Blackboard's names look like Canvas's."""
    name = "lab_1_2_{}_attempt_2026-01-05-15-04-59_x.ipynb"
    status, said = unpack(course, {name.format(student): notebook(course) for student in ("s01", "s02")})
    assert status == 0
    assert "Blackboard Learn:" in said


def test_the_inner_folder_of_sakais_download(course: World) -> None:
    folder = course.root / "download"
    inner = folder / "Älvarez, Zoë(s01)" / "Submission attachment(s)"
    inner.mkdir(parents=True)
    (inner / "ps1.ipynb").write_bytes(notebook(course))
    status, said = run(course, folder)
    assert status == 0, said
    assert f"{ID}.ipynb" in handed_in(course, "s01")


def test_two_students_of_one_name(course: World) -> None:
    """Ids tell them apart; a Moodle participant's number that is another one's id does not."""
    enrol(course, Person("s03", "Zoë", "Älvarez", "", "903"))
    members = {
        "älvarezzoë_903_1_x.ipynb": notebook(course, "3"),
        "älvarezzoë_901_2_x.ipynb": notebook(course, "1"),
    }
    assert unpack(course, members)[0] == 0
    assert handed_in(course, "s03")[f"{ID}.ipynb"] == notebook(course, "3")
    assert handed_in(course, "s01")[f"{ID}.ipynb"] == notebook(course, "1")
