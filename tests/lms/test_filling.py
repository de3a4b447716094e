"""Grades into the LMSs' own files: only target cells change, and nothing is lost in silence."""

import csv
import io
from datetime import datetime
from decimal import Decimal

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autograder.errors import InstructorError
from autograder.gradebook.people import Person
from autograder.lms.choosing import Wanted
from autograder.lms.filling import plan
from autograder.lms.numbers import read_number, write_number
from tests.lms.files import COLUMNS, HEADERS, NOW, built, classmates, document, planned, sample, standing

CLASS = classmates(
    Person("s01", email="s01@uni.example", lms_user_id="901"), Person("s02", email="s02@uni.example")
)
FORMATS = sorted(HEADERS)


@pytest.mark.parametrize(
    ("name", "scores"),
    [
        ("moodle-gradebook.csv", {"s01": 17.5, "s02": 0.0}),
        ("blackboard.xls", {"s01": 17.5, "s02": 0.0}),
        ("brightspace.csv", {"s01": 17.5, "s02": 0.0}),
        ("canvas.csv", {"s01": 17.5, "s02": None}),
    ],
)
def test_samples_are_filled_as_the_lms_wants_them(name: str, scores: dict) -> None:
    before, after = (sample(name.replace(".", f"-{when}.")) for when in ("before", "after"))
    # The second student of Canvas's sample was excused by hand.
    assert planned(before, scores, CLASS).filled() == after.replace(b"1,EX,", b"1,,")


@pytest.mark.parametrize("name", ["moodle-worksheet", "sakai"])
def test_samples_with_comments(name: str) -> None:
    """The samples' comments are other people's words: their places and quotes are what counts."""
    said = {"moodle-worksheet": b"<p>Q2: see file</p>", "sakai": b"see feedback"}[name]
    rows = [standing("s01", 17.5), standing("s02", 0.0)]
    made = plan(document(sample(f"{name}-before.csv")), rows, CLASS, Wanted(remarks=True), NOW)
    ours = {"moodle-worksheet": b"<p>task: %s of 20 points.</p>", "sakai": b"task: %s of 20 points."}[name]
    expected = sample(f"{name}-after.csv").replace(said, ours % b"17.5")
    # The sample leaves the second comment empty.
    ends = {"moodle-worksheet": (b"Yes,-,-,\n", b'Yes,-,-,"%s"\n'), "sakai": (b'"0",""', b'"0","%s"')}[name]
    assert made.filled() == expected.replace(ends[0], ends[1] % (ours % b"0"))
    assert made.remarks == 2


@pytest.mark.parametrize("lms", FORMATS)
@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(data=st.data())
def test_every_other_byte_stays(lms: str, data: st.DataObject) -> None:
    """Whatever names, quotes, line ends and encodings a file has."""
    file = data.draw(built(lms))
    cents = {student: data.draw(st.none() | st.integers(0, 2000)) for student in file.places}
    scores = {student: None if number is None else number / 100 for student, number in cents.items()}
    made = planned(file.data(), scores, lms=lms, column=HEADERS[lms][COLUMNS[lms]])
    assert not made.doubts
    least = 0 if lms in ("brightspace", "sakai") else 2
    comma = file.delimiter == ";" and lms in ("brightspace", "sakai")
    texts = {
        student: write_number(Decimal(number) / 100, least=least, most=2, comma=comma)
        for student, number in cents.items()
        if number is not None
    }
    assert made.filled() == file.with_cells(texts)


@given(st.integers(-(10**7), 10**7), st.booleans())
def test_numbers_are_read_as_they_are_written(hundredths: int, comma: bool) -> None:
    number = Decimal(hundredths) / 100
    for least in (0, 2):
        assert read_number(write_number(number, least=least, most=2, comma=comma)) == number


def test_a_thousand_is_read_as_canvas_reads_it() -> None:
    """Its importer takes the last separator for the decimal point."""
    assert read_number("1,000") == 1
    assert read_number("17.5%") == Decimal("17.5")
    assert read_number("EX") is None


@pytest.mark.parametrize("lms", FORMATS)
def test_a_second_run_changes_nothing(lms: str) -> None:
    name = f"{lms}-before.{'xls' if lms == 'blackboard' else 'csv'}"
    scores = {"s01": 17.5, "s02": 3.0}
    filled = planned(sample(name), scores, CLASS).filled()
    again = planned(filled, scores, CLASS)
    assert again.filled() == filled
    assert (again.same, again.changes, again.doubts) == (2, [], [])


