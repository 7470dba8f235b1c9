"""Handing sheets out: what stands on a student's sheet, what does not, and files that are whole or not there."""

from __future__ import annotations

import io
import re
import sys
import tomllib
from html.parser import HTMLParser
from pathlib import Path

import pytest
from pypdf import PdfReader

from cnncalc.errors import MissingExtraError
from cnncalc.grading import readers
from cnncalc.grading.files import Source
from cnncalc.grading.grade import grade_submission
from cnncalc.render.issued import FORMATS
from cnncalc.sheets.files import SheetError
from cnncalc.sheets.issuing import form, form_name, issued, read_secret, students, write_all
from cnncalc.sheets.loader import load, load_homework

QUIZ = Path(__file__).parents[2] / "docs" / "examples" / "quiz.toml"
VARIANT = {"q2.image": 96, "q2.filters": 24, "q2.k1": 7, "q2.p1": 3, "q2.classes": 12}


@pytest.fixture(scope="module")
def sheet():
    return load_homework()


def written(sheet, form_of, language="en", variant=VARIANT):
    return FORMATS[form_of][1](issued(sheet, "s001", variant, language))


# -- what is on a sheet -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form_of", ["markdown", "html", "latex"])
def test_the_parameters_of_the_variant_are_printed(sheet, form_of):
    text = written(sheet, form_of).replace(r"\ensuremath{\times}", "×").replace(r"\_", "_")
    for part in ("96×96 pixels", "24 filters of 7×7 with padding 3 and stride 2", "12 classes", "hw3@1", "s001", "q2.image=96"):
        assert part in text.replace(r"\allowbreak{}", "")
    persian = written(sheet, form_of, "fa").replace(r"\ensuremath{\times}", "×")
    for part in ("۹۶×۹۶", "۱۲ دسته", "نمره"):
        assert part in persian


@pytest.mark.parametrize("language", ["en", "fa"])
def test_nothing_leaves_the_teachers_file(sheet, language):
    shown = written(sheet, "markdown", language).replace("\\", "") + form(sheet, "s001", VARIANT, ["en", "fa"])
    secret = [text for question in sheet.questions for part in question.parts for text in part.reading.values()]
    for ask in (ask for question in sheet.questions for ask in question.asks):
        texts = [ask.model, *(r.note for r in ask.readings), *(m.text for m in ask.misconceptions)]
        texts += [point.point for point in ask.rubric] + ([ask.claim.note] if ask.claim else [])
        secret += [text for found in texts for text in found.values()]
    assert len(secret) > 100
    assert [text for text in secret if text[:60] in shown] == []
    assert not re.search(r"golden|misconception|credit|rubric|\brf\.", shown)


def test_every_ask_and_option_is_there():
    quiz = load(QUIZ)
    text = written(quiz, "markdown", variant={})
    for question in quiz.questions:
        for ask in question.asks:
            assert f"*{ask.id}:* {ask.text['en'].replace('{k}', '5')}" in text
    assert "- a: It makes it larger.\n- b: It shifts it.\n" in text
    # Nothing says which option is right.
    assert "right" not in text


def test_html_is_escaped_and_well_formed(sheet):
    question = sheet.questions[0]
    hostile = sheet._replace(questions=(question._replace(text={"en": "<script>alert(1)</script> & {image}"}),))
    page = FORMATS["html"][1](issued(hostile, "s001", {}, "en"))
    assert "<script>" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; 10" in page
    depth = []

    class Balance(HTMLParser):
        def handle_starttag(self, tag, attrs):
            del attrs
            if tag != "meta":
                depth.append(tag)

        def handle_endtag(self, tag):
            assert depth.pop() == tag

    for language in ("en", "fa"):
        Balance().feed(written(sheet, "html", language))
        assert depth == []
    assert 'dir="rtl"' in written(sheet, "html", "fa")


@pytest.mark.parametrize("language", ["en", "fa"])
def test_latex_is_balanced_and_plain(sheet, language):
    text = written(sheet, "latex", language)
    bare = re.sub(r"\\[{}]", "", text)
    assert bare.count("{") == bare.count("}")
    begun, ended = re.findall(r"\\begin\{(\w+)\}", text), re.findall(r"\\end\{(\w+)\}", text)
    assert sorted(begun) == sorted(ended)
    body = text.partition(r"\begin{document}")[2]
    # Nothing that LaTeX would read, and no mark of direction that it would print.
    assert not re.search(r"(?<!\\)[#$%&_^]", body)
    assert not re.search("[\u2066-\u2069×−⌊⌋]", body)
    assert (r"\usepackage{xepersian}" in text) == (language == "fa")
    if language == "fa":
        # Words in Latin letters are marked, so that XeLaTeX sets them left to right.
        marked = r"\\lr\{(?:[^{}]|\{[^{}]*\}|\\[{}])*\}|\\begin\{latin\}.*?\\end\{latin\}|\\[A-Za-z]+\*?"
        outside = re.sub(marked, "", body, flags=re.DOTALL)
        assert re.findall(r"[A-Za-z]{3,}", outside.replace("itemize", "").replace("document", "")) == []


def text_of(pdf):
    return "\n".join(page.extract_text() for page in PdfReader(io.BytesIO(pdf)).pages)


def test_pdf_says_what_the_sheet_says(sheet):
    text = " ".join(text_of(written(sheet, "pdf", "en")).split())
    assert sheet.title["en"] in text
    for question in sheet.questions:
        for ask in question.asks:
            assert ask.id in text
    assert "".join(f"{name}={value}," for name, value in VARIANT.items())[:-1] in text.replace("\u200b", "").replace(" ", "")


