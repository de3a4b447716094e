"""Files of each LMS, built cell by cell, so that a test knows which bytes may change."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from hypothesis import strategies as st

from autograder.gradebook.people import Person
from autograder.gradebook.read import Mark, Standing
from autograder.lms.choosing import Wanted
from autograder.lms.document import Document, recognise
from autograder.lms.encoding import decode
from autograder.lms.files import as_table
from autograder.lms.filling import plan
from autograder.lms.formats import choose, known_formats
from autograder.lms.people import People
from autograder.lms.planned import Plan

SAMPLES = Path(__file__).parent / "samples"
NOW = 1_770_000_000.0
"""Some weeks after the samples were exported."""


def sample(name: str) -> bytes:
    return (SAMPLES / name).read_bytes()


def document(data: bytes, lms: str | None = None) -> Document:
    return recognise("file", as_table(decode(data, "file"), "file"), choose(known_formats(), lms))


def standing(student: str, score: float | None, max_score: float = 20.0, **more: object) -> Standing:
    """Somebody with one graded cell, or, without a score, who has handed in nothing."""
    marks = {} if score is None else {"task": Mark(score, max_score, False)}
    return Standing(student, "", "", "", score is not None, max_score, marks=marks, **more)


def classmates(*people: str | Person) -> People:
    return People(each if isinstance(each, Person) else Person(each) for each in people)


def planned(
    data: bytes,
    scores: dict[str, float | None],
    people: People | None = None,
    *,
    lms: str | None = None,
    max_score: float = 20.0,
    now: float = NOW,
    **wanted: object,
) -> Plan:
    wanted.setdefault("likely_columns", ("ps1",))
    rows = [standing(student, score, max_score) for student, score in scores.items()]
    return plan(document(data, lms), rows, people or classmates(*scores), Wanted(**wanted), now)


@dataclass
class Built:
    """A file as the texts of its cells, and which row and column is whose."""

    lms: str
    rows: list[list[str]]
    ends: list[str]
    delimiter: str
    encoding: str
    bom: bytes
    column: int
    places: dict[str, int] = field(default_factory=dict)

    def data(self) -> bytes:
        text = "".join(self.delimiter.join(row) + end for row, end in zip(self.rows, self.ends, strict=True))
        return self.bom + text.encode(self.encoding)

    def with_cells(self, cells: dict[str, str]) -> bytes:
        """Give the bytes with other texts in these students' cells."""
        rows = [list(row) for row in self.rows]
        for student, text in cells.items():
            old = rows[self.places[student]][self.column]
            quoted = old.startswith('"') or text_is_quoted(rows[self.places[student]], self.column)
            rows[self.places[student]][self.column] = f'"{text}"' if quoted else text
        return replace(self, rows=rows).data()


def text_is_quoted(row: Sequence[str], column: int) -> bool:
    """Tell whether all that a row has beside a column is in quotes."""
    others = [text for at, text in enumerate(row) if at != column and text]
    return bool(others) and all(text.startswith('"') for text in others)


HEADERS = {
    "canvas": ["Student", "ID", "SIS User ID", "SIS Login ID", "Section", "ps1 (12345)", "Final Score"],
    "moodle-gradebook": [
        "First name",
        "Last name",
        "ID number",
        "Email address",
        "Assignment: ps1 (Real)",
        "Assignment: ps1 (Feedback)",
        "Last downloaded from this course",
    ],
    "moodle-worksheet": [
        "Identifier",
        "Full name",
        "ID number",
        "Status",
        "Grade",
        "Maximum grade",
        "Grade can be changed",
        "Last modified (grade)",
        "Feedback comments",
    ],
    "blackboard": [
        "Last Name",
        "First Name",
        "Username",
        "Student ID",
        "Availability",
        "ps1 [Total Pts: 20 Score] |12345",
    ],
    "brightspace": [
        "OrgDefinedId",
        "Username",
        "Last Name",
        "ps1 Points Grade <Numeric MaxPoints:20>",
        "End-of-Line Indicator",
    ],
    "sakai": ["Student ID", "Student Name", "ps1 [20]", "* ps1"],
}
COLUMNS = {
    "canvas": 5,
    "moodle-gradebook": 4,
    "moodle-worksheet": 4,
    "blackboard": 5,
    "brightspace": 3,
    "sakai": 2,
}


def row_of(lms: str, student: str, name: str, cell: str) -> list[str]:
    return {
        "canvas": [name, f"9{student[1:]}", "", student, "Sec 1", cell, ""],
        "moodle-gradebook": [name, name, student, "", cell, "", "1767625200"],
        "moodle-worksheet": [
            f"Participant 7{student[1:]}",
            name,
            student,
            "No submission - ",
            cell,
            "20.00",
            "Yes",
            "-",
            "old",
        ],
        "blackboard": [name, name, student, f"00{student[1:]}", "Yes", cell],
        "brightspace": [f"#{student}", f"#u{student}", name, cell, "#"],
        "sakai": [student, name, cell, ""],
    }[lms]


_NAMES = st.text(
    st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=8
) | st.sampled_from(
    [
        "O'Neil, Jr., Bo",
        'say "hi"',
        "two\r\nlines",
        "=1+1",
        '="=x"',
        "  spaces ",
        "שלום",
        "Zoe\u0308",
        "a;b\tc:d",
    ]
)
_ENCODINGS = st.sampled_from(
    [
        ("utf-8", b""),
        ("utf-8", b"\xef\xbb\xbf"),
        ("utf-16-le", b"\xff\xfe"),
        ("utf-16-be", b"\xfe\xff"),
        ("utf-16-le", b""),
        ("cp1252", b""),
    ]
)


@st.composite
def built(draw: st.DrawFn, lms: str) -> Built:
    """Give a file of an LMS with any names, quoting, line ends and encoding, and with strangers in it."""
    delimiters = {"canvas": ",;", "blackboard": "\t,", "moodle-worksheet": ","}.get(lms, ",;\t")
    delimiter = draw(st.sampled_from(delimiters))
    encoding, bom = draw(_ENCODINGS)
    students = [f"s{number:02}" for number in range(draw(st.integers(1, 5)))]
    quoted_file = draw(st.booleans())

    def text(value: str) -> str:
        value = value.encode(encoding, "ignore").decode(encoding)
        needed = any(character in value for character in f'{delimiter}"\r\n')
        if needed or (value and draw(st.booleans())) or quoted_file:
            return '"' + value.replace('"', '""') + '"'
        return value

    rows = [[text(value) for value in HEADERS[lms]]]
    if lms == "canvas":
        points = ["    Points Possible", "", "", "", "", "20.00", "(read only)"]
        rows += [[text(value) for value in points]]
    places = {}
    for student in draw(st.permutations([*students, "x99"])):
        places[student] = len(rows)
        old = draw(st.sampled_from(["", "", "-"])) if lms != "blackboard" else ""
        rows.append([text(value) for value in row_of(lms, student, draw(_NAMES), old)])
    ends = [draw(st.sampled_from(["\n", "\r\n"])) for _ in rows]
    if draw(st.booleans()):
        ends[-1] = ""
    made = Built(lms, rows, ends, delimiter, encoding, bom, COLUMNS[lms], places)
    made.places.pop("x99")
    return made
