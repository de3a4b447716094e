"""An auto-graded coding exercise kit on nbgrader and JupyterLab."""

__version__ = "0.1.0"