def test_pdf_reads_no_text_as_markup(sheet):
    hostile = '#read("/etc/hostname") $x$ *a* _b_ \\ " #panic() [c] <d> @e // f'
    question = sheet.questions[0]
    issued_hostile = issued(sheet._replace(questions=(question._replace(text={"en": hostile}),)), "s001", {}, "en")
    assert hostile in " ".join(text_of(FORMATS["pdf"][1](issued_hostile)).split())


def test_pdf_is_set_from_right_to_left_and_the_same_each_time(sheet):
    made = written(sheet, "pdf", "fa")
    assert made == written(sheet, "pdf", "fa")
    places = {}
    page = PdfReader(io.BytesIO(made)).pages[0]
    page.extract_text(visitor_text=lambda text, cm, tm, *_: places.setdefault(text.strip(), cm[4] + tm[4]))
    words = sheet.title["fa"].split()
    assert places[words[1]] > places[words[-1]] > 0


def test_without_typst_the_extra_is_named(sheet, monkeypatch):
    monkeypatch.setitem(sys.modules, "typst", None)
    with pytest.raises(MissingExtraError, match=r"cnncalc\[pdf\]"):
        written(sheet, "pdf", "en")


# -- the form -----------------------------------------------------------------------------------------------------


def test_the_form_is_a_submission_that_answers_nothing(sheet, tmp_path):
    path = tmp_path / form_name("s001")
    path.write_text(form(sheet, "s001", VARIANT, ["en", "fa"]), encoding="utf-8")
    (submission,) = readers.load(Source(str(path), "s001"))
    assert submission.problem == ""
    assert submission.variant == VARIANT
    assert submission.sheet == "hw3@1"
    graded = grade_submission(sheet, submission)
    assert {ask.verdict for ask in graded.asks} == {"missing"}
    data = tomllib.loads(path.read_text(encoding="utf-8"))
    asked = {ask.id for question in sheet.questions for ask in question.asks}
    assert set(data["answers"]) | set(data["text"]) == asked
    assert set(data["steps"]) == {"q2.4.rf"}


def test_a_form_that_is_filled_in_is_graded(sheet, tmp_path):
    text = form(sheet, "s001", VARIANT, ["en"]).replace('"q2.1.params" = ""', '"q2.1.params" = "24*7*7*3 + 24"')
    path = tmp_path / "s001.toml"
    path.write_text(text, encoding="utf-8")
    (submission,) = readers.load(Source(str(path), "s001"))
    graded = {ask.id: ask for ask in grade_submission(sheet, submission).asks}
    assert graded["q2.1.params"].verdict == "right"


# -- classes and secrets ------------------------------------------------------------------------------------------


def test_a_class_is_a_number_or_a_file(tmp_path):
    assert students("3") == ["s001", "s002", "s003"]
    assert students("1000")[-1] == "s1000"
    path = tmp_path / "ids.txt"
    path.write_text("\ufeffa-1\n\n# a remark\n  b_2  \n", encoding="utf-8")
    assert students(str(path)) == ["a-1", "b_2"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("a b", "1 to 32 letters"),
        ("../x", "1 to 32 letters"),
        ("a\nA", "stands there twice"),
        ("", "a class has"),
        ("\udcff", "not a text in UTF-8"),
    ],
)
def test_broken_classes_are_refused(tmp_path, content, message):
    path = tmp_path / "ids.txt"
    path.write_bytes(content.encode("utf-8", "surrogateescape"))
    with pytest.raises(SheetError, match=message):
        students(str(path))


@pytest.mark.parametrize("given", ["0", "100001", "99999999999", "nowhere.txt"])
def test_broken_numbers_of_students_are_refused(given):
    with pytest.raises(SheetError):
        students(given)


def test_the_secret(tmp_path):
    path = tmp_path / "secret.txt"
    path.write_text(" a secret of sixteen \n")
    assert read_secret(str(path)) == b"a secret of sixteen"
    with pytest.raises(SheetError, match="can't be read"):
        read_secret(str(tmp_path / "none"))
    with pytest.raises(SheetError, match="needs --secret-file"):
        read_secret(None)


# -- files --------------------------------------------------------------------------------------------------------

FILES = {"a.md": "a", "b.md": "ب", "c.md": "c"}


def contents(folder):
    return {path.name: path.read_text(encoding="utf-8") for path in folder.iterdir()}


def test_a_new_folder_appears_whole(tmp_path):
    write_all(tmp_path / "deep" / "out", FILES)
    assert contents(tmp_path / "deep" / "out") == FILES
    assert [path.name for path in (tmp_path / "deep").iterdir()] == ["out"]
    # The same again changes nothing; more students may come.
    write_all(tmp_path / "deep" / "out", FILES | {"d.md": "d"})
    assert len(contents(tmp_path / "deep" / "out")) == 4


def test_what_somebody_has_filled_in_is_not_replaced(tmp_path):
    write_all(tmp_path / "out", FILES)
    (tmp_path / "out" / "b.md").write_text("my answers")
    with pytest.raises(SheetError, match=r"another content is there already; got b\.md"):
        write_all(tmp_path / "out", FILES | {"a.md": "a", "d.md": "d"})
    assert contents(tmp_path / "out") == FILES | {"b.md": "my answers"}


def test_nothing_is_left_half_written(tmp_path, monkeypatch):
    plain = Path.write_bytes

    def failing(self, text, *args, **options):
        if self.name == "b.md":
            raise OSError(28, "No space left on device")
        return plain(self, text, *args, **options)

    monkeypatch.setattr(Path, "write_bytes", failing)
    with pytest.raises(SheetError, match="can't be written; got No space left on device"):
        write_all(tmp_path / "out", FILES)
    assert list(tmp_path.iterdir()) == []
