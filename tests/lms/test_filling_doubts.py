"""What in an LMS's file is told or in doubt before it is filled: what its importer would make of it afterwards."""

from datetime import datetime

import pytest

from autograder.errors import InstructorError
from autograder.gradebook.people import Person
from autograder.lms.choosing import Wanted
from autograder.lms.filling import plan
from autograder.lms.planned import Plan
from tests.lms.files import NOW, classmates, document, planned, sample, standing

CLASS = classmates(*(Person(f"s0{n}", email=f"s0{n}@uni.example") for n in range(1, 4)))
SCORES: dict[str, float | None] = {"s01": 1.0, "s02": 2.0, "s03": 3.0}
WORKSHEET = (
    'Identifier,"Full name","Email address",Status,Grade,"Maximum grade","Grade can be changed",'
    '"Last modified (submission)","Last modified (grade)","Feedback comments"\n'
)


def worksheet(*identifiers: str) -> bytes:
    rows = [
        f'{name},"A B",s0{n}@uni.example,"No submission - ",,20.00,Yes,-,-,\n'
        for n, name in enumerate(identifiers, 1)
    ]
    return (WORKSHEET + "".join(rows)).encode()


def canvas(*ids: str, points: str = "    Points Possible,,,,,20.00\n") -> bytes:
    rows = [f'"A, B",{name},,s0{n},Sec,\n' for n, name in enumerate(ids, 1)]
    return ("Student,ID,SIS User ID,SIS Login ID,Section,ps1 (12)\n" + points + "".join(rows)).encode()


def blackboard(*usernames: str, cell: str = "") -> bytes:
    rows = [f'"A"\t"B"\t"{name}"\t"s0{n}"\t"{cell}"\n' for n, name in enumerate(usernames, 1)]
    header = '"Last Name"\t"First Name"\t"Username"\t"Student ID"\t"ps1 [Total Pts: 20 Score] |12"\n'
    return (header + "".join(rows)).encode()


def brightspace(*keys: str) -> bytes:
    rows = [f"{name},,s0{n}@uni.example,,#\n" for n, name in enumerate(keys, 1)]
    header = "OrgDefinedId,Username,Email,ps1 Points Grade <Numeric MaxPoints:20>,End-of-Line Indicator\n"
    return (header + "".join(rows)).encode()


def doubted(made: Plan) -> set[str]:
    assert all(doubt[:1] == "s" for doubt in made.doubts), made.doubts
    return {doubt[:3] for doubt in made.doubts}


@pytest.mark.parametrize(
    ("data", "broken"),
    [
        (worksheet('"Participant 701"', '"Participant 702"', '"Participant 703"'), set()),
        (worksheet("#REF!", '"Participant 702"', '"Participant 702"'), {"s01", "s02", "s03"}),
        (worksheet('"Participant 701"', "", "Participant"), {"s02", "s03"}),
        (canvas("901", "902", "903"), set()),
        (canvas("901", "902", "902"), {"s02", "s03"}),
        (canvas("901", "9.02E+05", "#N/A"), {"s02", "s03"}),
        # Without a number, Canvas goes by the login.
        (canvas("901", "", ""), set()),
        (blackboard("a", "b", "B"), {"s02", "s03"}),
        (blackboard("a", "", "#NAME?"), {"s02", "s03"}),
        (brightspace("#a", "#b", "#b"), {"s02", "s03"}),
        (brightspace("#a", "#", "1.00E+05"), {"s02", "s03"}),
    ],
)
def test_the_lmss_own_key_of_a_row(data: bytes, broken: set[str]) -> None:
    """The student is found by another column, but the LMS would give the points to somebody else, or to nobody."""
    made = planned(data, SCORES, CLASS)
    assert doubted(made) == broken
    assert {change.student for change in made.changes} == set(SCORES) - broken