def canvas(
    *rows: str, points: str = "20.00", header: str = "Student,ID,SIS User ID,SIS Login ID,Section,ps1 (12)"
) -> bytes:
    return "\n".join([header, f"    Points Possible,,,,,{points}", *rows, ""]).encode()


def test_what_is_told_before_anything_is_written() -> None:
    data = canvas(
        '"A, B",901,s01,s01,Sec,12',
        '"C, D",902,s02,s02,Sec,EX',
        '"E, F",903,s03,s03,Sec,N/A',
        '"Student, Test",999,,7f3a,Sec,',
        '"G, H",904,s04,s04,Sec,3',
    )
    made = planned(data, {"s01": 17.5, "s02": 1.0, "s03": 2.0, "s04": 3.0, "s05": 4.0, "s06": None})
    assert made.matched == 4
    assert [(change.student, change.old, change.new) for change in made.overwrites] == [
        ("s01", "12", "17.50")
    ]
    assert made.same == 1
    assert made.doubts == ["graded, but not found in the file: s05"]
    told = " ".join(made.told)
    assert "s02 is excused" in told
    assert "s03 has not been given the assignment" in told
    assert "999" in told
    assert "7f3a" in told
    assert made.filled() == data.replace(b"Sec,12\n", b"Sec,17.50\n")


def test_excused_and_missing_cells_stay() -> None:
    data = canvas('"A",1,,s01,Sec,EX', '"B",2,,s02,Sec,', '"C",3,,s03,Sec,ex')
    assert planned(data, {"s01": 5.0, "s02": None, "s03": None}).filled() == data
    zeros = planned(data, {"s01": 5.0, "s02": None, "s03": None}, missing_is_zero=True)
    assert zeros.filled() == data.replace(b"s02,Sec,", b"s02,Sec,0.00")


def test_more_than_the_maximum_never_goes_out() -> None:
    data = canvas('"A",1,,s01,Sec,', '"B",2,,s02,Sec,')
    made = planned(data, {"s01": 5.0, "s02": 20.01})
    assert made.doubts == ["s02 has 20.01 of 20 points, which does not go out"]
    assert made.filled() == data.replace(b"s01,Sec,", b"s01,Sec,5.00")


def test_another_maximum_is_an_error_unless_it_is_wanted() -> None:
    data = canvas('"A",1,,s01,Sec,', points="100")
    with pytest.raises(InstructorError, match=r"at most 100 .* has 20\..*--rescale"):
        planned(data, {"s01": 17.5})
    assert b"s01,Sec,87.50\n" in planned(data, {"s01": 17.5}, rescale=True).filled()


def test_a_worksheet_has_a_maximum_in_each_row() -> None:
    data = sample("moodle-worksheet-before.csv").replace(b"20.00", b"10.00")
    with pytest.raises(InstructorError, match="--rescale"):
        planned(data, {"s01": 17.5}, CLASS)
    assert b'- ",8.75,10.00' in planned(data, {"s01": 17.5}, CLASS, rescale=True).filled()


def test_locked_and_scaled_worksheets() -> None:
    data = sample("moodle-worksheet-before.csv")
    locked = planned(data.replace(b"20.00,Yes", b"20.00,No"), {"s01": 1.0}, CLASS)
    assert "locked" in locked.doubts[0]
    assert not locked.edits
    with pytest.raises(InstructorError, match="scale"):
        planned(data.replace(b'"Maximum grade"', b"Scale"), {"s01": 1.0}, CLASS)


def test_a_comment_that_is_there_is_never_touched() -> None:
    data = sample("moodle-worksheet-before.csv").replace(b"Yes,-,-,\n", b'Yes,-,-,"<p>kept</p>"\n')
    made = planned(data, {"s01": 1.0, "s02": 2.0}, CLASS, remarks=True)
    assert b"<p>kept</p>" in made.filled()
    assert made.remarks == 1
    assert any("were kept: 1" in text for text in made.told)


