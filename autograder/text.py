"""Text of a student's on its way to a terminal, a page or a file that an instructor reads."""

from collections.abc import Sequence


def printable(text: str) -> str:
    """Give the text without what would steer a terminal or hide from a reader: controls and direction marks."""
    if text.replace("\n", "").replace("\t", "").isprintable():
        return text
    return "".join(character if character.isprintable() or character in "\n\t" else "�" for character in text)


def one_line(text: str) -> str:
    """Give a name, or a sentence with a name in it, so that it can neither steer a terminal nor forge a line."""
    return "".join(character if character.isprintable() else "�" for character in text)


def some(names: Sequence[str]) -> str:
    """Give the first of these names, and how many more there are."""
    return "; ".join(names[:10]) + (f" … and {len(names) - 10} more" if len(names) > 10 else "")
