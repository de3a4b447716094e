"""Whether there is anything in what was typed into an LMS's editor, which writes markup for nothing, too."""

import re

from autograder.lms.archive import Archive, Member
from autograder.lms.downloads.base import small_text

_LONGEST_BLANK = 2_000
_BLANK = re.compile(
    r"(?:\s|&nbsp;|&#160;|<!doctype[^>]*>|<meta\b[^>]*>|</?(?:html|head|body|p|div|span|br)\b[^>]*>)*",
    re.IGNORECASE,
)


def says_something(archive: Archive, member: Member) -> bool:
    """Tell whether a text has more than empty paragraphs. One that is large or cannot be read is taken to."""
    if not member.size:
        return False
    text = small_text(archive, member, _LONGEST_BLANK)
    return not text or _BLANK.fullmatch(text) is None
