"""`cnncalc answer`: every question in every format, and the JSON contract."""

from __future__ import annotations

import json

import pytest


@pytest.mark.parametrize("name", ["q1", "q2", "q3", "p1", "q2.4", "q3.4.b", "q2.4.rf", "q1.choice", "Q2", "all"])
@pytest.mark.parametrize("form", ["text", "markdown", "html", "json"])
@pytest.mark.parametrize("language", ["en", "fa"])
def test_every_question_in_every_format_and_language(run, name, form, language):
    code, out, err = run("answer", name, "--format", form, "--lang", language)
    assert (code, err) == (0, "")
    assert out.endswith("\n")


def test_a_part_is_part_of_the_whole_and_no_more(run):
    _, part, _ = run("answer", "q2.4", "--format", "json")
    _, whole, _ = run("answer", "q2", "--format", "json")
    asks = json.loads(part)["asks"]
    assert [ask["id"] for ask in asks] == ["q2.4.rf"]
    assert asks[0] in json.loads(whole)["asks"]
    _, several, _ = run("answer", "q3.4.b", "--format", "json")
    assert [ask["id"] for ask in json.loads(several)["asks"]] == ["q3.4.b.block", "q3.4.b.layer", "q3.4.b.input"]


@pytest.mark.parametrize("name", ["q9", "q", "", "q2.", "q2.9", "q2.4.rf.x", "2", "q2 q3", "../q2", "ALL2", "q2.4.r", "\n"])
def test_an_unknown_question(refuses, name):
    assert refuses("answer", name).startswith("there is no such question")


def test_the_answer_in_text_shows_working_value_claim_and_slips(run):
    _, out, _ = run("answer", "q2.1")
    for line in (
        "      out = ⌊(n + 2p − k)/s⌋ + 1 = ⌊(128 + 2·1 − 5)/2⌋ + 1 = ⌊62.5⌋ + 1 = 63",
        "  Answer: 16 × 63 × 63",
        "  Handwritten solution: 16 × 128 × 128: wrong",
        "      F·C·k·k + F = 16·3·5·5 + 16 = 1200 + 16 = 1216",
        "  Handwritten solution: 1216: right",
    ):
        assert line in out.splitlines()
    assert "- shape.swap_pad_stride: " in out
    assert "- shape.assume_same: " in out


@pytest.mark.parametrize("width", [40, 80, 100])
def test_prose_fits_the_terminal(run, monkeypatch, width):
    monkeypatch.setenv("COLUMNS", str(width))
    _, out, _ = run("answer", "all")
    assert max(len(line) for line in out.splitlines() if not line.startswith("      ")) <= width


# -- the JSON contract ------------------------------------------------------------------------------------------

NUMBERS = [
    "q1.fc.params", "q1.conv.params", "q2.1.shape", "q2.1.params", "q2.2.shape", "q2.2.params", "q2.3.total", "q2.4.rf",
    "q3.2.a", "q3.2.b", "q3.4.a", "q3.4.b.block", "q3.4.b.layer", "q3.4.b.input",
    "p1.head.alexnet", "p1.head.vgg16", "p1.head.resnet18", "p1.head.resnet50",
]  # fmt: skip
TEXTS = ["q1.choice", "q3.1.a", "q3.1.b", "q3.1.c", "q3.3.a", "q3.3.b"]


@pytest.fixture
def answers(run):
    """Everything as JSON."""
    _, out, _ = run("answer", "all", "--format", "json")
    return json.loads(out)


def test_all_is_a_list_of_questions(run, answers):
    assert answers["format"] == "cnncalc.answer/1"
    assert [question["question"] for question in answers["questions"]] == ["q1", "q2", "q3", "p1"]
    for question in answers["questions"]:
        assert question["format"] == "cnncalc.answer/1"
        assert question == json.loads(run("answer", question["question"], "--format", "json")[1])


def test_the_ids_are_those_of_the_contract(answers):
    asks = [ask for question in answers["questions"] for ask in question["asks"]]
    assert sorted(ask["id"] for ask in asks) == sorted(NUMBERS + TEXTS)
    assert sorted(ask["id"] for ask in asks if ask["kind"] == "text") == sorted(TEXTS)


def test_every_ask_has_the_keys_of_the_contract_with_their_types(answers):
    for ask in (ask for question in answers["questions"] for ask in question["asks"]):
        assert set(ask) >= {"id", "value", "unit", "working", "verified", "claimed"}
        assert ask["verified"] is None
        assert all(isinstance(line, str) for line in ask["working"])
        if ask["kind"] == "text":
            assert isinstance(ask["value"], str)
            assert ask["unit"] is None
        else:
            assert isinstance(ask["unit"], str)
            assert ask["working"]
            is_list = ask["id"] in {"q2.1.shape", "q2.2.shape", "q2.4.rf"}
            assert isinstance(ask["value"], list if is_list else str if ask["id"] == "q3.4.a" else int)
        claimed = ask["claimed"]
        if claimed is not None:
            assert set(claimed) >= {"value", "verdict", "slips"}
            assert claimed["verdict"] in {"right", "wrong", "unclear"}
            assert all(isinstance(slip, str) for slip in claimed["slips"])
            assert bool(claimed["slips"]) == (claimed["verdict"] == "wrong")


def test_json_is_stable_in_both_languages_but_for_texts(run):
    values = []
    for language in ("en", "fa"):
        _, out, _ = run("answer", "all", "--format", "json", "--lang", language)
        asks = [ask for question in json.loads(out)["questions"] for ask in question["asks"]]
        values.append([(ask["id"], ask["value"], ask["working"]) for ask in asks if ask["kind"] != "text"])
    assert values[0] == values[1]
