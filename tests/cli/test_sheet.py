"""`cnncalc answer SHEET.toml` and `cnncalc sheet`: a teacher's own sheets on the command line."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

QUIZ = Path(__file__).parents[2] / "docs" / "examples" / "quiz.toml"


@pytest.fixture
def secret(tmp_path):
    path = tmp_path / "secret.txt"
    path.write_text("a secret of more than sixteen\n")
    return path


def test_answers_of_a_sheet_anywhere(run):
    code, out, err = run("answer", QUIZ, "q1.params")
    assert (code, err) == (0, "")
    assert "Answer: 1216 parameters" in out
    code, out, _ = run("answer", QUIZ)
    assert "Q1  One convolution" in out
    assert "Q2  What a neuron sees" in out
    assert "- b: It shifts it.\n  Answer: b" in out
    code, out, _ = run("answer", QUIZ, "Q2", "--format", "json")
    document = json.loads(out)
    assert document["sheet"] == "quiz@1"
    assert [ask["value"] for ask in document["asks"]][:2] == [[16, 16], "b"]


@pytest.mark.parametrize("form", ["markdown", "html"])
def test_every_format_shows_a_choice(run, form):
    code, out, _ = run("answer", QUIZ, "q2.padding", "--format", form)
    assert code == 0
    assert "It makes it larger." in out


def test_answers_are_verified(run):
    code, out, _ = run("answer", QUIZ, "q2", "--verify")
    assert code == 0
    assert "Verified: torch" in out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((QUIZ, "q3"), "there is no such question; got q3; ask for q1, q2"),
        ((QUIZ, "q1", "--lang", "fa"), "the sheet is not written in that language; got fa; en"),
        ((QUIZ, "q1", "q2"), "answer: one question is answered at a time, or all"),
        (("no/such.toml",), "there is no such sheet; got no/such.toml"),
    ],
)
def test_mistakes_are_one_line(refuses, arguments, message):
    assert refuses("answer", *arguments).startswith(message)


def test_a_broken_network_names_the_ask(refuses, tmp_path):
    path = tmp_path / "quiz.toml"
    path.write_text(QUIZ.read_text().replace("Conv2d(8, 8, 5", "Conv2d(9, 8, 5"))
    assert refuses("answer", path, "q2").startswith("q2.field (conv2 (Conv2d)): the input's channels must equal in_channels")


def test_check(run, tmp_path):
    assert run("sheet", "check", QUIZ) == (0, "quiz@1: 5 asks, nothing to mend\n", "")
    assert run("sheet", "check", "hw3")[:2] == (0, "hw3@1: 24 asks, nothing to mend\n")
    path = tmp_path / "quiz.toml"
    path.write_text(QUIZ.read_text().replace("golden = 1216", "golden = 1217"))
    code, out, err = run("sheet", "check", path)
    assert (code, err) == (1, "")
    assert out == "q1.params: golden is 1217, the algebra gives 1216\nquiz@1: 1 finding\n"


def test_check_with_torch(run):
    code, out, _ = run("sheet", "check", QUIZ, "--verify")
    assert code == 0
    assert "torch" in out
    assert "agrees with all numbers" in out


@pytest.mark.parametrize(("form", "ending"), [("markdown", "md"), ("html", "html"), ("latex", "tex"), ("pdf", "pdf")])
def test_build(run, tmp_path, secret, form, ending):
    out = tmp_path / "out"
    code, said, err = run("sheet", "build", QUIZ, "--students", 2, "--secret-file", secret, "--out", out, "--format", form)
    assert (code, err) == (0, "")
    assert said == f"quiz@1: 2 students, 4 files in {out}\n"
    assert sorted(path.name for path in out.iterdir()) == [f"s001.{ending}", "s001.toml", f"s002.{ending}", "s002.toml"]
    # The same command writes the same files.
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    run("sheet", "build", QUIZ, "--students", 2, "--secret-file", secret, "--out", out, "--format", form)
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_build_in_both_languages(run, tmp_path, secret):
    out = tmp_path / "out"
    code, said, _ = run("sheet", "build", "hw3", "--students", 1, "--secret-file", secret, "--out", out)
    assert code == 0
    assert sorted(path.name for path in out.iterdir()) == ["s001.en.md", "s001.fa.md", "s001.toml"]
    assert "3 files" in said


def test_build_mistakes_are_one_line(refuses, tmp_path, secret):
    out = tmp_path / "out"
    base = ("sheet", "build", QUIZ, "--out", out)
    assert "the following arguments are required: --students" in refuses(*base)
    assert "needs --secret-file" in refuses(*base, "--students", 2)
    assert "needs --secret-file" in refuses(*base, "--students", 2)
    secret.write_text("short")
    assert "at least 16 characters" in refuses(*base, "--students", 2, "--secret-file", secret)
    assert not out.exists()
    (tmp_path / "file").write_text("x")
    secret.write_text("a secret of more than sixteen")
    blocked = ("sheet", "build", QUIZ, "--students", 1, "--secret-file", secret, "--out", tmp_path / "file" / "out")
    assert "can't be written" in refuses(*blocked)


def test_sheet_alone_shows_its_help(run):
    code, out, _ = run("sheet")
    assert code == 0
    assert "check" in out
    assert "build" in out
