"""autograder feedback --return: no page lies beside other work than it is about."""

import re
import zipfile
from collections.abc import Mapping
from pathlib import Path

import pytest

from autograder import notebook as nb
from autograder.authoring.samples import answer_notebook
from tests.conftest import ID, UNTOUCHED, World
from tests.lms.test_unpack_foreign import foreign
from tests.lms.unpacked import notebook, run
from tests.lms.zips import zipped

NEWER = (
    "what they have in the download is newer than the work that was graded: unpack the download, grade again"
)
OLDER = "what they have in the download is older than the work that was graded: name the download that was unpacked"
OTHER = "their notebook in the download is not the work that was graded. If the download is the newest, unpack it, grade"
FOREIGN = "their notebook in the download is not the work that was graded, and has no cells of the assignment"

Zip = dict[str, bytes | str]


def untouched(world: World) -> bytes:
    return nb.to_text(answer_notebook(world.assignment, UNTOUCHED)).encode()


def graded(world: World, members: Mapping[str, bytes | str], *arguments: str) -> None:
    path = zipped(world.root / "before.zip", members)
    status, said = run(world, path, *arguments)
    assert status == 0, said
    world.grade()


def returned(world: World, members: Mapping[str, bytes | str], *arguments: str) -> tuple[set[str], str]:
    """Give the places of the pages, and what is said of who gets none."""
    path, out = zipped(world.root / "back.zip", members), world.root / "feedback.zip"
    out.unlink(missing_ok=True)
    ran = world.run("feedback", ID, "--provisional", "--return", str(path), "-o", str(out), *arguments)
    assert (ran.status == 0) == out.exists(), ran.out + ran.err
    without = re.findall(r"^ *(s\d\d: .*)$", ran.out + ran.err, re.MULTILINE)
    if not out.exists():
        return set(), "\n".join(without)
    with zipfile.ZipFile(out) as pages:
        return set(pages.namelist()), "\n".join(without)


def canvas(zoes: bytes, number: int, bos: bytes) -> Zip:
    return {f"a_901_{number}_{ID}.ipynb": zoes, f"b_902_20_{ID}.ipynb": bos}


def page(number: int) -> str:
    return f"a_901_{number}_{ID}.html"


def test_canvas_knows_by_the_numbers_of_files(course: World) -> None:
    bos = notebook(course)
    graded(course, canvas(notebook(course), 30, bos))
    assert returned(course, canvas(notebook(course), 30, bos)) == (
        {page(30), page(20).replace("a_901", "b_902")},
        "",
    )
    for number, why in ((40, NEWER), (10, OLDER)):
        places, said = returned(course, canvas(untouched(course), number, bos))
        assert places == {page(20).replace("a_901", "b_902")}
        assert said.startswith(f"s01: {why}")
    places, said = returned(course, canvas(foreign(), 40, bos))
    assert (len(places), said.startswith(f"s01: {FOREIGN}")) == (1, True)


def test_once_it_was_unpacked_and_graded_the_page_goes_back(course: World) -> None:
    graded(course, canvas(notebook(course), 30, notebook(course)))
    newer = canvas(untouched(course), 40, notebook(course))
    assert len(returned(course, newer)[0]) == 1
    graded(course, newer)
    assert returned(course, newer) == ({page(40), page(20).replace("a_901", "b_902")}, "")
    # And into the download of before, whose work is no longer what counts.
    places, said = returned(course, canvas(notebook(course), 30, notebook(course)))
    assert (len(places), said.startswith(f"s01: {OLDER}")) == (1, True)


def test_where_nobody_gets_a_page_no_zip_is_made(course: World) -> None:
    graded(course, {f"a_901_10_{ID}.ipynb": notebook(course)})
    places, said = returned(course, {f"a_901_11_{ID}.ipynb": untouched(course)})
    assert (places, said.startswith(f"s01: {NEWER}")) == (set(), True)


def test_what_an_instructor_has_mended_is_about_the_same_attempt(course: World) -> None:
    broken = {f"a_901_10_{ID}.ipynb": "{", f"b_902_20_{ID}.ipynb": notebook(course)}
    path = zipped(course.root / "before.zip", broken)
    run(course, path)
    course.hand_in("s01")
    course.grade()
    assert len(returned(course, broken)[0]) == 2


def test_what_was_not_put_there_by_unpack(course: World) -> None:
    """Then nothing but the work itself says which it is; outputs and the like are none."""
    for student in ("s01", "s02"):
        course.hand_in(student)
    course.grade()
    places, said = returned(course, canvas(untouched(course), 10, notebook(course, "other outputs")))
    assert places == {page(20).replace("a_901", "b_902")}
    assert said.startswith(f"s01: {OTHER}")


