"""autograder unpack: which of a student's attempts is taken, and what is told of their times."""

import csv

import pytest

from autograder.gradebook.people import Person
from tests.conftest import ID, World
from tests.lms.class_of import enrol
from tests.lms.unpacked import fill_in, handed_in, notebook, reasons, unpack
from tests.lms.zips import zipped

ZOES = "901-90210 - Zoë - {}, 2026 {}/{}"
BOS = "902-90210 - Bo - {}, 2026 304 PM/ps1.ipynb"


def placed(world: World) -> dict[str, dict[str, str]]:
    with (world.root / "unpacked" / ID / "placed.csv").open(newline="") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


@pytest.mark.parametrize(
    ("times", "unread"),
    [
        (["Nov 3", "Dez 4"], "Dez 4, 2026 304 PM"),
        (["Dez 10", "Dez 4"], "Dez 10, 2026 304 PM, Dez 4, 2026 304 PM"),
    ],
)
def test_attempts_that_cannot_be_ordered_are_not_guessed(
    course: World, times: list[str], unread: str
) -> None:
    """A month in another language is no earlier than any other; which one counts is written in by hand."""
    names = [ZOES.format(time, "304 PM", "ps1.ipynb") for time in times]
    members = {name: notebook(course, name) for name in names} | {BOS.format("Nov 4"): notebook(course)}
    status, said = unpack(course, members)
    assert (status, course.course.students(course.assignment)) == (1, ["s02"])
    assert f"which of 2 attempts is the last is not known: these times cannot be read: {unread}" in said
    assert set(reasons(course)) == set(names)
    for name in names:
        assert unpack(course, members)[0] == 1
        table = fill_in(course, {name: "s01"})
        assert unpack(course, members, "--who", str(table))[0] == 0
        assert handed_in(course, "s01")[f"{ID}.ipynb"] == notebook(course, name)


def test_attempts_of_which_nothing_says_when_are_not_guessed(course: World) -> None:
    """Canvas says no times: one with another number of a user is neither the first nor the last."""
    members = {
        "älvarezzoë_901_5_ps1.ipynb": notebook(course, "1"),
        "z_777_6_ps1.ipynb": notebook(course, "2"),
    }
    ids = course.root / "ids.csv"
    enrol(course, Person("s03"))
    ids.write_text("student,lms_id,name,member,reason,file\ns01,777,,,,\n")
    status, said = unpack(course, members, "--who", str(ids))
    assert (status, (course.root / "submitted").exists()) == (1, False)
    assert "nothing says when they were handed in" in said


def test_a_time_that_cannot_be_read_is_told_also_where_none_can(course: World) -> None:
    members = {
        ZOES.format("Dez 3", "1105 PM", "ps1.ipynb"): notebook(course),
        BOS.format("Dez 4"): notebook(course),
    }
    status, said = unpack(course, members)
    assert status == 0
    told = "s01: the LMS's time could not be read, so nothing is taken off for lateness: Dez 3, 2026 1105 PM"
    assert told in said.replace("; ", "\n")
    assert "Times without a zone" not in said
    assert "Dez 3, 2026 1105 PM" in placed(course)["s01"]["note"]


def test_sakais_time_that_cannot_be_read_is_told(course: World) -> None:
    folder = "ps1/Älvarez, Zoë(s01)"
    members = {
        f"{folder}/Submission attachment(s)/ps1.ipynb": notebook(course),
        f"{folder}/timestamp.txt": "5 janv. 2026 15:04\n",
    }
    assert "for lateness: 5 janv. 2026 15:04" in unpack(course, members)[1]


def test_canvas_says_no_times_and_nothing_is_told_of_them(course: World) -> None:
    said = unpack(course, {"älvarezzoë_901_5_ps1.ipynb": notebook(course)})[1]
    assert "Times without a zone" not in said
    assert "the LMS's time" not in said


def test_a_worksheets_time_that_cannot_be_read_is_told(course: World) -> None:
    worksheet = course.root / "worksheet.csv"
    worksheet.write_text(
        'Identifier,"Full name","Email address",Grade,"Last modified (submission)","Last modified (grade)"\n'
        '"Participant 701","Zoë Älvarez",s01@uni.example,,"Mittwoch, 7. Januar 2026, 15:04",-\n'
    )
    members = {"Zoë Älvarez_701_assignsubmission_file/ps1.ipynb": notebook(course)}
    status, said = unpack(course, members, "--who", str(worksheet))
    assert (status, "for lateness: Mittwoch, 7. Januar 2026, 15:04" in said) == (0, True), said


def test_a_later_attempt_without_a_notebook_is_told_and_kept(course: World) -> None:
    name = "ps1_{}_attempt_2026-01-0{}-15-04-59{}"
    members = {
        name.format("s01", 1, "_x.ipynb"): notebook(course, "0"),
        name.format("s01", 5, "_x.ipynb"): notebook(course, "1"),
        name.format("s01", 6, "_answer.pdf"): b"%PDF",
        name.format("s01", 6, ".txt"): "Name: Zoë (s01)",
        name.format("s02", 5, "_x.ipynb"): notebook(course),
    }
    status, said = unpack(course, members)
    told = "the last attempt with a notebook was taken, 2 of 3; a later one (2026-01-06-15-04-59) has none"
    assert (status, f"s01: {told}" in said) == (1, True), said
    assert told in placed(course)["s01"]["note"]
    assert handed_in(course, "s01")[f"{ID}.ipynb"] == notebook(course, "1")
    assert reasons(course) == {
        name.format(
            "s01", 6, "_answer.pdf"
        ): "s01 handed it in later than the notebook, and no notebook with it"
    }
    # Where nothing but what was typed in came later, there is no file to look at.
    del members[name.format("s01", 6, "_answer.pdf")]
    status, said = unpack(course, members)
    assert (status, told in said) == (0, True), said


