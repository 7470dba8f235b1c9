"""Reading sheets: every kind of broken sheet is refused with its place, and nothing else ever comes out."""

from __future__ import annotations

import re

import pytest
from drawing.sheets import SHEET, written

import cnncalc as cc
from cnncalc.sheets.answering import answer
from cnncalc.sheets.files import SheetError
from cnncalc.sheets.loader import load


def refusal(folder, text):
    """What the loader says about a broken sheet."""
    with pytest.raises(SheetError) as caught:
        load(written(folder, text))
    return str(caught.value)


def test_this_sheet_is_fine_and_answers(tmp_path):
    sheet = load(written(tmp_path, SHEET))
    document = answer(sheet, "s1")
    assert [ask["value"] for ask in document["asks"]] == [4, "Because."]
    assert document["asks"][0]["claimed"] == {
        "value": 3, "verdict": "wrong", "slips": [], "explanations": [], "note": "The input's."
    }  # fmt: skip
    assert document["facts"][0]["text"] == "The side is 6."


#: What is replaced, by what, and how the message begins (after the name of the file).
BROKEN = {
    "no format": ('format = "cnncalc.sheet/1"', "", "small.toml: format is missing"),
    "another format": ("cnncalc.sheet/1", "cnncalc.sheet/9", 'small.toml: format must be "cnncalc.sheet/1"'),
    "a key at the top": ("[sheet]", "extra = 1\n[sheet]", "small.toml: this key has no meaning here; got extra"),
    "a key in the head": (
        "version = 1",
        "version = 1\nauthor = 3",
        "small.toml: sheet: this key has no meaning here; got author",
    ),
    "a key in a question": (
        "marks = 10",
        "marks = 10\nmark = 9",
        "small.toml: question s1: this key has no meaning here; got mark",
    ),
    "a key in an ask": (
        "golden = 4",
        "golden = 4\ngoldn = 4",
        "small.toml: question s1: ask s1.a.channels: this key has no meaning",
    ),
    "a key in a quantity": (
        'at = "conv" }',
        'at = "conv", of2 = 1 }',
        "small.toml: question s1: ask s1.a.channels: answer: this key has no meaning here; got of2",
    ),
    "a key in a claim": (
        "value = 3",
        "value = 3\nvaleu = 4",
        "small.toml: question s1: ask s1.a.channels: claim: this key has no",
    ),
    "no head": ("[sheet]", "[shet]", "small.toml: sheet is missing"),
    "no id": ('id = "s1"\n', "", "small.toml: question 1: id is missing"),
    "an id that is a number": ('id = "s1"\n', "id = 1\n", "small.toml: question 1: id must be text; got 1"),
    "an id with a path": ('id = "s1"\n', 'id = "../s1"\n', "small.toml: question ../s1: id is letters, digits, _, - and . only"),
    "no marks": ("marks = 10\n", "", "small.toml: question s1: marks is missing"),
    "marks in words": ("marks = 10", 'marks = "ten"', "small.toml: question s1: marks must be a number; got 'ten'"),
    "marks of true": ("marks = 10", "marks = true", "small.toml: question s1: marks must be a number; got True"),
    "negative marks": ("marks = 10", "marks = -1", "small.toml: question s1: marks must be a number from 0 on; got -1"),
    "endless marks": ("marks = 10", "marks = inf", "small.toml: question s1: marks must be a number from 0 on; got inf"),
    "marks that are none": ("marks = 10", "marks = nan", "small.toml: question s1: marks must be a number from 0 on; got nan"),
    "a version in words": ("version = 1", 'version = "1"', "small.toml: sheet: version must be a whole number; got '1'"),
    "no such kind": ('kind = "channels"', 'kind = "chanels"', "small.toml: question s1: ask s1.a.channels: kind must be one of"),
    "no answer": (
        'answer = { quantity = "channels", net = "more", at = "conv" }',
        "",
        "small.toml: question s1: ask s1.a.channels: answer is missing",
    ),
    "an answer typed in": (
        'answer = { quantity = "channels", net = "more", at = "conv" }',
        "answer = 4",
        "small.toml: question s1: ask s1.a.channels: answer must be a table; got 4",
    ),
    "a credit above 1": ("credit = 0.5", "credit = 1.5", "small.toml: question s1: ask s1.a.channels: accept 1: credit must be"),
    "no network": ('net = "more", at', 'net = "mroe", at', "small.toml: question s1: there is no network of that name; got mroe"),
    "extends nothing": (
        'extends = "base"',
        'extends = "bsae"',
        "small.toml: question s1: there is no network of that name; got bsae",
    ),
    "a network of no input": ('input = "3x{image}x{image}"\n', "", "small.toml: question s1: net.base: input is missing"),
    "layers in a list": (
        'layers = "pool = MaxPool2d(2)"',
        'layers = ["MaxPool2d(2)"]',
        "small.toml: question s1: net.more: layers must",
    ),
    "a parameter in words": (
        "default = 8",
        'default = "8"',
        "small.toml: question s1: params.image: default must be a whole number",
    ),
    "variants in words": (
        "variants = [8, 16]",
        'variants = "8"',
        "small.toml: question s1: params.image: variants must be a list",
    ),
    "a text of one language": (
        'title.fa = "یک کانولوشن"\n',
        "",
        "small.toml: question s1: title.fa is missing; every text needs every language",
    ),
    "an empty text": ('title.fa = "یک کانولوشن"', 'title.fa = "  "', "small.toml: question s1: title.fa is missing"),
    "a text without language": (
        'title.en = "One convolution"\ntitle.fa = "یک کانولوشن"',
        'title = "One"',
        "small.toml: question s1: title must be a text in each language",
    ),
    "a note of one language": (
        '  note.fa = "ضلع"\n',
        "",
        "small.toml: question s1: ask s1.a.channels: accept 1: note.fa is missing",
    ),
    "a point of one language": (
        '  point.fa = "یک دلیل"\n',
        "",
        "small.toml: question s1: ask s1.b: rubric 1: point.fa is missing",
    ),
    "no model answer": ('model.en = "Because."\nmodel.fa = "چون."\n', "", "small.toml: question s1: ask s1.b: model is missing"),
    "a flag in words": (
        "required = true",
        'required = "yes"',
        "small.toml: question s1: ask s1.b: rubric 1: required must be true or",
    ),
    "languages unknown": (
        'languages = ["en", "fa"]',
        'languages = ["xx"]',
        "small.toml: sheet: languages are among en, fa; got xx",
    ),
    "two asks of one id": (
        'id = "s1.b"',
        'id = "s1.a.channels"',
        "small.toml: each ask needs an id of its own; got s1.a.channels",
    ),
    "an include by path": (
        "include = []",
        'include = ["../q.toml"]',
        "small.toml: an included file stands beside the sheet; got ../q",
    ),
    "an absolute include": ("include = []", 'include = ["/etc/passwd"]', "small.toml: an included file stands beside the sheet"),
    "a backslash include": ("include = []", 'include = ["a\\\\b.toml"]', "small.toml: an included file stands beside the sheet"),
    "a hidden include": ("include = []", 'include = [".q.toml"]', "small.toml: an included file stands beside the sheet"),
    "a missing include": ("include = []", 'include = ["s9.toml"]', "there is no such sheet"),
    "an include of numbers": ("include = []", "include = [1]", "small.toml: sheet: include must be a list of texts"),
    "not TOML": ("[[question.fact]]", "[[question.fact]", "small.toml: the sheet is not TOML in UTF-8"),
    "a question that is no table": ("[[question]]", "[question]", "small.toml:"),
}