def test_comments_run_nothing() -> None:
    """What a person or a check said is text in the LMS's page, and no formula in a spreadsheet."""
    row = standing(
        "s01", 1.0, comments={"task": "=cmd|' /C calc'!A0 <script>alert(1)</script>", "=other": "x"}
    )
    html = plan(
        document(sample("moodle-worksheet-before.csv")), [row], CLASS, Wanted(remarks=True), NOW
    ).filled()
    assert b"<script" not in html
    plain = plan(document(sample("sakai-before.csv")), [row], CLASS, Wanted(remarks=True), NOW).filled()
    cells = [cell for line in csv.reader(io.StringIO(plain.decode("utf-8-sig"))) for cell in line]
    assert not [cell for cell in cells if cell.startswith(("=", "+", "@"))]


def test_stale_files() -> None:
    data = sample("moodle-gradebook-before.csv")
    assert "more than a year ago" in planned(data, {"s01": 1.0}, CLASS, now=NOW + 400 * 86_400).doubts[0]
    assert "in the future" in planned(data, {"s01": 1.0}, CLASS, now=NOW - 400 * 86_400).doubts[0]
    assert not planned(data, {"s01": 1.0}, CLASS).doubts


def test_rows_that_moodle_would_take_for_the_one_before() -> None:
    """An empty key inherits the row before: which column is to be mapped is told; where none is whole, it is in doubt."""
    header = "First name,Last name,ID number,Email address,Assignment: ps1 (Real)\n"
    data = f"{header}Zoë,Ä,s01,s01@uni.example,-\nBo,O,,s02@uni.example,-\n".encode()
    made = planned(data, {"s01": 1.0, "s02": 2.0}, CLASS)
    assert not made.doubts
    assert any("where 'ID number' is mapped and empty: map 'Email address'" in text for text in made.told)
    made = planned(data.replace(b"s01@uni.example", b""), {"s01": 1.0, "s02": 2.0}, CLASS)
    assert len(made.doubts) == 1
    assert "no column that says whose a row is is filled in every row" in made.doubts[0]


def test_work_that_was_handed_in_again() -> None:
    """The worksheet knows of a later submission than the one that was graded: the score may be out of date."""
    data = sample(
        "moodle-worksheet-before.csv"
    )  # s01: 5 January 2026, 3:04 PM, in a zone that it does not say
    for day, doubts in ((3, 1), (5, 0)):
        row = standing("s01", 1.0, timestamp=datetime(2026, 1, day, 9))
        made = plan(document(data), [row], CLASS, Wanted(), NOW)
        assert len(made.doubts) == doubts
        assert len(made.changes) == 1 - doubts, (
            "a score of older work is not certain, also where doubts are set aside"
        )
    assert not planned(data, {"s01": 1.0}, CLASS).doubts


def test_decimal_commas() -> None:
    """A file's own style: by its numbers, else by the semicolons that such files have."""
    data = (
        b'"Student ID";"Student Name";"ps1 [20,00]";"quiz [5]"\r\n"s01";"A";"";"3,5"\r\n"s02";"B";"";"4"\r\n'
    )
    assert b'"A";"17,5";"3,5"' in planned(data, {"s01": 17.5, "s02": 4.0}, column="ps1").filled()
    point = data.replace(b"3,5", b"3.5").replace(b"20,00", b"20.00")
    assert b'"A";"17.5";"3.5"' in planned(point, {"s01": 17.5, "s02": 4.0}, column="ps1").filled()
    comma = (
        b"Username,Last Name,ps1 Points Grade <Numeric MaxPoints:20>,q Points Grade <Numeric MaxPoints:5>,"
        b'End-of-Line Indicator\n#s01,B,,"3,5",#\n'
    )
    assert b's01,B,"17,5","3,5"' in planned(comma, {"s01": 17.5}, column="ps1").filled()
    # Moodle takes a point whatever the language, and a comma only in some.
    moodle = b"First name;Surname;ID number;Assignment: ps1 (Real);Quiz: q (Real)\nA;B;s01;-;3,50\n"
    assert b"s01;17.50;3,50" in planned(moodle, {"s01": 17.5}, column="ps1").filled()
    # Canvas reads the last separator as the point, and writes its own.
    semicolons = b"Student;ID;SIS Login ID;Section;ps1 (1)\n    Points Possible;;;;20,0\nA;1;s01;S;\n"
    assert b"s01;S;17.50" in planned(semicolons, {"s01": 17.5}).filled()


