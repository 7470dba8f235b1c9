"""Checking a sheet: the homework and the example pass, and whatever is wrong with a sheet is found, with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from cnncalc.grading.checking import check
from cnncalc.sheets.loader import load, load_homework
from cnncalc.sheets.verification import Verifier

QUIZ = Path(__file__).parents[2] / "docs" / "examples" / "quiz.toml"


def findings(folder, *changes, verifier=None):
    """What is found in the example after texts in it were replaced."""
    text = QUIZ.read_text(encoding="utf-8")
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    path = folder / "quiz.toml"
    path.write_text(text, encoding="utf-8")
    return [str(finding) for finding in check(load(path), verifier)]


def test_the_homework_passes():
    assert check(load_homework()) == []


def test_the_example_passes_with_torch_too(tmp_path):
    verifier = Verifier()
    assert findings(tmp_path, verifier=verifier) == []
    assert verifier.checked == 4


FAULTS = {
    "marks": (("marks = 6", "marks = 7"), "q1: the marks of its asks add up to 6, the question has 7"),
    "split": (("spatial = 0.75", "spatial = 0.7"), "q1.size: the shares in split add up to 0.95, not 1"),
    "golden": (("golden = 1216", "golden = 1217"), "q1.params: golden is 1217, the algebra gives 1216"),
    "golden shape": (
        ("golden = [16, 63, 63]", 'golden = "16x63x64"'),
        "q1.size: golden is 16x63x64, the algebra gives [16, 63, 63]",
    ),
    "golden trace": (
        ("[5, 6, 14, 16]", "[5, 6, 14, 18]"),
        "q2.field: trace_golden is [5, 6, 14, 18], the algebra gives [5, 6, 14, 16]",
    ),
    "no golden": (
        ("golden = 1216\n", ""),
        "q1.params: golden is missing: type in the answer that you expect (the algebra gives 1216)",
    ),
    "golden option": (('kind = "choice"', 'kind = "choice"\ngolden = "a"'), "q2.padding: golden is a, the right option is b"),
    "parameter": (("{k}×{k}", "{k}×{kk}"), "q1, text: {kk} in en is no parameter of the question"),
    "no rubric": (
        (('[[question.ask.rubric]]\n  point.en = "the decision needs context: the whole object"\n  required = true'), ""),
        "q2.why: a text needs a [[question.ask.rubric]] for whoever marks it",
    ),
    "unknown slip": (
        ('rule = "params.no_bias"', 'rule = "params.no_bais"'),
        "q1.params: there is no slip of that name; got 'params.no_bais'",
    ),
    "slip that is right": (
        ('rule = "shape.swap_pad_stride"', 'rule = "shape.pad_once"'),
        "q1.size, shape.pad_once: the slip can't be told from the right answer, (16, 63, 63)",
    ),
    "slip that gives nothing": (
        ('rule = "shape.swap_pad_stride"', 'rule = "rf.no_jump"'),
        "q1.size, rf.no_jump: the slip gives no number for this network",
    ),
    "collides for nothing": (
        ('rule = "params.no_bias"', 'rule = "params.no_bias"\n  collides = true'),
        "q1.params, params.no_bias: collides = true, but its number stands alone here",
    ),
    "reading that is right": (
        (
            'rule = "params.no_bias"\n  credit = 0.5',
            (
                'rule = "params.no_bias"\n\n  [[question.ask.accept]]\n  answer = { quantity = "params", net '
                '= "first" }\n  note.en = "x"'
            ),
        ),
        "q1.params, accept 1: never reached: the right answer has the same value, 1216",
    ),
    "unknown quantity": (
        ('quantity = "params"', 'quantity = "parameters"'),
        "q1.params: there is no quantity of that name; got parameters",
    ),
    "unknown row": (
        ('quantity = "rf", net = "two"', 'quantity = "rf", net = "two", at = "conv9"'),
        "q2.field: there is no row of that name; got 'conv9'",
    ),
    "broken network": (
        ("Conv2d(8, 8, 5", "Conv2d(9, 8, 5"),
        "q2.field: conv2 (Conv2d): the input's channels must equal in_channels",
    ),
    "follow": (
        (
            'rule = "params.no_bias"\n  credit = 0.5',
            'rule = "params.no_bias"\n\n[question.ask.follow]\n"first.shape" = "q2.field"',
        ),
        "q1.params: follow takes the answer to q2.field, which is not asked before",
    ),
    "variants twice": (("variants = [8, 16, 24]", "variants = [8, 16, 8]"), "q1.filters: 8 is listed 2 times in variants"),
    "rule for no ask": (
        ('distinct = ["shape.no_padding"', 'distinct = ["shape.ceil"'),
        "q1: variant_rules.distinct names shape.ceil, which no ask lists",
    ),
    "no variant left": (
        ("p = { default = 1, variants = [0, 1, 2, 3] }", "p = { default = 1, variants = [1] }"),
        "q1: no combination of the parameters keeps the slips apart",
    ),
}


@pytest.mark.parametrize(("change", "expected"), FAULTS.values(), ids=FAULTS)
def test_a_fault_is_found_with_its_place(tmp_path, change, expected):
    found = findings(tmp_path, change)
    assert any(text.startswith(expected) for text in found), found


def test_one_fault_gives_one_finding(tmp_path):
    for name in ("marks", "split", "golden", "golden option", "unknown slip", "unknown quantity", "slip that is right"):
        assert len(findings(tmp_path, FAULTS[name][0])) == 1, name


def test_a_reading_takes_the_number_of_a_slip(tmp_path):
    plain = 'answer = { quantity = "params_no_bias", net = "first" }'
    accepted = f'rule = "params.no_bias"\n\n  [[question.ask.accept]]\n  note.en = "without biases"\n  {plain}'
    reading = ('rule = "params.no_bias"\n  credit = 0.5', accepted)
    (found,) = findings(tmp_path, reading)
    assert found.startswith("q1.params, params.no_bias: the slip can't be told from q1.params, accept 1, 1200")
    label = ('note.en = "without biases"', 'note.en = "without biases"\n  needs_label = ["no bias"]')
    assert findings(tmp_path, reading, label) == []


def test_languages_put_in_the_same_parameters(tmp_path):
    changes = [('languages = ["en"]', ""), ('title.en = "Quiz: convolutions"', 'title.en = "Quiz"\ntitle.fa = "آزمون"')]
    with pytest.raises(Exception, match=r"title\.fa is missing"):
        findings(tmp_path, *changes)


def test_torch_is_asked(tmp_path, monkeypatch):
    verifier = Verifier()
    measure = verifier._oracle.measure
    monkeypatch.setattr(verifier._oracle, "measure", lambda *args: 7 if args[2] == "params" else measure(*args))
    assert findings(tmp_path, verifier=verifier) == [
        "q1.params: torch gives another params: params of first for (1, 3, 128, 128): cnncalc 1216, torch 7"
    ]
