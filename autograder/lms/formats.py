"""What a module for an LMS's file says of it. Others can add theirs by an entry point in the group `autograder.lms`."""

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar, Literal

from autograder.errors import InstructorError
from autograder.gradebook.people import Person
from autograder.lms.installed import installed

GROUP = "autograder.lms"

Values = Sequence[str]
"""What the cells of a row say, `="…"` unwrapped."""


@dataclass(frozen=True)
class Key:
    """A column that says who a row is about: by an id, by the LMS's own id for a user, or by an address.

    Which of the class's ids an `id` is shows only when they are held against it; `own` is what the kit asked for.
    `numbers`: the LMS counts its users in it, so what it says may be somebody else's id in the class by chance.
    """

    header: str
    index: int
    kind: Literal["id", "own", "lms", "email"]
    numbers: bool = False


@dataclass(frozen=True)
class Column:
    """A column of points. `obstacle` says why nothing may be written, `guess` what the LMS must guess if it is.

    `most` is the maximum as the file writes it, '' where the header does not say it; `remarks` is the column of the
    comments that belong to it.
    """

    index: int
    header: str
    title: str
    lms_id: str = ""
    most: str = ""
    obstacle: str = ""
    guess: str = ""
    remarks: int | None = None


@dataclass(frozen=True)
class Layout:
    """What is where in a file: who the rows are about, best key first, and what may be filled.

    `moved` says what is not where the LMS writes it.
    """

    header: Values
    keys: Sequence[Key]
    columns: Sequence[Column] = ()
    moved: str = ""

    def value(self, values: Values, *headers: str) -> str:
        """Give the cell under the first of these headers that there is, or ''."""
        for header in headers:
            if header in self.header:
                return values[self.header.index(header)].strip()
        return ""


@dataclass(frozen=True)
class Obstacle:
    """Why a student's cell stays as it is. In doubt, a person should look first; else it is only told."""

    reason: str
    in_doubt: bool


@dataclass(frozen=True)
class Entry:
    """A student's points, to write a file from nothing, their username, and the number for Moodle's worksheet."""

    person: Person
    points: str
    participant: str = ""
    login: str = ""


