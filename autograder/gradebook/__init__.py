"""Verdicts into nbgrader's database and out of it again. The only room, with the door, that imports nbgrader."""
