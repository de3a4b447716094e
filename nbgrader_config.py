"""nbgrader's settings for this course. nbgrader, formgrader and the kit's commands all read this file."""

from autograder.configure import configure

c = get_config()  # noqa: F821  # given by traitlets

c.CourseDirectory.course_id = "perceptron"

configure(c)
