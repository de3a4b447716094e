"""D2L Brightspace: the grade book's CSV (docs/lms/brightspace.md)."""

import re
from collections.abc import Iterable, Sequence

from autograder.lms.formats import Column, Entry, Format, Layout, Obstacle, Values, present
from autograder.lms.numbers import WRITTEN
from autograder.lms.saved import saved_with
from autograder.text import some

_ITEM = re.compile(
    r"(?P<title>.*?) (?P<kind>Points Grade|Grade Symbol|Text Grade|Scheme Symbol|Weighted Grade)"
    r"(?: <(?P<notes>[^>]*)>)?",
    re.DOTALL,
)
_FINAL = re.compile(
    r"(?P<title>(?:Calculated|Adjusted) Final Grade (?:Numerator|Denominator|Symbol))(?: <[^>]*>)?"
)
_MAX = re.compile(rf"MaxPoints:({WRITTEN})")
_END = "End-of-Line Indicator"


class Brightspace(Format):
    """Brightspace's grades, exported and imported under Grades, Enter Grades."""

    name = "brightspace"
    title = "D2L Brightspace grades"
    places = (0, 2)
    comma_by_semicolons = True
    has_thousands = True
    login = "Username"
    import_keys = ("OrgDefinedId", "Username")
    english_items = True
    upload = (
        "In Brightspace: Grades, Enter Grades, Import; leave 'Create new grade item' unticked. The preview lists items "
        "and errors; a grade above the maximum is cut unless the item can exceed it."
    )

    def recognises(self, header: Values) -> bool:
        """By the keys that come first, and the last column or an item."""
        keyed = bool({"OrgDefinedId", "Username"} & set(header[:2]))
        own = "OrgDefinedId" in header or _END in header or any(map(_ITEM.fullmatch, header))
        return keyed and own

    def layout(self, header: Values, following: Iterable[Values]) -> Layout:
        """Items say by their suffix what they hold, in exports also of how many points."""
        keys = present(header, [("Username", "id"), ("OrgDefinedId", "lms"), ("Email", "email")])
        found = (_column(at, name) for at, name in enumerate(header))
        return Layout(header, keys, [column for column in found if column])

    def key(self, value: str) -> str:
        """Brightspace's exports put a `#` before ids, so that spreadsheets leave them alone."""
        return value.strip().removeprefix("#")

    def unmapped(self, layout: Layout, rows: Sequence[Values]) -> Obstacle | None:
        """Each row ends in a sign, by which Brightspace knows that it is whole."""
        if _END not in layout.header:
            return Obstacle(
                f"there is no column '{_END}', which Brightspace wants as the last one, with a '#' in each row. Was "
                "the file cut off or edited? Export it anew",
                in_doubt=True,
            )
        unsigned = [row for row in rows if not layout.value(row, _END)]
        if not unsigned:
            return None
        names = some([self.key(row[layout.keys[0].index]) for row in unsigned])
        return Obstacle(
            f"Brightspace wants a '#' in the column '{_END}' of every row, and these have none: {names}. Was the file "
            "edited? Export it anew",
            in_doubt=True,
        )

    def how_to_upload(
        self, header: Values, delimiter: str = ",", encoding: str = "utf-8", *, is_stale: bool = False
    ) -> str:
        """What another program has saved may not be read."""
        if not (kind := saved_with(delimiter, encoding)):
            return self.upload
        return (
            f"{self.upload} The file has {kind}, as a spreadsheet saves it, where Brightspace exports commas and "
            "UTF-8: where the preview has errors, or names with wrong letters, stop, and "
            "fill the file as Brightspace exports it."
        )

    def fresh(self, title: str, max_score: str, entries: Sequence[Entry]) -> tuple[list[Values], str]:
        """Students by username; the item by its name."""
        suffix = f"<Numeric MaxPoints:{max_score}>"
        rows: list[Values] = [["Username", "Last Name", "First Name", f"{title} Points Grade {suffix}", _END]]
        for entry in entries:
            person = entry.person
            rows.append([f"#{entry.login}", person.last_name, person.first_name, entry.points, "#"])
        return rows, (
            f"Brightspace must guess which grade item '{title}' is: one of just this name, or it offers to make one."
        )


def _column(index: int, header: str) -> Column | None:
    if final := _FINAL.fullmatch(header.strip()):
        return Column(index, header, final["title"], obstacle="is a final grade, not an item")
    found = _ITEM.fullmatch(header.strip())
    if found is None:
        return None
    notes = found["notes"] or ""
    most = _MAX.search(notes)
    obstacle = ""
    if found["kind"] != "Points Grade":
        obstacle = f"holds a {found['kind'].lower()}, not points"
    elif re.match(r"(?:Calculated|Formula|Text|Selectbox)\b", notes):
        obstacle = f"is of the kind {notes.split()[0]}, which takes no points"
    return Column(index, header, found["title"], most=most[1] if most else "", obstacle=obstacle)