@pytest.mark.parametrize("total", ["1,250", "1.250", "1,250,000"])
@pytest.mark.parametrize("delimiter", ["\t", ";"])
def test_thousands_are_no_decimals(total: str, delimiter: str) -> None:
    """An English total of more than a thousand makes no comma a decimal one, nor a semicolon in Blackboard's file."""
    columns = f'"ps1 [Total Pts: 20 Score] |12"{delimiter}"Total [Total Pts: up to {total} Score] |99"'
    people = delimiter.join(('"Last Name"', '"First Name"', '"Username"'))
    row = delimiter.join(('"A"', '"B"', '"s01"', '""', f'"{total}"'))
    data = f"{people}{delimiter}{columns}\n{row}\n".encode()
    assert f'"s01"{delimiter}"17.50"'.encode() in planned(data, {"s01": 17.5}).filled()


@pytest.mark.parametrize("total", ["1,250", "1.250"])
def test_thousands_do_not_outvote_the_files_own_style(total: str) -> None:
    sakai = (
        f'"Student ID";"Student Name";"ps1 [20]";"q [5]";"r [2000]"\n"s01";"A";"";"3,5";"{total}"\n'.encode()
    )
    assert b'"A";"17,5";"3,5"' in planned(sakai, {"s01": 17.5}).filled()
    point = sakai.replace(b'"3,5"', b'"3.5"')
    assert b'"A";"17.5";"3.5"' in planned(point, {"s01": 17.5}).filled()


def blackboard_of(most: str, other: str, cell: str = "") -> bytes:
    """Give a file with an item of so many points, and another student's points in another item."""
    return (
        f'"Last Name"\t"First Name"\t"Username"\t"ps1 [Total Pts: {most} Score] |12"\t"q [Total Pts: 50 Score] |13"\n'
        f'"A"\t"B"\t"s01"\t"{cell}"\t"{other}"\n'
    ).encode()


@pytest.mark.parametrize(
    ("most", "other", "meant"),
    [
        ("1,250", "", 1250),
        ("1,250", "17.50", 1250),
        ("1.250", "17,50", 1250),
        ("1.250", "", 1250),
        ("1,250,000", "", 1250000),
        ("1,250.50", "", 1250.5),
        ("1.250,50", "", 1250.5),
        ("1\u202f250,50", "", 1250.5),
        ("1.250", "17.50", 1.25),
        ("1,250", "17,50", 1.25),
        ("0.250", "", 0.25),
        ("12,5", "", 12.5),
        ("12.5", "", 12.5),
    ],
)
def test_a_maximum_of_more_than_a_thousand(most: str, other: str, meant: float) -> None:
    """By the file's own decimal style; where nothing says it, three digits behind a separator are thousands."""
    data = blackboard_of(most, other)
    assert planned(data, {"s01": meant}, max_score=meant).changes
    with pytest.raises(InstructorError, match=f"at most {meant:.10g} points"):
        planned(data, {"s01": 1.0}, max_score=7.0)
    brightspace = (
        f'Username,"ps1 Points Grade <Numeric MaxPoints:{most}>",q Points Grade <Numeric MaxPoints:50>,'
        f'End-of-Line Indicator\n#s01,,"{other}",#\n'
    ).encode()
    assert planned(brightspace, {"s01": meant}, max_score=meant).changes


@pytest.mark.parametrize(
    ("cell", "other"), [("1,250.00", ""), ("1.250,00", ""), ("1,250", "3.50"), ("1.250", "")]
)
def test_a_thousand_that_is_there_already_is_no_other_score(cell: str, other: str) -> None:
    made = planned(blackboard_of("2000", other, cell), {"s01": 1250.0}, max_score=2000.0)
    assert (made.same, made.overwrites) == (1, [])


def test_moodle_writes_no_thousands() -> None:
    """It may be set to three decimal places."""
    data = sample("moodle-worksheet-before.csv").replace(b"20.00", b"20.000").replace(b"20.000", b"1.250", 1)
    assert planned(data, {"s01": 1.0}, CLASS, max_score=1.25).changes


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("Final Grade project (12)", "takes for a total"),
        ("Override Score (1)", "takes for a total"),
        ("Unposted Current Score", "takes for a total"),
    ],
)
def test_columns_that_canvas_throws_away(header: str, reason: str) -> None:
    data = canvas('"A",1,,s01,Sec,', header=f"Student,ID,SIS User ID,SIS Login ID,Section,{header}")
    with pytest.raises(InstructorError, match=reason):
        planned(data, {"s01": 1.0}, column=header)