def test_a_stranger_with_the_same_key_counts_too() -> None:
    data = canvas("901", "902") + b'"C, D",902,,x99,Sec,\n'
    made = planned(data, {"s01": 1.0, "s02": 2.0}, classmates("s01", "s02"))
    assert doubted(made) == {"s02"}
    assert "rows 4, 5" in made.doubts[0]


def test_ids_that_come_twice_in_moodles_gradebook() -> None:
    """Moodle finds students by the one column that the teacher maps."""
    header = "First name,Last name,ID number,Email address,Assignment: ps1 (Real)\n"
    data = f"{header}A,B,7,s01@uni.example,-\nC,D,7,s02@uni.example,-\n".encode()
    made = planned(data, {"s01": 1.0, "s02": 2.0}, CLASS)
    assert not made.doubts
    assert any("'ID number'" in text and "map 'Email address'" in text for text in made.told)
    data += b"E,F,8,x@uni.example,-\nG,H,9,x@uni.example,-\n"
    (doubt,) = planned(data, {"s01": 1.0, "s02": 2.0}, CLASS).doubts
    assert "no column that says whose a row is" in doubt


@pytest.mark.parametrize("cell", ["Needs Grading(5.00)", "In Progress(5.00)", "needs grading (5,00)"])
def test_points_behind_blackboards_words(cell: str) -> None:
    """They are other points as any, where they are not the same."""
    made = planned(blackboard("a", cell=cell), {"s01": 17.5}, classmates("s01"))
    assert [(change.old, change.new) for change in made.overwrites] == [(cell, "17.50")]
    made = planned(blackboard("a", cell=cell), {"s01": 5.0}, classmates("s01"))
    assert (made.overwrites, [change.new for change in made.changes]) == ([], ["5.00"])
    made = planned(blackboard("a", cell=cell.partition("(")[0]), {"s01": 5.0}, classmates("s01"))
    assert (made.overwrites, [change.new for change in made.changes]) == ([], ["5.00"])


def test_brightspace_without_the_column_of_signs() -> None:
    data = brightspace("#a").replace(b",End-of-Line Indicator", b"").replace(b",#\n", b"\n")
    (doubt,) = planned(data, {"s01": 1.0}, CLASS).doubts
    assert "no column 'End-of-Line Indicator'" in doubt


def sakai(*headings: str) -> bytes:
    header = ",".join(f'"{heading}"' for heading in headings)
    empty = ',""' * len(headings)
    return f'"Student ID","Student Name",{header}\n"s01","A, B"{empty}\n"s02","C, D"{empty}\n'.encode()


@pytest.mark.parametrize(
    ("headings", "reason"),
    [
        (("ps1 [20]", "ps0 [10]", "ps0 [10]"), "'ps0 [10]' comes twice"),
        (("ps1 [20]", "ps0 [10]", "ps0 [5]"), "'ps0 [5]' comes twice"),
        (("ps1 [20]", "* ps1", "* ps1"), "'* ps1' comes twice"),
        (("ps1 [20]", ""), "column 4 has no heading"),
        (("ps1 [20]", "ps0 [b] [10]"), "'ps0 [b] [10]' is none that Sakai takes"),
        (("ps1 [20]", "* ps0"), "'* ps0' has no item"),
    ],
)
def test_headings_that_stop_sakais_import(headings: tuple[str, ...], reason: str) -> None:
    """Also of other columns than the one that is filled."""
    made = planned(sakai(*headings), {"s01": 1.0, "s02": 2.0})
    (doubt,) = made.doubts
    assert reason in doubt


def test_headings_that_sakai_takes() -> None:
    data = sakai("ps1 [20]", "* ps1", "# Total Points", "# Total Points", "ps0", "* ps0")
    assert planned(data, {"s01": 1.0, "s02": 2.0}).doubts == []


def test_students_who_come_twice_stop_sakais_import() -> None:
    """Also where they are nobody of the class."""
    data = sakai("ps1 [20]") + b'"x9","E, F",""\n"X9","E, F",""\n'
    (doubt,) = planned(data, {"s01": 1.0, "s02": 2.0}).doubts
    assert "x9" in doubt


