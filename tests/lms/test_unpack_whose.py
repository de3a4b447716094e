"""autograder unpack: whose each file of a download is, LMS by LMS."""

import time

import pytest

from autograder.gradebook.people import Person
from tests.conftest import ID, World
from tests.lms.class_of import enrol
from tests.lms.files import SAMPLES, sample
from tests.lms.unpacked import fill_in, handed_in, notebook, reasons, run, unpack


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


def test_who_is_written_in_keeps_the_time_that_the_worksheet_says(course: World) -> None:
    worksheet = course.root / "worksheet.csv"
    worksheet.write_bytes(
        sample("moodle-worksheet-before.csv").replace(b"for grading - ", b"for grading - 2 days late")
    )
    members = {"Team A_33_assignsubmission_file/ps1.ipynb": notebook(course)}
    assert unpack(course, members, "--who", str(worksheet))[0] == 1
    table = fill_in(course, {"Team A": "s01"})
    for files in ([worksheet, table], [table, worksheet]):
        status, said = unpack(course, members, *(word for file in files for word in ("--who", str(file))))
        assert status == 0, said
        assert handed_in(course, "s01")["timestamp.txt"] == b"2026-01-05 14:04:00.000000 UTC\n"
        assert ",late," in (course.root / "unpacked" / ID / "placed.csv").read_text()


def test_another_assignments_worksheet_makes_nobody_somebody_else(course: World) -> None:
    """Participants' numbers are others in each assignment, and a team's may be anybody's: Moodle's own names disagree."""
    worksheet = course.root / "worksheet.csv"
    worksheet.write_text(
        'Identifier,"Full name","Email address",Grade,"Last modified (grade)"\n'
        '"Participant 701","Bo O\'Neil, Jr.",s02@uni.example,,-\n"Participant 702","Zoë Älvarez",s01@uni.example,,-\n'
    )
    name = "{}_assignsubmission_file/ps1.ipynb"
    wrong = {name.format(who): notebook(course) for who in ("Zoë Älvarez_701", "Team A_702")}
    status, said = unpack(course, wrong, "--who", str(worksheet))
    assert (status, "seems to be another assignment's" in said) == (2, True), said
    assert not (course.root / "submitted").exists()
    team = name.format("Team A_702")
    assert unpack(course, {team: notebook(course)}, "--who", str(worksheet))[0] == 1
    assert not (course.root / "submitted").exists()
    assert reasons(course)[team] == (
        "its name is not that of its number in the file given with --who, which is Zoë Älvarez: is it a team's, or of "
        "another assignment?"
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
    assert (
        "s01: the last attempt with a notebook was taken, 2 of 3; a later one (2026-07-07-00-00-00) has none"
        in said
    )


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
    name = "{}-90210 - {} - Jan 5, 2026 304 PM/ps1.ipynb"
    stranger = name.format("777-902", "Bo O'Neil")
    assert unpack(course, {stranger: notebook(course)})[0] == 1
    assert not (course.root / "submitted").exists()
    assert "which part of its name is the id" in reasons(course)[stranger]
    enrol(course, Person("s03", "Cy", "Young", lms_user_id="903"))
    named = {"901-1": "Zoë Älvarez", "903-2": "Cy Young", "777-902": "Bo O'Neil"}
    members = {name.format(ids, who): notebook(course, ids) for ids, who in named.items()}
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
