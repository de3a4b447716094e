"""The settings that let nbgrader's own commands and pages grade with this kit. Imports nothing of nbgrader."""

import os
import sys
from pathlib import Path
from typing import Any


def configure(config: Any) -> None:  # noqa: ANN401  # traitlets' Config
    """Put the kit into nbgrader's way: for `nbgrader autograde`, formgrader's button and Validate.

    Assignments without a folder in `assignments/` go nbgrader's own way, unchanged.
    """
    find_programs()
    config.Autograde.sanitize_preprocessors = [
        "autograder.door.RestoreCells",
        "nbgrader.preprocessors.ClearOutput",
        "nbgrader.preprocessors.DeduplicateIds",
        "nbgrader.preprocessors.OverwriteKernelspec",
        "nbgrader.preprocessors.OverwriteCells",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    config.Autograde.autograde_preprocessors = [
        "autograder.door.RunChecks",
        "nbgrader.preprocessors.IgnorePattern",
        "nbconvert.preprocessors.ClearMetadataPreprocessor",
        "nbgrader.preprocessors.LimitOutput",
        "nbgrader.preprocessors.SaveAutoGrades",
        "autograder.door.KeepReviewedScores",
        "autograder.door.AssignLatePenalties",
        "nbgrader.preprocessors.CheckCellMetadata",
    ]
    config.Autograde.pre_convert_hook = "autograder.door.explain_rejection"


def find_programs() -> None:
    """Put this environment's programs on PATH: nbgrader runs `alembic` by name when it makes a gradebook."""
    programs = str(Path(sys.executable).parent)
    path = os.environ.get("PATH", "")
    if programs not in path.split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([programs, path])