@pytest.mark.parametrize("points", ["", "    Points Possible,,,,,\n"])
def test_a_file_that_does_not_say_the_maximum(points: str) -> None:
    made = planned(canvas("901", "902", points=points), {"s01": 1.0, "s02": 2.0})
    assert made.doubts == []
    assert "The file does not say the maximum of 'ps1 (12)': look in the LMS whether it is 20." in made.told
    assert not any("maximum" in text for text in planned(canvas("901"), {"s01": 1.0}).told)


def test_a_worksheet_without_a_maximum() -> None:
    """Moodle takes no points there."""
    data = sample("moodle-worksheet-before.csv").replace(b',"Maximum grade"', b"").replace(b",20.00", b"")
    (doubt,) = planned(data, {"s01": 1.0}, CLASS).doubts
    assert "no column 'Maximum grade'" in doubt


@pytest.mark.parametrize("time", ["Mittwoch, 7. Januar 2026, 15:04", "7 janvier"])
def test_a_time_that_cannot_be_read_is_told(time: str) -> None:
    data = sample("moodle-worksheet-before.csv").replace(b"Monday, 5 January 2026, 3:04 PM", time.encode())
    rows = [standing("s01", 1.0, timestamp=datetime(2026, 1, 5, 12)), standing("s02", 2.0)]
    made = plan(document(data), rows, CLASS, Wanted(), NOW)
    assert made.doubts == []
    (told,) = [text for text in made.told if "newer work is not noticed" in text]
    assert f"s01 ('{time}')" in told
    assert "s02" not in told


def test_the_lmss_test_student_gets_nothing() -> None:
    """Also where somebody has enrolled it."""
    header = (
        "LastName,FirstName,ID,SIS User ID,SIS Login ID,Section,ps1 (12)\n    Points Possible,,,,,,20.00\n"
    )
    data = f"{header}A,B,901,s01,s01,S,\nStudent,Test,999,,7f3a,S,\n".encode()
    made = planned(data, {"s01": 1.0, "7f3a": None}, missing_is_zero=True)
    assert [change.student for change in made.changes] == ["s01"]
    assert made.doubts == []
    assert any("7f3a is no student of the course" in text for text in made.told)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_byte_order_mark_before_canvas_last_name(encoding: str) -> None:
    """Canvas's import asks for just this name; of `Student` it asks only that the header contains it."""
    header = (
        "LastName,FirstName,ID,SIS User ID,SIS Login ID,Section,ps1 (12)\n    Points Possible,,,,,,20.00\n"
    )
    made = planned(f"{header}A,B,901,s01,s01,S,\n".encode(encoding), {"s01": 1.0}, lms="canvas")
    assert ["byte order mark" in doubt for doubt in made.doubts] == ([] if encoding == "utf-8" else [True])
    assert planned(canvas("901").decode().encode(encoding), {"s01": 1.0}, CLASS).doubts == []


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
def test_canvas_reads_no_tabs(encoding: str) -> None:
    data = canvas("901").decode().replace('"A, B"', "A").replace(",", "\t").encode(encoding)
    with pytest.raises(InstructorError, match=r"would be a Canvas gradebook, but has tabs between its cells"):
        planned(data, {"s01": 1.0}, CLASS)


KNOWN = classmates(*(Person(f"s0{n}", lms_user_id=f"000150{n}") for n in range(1, 4)))


def two_keys(*keys: str, usernames: tuple[str, ...] = ("s01", "s02", "s03")) -> bytes:
    rows = [f"{name},#{username},,#\n" for name, username in zip(keys, usernames, strict=True)]
    header = "OrgDefinedId,Username,ps1 Points Grade <Numeric MaxPoints:20>,End-of-Line Indicator\n"
    return (header + "".join(rows)).encode()


