"""How a file was saved, in words."""

_DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs"}
_ENCODINGS = {"utf-8": "UTF-8", "utf-16-le": "UTF-16", "utf-16-be": "UTF-16", "cp1252": "Windows-1252"}


def saved_with(delimiter: str, encoding: str) -> str:
    """Say what stands between a file's cells, and its encoding; '' where these are those of most LMSs."""
    if (delimiter, encoding) == (",", "utf-8"):
        return ""
    return f"{_DELIMITERS.get(delimiter, delimiter)} and {_ENCODINGS.get(encoding, encoding)}"