def sakai(zoes: bytes, day: int, bos: bytes) -> Zip:
    members: Zip = {}
    for name, data, when in (("Älvarez, Zoë(s01)", zoes, day), ("O'Neil, Bo(s02)", bos, 5)):
        members[f"ps1/{name}/Submission attachment(s)/{ID}.ipynb"] = data
        members[f"ps1/{name}/timestamp.txt"] = f"202601{when:02}140459000"
    return members


def test_sakai_knows_by_the_times(course: World) -> None:
    graded(course, sakai(notebook(course), 5, notebook(course)))
    assert len(returned(course, sakai(notebook(course), 5, notebook(course)))[0]) == 2
    for day, why in ((9, NEWER), (3, OLDER)):
        places, said = returned(course, sakai(untouched(course), day, notebook(course)))
        assert (len(places), said.startswith(f"s01: {why}")) == (1, True), said


def test_the_same_work_at_a_later_time_is_not_graded_yet(course: World) -> None:
    """It may be late."""
    graded(course, sakai(notebook(course), 5, notebook(course)))
    places, said = returned(course, sakai(notebook(course), 9, notebook(course)))
    assert (len(places), said.startswith(f"s01: {NEWER}")) == (1, True), said


def brightspace(zoes: bytes, day: str, bos: bytes) -> Zip:
    return {
        f"901-9 - Zoë Älvarez - {day}/x.ipynb": zoes,
        "902-9 - Bo O'Neil, Jr. - Jan 5, 2026 304 PM/x.ipynb": bos,
    }


@pytest.mark.parametrize("zone", ["Europe/Berlin", "America/Los_Angeles"])
def test_brightspace_needs_no_zone_for_it(course: World, zone: str) -> None:
    same = brightspace(notebook(course), "Jan 5, 2026 304 PM", notebook(course))
    graded(course, same)
    assert len(returned(course, same, "--timezone", zone)[0]) == 2
    for day, data, why in (
        ("Jan 24, 2026 900 AM", notebook(course), NEWER),
        ("Jan 5, 2026 504 PM", untouched(course), NEWER),
        ("Jan 1, 2026 504 PM", untouched(course), OLDER),
    ):
        places, said = returned(course, brightspace(data, day, notebook(course)), "--timezone", zone)
        assert (len(places), said.startswith(f"s01: {why}")) == (1, True), said


def test_brightspace_with_times_that_cannot_be_read(course: World) -> None:
    same = brightspace(notebook(course), "5 janv. 2026 15 h 04", notebook(course))
    graded(course, same)
    assert len(returned(course, same)[0]) == 2
    places, said = returned(course, brightspace(untouched(course), "9 janv. 2026 15 h 04", notebook(course)))
    assert (len(places), said.startswith(f"s01: {OTHER}")) == (1, True), said


def moodle(zoes: bytes, bos: bytes) -> Zip:
    return {
        f"Zoë Älvarez_701_assignsubmission_file/{ID}.ipynb": zoes,
        f"Bo O'Neil, Jr._702_assignsubmission_file/{ID}.ipynb": bos,
    }


def worksheet(world: World, name: str, day: int) -> str:
    """Zoë's time is on this day."""
    lines = [
        'Identifier,"Full name","Email address",Status,Grade,"Maximum grade","Grade can be changed",'
        '"Last modified (submission)","Last modified (grade)","Feedback comments"'
    ]
    lines += [
        f'"Participant {number}",{who},{student}@uni.example,"Submitted for grading - ",,20.00,Yes,'
        f'"Monday, {when} January 2026, 3:04 PM",-,'
        for number, who, student, when in (
            (701, '"Zoë Älvarez"', "s01", day),
            (702, '"Bo O\'Neil, Jr."', "s02", 5),
        )
    ]
    path = Path(world.root / name)
    path.write_text("\n".join([*lines, ""]))
    return str(path)


def test_moodle_knows_by_the_worksheet_and_by_the_work(course: World) -> None:
    old, new = worksheet(course, "old.csv", 5), worksheet(course, "new.csv", 8)
    first = moodle(notebook(course), notebook(course))
    second = moodle(untouched(course), notebook(course))
    graded(course, first, "--who", old)
    assert len(returned(course, first, "--who", old)[0]) == 2
    for members, sheet, why in (
        (second, new, NEWER),
        (second, old, OTHER),  # the worksheet is older than the download
        (first, new, NEWER),  # and here newer
    ):
        places, said = returned(course, members, "--who", sheet, "--timezone", "Europe/Berlin")
        assert (len(places), said.startswith(f"s01: {why}")) == (1, True), said
    graded(course, second, "--who", new)
    for sheet in (new, old):
        assert len(returned(course, second, "--who", sheet)[0]) == 2
    places, said = returned(course, first, "--who", old)
    assert (len(places), said.startswith(f"s01: {OLDER}")) == (1, True), said
