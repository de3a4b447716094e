"""The templates of pages, which all escape what they are given."""

from pathlib import Path

import jinja2

from autograder.text import printable


def template(name: str) -> jinja2.Template:
    """Give a template of this package."""
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(points=lambda number: f"{number:g}", printable=printable)
    return environment.get_template(name)