@pytest.mark.parametrize(
    ("keys", "broken", "said"),
    [
        (("#0001501", "#0001502", "#0001503"), set(), ""),
        (("0001501", "0001502", "0001503"), set(), ""),
        (("#0001501", "#1502", "#0001503"), {"s02"}, "is known by '0001502'"),
        (("1501", "1502", "1503"), {"s01", "s02", "s03"}, "do not save it in a spreadsheet"),
        (("#0001501", "#0009999", "#0001503"), {"s02"}, "'autograder roster' with it"),
        # These are all of another kind than what the class is known by.
        (("#77", "#78", "#79"), set(), ""),
        (("#77", "#0001502", "#79"), set(), ""),
    ],
)
def test_an_id_that_is_not_the_one_that_is_known(keys: tuple[str, ...], broken: set[str], said: str) -> None:
    """The student is found by the username, but Brightspace goes by the OrgDefinedId."""
    made = planned(two_keys(*keys), SCORES, KNOWN)
    assert doubted(made) == broken
    assert all(said in doubt for doubt in made.doubts)
    assert {change.student for change in made.changes} == set(SCORES) - broken


def test_an_id_that_is_not_known_yet_is_no_doubt() -> None:
    class_ = classmates(Person("s01", lms_user_id="1501"), Person("s02", lms_user_id="1502"), Person("s03"))
    assert planned(two_keys("#1501", "#1502", "#1503"), SCORES, class_).doubts == []


def test_an_own_id_that_lost_its_zeros() -> None:
    """The class goes by the OrgDefinedId, and the username is kept beside it."""
    class_ = classmates(Person("0001501", lms_user_id="s01"), Person("0001502", lms_user_id="s02"))
    data = two_keys("#0001501", "#1502", usernames=("s01", "s02"))
    made = planned(data, {"0001501": 1.0, "0001502": 2.0}, class_)
    (doubt,) = made.doubts
    assert doubt.startswith("0001502 has '1502' in 'OrgDefinedId'")
    assert [change.student for change in made.changes] == ["0001501"]


def test_the_lmss_own_key_is_another_students_whatever_counts_here() -> None:
    """As after one column was sorted: Brightspace would give each the other's points."""
    data = two_keys("#0001502", "#0001501", "#0001503")
    for doubt in planned(data, SCORES, KNOWN).doubts[:2]:
        assert "may be s01 or s02; the LMS goes by 'OrgDefinedId'" in doubt
        assert "--id" not in doubt
    made = planned(data, SCORES, KNOWN, key="Username")
    assert doubted(made) == {"s01", "s02"}
    assert "has '0001502' in 'OrgDefinedId', by which the LMS goes, and which is s02's" in made.doubts[0]
    assert "--id" not in " ".join(made.doubts)
    assert {change.student for change in made.changes} == {"s03"}


def test_an_address_that_is_another_students_is_settled_by_naming_the_key() -> None:
    """The LMS does not go by it."""
    class_ = classmates(
        *(Person(f"s0{n}", email=f"s0{n}@uni.example", lms_user_id=f"150{n}") for n in range(1, 3))
    )
    data = (
        b"OrgDefinedId,Username,Email,ps1 Points Grade <Numeric MaxPoints:20>,End-of-Line Indicator\n"
        b"#1501,#s01,s02@uni.example,,#\n#1502,#s02,,,#\n"
    )
    scores = {"s01": 1.0, "s02": 2.0}
    (doubt,) = planned(data, scores, class_).doubts
    assert "name the column that counts with --id" in doubt
    assert planned(data, scores, class_, key="Username").doubts == []
    assert planned(data, scores, class_, key="Email").doubts != []


def test_a_header_that_is_not_in_the_first_line() -> None:
    """A spreadsheet's `sep=,` above it, say: the LMS looks for it in the first."""
    (doubt,) = planned(b"sep=,\n" + two_keys("#0001501", "#0001502", "#0001503"), SCORES, KNOWN).doubts
    assert "the header is not in the first line" in doubt
    assert "but in line 2" in doubt
