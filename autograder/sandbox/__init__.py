"""Running student code apart from the grader. Nothing above this room is known in it."""
