"""Whether a file with numbers is another assignment's: its names are those of the download, at other numbers."""

from collections.abc import Iterable

from autograder.errors import InstructorError
from autograder.lms.downloads.base import Download, Piece
from autograder.lms.known import Known, are_others
from autograder.lms.naming import letters


def refuse_anothers(known: Known, pieces: Iterable[Piece], download: Download) -> None:
    """Raise InstructorError where most of the numbers that hold for one assignment only have another one's name.

    A team's number may be a participant's by chance, but a team's name is none of the participants'.
    """
    if not download.local_ids:
        return
    names = {letters(each.name) for claims in known.claims.values() for each in claims} - {""}
    right, wrong, sources = set(), set(), set()
    for piece in pieces:
        claims = known.claims.get(piece.owner, ())
        if not claims or not piece.name:
            continue
        if not all(are_others(each.name, piece.name) for each in claims):
            right.add(piece.owner)
        elif letters(piece.name) in names:
            wrong.add(piece.owner)
            sources |= {each.source for each in claims}
    if len(wrong) > len(right):
        raise InstructorError(
            f"of {len(right | wrong)} numbers in the download that {' and '.join(sorted(sources))} has, {len(wrong)} "
            "have another participant's name there, so it seems to be another assignment's. In "
            f"{download.title}, download the worksheet of this assignment, and name that with --who."
        )
