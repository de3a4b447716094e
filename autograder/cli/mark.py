"""autograder mark: mark plain answers by an assignment's rubric."""

from collections.abc import Iterator
from pathlib import Path

import click
import msgspec

from autograder.cli.common import open_course, plural, progress
from autograder.errors import InstructorError


class _Line(msgspec.Struct):
    id: str | int
    text: str


@click.command("mark")
@click.argument("assignment")
@click.option(
    "--answers",
    required=True,
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    help='The answers, one JSON object a line: {"id": …, "text": …}.',
)
@click.option(
    "--json",
    "output",
    required=True,
    type=click.Path(path_type=Path, dir_okay=False),
    help="Where the marks go.",
)
@click.pass_context
def command(context: click.Context, assignment: str, answers: Path, output: Path) -> int:
    """Mark answers to the written question of ASSIGNMENT by its rubric.toml, to see how good the marks are on answers
    whose marks are known. The gradebook is not touched.

    \b
    A line of the marks: id, score (null where a person has to read it), suggested (always a number),
    confidence (high or low), criteria (each met, denied or unsure, with its span), flags.
    """
    _, the_assignment = open_course(context, assignment)
    from autograder.lms.files import write
    from autograder.written.given import texts_of
    from autograder.written.marker import load_marker

    marker = load_marker(the_assignment.folder, texts_of(the_assignment))
    if marker is None:
        raise InstructorError(
            f"There is no {the_assignment.folder / 'rubric.toml'}: nothing says how to mark."
        )
    lines = list(_read(answers))
    marked, sure = [], 0
    for line in progress(lines, len(lines), "Marking"):
        marking = marker.mark(line.text)
        sure += marking.confidence == "high"
        marked.append(msgspec.json.encode({"id": line.id, **msgspec.to_builtins(marking)}).decode() + "\n")
    write(output, "".join(marked).encode())
    click.echo(f"{plural(len(lines), 'answer')} marked, {sure} with high confidence: {output}")
    return 0


def _read(path: Path) -> Iterator[_Line]:
    for number, line in enumerate(path.read_bytes().splitlines(), 1):
        if line.strip():
            try:
                yield msgspec.json.decode(line, type=_Line)
            except (msgspec.DecodeError, UnicodeDecodeError) as error:
                raise InstructorError(
                    f'{path}:{number}: {error}. A line is {{"id": …, "text": …}}.'
                ) from error
