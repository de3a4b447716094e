"""Which column of an LMS's file is meant, and which columns say who a row is about."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from autograder.course import Assignment
from autograder.errors import InstructorError
from autograder.lms.document import Document
from autograder.lms.formats import Column, Key, known_formats

_ENGLISH = (
    "Such columns are known by the LMS's English words: if it writes others, switch its user interface to English, and "
    "export the file anew."
)


@dataclass(frozen=True)
class Wanted:
    """What an instructor wants to be filled. `source` says where `column` was named, if not by the option."""

    column: str | None = None
    key: str | None = None
    likely_columns: Sequence[str] = ()
    rescale: bool = False
    missing_is_zero: bool = False
    remarks: bool = False
    source: str = ""


def refuse_unknown_names(assignment: Assignment) -> None:
    """Raise InstructorError, with the line, where `[lms]` in `assignment.toml` names a kind of file that is none."""
    names = [format_.name for format_ in known_formats()] if assignment.file.lms else []
    for name in assignment.file.lms:
        if name not in names:
            raise assignment.unfit(
                name, f"lms names '{name}', which is no kind of file here. There are: {', '.join(names)}"
            )


def choose_column(document: Document, wanted: Wanted) -> tuple[Column, str]:
    """Choose the column to fill, and say how where it was not named.

    Raises InstructorError where it is not clear, or where the one that was named cannot be filled.
    """
    columns = document.layout.columns
    fillable = [column for column in columns if not column.obstacle and not column.guess]
    if wanted.column is not None:
        return _one(document, wanted.column, _named(columns, wanted.column), wanted.source), ""
    for name in wanted.likely_columns:
        if found := _named(fillable, name):
            return _one(document, name, found), f"The column '{found[0].header}' was taken by its name."
    # Where the assignment's own column cannot be filled, the only one that can is another assignment's.
    its_own = [column for name in wanted.likely_columns for column in _named(columns, name)]
    if len(fillable) == 1 and not its_own:
        return fillable[0], f"The column '{fillable[0].header}' was taken, the only one that can be filled."
    if all(column.obstacle for column in columns):
        english = "" if columns or not document.format.english_items else f" {_ENGLISH}"
        raise InstructorError(f"{document.name} has no column that can be filled. {_offer(columns)}{english}")
    raise InstructorError(f"{document.name}: say with --column which column is meant. {_offer(columns)}")


def _named(columns: Sequence[Column], name: str) -> list[Column]:
    """Give the columns of this name: by the whole header, else by the LMS's id, else by the title."""
    wanted = name.strip()
    for part in ("header", "lms_id", "title"):
        found = [column for column in columns if str(getattr(column, part)).strip() == wanted]
        if found:
            return found
    return [column for column in columns if column.title.strip().casefold() == wanted.casefold()]


def _one(document: Document, name: str, found: Sequence[Column], source: str = "") -> Column:
    named = f" (it is named {source})" if source else ""
    if not found:
        raise InstructorError(
            f"{document.name} has no column '{name}' that can be filled{named}. {_offer(document.layout.columns)}"
        )
    usable = [column for column in found if not column.obstacle]
    if not usable:
        raise InstructorError(f"{document.name}: the column '{found[0].header}'{named} {found[0].obstacle}.")
    same = [column for column in document.layout.columns if column.header == usable[0].header]
    if len(usable) > 1 or len(same) > 1:
        raise InstructorError(
            f"{document.name} has several columns '{name}'{named}: "
            + (
                "the LMS cannot tell them apart; rename one there."
                if len(same) > 1
                else "name one by its id."
            )
            + f" {_offer(document.layout.columns)}"
        )
    return usable[0]


def _offer(columns: Sequence[Column]) -> str:
    reasons = [column.obstacle or column.guess for column in columns]
    names = [
        f"'{column.header}'" + (f" ({reason})" if reason else "")
        for column, reason in zip(columns, reasons, strict=True)
    ]
    return f"There are: {', '.join(names)}." if names else "It has no column for points at all."


def choose_keys(document: Document, name: str | None) -> list[Key]:
    """Give the columns that say who a row is about: all, or the one of this name. Raises InstructorError.

    What is in a column that somebody has named is nobody's by chance.
    """
    keys = list(document.layout.keys)
    if name is not None:
        index = document.layout.header.index(name) if name in document.layout.header else None
        if index is None:
            raise InstructorError(
                f"{document.name} has no column '{name}'. There are: {', '.join(document.layout.header)}."
            )
        named = next((key for key in keys if key.index == index), Key(name, index, "id"))
        return [replace(named, numbers=False)]
    if not keys:
        raise InstructorError(
            f"{document.name} has no column with ids or addresses. Let the LMS export them, or name one with --id."
        )
    return keys
