"""Class lists that are no gradebooks: Gradescope's, OneRoster's, an LTI platform's (NRPS), nbgrader's own."""

import csv
import io
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

from autograder.errors import InstructorError
from autograder.lms.encoding import Text
from autograder.lms.formats import Format, Key, Layout, Values, present, split_name

_NRPS = ("lis_person_sourcedid", "user_id", "given_name", "family_name", "email", "status", "roles")
# A role in the course, by a URI or, short, by its name; what follows says which kind of it.
_IN_COURSE = re.compile(r"(?:(?:.*/)?membership[#/]|urn:lti:role:ims/lis/)?(?P<role>[a-z]+)(?:[#/].*)?")
_LEARNER = ("learner", "student")
_TEST_USER = "testuser"
# What may stand behind a whole name.
_SUFFIX = re.compile(r"(?:jr|sr|ii|iii|iv)\.?", re.IGNORECASE)


class Gradescope(Format):
    """Gradescope's roster, and its grades, which it does not take back."""

    name = "gradescope"
    title = "Gradescope roster"

    def recognises(self, header: Values) -> bool:
        """By the student's id, as Gradescope calls it."""
        return "SID" in header and bool({"Email", "Name", "First Name"} & set(header))

    def lacks(self, header: Values) -> str:
        """Gradescope takes lists without the students' ids, too."""
        names = set(header)
        if (
            "SID" in names
            or "Email" not in names
            or not ({"Name"} <= names or {"First Name", "Last Name"} <= names)
        ):
            return ""
        return (
            "For Gradescope's roster it lacks the column 'SID', which has the students' ids: add these in Gradescope, "
            "and download the roster anew, or give a table of id,first_name,last_name,email."
        )

    def layout(self, header: Values, following: Iterable[Values]) -> Layout:
        """Nothing to fill."""
        return Layout(header, present(header, [("SID", "id"), ("Email", "email")]))

    def name_of(self, layout: Layout, values: Values) -> tuple[str, str]:
        """A column each, or a full name: `Last, First`, unless what is behind the comma is no first name."""
        if "Name" in layout.header:
            name = layout.value(values, "Name")
            if "," in name and not _SUFFIX.fullmatch(name.rpartition(",")[2].strip()):
                return split_name(name)
            whole, comma, suffix = name.partition(",")
            first, _, last = whole.rpartition(" ")
            return first.strip(), f"{last}{comma}{suffix}"
        return super().name_of(layout, values)

    def belongs(self, layout: Layout, values: Values) -> bool:
        """Students only, where the file says who is what."""
        return layout.value(values, "Role").casefold() in ("", "student")


class OneRoster(Format):
    """`users.csv` of a OneRoster export."""

    name = "oneroster"
    title = "OneRoster users"

    def recognises(self, header: Values) -> bool:
        """By names that the standard fixes."""
        return {"sourcedId", "givenName", "familyName"} <= set(header)

    def layout(self, header: Values, following: Iterable[Values]) -> Layout:
        """Nothing to fill."""
        kinds: Sequence[tuple[str, Any]] = [
            ("username", "id"),
            ("identifier", "id"),
            ("sourcedId", "lms"),
            ("email", "email"),
        ]
        return Layout(header, present(header, kinds))

    def name_of(self, layout: Layout, values: Values) -> tuple[str, str]:
        """A column each."""
        return layout.value(values, "givenName"), layout.value(values, "familyName")

    def belongs(self, layout: Layout, values: Values) -> bool:
        """Active users; students only, where the file says who is what (OneRoster 1.1)."""
        active = layout.value(values, "status").casefold() in ("", "active")
        enabled = layout.value(values, "enabledUser").casefold() != "false"
        return active and enabled and layout.value(values, "role").casefold() in ("", "student")

    def left_open(self, layout: Layout) -> str:
        """From OneRoster 1.2 on, roles are in a file of their own."""
        if "role" in layout.header:
            return ""
        return (
            "There is no column 'role', so everybody was taken for a student: of OneRoster 1.2, whose roles are in "
            "roles.csv, give a list of the students only."
        )


