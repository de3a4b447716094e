"""What is installed for LMSs, by this package and by others: found by entry points."""

from importlib.metadata import entry_points
from typing import TypeVar

from autograder.errors import GraderError

Kind = TypeVar("Kind")


def installed(group: str, kind: type[Kind]) -> list[Kind]:
    """Make all that a group of entry points names, by name. Raises GraderError for one that is no `kind`."""
    found = []
    for point in sorted(entry_points(group=group), key=lambda point: point.name):
        try:
            made = point.load()()
        except Exception as error:
            raise GraderError(
                f"the entry point {point.name} in {group} ({point.value}) fails: {error}"
            ) from error
        if not isinstance(made, kind):
            raise GraderError(
                f"the entry point {point.name} in {group} ({point.value}) is no {kind.__name__}"
            )
        found.append(made)
    return found