def test_where_no_attempt_has_a_notebook_all_are_kept(course: World) -> None:
    name = "ps1_s01_attempt_2026-01-0{}-15-04-59_{}"
    members = {name.format(1, "perceptron.docx"): b"PK", name.format(5, "readme.pdf"): b"%PDF"}
    assert unpack(course, members)[0] == 1
    assert reasons(course) == {
        name.format(
            1, "perceptron.docx"
        ): "s01 handed it in with an earlier attempt, and no notebook with any",
        name.format(5, "readme.pdf"): "there is no notebook in what s01 handed in",
    }


def test_who_handed_in_nothing_at_sakai_is_not_told(course: World) -> None:
    """Sakai has a folder for everybody."""
    enrol(course, Person("s03", "Cy", "Young"))
    members: dict[str, bytes | str] = {
        "ps1/Älvarez, Zoë(s01)/Submission attachment(s)/ps1.ipynb": notebook(course)
    }
    for folder in ("ps1/O'Neil, Jr., Bo(s02)", "ps1/Young, Cy(s03)"):
        members |= {f"{folder}/{name}": "" for name in ("comments.txt", "feedbackText.html")}
    members["ps1/Young, Cy(s03)/timestamp.txt"] = ""
    members["ps1/Young, Cy(s03)/Young, Cy(s03)_submissionText.html"] = ""
    status, said = unpack(course, members)
    assert (status, "s02" in said, "s03" in said) == (0, False, False), said


FRENCH = "1501-77 - Zoë - {} janv. 2026 15 h 04 - x.ipynb"


def table_of(world: World) -> list[dict[str, str]]:
    with (world.root / "unpacked" / ID / "unplaced.csv").open(newline="") as file:
        return list(csv.DictReader(file))


def choose(world: World, member: str, student: str = "s01") -> None:
    """Write the student into the blank row of a file."""
    rows = table_of(world)
    (row,) = [each for each in rows if each["member"] == member and not each["student"]]
    row["student"] = student
    with (world.root / "unpacked" / ID / "unplaced.csv").open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


@pytest.mark.parametrize("chosen", [20, 25])
@pytest.mark.parametrize("is_copy", [True, False])
def test_what_was_written_in_does_not_choose_among_later_attempts(
    course: World, chosen: int, *, is_copy: bool
) -> None:
    """It says whose the number is; of attempts that came since, nobody was asked."""
    names = {day: FRENCH.format(day) for day in (20, 25, 28)}
    works = {name: notebook(course, name) for name in names.values()}
    first = {names[20]: works[names[20]]}
    unpack(course, first)
    table = fill_in(course, {"1501": "s01"})
    copy = course.root / "who.csv"
    copy.write_bytes(table.read_bytes())
    who = ["--who", str(copy if is_copy else table)]
    assert unpack(course, first, *who)[0] == 0
    both = first | {names[25]: works[names[25]]}
    for _ in range(2):
        status, said = unpack(course, both, *who)
        assert (status, "which of 2 attempts is the last is not known" in said) == (1, True), said
        assert handed_in(course, "s01")[f"{ID}.ipynb"] == works[names[20]]
        assert [row["member"] for row in table_of(course) if not row["student"]] == [names[20], names[25]]
        (old,) = [row for row in table_of(course) if row["student"] == "s01"]
        assert old["member"] == names[20]
        assert "was written in before there was another attempt" in old["reason"]
    choose(course, names[chosen])
    for _ in range(2):
        status, said = unpack(course, both, *who, "--who", str(table))
        assert (status, "the one that was written in was taken" in said) == (0, True), said
        assert handed_in(course, "s01")[f"{ID}.ipynb"] == works[names[chosen]]
    # A third one is asked about anew, and what was written in stays.
    assert unpack(course, works, *who, "--who", str(table))[0] == 1
    assert [row["member"] for row in table_of(course) if not row["student"]] == list(names.values())
    choose(course, names[28])
    assert unpack(course, works, *who, "--who", str(table))[0] == 0
    assert handed_in(course, "s01")[f"{ID}.ipynb"] == works[names[28]]


def test_an_older_choice_gives_no_page_for_a_later_attempt(course: World) -> None:
    first = {FRENCH.format(20): notebook(course)}
    unpack(course, first)
    table = fill_in(course, {"1501": "s01"})
    assert unpack(course, first, "--who", str(table))[0] == 0
    assert course.run("grade", ID).status == 0
    download, out = course.root / "again.zip", course.root / "out.zip"
    zipped(download, first | {FRENCH.format(25): notebook(course, "2")})
    ran = course.run(
        "feedback", ID, "--provisional", "--return", str(download), "-o", str(out), "--who", str(table)
    )
    assert (ran.status, out.exists()) == (2, False), ran.out
    assert "s01: which of 2 attempts is the last is not known" in ran.err
