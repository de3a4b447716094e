"""Exceptions of a notebook's code, told by its own cells and lines."""

import traceback


def describe(error: BaseException, filename: str) -> tuple[str, str, list[str]]:
    """Give an exception as nbformat does: its name, its text, and the lines of the cells' own frames."""
    try:
        text = str(error)[:2000]
    except BaseException:  # a student's __str__ may raise what it likes
        text = "…"
    if isinstance(error, SyntaxError) and error.filename == filename:
        lines = traceback.format_exception_only(error)
    else:
        frames = [
            frame
            for frame in traceback.extract_tb(error.__traceback__, limit=200)
            if frame.filename[:1] == "<"
        ]
        lines = [
            "Traceback (most recent call last):\n",
            *traceback.format_list(frames[:3] + frames[-10:][3:]),
        ]
        lines.append(f"{type(error).__name__}: {text}" if text else type(error).__name__)
    return type(error).__name__, text, [line.rstrip("\n") for line in lines]


def line_of(error: BaseException) -> str:
    """Give the cell and line in which a student's function raised, such as 'cell 4, line 3', or ''."""
    for frame in reversed(traceback.extract_tb(error.__traceback__, limit=-200)):
        if frame.filename.startswith("<cell"):
            return f"{frame.filename[1:-1]}, line {frame.lineno}"
    return ""