class Nrps(Format):
    """The answer of an LTI platform's names and roles service, as JSON or made a table by `as_table`."""

    name = "nrps"
    title = "LTI names and roles (JSON)"

    def recognises(self, header: Values) -> bool:
        """By the table that `as_table` makes."""
        return tuple(header) == _NRPS

    def layout(self, header: Values, following: Iterable[Values]) -> Layout:
        """Nothing to fill."""
        kinds: Sequence[tuple[str, Any]] = [
            ("lis_person_sourcedid", "id"),
            ("user_id", "lms"),
            ("email", "email"),
        ]
        return Layout(header, present(header, kinds, numbers="user_id"))

    def name_of(self, layout: Layout, values: Values) -> tuple[str, str]:
        """A column each."""
        return layout.value(values, "given_name"), layout.value(values, "family_name")

    def belongs(self, layout: Layout, values: Values) -> bool:
        """Active learners of the course, whatever they are in the institution; not the LMS's own test user."""
        active = layout.value(values, "status").casefold() in ("", "active")
        roles = layout.value(values, "roles").casefold().replace(",", " ").split()
        found = [_IN_COURSE.fullmatch(role) for role in roles]
        learns = not roles or any(role and role["role"] in _LEARNER for role in found)
        return active and learns and not any(re.split("[#/]", role)[-1] == _TEST_USER for role in roles)


class Nbgrader(Format):
    """The table that `nbgrader db student import` takes."""

    name = "nbgrader"
    title = "nbgrader students"

    def recognises(self, header: Values) -> bool:
        """By nbgrader's names of columns."""
        return "id" in header and bool({"first_name", "last_name", "email", "lms_user_id"} & set(header))

    def layout(self, header: Values, following: Iterable[Values]) -> Layout:
        """Nothing to fill."""
        return Layout(header, present(header, [("id", "id"), ("lms_user_id", "lms"), ("email", "email")]))

    def name_of(self, layout: Layout, values: Values) -> tuple[str, str]:
        """A column each."""
        return layout.value(values, "first_name"), layout.value(values, "last_name")


class Placing(Format):
    """What `autograder unpack` could not place, where somebody has written in whose it is."""

    name = "placing"
    title = "autograder unpack's table of what it could not place"

    def recognises(self, header: Values) -> bool:
        """By the columns that `unpack` writes."""
        return {"student", "lms_id", "reason"} <= set(header)

    def layout(self, header: Values, following: Iterable[Values]) -> Layout:
        """Nothing to fill. What stands in the first column are the class's own ids, and no others."""
        return Layout(header, [Key("student", list(header).index("student"), "own")])

    def belongs(self, layout: Layout, values: Values) -> bool:
        """Rows that somebody has filled in."""
        return bool(layout.value(values, "student"))

    def name_of(self, layout: Layout, values: Values) -> tuple[str, str]:
        """As the LMS wrote it."""
        return split_name(layout.value(values, "name"))


def as_table(text: Text, name: str) -> Text:
    """Make a table of an LTI platform's JSON; what is no JSON stays as it is. Raises InstructorError for other JSON."""
    if not text.text.lstrip().startswith(("{", "[")):
        return text
    try:
        data = json.loads(text.text)
        pages = data if isinstance(data, list) else [data]
        members = [member for page in pages for member in (page.get("members") or _itself(page))]
        rows = [[_said(member.get(field)) for field in _NRPS] for member in members]
    except (ValueError, AttributeError, TypeError, RecursionError) as error:
        raise InstructorError(f"{name} is no answer of an LTI names and roles service: {error}") from error
    out = io.StringIO()
    csv.writer(out).writerows([_NRPS, *rows])
    return replace(text, text=out.getvalue())


def _itself(page: dict[str, Any]) -> list[dict[str, Any]]:
    """Give the object itself, if it is a member rather than a page of them."""
    return [page] if "user_id" in page else []


def _said(value: object) -> str:
    if isinstance(value, list):
        return " ".join(map(str, value))
    return "" if value is None else str(value)
