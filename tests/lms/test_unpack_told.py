"""autograder unpack: what is said of files without a place, and what to do next."""

import pytest

from tests.conftest import ID, World
from tests.lms.unpacked import notebook, reasons, unpack

BY_HAND = (
    "Where you know whose a file is, write the student's id into the first column of its row in unplaced.csv"
)
HAND_IN = "Where there is no notebook, look at the files"
ANEW = "has to come anew"
STRANGER = "stranger_777_5_x.ipynb"
HELP = "'autograder roster' with the gradebook's export teaches them"


@pytest.mark.parametrize(
    ("members", "said"),
    [
        ({STRANGER: "{}"}, {HELP, BY_HAND}),
        ({"notes.ipynb": "{}"}, {BY_HAND}),
        ({"team_901_902_6_x.ipynb": "{}"}, {BY_HAND}),
        ({"älvarezzoë_901_7_hw.pdf": "%PDF"}, {HAND_IN}),
        ({"x/../älvarezzoë_901_8_x.ipynb": "{}"}, {ANEW}),
        ({STRANGER: "{}", "älvarezzoë_901_7_hw.pdf": "%PDF", "notes.ipynb": "{}"}, {HELP, BY_HAND, HAND_IN}),
    ],
)
def test_what_to_do_next_fits_the_reasons(course: World, members: dict[str, str], said: set[str]) -> None:
    status, told = unpack(course, members, "--lms", "canvas")
    assert status == 1
    _, _, after = told.partition("What to do next:\n")
    assert {each for each in (HELP, BY_HAND, HAND_IN, ANEW) if each in after} == said, told


def test_the_file_that_was_named_is_not_asked_for_again(course: World) -> None:
    ids = course.root / "ids.csv"
    ids.write_text("id,lms_user_id\ns01,901\n")
    _, told = unpack(course, {STRANGER: notebook(course)}, "--who", str(ids))
    assert HELP not in told
    assert "Who is new in the class: 'autograder roster FILE'." in told
    assert BY_HAND in told
    assert "beside what you named" in told


def test_an_attempt_that_is_to_be_chosen(course: World) -> None:
    name = "901-90210 - Zoë - Dez {}, 2026 304 PM/x.ipynb"
    _, told = unpack(course, {name.format(day): notebook(course) for day in (4, 5)})
    assert "Which attempt is the last, you say" in told
    assert BY_HAND not in told


@pytest.mark.parametrize("late", ["", "LATE_"])
def test_an_anonymous_download_says_so(course: World, late: str) -> None:
    names = [
        f"{late}anon_aB3xZ_55503_ps1.ipynb",
        f"{late}anon_aB3xY_text.html",
        f"{late}anon_aB3xX_link.html",
    ]
    status, _ = unpack(course, dict.fromkeys(names, "x"))
    assert status == 1
    assert set(reasons(course)) == set(names)
    assert all("the download is anonymous" in reason for reason in reasons(course).values())


def test_a_blind_worksheet_says_of_nobody_who_they_are(course: World) -> None:
    worksheet = course.root / "worksheet.csv"
    worksheet.write_text('Identifier,Status,Grade,"Last modified (grade)"\n"Participant 701",,,-\n')
    members = {"Participant_701_assignsubmission_file/x.ipynb": notebook(course)}
    status, told = unpack(course, members, "--who", str(worksheet))
    assert (status, "reveal the students' identities" in told) == (2, True), told


@pytest.mark.parametrize(
    ("name", "title"),
    [
        ("älvarezzoë_901_text.html", "Canvas"),
        ("älvarezzoë_LATE_901_link.html", "Canvas"),
        ("anon_aB3xY_text.html", "Canvas"),
        ("Zoë Älvarez_901_assignsubmission_onlinetext/onlinetext.html", "Moodle"),
        ("Zoë Älvarez_901_assignsubmission_onlinetext_onlinetext.html", "Moodle"),
        ("ps1/Älvarez, Zoë(s01)/Älvarez, Zoë(s01)_submissionText.html", "Sakai"),
    ],
)
def test_a_download_of_typed_answers_only_is_known(course: World, name: str, title: str) -> None:
    status, told = unpack(course, {name: "<p>x</p>"})
    assert (status, f"{title}: 0 submissions" in told) == (1, True), told
    assert ID in told


@pytest.mark.parametrize(
    ("names", "typed"),
    [
        (["älvarezzoë_901_55_ps1.ipynb"], "älvarezzoë_901_text.html"),
        (
            ["My ps1/Älvarez, Zoë(s01)/Submission attachment(s)/ps1.ipynb"],
            "My ps1/Älvarez, Zoë(s01)/Älvarez, Zoë(s01)_submissionText.html",
        ),
    ],
)
def test_what_was_typed_in_beside_a_notebook_is_told(course: World, names: list[str], typed: str) -> None:
    members: dict[str, str | bytes] = dict.fromkeys(names, notebook(course))
    _, told = unpack(course, members)
    assert "typed in" not in told
    _, told = unpack(course, {**members, typed: "<p>I had trouble with part 2</p>"})
    assert "s01: what was typed in beside the notebook is left out" in told


@pytest.mark.parametrize(
    "text",
    ["<p></p>", "<p>&nbsp;</p>\r\n<p><br /></p>", "<!DOCTYPE html><html><body><div> </div></body></html>"],
)
def test_an_empty_text_beside_a_notebook_is_nothing_to_tell(course: World, text: str) -> None:
    """Editors write empty paragraphs; a picture is something."""
    folder = "My ps1/Älvarez, Zoë(s01)"
    typed = f"{folder}/Älvarez, Zoë(s01)_submissionText.html"
    members = {f"{folder}/Submission attachment(s)/ps1.ipynb": notebook(course)}
    assert "typed in" not in unpack(course, {**members, typed: text})[1]
    assert "typed in" in unpack(course, {**members, typed: f'{text}<p><img src="x"></p>'})[1]
    assert "typed in" in unpack(course, {**members, typed: text * 1000})[1]
