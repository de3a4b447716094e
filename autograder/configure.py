"""The settings that let nbgrader's own commands and pages grade with this kit. Imports nothing of nbgrader."""

import importlib
import os
import sys
from pathlib import Path
from typing import Any

DATABASE = "AUTOGRADER_DB"
"""The environment variable with the gradebook's URL. It wins over the course's settings."""


def configure(config: Any) -> None:
    """Put the kit into nbgrader's way: for `nbgrader autograde`, formgrader's button and Validate.

    Assignments without a folder in `assignments/` go nbgrader's own way, unchanged. To be called last, since the
    gradebook that the environment names is for all commands and pages.
    """
    find_programs()
    if url := os.environ.get(DATABASE):
        config.CourseDirectory.db_url = url
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
    make_pages_harmless(config)
    if "nbgrader.server_extensions.formgrader.handlers" in sys.modules:
        # In a Jupyter server: part of formgrader has no settings.
        importlib.import_module("autograder.browser.formgrader").protect()


def make_pages_harmless(config: Any) -> None:
    """Let nothing of a student's run in the pages that nbgrader makes: formgrader's, and stock feedback."""
    exporter = config.HTMLExporter
    exporter.sanitize_html = True
    exporter.template_file = str(Path(__file__).parent / "browser" / "templates" / "harmless.html.j2")
    exporter.preprocessors = ["autograder.browser.cells.HarmlessCells"]
    exporter.filters = {
        "markdown2html": "autograder.browser.filters.markdown_to_html",
        "clean_html": "autograder.browser.filters.clean_html",
        "highlight_code": "autograder.browser.filters.highlight_code",
        "strip_files_prefix": "autograder.browser.filters.unchanged",
        "guard_head": "autograder.browser.policy.guard_head",
        "trust_scripts": "autograder.browser.policy.trust_scripts",
        "distrust_scripts": "autograder.browser.policy.distrust_scripts",
    }


def find_programs() -> None:
    """Put this environment's programs on PATH: nbgrader runs `alembic` by name when it makes a gradebook."""
    programs = str(Path(sys.executable).parent)
    path = os.environ.get("PATH", "")
    if programs not in path.split(os.pathsep):
        os.environ["PATH"] = os.pathsep.join([programs, path])