@pytest.mark.parametrize(("old", "new", "message"), BROKEN.values(), ids=BROKEN)
def test_a_broken_sheet_is_refused_with_its_place(tmp_path, old, new, message):
    assert SHEET.count(old) >= 1
    said = refusal(tmp_path, SHEET.replace(old, new, 1))
    assert said.startswith(message), said
    assert "\n" not in said


def test_a_sheet_that_includes_itself(tmp_path):
    assert "small" in refusal(tmp_path, SHEET.replace("include = []", 'include = ["small.toml"]'))


def test_an_included_file_is_named_after_its_question(tmp_path):
    question = 'format = "cnncalc.sheet/1"\n' + SHEET[SHEET.index("[[question]]") :]
    head = SHEET[: SHEET.index("[[question]]")].replace("include = []", 'include = ["s1.toml"]')
    written(tmp_path, question, "s1.toml")
    assert load(written(tmp_path, head)).questions[0].id == "s1"
    written(tmp_path, question.replace('id = "s1"\n', 'id = "t1"\n').replace('"s1.', '"t1.'), "s1.toml")
    with pytest.raises(SheetError, match=r"^s1\.toml: an included file is named after its question; got t1"):
        load(tmp_path / "small.toml")


def test_a_link_out_of_the_folder_is_read_only_as_a_sheet(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("password = 'x'\n", encoding="utf-8")
    (tmp_path / "s1.toml").symlink_to(secret)
    said = refusal(tmp_path, SHEET.replace("include = []", 'include = ["s1.toml"]'))
    assert "x" not in said.partition("got")[2]


def test_a_file_that_is_missing_a_folder_or_no_text(tmp_path):
    with pytest.raises(SheetError, match="there is no such sheet"):
        load(tmp_path / "nothing.toml")
    with pytest.raises(SheetError, match="the sheet can't be read"):
        load(tmp_path)
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SheetError, match=r"^bytes\.toml: the sheet is not TOML in UTF-8"):
        load(tmp_path / "bytes.toml")


