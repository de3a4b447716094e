"""Whose fault it is: the student's, the instructor's or ours. Each is an error of its own."""

from autograder.text import one_line


class StudentError(AssertionError):
    """The student's code is at fault. Shown to the student; costs the points of the check, nothing else."""


class InstructorError(Exception):
    """Something that the instructor must mend: a course, an assignment, a check, a command's arguments."""


class SubmissionError(Exception):
    """A submission that cannot be graded at all, such as a file that is not a notebook. Others go on."""

    def __init__(self, reason: str) -> None:
        super().__init__(one_line(reason))  # file names and what is in files are the student's


class GraderError(Exception):
    """The grader itself failed. Never costs a student points: the submission is left without a score."""
