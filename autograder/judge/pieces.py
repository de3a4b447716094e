"""Runs of equal things that lie side by side, cut so that each piece lies within one run of either side."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Piece:
    """A stretch that lies within one run on the left and one on the right."""

    left: int
    of_left: tuple[int, int]
    right: int
    of_right: tuple[int, int]

    @property
    def count(self) -> int:
        """How long it is."""
        return self.of_left[1] - self.of_left[0]


def pieces(left: Sequence[int], right: Sequence[int]) -> Iterator[Piece]:
    """Cut runs of these lengths at each other's ends, as far as both reach."""
    i = j = in_left = in_right = 0
    while i < len(left) and j < len(right):
        count = min(left[i] - in_left, right[j] - in_right)
        if count:
            yield Piece(i, (in_left, in_left + count), j, (in_right, in_right + count))
        in_left, in_right = in_left + count, in_right + count
        if in_left == left[i]:
            i, in_left = i + 1, 0
        if in_right == right[j]:
            j, in_right = j + 1, 0