def test_a_huge_file_is_not_read(tmp_path):
    assert refusal(tmp_path, SHEET + "#" * (1 << 20)) == "small.toml: a sheet may have 1,048,576 bytes"


@pytest.mark.parametrize("text", ["a = " + "[" * 20_000, "a = " + "{b = " * 20_000, "[a" + ".b" * 20_000 + "]"])
def test_deep_nesting_is_refused(tmp_path, text):
    assert refusal(tmp_path, text).startswith("small.toml:")


# -- what shows only when the question is answered --------------------------------------------------------------

LATER = {
    "a circle of networks": (
        'input = "3x{image}x{image}"',
        'input = "3x{image}x{image}"\nextends = "more"',
        "networks extend each other",
    ),
    "no such quantity": ('quantity = "channels"', 'quantity = "chanels"', "there is no quantity of that name; got chanels"),
    "no such row": ('at = "conv"', 'at = "cnov"', "there is no row of that name"),
    "a spec that can't be read": ("Conv2d(3, 4, 3)", "Conv2d(3, 4, 3", "spec, line 1"),
    "a network that does not fit": ("Conv2d(3, 4, 3)", "Conv2d(3, 4, 99)", "conv (Conv2d)"),
    "code for a network": ('"conv = Conv2d(3, 4, 3)"', "\"__import__('os').system('true')\"", "spec, line 1"),
    "a shape that can't be read": ("3x{image}x{image}", "3 x {imag}", "a size is a whole number"),
    "trained nothing": ('train = "conv"', 'train = "head"', "train names no module"),
}


@pytest.mark.parametrize(("old", "new", "message"), LATER.values(), ids=LATER)
def test_what_can_not_be_worked_out_is_refused(tmp_path, old, new, message):
    sheet = load(written(tmp_path, SHEET.replace(old, new, 1)))
    with pytest.raises(cc.CnncalcError) as caught:
        answer(sheet, "s1")
    assert message in str(caught.value)


def test_a_language_that_the_sheet_does_not_have(tmp_path):
    english = re.sub(r"(?m)^ *\w+\.fa = .*\n", "", SHEET).replace('["en", "fa"]', '["en"]')
    sheet = load(written(tmp_path, english))
    assert answer(sheet, "s1")["title"] == "One convolution"
    with pytest.raises(SheetError, match="the sheet is not written in that language; got fa; en"):
        answer(sheet, "s1", language="fa")