def test_read_only_columns() -> None:
    with pytest.raises(InstructorError, match="read only"):
        planned(canvas('"A",1,,s01,Sec,', points="(read only)"), {"s01": 1.0}, column="ps1")
    blackboard = sample("blackboard-before.xls").decode("utf-16")
    for display, reason in (("up to 20 Score", "calculated"), ("20 Letter", "Letter"), ("20 Text", "Text")):
        data = blackboard.replace("20 Score", display).encode("utf-16")
        with pytest.raises(InstructorError, match=reason):
            planned(data, {"s01": 1.0}, CLASS, column="ps1")
    brightspace = sample("brightspace-before.csv").replace(b"<Numeric", b"<Calculated")
    with pytest.raises(InstructorError, match="Calculated"):
        planned(brightspace, {"s01": 1.0}, CLASS, column="ps1")


def test_columns_of_the_same_name() -> None:
    header = "Student,ID,SIS User ID,SIS Login ID,Section,ps1 (12),ps1 (13)"
    row, points = '"A",1,,s01,Sec,,', "20.00,20.00"
    data = canvas(row, header=header, points=points)
    with pytest.raises(InstructorError, match=r"several columns 'ps1'.*ps1 \(12\).*ps1 \(13\)"):
        planned(data, {"s01": 1.0}, column="ps1")
    for name in ("13", "ps1 (13)"):
        assert b"s01,Sec,,1.00" in planned(data, {"s01": 1.0}, column=name).filled()
    twice = canvas(row, header=header.replace("13", "12"), points=points)
    for name in ("12", "ps1", "ps1 (12)"):
        with pytest.raises(InstructorError, match="several columns"):
            planned(twice, {"s01": 1.0}, column=name)


def test_the_column_is_never_guessed_among_several() -> None:
    header = "Student,ID,SIS User ID,SIS Login ID,Section,hw1 (12),hw2 (13)"
    data = canvas('"A",1,,s01,Sec,,', header=header, points="20,20")
    with pytest.raises(InstructorError, match=r"--column.*hw1 \(12\).*hw2 \(13\)"):
        planned(data, {"s01": 1.0})
    assert b"Sec,,1.00" in planned(data, {"s01": 1.0}, likely_columns=("perceptron", "HW2")).filled()


def test_the_only_column_is_taken_and_told() -> None:
    data = canvas('"A",1,,s01,Sec,', header="Student,ID,SIS User ID,SIS Login ID,Section,hw12 (12)")
    made = planned(data, {"s01": 1.0}, likely_columns=("perceptron",))
    assert any("'hw12 (12)' was taken, the only one" in text for text in made.told)
    assert b"s01,Sec,1.00" in made.filled()


def test_ids_that_do_not_agree_are_not_guessed() -> None:
    data = canvas('"A",1,s02,s01,Sec,', '"B",2,,s03,Sec,')
    made = planned(data, {"s01": 1.0, "s02": 2.0, "s03": 3.0})
    assert "may be s01 or s02" in made.doubts[0]
    assert made.filled() == data.replace(b"s03,Sec,", b"s03,Sec,3.00")
    by_login = planned(data, {"s01": 1.0, "s02": 2.0, "s03": 3.0}, key="SIS Login ID")
    assert b"s01,Sec,1.00" in by_login.filled()


def test_duplicate_ids() -> None:
    data = canvas('"A",1,,s01,Sec,', '"B",2,,s01,Sec,', '"C",3,,s02,Sec,')
    made = planned(data, {"s01": 1.0, "s02": 2.0})
    assert made.doubts == ["s01 is in several rows: 3, 4"]
    assert made.filled() == data.replace(b"s02,Sec,", b"s02,Sec,2.00")


