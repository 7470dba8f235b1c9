"""Persian answers: every line has its direction, formulas keep their order, digits are those that were asked for."""

from __future__ import annotations

import re
from functools import cache

import pytest

from cnncalc.render import bidi
from cnncalc.render.answer_html import as_html
from cnncalc.render.answer_markdown import as_markdown
from cnncalc.render.answer_text import as_text
from cnncalc.render.labels import LABELS
from cnncalc.sheets.answering import answer
from cnncalc.sheets.loader import load_homework

QUESTIONS = ("q1", "q2", "q3", "p1")
RIGHT, LEFT, END = "\u2067", "\u2066", "\u2069"
#: Latin digits that belong to a name: of an ask, a row, a network, a paper, a program.
NAMES = re.compile(r"arXiv:[\d.]+|torch [\d.]+|[A-Za-z][\w.@-]*")

every_question = pytest.mark.parametrize("name", QUESTIONS)


@cache
def data(name, *, persian_digits=True):
    """An answer in Persian."""
    return answer(load_homework(), name, language="fa", persian_digits=persian_digits)


def without_isolates(line):
    """A line without what is isolated inside it: formulas and quoted messages."""
    text, depth, kept = line, 0, ""
    for character in text:
        depth += (character == LEFT) - (character == END)
        kept += character if depth == 0 else " "
    return kept


@every_question
@pytest.mark.parametrize("width", [40, 80, 100])
def test_every_line_is_marked_with_its_direction(name, width):
    lines = [line for line in as_text(data(name), width).splitlines() if line]
    formulas = [line for line in lines if line.lstrip().startswith(LEFT)]
    for line in formulas:
        assert re.fullmatch(f" *{LEFT}[^{LEFT}{RIGHT}{END}]*{END}", line)
        assert not re.search("[؀-ۿ]", line)
    for line in (line for line in lines if line not in formulas):
        assert re.fullmatch(f"{RIGHT}.*{END}", line)
        inner = line[1:-1]
        assert inner.count(LEFT) == inner.count(END)
        assert RIGHT not in inner
    workings = [line for item in (*data(name)["asks"], *data(name)["facts"]) for line in item["working"]]
    assert {line.strip() for line in workings} <= {line.strip().strip(LEFT + END).strip() for line in formulas}


@every_question
def test_prose_has_persian_digits_by_default(name):
    for line in as_text(data(name), 80).splitlines():
        if line.startswith(RIGHT):
            assert not re.search("[0-9]", NAMES.sub(" ", without_isolates(line[1:-1]))), line


@every_question
def test_latin_digits_by_choice(name):
    assert not re.search("[۰-۹]", as_text(data(name, persian_digits=False), 80))
    assert not re.search("[۰-۹]", as_html([data(name, persian_digits=False)]))


@every_question
def test_values_are_the_same_whatever_the_digits(name):
    latin = data(name, persian_digits=False)
    for asked, other in zip(data(name)["asks"], latin["asks"], strict=True):
        assert asked["value"] == other["value"] or asked["kind"] == "text"
        assert asked["working"] == other["working"]


@every_question
def test_html_is_right_to_left_and_its_formulas_are_not(name):
    html = as_html([data(name)])
    assert '<html lang="fa" dir="rtl">' in html
    assert set(re.findall(r"<pre[^>]*>", html)) <= {'<pre dir="ltr">'}
    assert "<pre" in html or not any(item["working"] for item in (*data(name)["asks"], *data(name)["facts"]))


@every_question
def test_markdown_is_right_to_left_and_its_formulas_are_not(name):
    text = as_markdown(data(name))
    assert text.startswith('<div dir="rtl" lang="fa">\n')
    assert text.rstrip().endswith("</div>")
    assert text.count("```text\n") == text.count('<div dir="ltr">\n')


@every_question
def test_visual_order_has_no_marks_left_and_fits(name):
    shown = bidi.visual(as_text(data(name), 80), 80)
    assert not re.search("[\u2066-\u2069\u200e\u200f]", shown)
    assert len(shown.splitlines()) == len(as_text(data(name), 80).splitlines())


def test_visual_order_lays_a_line_out_from_the_right():
    shown = bidi.visual(f"{RIGHT}میدان دید برابر ۳۶ است{END}", 40)
    assert len(shown) == 40
    # 24 characters, flush right: the number, near the end of the sentence, stands on the left of them.
    assert not shown[:15].strip()
    assert 15 < shown.index("۳۶") < 25


def test_visual_order_keeps_formulas():
    formula = "out = ⌊(n + 2p − k)/s⌋ + 1 = 63"
    assert bidi.visual(f"      {LEFT}{formula}{END}", 80) == f"      {formula}"
    prose = bidi.isolated_formulas("از راست r به (r − 1)·stride + kernel تبدیل می‌شود")
    assert "(r − 1)·stride + kernel" in bidi.visual(f"{RIGHT}{prose}{END}", 80).replace("\u00a0", " ")


@pytest.mark.parametrize(
    ("text", "formula"),
    [
        ("سپس r به (r − 1)·stride + kernel تبدیل می‌شود", "(r − 1)·stride + kernel"),
        ("به اندازهٔ (kernel − 1)·jump می‌افزاید", "(kernel − 1)·jump"),
        ("به صورت ۱۲۱۶ + ۶۴۱۶ + ۶۴۱۶، لایه به لایه", "۱۲۱۶ + ۶۴۱۶ + ۶۴۱۶"),
        ("تعداد L(L+1)/2 اتصال", "L(L+1)/2"),
        ("خروجی ۱۶ × ۱۲۸ × ۱۲۸ می‌شد", "۱۶ × ۱۲۸ × ۱۲۸"),
        ("(یعنی k = 24) است", "k = 24"),
        ("با ۵ فیلتر به اندازهٔ ۱۰×۱۰.", "۱۰×۱۰"),
        ("(یعنی k = 24.)", "k = 24"),
    ],
)
def test_a_formula_inside_prose_is_isolated_whole(text, formula):
    shown = bidi.isolated_formulas(text)
    assert f"{LEFT}{formula}{END}" in shown.replace("\u00a0", " ")
    assert shown.replace("\u00a0", " ").replace(LEFT, "").replace(END, "") == text


def test_what_is_isolated_stays_so_over_several_lines():
    lines = list(bidi.balanced([f"الف {LEFT}one", "  two", f"three{END} ب"]))
    assert lines == [f"الف {LEFT}one{END}", f"  {LEFT}two{END}", f"{LEFT}three{END} ب"]


def test_both_languages_have_every_word():
    assert set(LABELS["en"]) == set(LABELS["fa"])
    fields = {language: {key: re.findall(r"{(\w+)}", text) for key, text in words.items()} for language, words in LABELS.items()}
    assert {key: sorted(names) for key, names in fields["en"].items()} == {
        key: sorted(names) for key, names in fields["fa"].items()
    }
    assert all(re.search("[؀-ۿ]", text) for text in LABELS["fa"].values())