class Format(ABC):
    """A kind of file. `places` is how many decimal places points have, at least and at most."""

    name: ClassVar[str]
    title: ClassVar[str]
    places: ClassVar[tuple[int, int]] = (2, 2)
    always_point: ClassVar[bool] = False
    comma_by_semicolons: ClassVar[bool] = False
    """Whether semicolons between cells mean decimal commas, where no number of the file says which it has."""
    has_thousands: ClassVar[bool] = False
    """Whether the LMS may write `1,250` for a thousand and more. The others take the last separator for the decimal."""
    html_remarks: ClassVar[bool] = False
    whole_names: ClassVar[bool] = False
    """Whether `name_of` cannot part first and last names, so that better ones are not to be replaced."""
    needs_participants: ClassVar[bool] = False
    login: ClassVar[str] = ""
    """The column of usernames in a file that is made from nothing."""
    names_logins: ClassVar[bool] = False
    """Whether the names in the LMS's downloads have usernames in them."""
    import_keys: ClassVar[Sequence[str]] = ()
    """The columns by which the LMS's import finds whose a row is: by the first of them that says anything."""
    is_mapped: ClassVar[bool] = False
    """Whether a person says in the LMS which column says whose a row is."""
    english_items: ClassVar[bool] = False
    """Whether columns of points are known by English words, while the LMS writes those of people in no language."""
    upload: ClassVar[str] = ""
    delimiters: ClassVar[Sequence[str]] = (",", ";", "\t")

    @abstractmethod
    def recognises(self, header: Values) -> bool:
        """Tell whether this is the header of such a file."""

    def lacks(self, header: Values) -> str:
        """Say what a header lacks to be of such a file, where it nearly is; '' where it is not."""
        return ""

    @abstractmethod
    def layout(self, header: Values, following: Iterable[Values]) -> Layout:
        """Say what is where, from the header and the rows that follow it, which are read only as far as is asked."""

    def is_student(self, values: Values) -> bool:
        """Tell whether a row that is not blank is about a student."""
        return bool(values)

    def key(self, value: str) -> str:
        """Give an id without what the LMS puts around it."""
        return value.strip()

    def is_empty(self, value: str) -> bool:
        """Tell whether a cell of points holds nothing yet."""
        return value.strip() in ("", "-")

    def most(self, layout: Layout, values: Values, column: Column) -> str:
        """Give the most points that this row's cell may have, as the file writes it; '' where it does not say."""
        return column.most

    def obstacle(self, layout: Layout, values: Values, column: Column) -> Obstacle | None:
        """Say why this row's cell must stay as it is, if it must."""
        if values[column.index].strip().casefold() in ("ex", "excused", "exempt"):
            return Obstacle("is excused", in_doubt=False)
        return None

    def stale(self, layout: Layout, values: Values, now: float) -> str:
        """Say why the LMS would take the file for outdated at `now`, in seconds since 1970; '' where it would not."""
        return ""

    def unmapped(self, layout: Layout, rows: Sequence[Values]) -> Obstacle | None:
        """Say what the LMS would take amiss in the rows as a whole, if anything."""
        return None

    def contradiction(self, delimiter: str, *, comma: bool) -> str:
        """Say why the LMS may not read such cells with such numbers, '' where it does."""
        return ""

    def bad_mark(self, layout: Layout) -> str:
        """Say why the LMS's import stops at a byte order mark that the file begins with; '' where it does not."""
        return ""

    def unread(self, delimiter: str) -> str:
        """Say why the LMS's import does not read a file with this between its cells; '' where it does."""
        return ""

    def is_broken(self, header: str, value: str) -> bool:
        """Tell whether what stands under one of `import_keys` is nothing that the LMS writes there."""
        return False

    def said_points(self, value: str) -> str:
        """Give the number in a cell of points, without what the LMS may write around it."""
        return value.strip()

    def sign_of_work(self, layout: Layout, values: Values, column: Column) -> str:
        """Give what a row says by which its student seems to have handed something in, '' where nothing does."""
        return self.time_of_work(layout, values)

    def time_of_work(self, layout: Layout, values: Values) -> str:
        """Give when a row says that the student handed in last, as the file writes it; '' where it does not."""
        return ""

    def is_draft(self, layout: Layout, values: Values) -> bool:
        """Tell whether a row says that what is there was not submitted yet."""
        return False

    def lacks_time(self, layout: Layout, values: Values) -> bool:
        """Tell whether a row says that there is no time of submission, where there is a place for it."""
        return False

    def times(self, texts: Iterable[str]) -> Mapping[str, datetime]:
        """Read what `time_of_work` gives of all rows, in the LMS's own zone; without what cannot be read.

        One row may leave open what another one says, as which number is the day.
        """
        return {}

    def participant(self, layout: Layout, values: Values) -> str:
        """Give the number in a row that the LMS gave the student for this assignment; '' where there is none."""
        return ""

    def name_of(self, layout: Layout, values: Values) -> tuple[str, str]:
        """Give the first and the last name in a row, '' where there is none."""
        return layout.value(values, "First name", "First Name"), layout.value(
            values, "Last name", "Last Name", "Surname"
        )

    def belongs(self, layout: Layout, values: Values) -> bool:
        """Tell whether a row is about somebody of the class: not so for a teacher or the LMS's own test student."""
        return True

    def how_to_upload(
        self, header: Values, delimiter: str = ",", encoding: str = "utf-8", *, is_stale: bool = False
    ) -> str:
        """Say how a file is given to the LMS that has this header and was written so; `is_stale` as by `stale`."""
        return self.upload

    def left_open(self, layout: Layout) -> str:
        """Say what a file does not say of who is a student, so that others may be taken for one; '' where it does."""
        return ""

    def fresh(self, title: str, max_score: str, entries: Sequence[Entry]) -> tuple[list[Values], str]:
        """Give the rows of a file made from nothing, and what the LMS must then guess."""
        raise InstructorError(f"A file of the kind {self.name} cannot be made from nothing; use --into FILE.")


def known_formats() -> list[Format]:
    """Give all kinds of files that are installed, by name. Raises GraderError for an entry point that is none."""
    return installed(GROUP, Format)  # type: ignore[type-abstract]  # its subclasses are made


def choose(formats: Sequence[Format], lms: str | None) -> list[Format]:
    """Give the formats that `--lms` names: one, or all of an LMS. Raises InstructorError where there is none."""
    if lms is None:
        return list(formats)
    chosen = [each for each in formats if lms == each.name or each.name.startswith(f"{lms}-")]
    if not chosen:
        raise InstructorError(
            f"There is no LMS '{lms}' here. There are: {', '.join(each.name for each in formats)}."
        )
    return chosen


def present(
    header: Values, kinds: Sequence[tuple[str, Literal["id", "lms", "email"]]], *, numbers: str = ""
) -> list[Key]:
    """Give the keys that are in a header, in the order of `kinds`; `numbers` is the one in which the LMS counts."""
    return [Key(name, header.index(name), kind, name == numbers) for name, kind in kinds if name in header]


def split_name(name: str) -> tuple[str, str]:
    """Give first and last name of `Last, First`: what follows the last comma, since `O'Neil, Jr.` has one too."""
    last, comma, first = name.rpartition(",")
    return (first.strip(), last.strip()) if comma else ("", name.strip())
