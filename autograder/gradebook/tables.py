"""The tables of nbgrader's gradebook, as far as the kit reads and writes them.

Importing nbgrader's own description of them takes seconds, and writing rows through it 20 ms a submission. A test
holds these against nbgrader's.
"""

from sqlalchemy import Boolean, Column, DateTime, Float, Interval, MetaData, String, Table, Text

_tables = MetaData()

assignments = Table(
    "assignment",
    _tables,
    Column("id", String(32), primary_key=True),
    Column("name", String(128)),
    Column("duedate", DateTime()),
)
notebooks = Table(
    "notebook",
    _tables,
    Column("id", String(32), primary_key=True),
    Column("name", String(128)),
    Column("assignment_id", String(32)),
)
cells = Table(
    "base_cell",
    _tables,
    Column("id", String(32), primary_key=True),
    Column("name", String(128)),
    Column("notebook_id", String(32)),
    Column("type", String(50)),
)
grade_cells = Table(
    "grade_cells", _tables, Column("id", String(32), primary_key=True), Column("max_score", Float())
)
task_cells = Table(
    "task_cells", _tables, Column("id", String(32), primary_key=True), Column("max_score", Float())
)
students = Table(
    "student",
    _tables,
    Column("id", String(128), primary_key=True),
    Column("first_name", String(128)),
    Column("last_name", String(128)),
    Column("email", String(128)),
    Column("lms_user_id", String(128)),
)
submitted_assignments = Table(
    "submitted_assignment",
    _tables,
    Column("id", String(32), primary_key=True),
    Column("assignment_id", String(32)),
    Column("student_id", String(128)),
    Column("timestamp", DateTime()),
    Column("extension", Interval()),
)
submitted_notebooks = Table(
    "submitted_notebook",
    _tables,
    Column("id", String(32), primary_key=True),
    Column("assignment_id", String(32)),
    Column("notebook_id", String(32)),
    Column("flagged", Boolean()),
    Column("late_submission_penalty", Float()),
)
grades = Table(
    "grade",
    _tables,
    Column("id", String(32), primary_key=True),
    Column("notebook_id", String(32)),
    Column("cell_id", String(32)),
    Column("auto_score", Float()),
    Column("manual_score", Float()),
    Column("extra_credit", Float()),
    Column("needs_manual_grade", Boolean()),
)
comments = Table(
    "comment",
    _tables,
    Column("id", String(32), primary_key=True),
    Column("notebook_id", String(32)),
    Column("cell_id", String(32)),
    Column("auto_comment", Text()),
    Column("manual_comment", Text()),
)
version = Table("alembic_version", MetaData(), Column("version_num", String(32)))
"""Which of nbgrader's versions the tables are of. nbgrader makes it without a description."""

ALL = tuple(_tables.tables.values())
