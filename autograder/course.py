"""A course on disk and what `assignment.toml` says of an assignment. Plain data; imports nothing of nbgrader."""

import os
import re
import secrets
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from autograder.errors import InstructorError
from autograder.signatures import Form, parse_form

CONFIG_FILE = "nbgrader_config.py"

_Positive = Annotated[float, msgspec.Meta(gt=0)]
_PositiveInt = Annotated[int, msgspec.Meta(gt=0)]
_NotNegative = Annotated[float, msgspec.Meta(ge=0)]


class Limits(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What a submission may use. Seconds are of its own processor time, so a busy machine costs nobody."""

    call_seconds: _Positive = 1.0
    cell_seconds: _Positive = 1.5
    loop_seconds: _Positive = 20.0
    submission_seconds: _Positive = 60.0
    memory_mb: _PositiveInt = 2048
    output_characters: _PositiveInt = 20_000


class Late(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What lateness costs: so many points for each day begun, after some minutes of grace, up to a maximum."""

    points_per_day: _NotNegative = 0.0
    grace_minutes: _NotNegative = 0.0
    max_points: _NotNegative | None = None

    def penalty(self, seconds_late: float) -> float:
        """Give the points that a submission loses, if it has so many: what a person gives it later counts as well."""
        seconds = seconds_late - 60 * self.grace_minutes
        if seconds <= 0:
            return 0.0
        points = self.points_per_day * -(-seconds // 86_400)
        return points if self.max_points is None else min(points, self.max_points)


class Explanation(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """What becomes of the marks of written answers.

    `provisional`: a mark of high confidence is the score until a person has looked. `suggest`: marks are for the
    review only. `off`: answers are not marked.
    """

    marking: Literal["provisional", "suggest", "off"] = "provisional"


class AssignmentFile(msgspec.Struct, forbid_unknown_fields=True, frozen=True):
    """The contents of `assignment.toml`. `lms` names the column of the assignment in the files of each LMS."""

    title: str
    functions: dict[str, list[str]]
    due: datetime | None = None
    given: list[str] = []
    builds_on: dict[str, list[str]] = {}
    tests: dict[str, str] = {}
    waived: dict[str, str] = {}
    late: Late = Late()
    limits: Limits = Limits()
    lms: dict[str, str] = {}
    explanation: Explanation = Explanation()


class Assignment:
    """What is asked, and how it is marked.

    `id` names its folders and its one notebook, `file` is what `assignment.toml` holds, `forms` are the ways to
    call each function that a student writes, and `below` are those that each builds on, near or far.
    """

    def __init__(self, course: "Course", assignment_id: str) -> None:
        self.id = assignment_id
        self.folder = course.root / "assignments" / assignment_id
        self.source = course.root / "source" / assignment_id / f"{assignment_id}.ipynb"
        self.release = course.root / "release" / assignment_id / f"{assignment_id}.ipynb"
        self.file = self._read()
        self.forms = self._forms()
        self.below = self._below()

    @property
    def checks(self) -> Path:
        """The folder of the hidden checks."""
        return self.folder / "checks"

    @property
    def samples(self) -> Path:
        """The folder of sample answers."""
        return self.folder / "samples"

    @property
    def variants(self) -> Path:
        """The folder of right answers in many styles, which must all get full points."""
        return self.folder / "variants"

    @property
    def calibration(self) -> Path:
        """What calibration goes by besides the checks; there may be no such file."""
        return self.folder / "calibration.toml"

    def judged_by(self) -> list[Path]:
        """Give the files of its folder by which submissions are judged: all but the answers that authors keep there."""
        apart = {self.samples, self.variants, self.calibration}
        return sorted(
            path
            for path in self.folder.rglob("*")
            if path.is_file() and path.suffix != ".pyc" and not apart & {path, *path.parents}
        )

    @property
    def due_utc(self) -> datetime | None:
        """When it is due, in UTC and without a zone, as nbgrader keeps it. A time without a zone is UTC."""
        due = self.file.due
        return due.astimezone(UTC).replace(tzinfo=None) if due is not None and due.tzinfo else due

    def _forms(self) -> dict[str, tuple[Form, ...]]:
        """Give the ways to call each function that a student writes."""
        forms: dict[str, tuple[Form, ...]] = {}
        for name, lines in self.file.functions.items():
            forms[name] = tuple(parse_form(line) for line in lines)
            if any(form.function != name for form in forms[name]):
                raise InstructorError(
                    f"{self._toml}: a signature under functions.{name} is of another function"
                )
        return forms

    def _below(self) -> dict[str, list[str]]:
        """Give what each function builds on, near or far. Raises InstructorError for a cycle."""
        near = self.file.builds_on
        for name in [*near, *(other for others in near.values() for other in others)]:
            self._declared(name, "builds_on")
        for cell, name in self.file.tests.items():
            self._declared(name, f"tests.{cell}")
        return {name: self._all_below(name, near) for name in self.forms}

    def _all_below(self, function: str, near: dict[str, list[str]]) -> list[str]:
        found: list[str] = []
        waiting = list(near.get(function, []))
        while waiting:
            name = waiting.pop()
            if name == function:
                raise self.unfit(function, f"'{function}' builds on itself, by way of what it builds on")
            if name not in found:
                found.append(name)
                waiting += near.get(name, [])
        return found

    def _declared(self, function: str, where: str) -> None:
        if function not in self.forms:
            raise self.unfit(
                function, f"{where} names '{function}', which is no function declared under functions"
            )

    def unfit(self, word: str, reason: str) -> InstructorError:
        """Give the error for something in `assignment.toml`, with the last line that has it as a key, or at all."""
        lines = list(enumerate(self._toml.read_text(encoding="utf-8").splitlines(), 1))
        key = re.compile(rf"""(?:^|[\s{{,])["']?{re.escape(word)}["']?\s*=""")
        keys = [number for number, line in lines if key.search(line)]
        at = max(keys or (number for number, line in lines if word in line), default=1)
        return InstructorError(f"{self._toml}:{at}: {reason}")

    @property
    def _toml(self) -> Path:
        return self.folder / "assignment.toml"

    def _read(self) -> AssignmentFile:
        try:
            return msgspec.toml.decode(self._toml.read_bytes(), type=AssignmentFile)
        except FileNotFoundError as error:
            raise InstructorError(f"There is no {self._toml}. Is '{self.id}' an assignment here?") from error
        except OSError as error:
            raise InstructorError(f"{self._toml} cannot be read: {error.strerror}") from error
        except (msgspec.DecodeError, UnicodeDecodeError) as error:
            raise InstructorError(f"{self._toml}: {error}") from error


class Course:
    """The folder that holds `nbgrader_config.py`, and the folders below it, named as nbgrader names them."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        if not (self.root / CONFIG_FILE).is_file():
            raise InstructorError(
                f"{self.root} is not a course: it has no {CONFIG_FILE}. "
                "Go to the course's folder, or name it with --course."
            )

    @property
    def state(self) -> Path:
        """The kit's own folder in the course; not to be handed out or committed."""
        return self.root / ".autograder"

    def has_assignment(self, assignment_id: str) -> bool:
        """Tell whether this kit marks the assignment; others are nbgrader's own."""
        return is_plain_name(assignment_id) and (self.root / "assignments" / assignment_id).is_dir()

    def assignment(self, assignment_id: str) -> Assignment:
        """Give an assignment. Raises InstructorError where there is none, naming those there are."""
        if not self.has_assignment(assignment_id):
            known = sorted(folder.name for folder in (self.root / "assignments").glob("*/"))
            names = ", ".join(known) or "none yet"
            raise InstructorError(
                f"There is no assignment '{assignment_id}' in {self.root}. There are: {names}."
            )
        return Assignment(self, assignment_id)

    def submission(self, assignment: Assignment, student: str) -> Path:
        """Give the folder of a student's submission, which may not exist."""
        return self.root / "submitted" / student / assignment.id

    def autograded(self, assignment: Assignment, student: str) -> Path:
        """Give the folder in which formgrader looks for a student's graded notebook."""
        return self.root / "autograded" / student / assignment.id

    def feedback(self, assignment: Assignment, student: str) -> Path:
        """Give the folder from which nbgrader hands out a student's feedback."""
        return self.root / "feedback" / student / assignment.id

    def students(self, assignment: Assignment) -> list[str]:
        """Give the ids of all who have submitted the assignment."""
        folders = (self.root / "submitted").glob("*/")
        return sorted(folder.name for folder in folders if self.submission(assignment, folder.name).is_dir())

    def has_secret(self) -> bool:
        """Tell whether the course has a secret: from the first grading on."""
        return (self.state / "secret").is_file()

    def secret(self) -> bytes:
        """Give the course's secret, from which the checks' random inputs are drawn; made on first use."""
        path = self.state / "secret"
        if not path.exists():
            self.state.mkdir(exist_ok=True)
            _create_once(path, secrets.token_hex(32))
        return path.read_bytes()


def is_plain_name(name: str) -> bool:
    """Tell whether this can name a folder of its own, and nothing above or beside it."""
    return bool(name) and name not in (".", "..") and not set(name) & {"/", "\\", "\0"}


def _create_once(path: Path, text: str) -> None:
    """Write a file that only its owner reads, whole or not at all; another process may be first."""
    beside = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
    try:
        path.hardlink_to(beside)
    except FileExistsError:
        pass
    finally:
        beside.unlink()