def test_ids_with_leading_zeros_and_case() -> None:
    data = canvas('"A",1,,007,Sec,', '"B",2,,S02,Sec,', '"C",3,,"=""0042""",Sec,')
    made = planned(data, {"007": 1.0, "s02": 2.0, "0042": 3.0})
    assert made.matched == 3
    lost = canvas('"A",1,,7,Sec,')
    with pytest.raises(InstructorError, match="leading zeros"):
        planned(lost, {"007": 1.0})
    with pytest.raises(InstructorError, match="autograder roster"):
        planned(lost, {"zoe": 1.0})


def test_names_match_nobody() -> None:
    people = classmates(Person("s01", first_name="Bo", last_name="Neil"))
    with pytest.raises(InstructorError, match="nobody in it is in the class"):
        planned(canvas('"Neil, Bo",1,x,y,Sec,'), {"s01": 1.0}, people)


def test_addresses_of_one_domain_begin_with_ids() -> None:
    data = sample("moodle-worksheet-before.csv")
    assert planned(data, {"s01": 1.0, "s02": 2.0}).matched == 2
    foreign = data.replace(b"s02@uni.example", b"s02@elsewhere.example")
    with pytest.raises(InstructorError, match="nobody"):
        planned(foreign, {"s01": 1.0, "s02": 2.0})


@pytest.mark.parametrize("encoding", ["cp1252", "utf-16", "utf-16-le", "utf-8-sig"])
def test_encodings_stay(encoding: str) -> None:
    text = sample("moodle-gradebook-before.csv").decode()
    filled = planned(text.encode(encoding), {"s01": 17.5, "s02": 0.0}, CLASS).filled()
    assert filled == sample("moodle-gradebook-after.csv").decode().encode(encoding)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "empty"),
        (b"PK\x03\x04 a workbook", "Excel"),
        (b"just a text\nof two lines\n", "no header"),
        (b"id;score\n1;2\n", "no header"),
        (canvas('"A",1,,s01,Sec,', '"B",2,,s0'), "cut off"),
        (canvas('"A",1,,s01,Sec,', '"B'), "cut off"),
        (canvas('"A",1,,s01,Sec,').split(b"\n", 1)[1], "no header"),
        (canvas('"A",1,,s01,Sec,') * 2, "a second time"),
        (canvas(), "no students"),
        (sample("blackboard-before.xls")[:-3], "UTF-16"),
        ("\u0100".encode("utf-16-be") + b"\x81\x8d\xff", "cannot be read|no header|not a text"),
        (sample("gradescope-roster.csv"), "no column for points"),
    ],
)
def test_wrong_and_broken_files(data: bytes, reason: str) -> None:
    with pytest.raises(InstructorError, match=reason):
        planned(data, {"s01": 1.0, "s02": 2.0})


def test_the_wrong_lms_is_told() -> None:
    with pytest.raises(InstructorError, match="no header of these: Sakai"):
        planned(sample("canvas-before.csv"), {"s01": 1.0}, lms="sakai")
    with pytest.raises(InstructorError, match="There are: blackboard"):
        planned(sample("canvas-before.csv"), {"s01": 1.0}, lms="ilias")


@pytest.mark.parametrize("lms", FORMATS)
def test_each_sample_is_known_by_its_content(lms: str) -> None:
    assert document(sample(f"{lms}-before.{'xls' if lms == 'blackboard' else 'csv'}")).format.name == lms


def test_blackboards_columns_for_feedback() -> None:
    text = sample("blackboard-before.xls").decode("utf-16")
    lines = text.splitlines()
    lines[0] += '\t"Grading Notes"\t"Notes Format"\t"Feedback to Learner"\t"Feedback Format"'
    lines[1:] = [f'{line}\t""\t""\t""\t"HTML"' for line in lines[1:]]
    made = planned("\n".join(lines).encode("utf-16"), {"s01": 17.5}, CLASS, remarks=True)
    assert '"17.50"\t""\t""\t"<p>task: 17.5 of 20 points.</p>"\t"HTML"' in made.filled().decode("utf-16")


def test_an_assignment_that_is_called_section() -> None:
    data = canvas('"A",1,,s01,Sec,', header="Student,ID,SIS User ID,SIS Login ID,Section,Section 2 quiz (12)")
    assert b"s01,Sec,1.00" in planned(data, {"s01": 1.0}).filled()


def test_comments_without_a_column_are_told() -> None:
    made = planned(canvas('"A",1,,s01,Sec,'), {"s01": 1.0}, remarks=True)
    assert any("no column for comments" in text for text in made.told)
