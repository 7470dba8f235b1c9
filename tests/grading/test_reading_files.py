"""Submissions in every format, and whatever else may lie in a folder of submissions: read, or refused with the reason."""

from __future__ import annotations

import json
import os
import random
import sys
import time
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from cnncalc.grading import files
from cnncalc.grading.files import Source, SubmissionError, find, safe_id
from cnncalc.grading.readers import load
from cnncalc.grading.submission import Submission, parse_variant

sys.path.insert(0, str(Path(__file__).parent))

TOML = """
format  = "cnncalc.submission/1"
sheet   = "hw3@1"
student = "s-7f3a"
variant = "image=128,k1=5,s1=2,p1=1"

[answers]
"q2.1.shape"  = "16x63x63"
q2.2.shape    = [16, 16, 16]
"q2.2.params" = 14048
"q2.3.total"  = "۵۵٬۰۱۸"
"q2.1.params" = 55.018

[steps]
"q2.4.rf" = [5, 6, 14, 16, 32, 36]

[place]
"q2.4.rf" = "pool3"

[text]
"q3.1.a" = '''a text ...... = of "any" kind'''
"""
READ = Submission(
    "s-7f3a",
    "hw3@1",
    {"image": 128, "k1": 5, "s1": 2, "p1": 1},
    {
        "q2.1.shape": "16x63x63",
        "q2.2.shape": "[16, 16, 16]",
        "q2.2.params": "14048",
        "q2.3.total": "۵۵٬۰۱۸",
        "q2.1.params": "55.018",
    },
    {"q2.4.rf": ["5", "6", "14", "16", "32", "36"]},
    {"q2.4.rf": "pool3"},
    {"q3.1.a": 'a text ...... = of "any" kind'},
)


def read(folder, name, content):
    """The submissions in one file."""
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    (source,) = find([str(path)])
    return list(load(source))


def refused(folder, name, content):
    """Why a file is refused."""
    (found,) = read(folder, name, content)
    assert found == Submission(found.student, problem=found.problem)
    assert found.problem
    assert found.student == safe_id(name.rsplit(".", 1)[0])
    return found.problem


def test_toml(tmp_path):
    (found,) = read(tmp_path, "any.toml", TOML)
    assert found._replace(answers=dict(sorted(found.answers.items()))) == READ._replace(
        answers=dict(sorted(READ.answers.items()))
    )
    assert read(tmp_path, "any.toml", "\ufeff" + TOML) == [found]


def test_json(tmp_path):
    tables = {
        "format": "cnncalc.submission/1",
        "sheet": READ.sheet,
        "student": READ.student,
        "variant": READ.variant,
        "answers": {"q2.1.shape": "16x63x63", "q2.2": {"shape": [16, 16, 16], "params": 14048}, "q2.3.total": "۵۵٬۰۱۸"},
        "steps": {"q2.4.rf": [5, 6, 14, 16, 32, 36]},
        "place": READ.place,
        "text": READ.text,
    }
    text = json.dumps(tables).replace('"q2.3.total"', '"q2.1.params": 55.018, "q2.3.total"')
    (found,) = read(tmp_path, "any.json", text)
    assert found.answers == READ.answers
    assert found._replace(answers={}) == READ._replace(answers={})


def test_the_file_names_the_student_where_nothing_else_does(tmp_path):
    (found,) = read(tmp_path, "s042.toml", "answers = { q1 = 1 }")
    assert found == Submission("s042", answers={"q1": "1"})


def test_class_csv(tmp_path):
    text = (
        "\ufeffstudent,variant,sheet,q2.1.shape,q2.4.rf,q2.4.rf.steps,q2.4.rf.place\r\n"
        's001,"image=128,k1=5",hw3@1,16x63x63,"1,296","5, 6, 14",pool3\r\n'
        "\r\n"
        "s002,,,,36\r\n"
        "=cmd|x,,,,36\r\n"
        "s003,nonsense,,,36\r\n"
        "s004,,,,,,,,,36\r\n"
        ",,,16x63x63\r\n"
    )
    found = read(tmp_path, "class.csv", text)
    assert found[0] == Submission(
        "s001",
        "hw3@1",
        {"image": 128, "k1": 5},
        {"q2.1.shape": "16x63x63", "q2.4.rf": "1,296"},
        {"q2.4.rf": ["5", "6", "14"]},
        {"q2.4.rf": "pool3"},
    )
    assert found[1] == Submission("s002", answers={"q2.4.rf": "36"})
    assert [one.student for one in found[2:]] == ["_cmd_x", "s003", "s004", "line8"]
    assert all(one.problem for one in found[2:])
    semicolons = read(tmp_path, "class.csv", "student;q1;q2\ns1;1,216;5\n")
    assert semicolons == [Submission("s1", answers={"q1": "1,216", "q2": "5"})]


MARKDOWN = """
# Homework 3
STUDENT: s-7f3a
Some prose with ANSWER in it, and `ANSWER` alone.
ANSWER q2.1.shape = 16x63x63
- **ANSWER q2.1.params** = `1216`
> ANSWER q2.3.total: **۵۵٬۰۱۸**
STEPS q2.4.rf = 5, 6, 14
PLACE q2.4.rf = pool3
ANSWER q2.4.rf = $36$
ANSWER q3.2.a = 16
ANSWER q3.2.a = 256
"""


def test_markdown(tmp_path):
    (found,) = read(tmp_path, "notes.md", MARKDOWN)
    assert found == Submission(
        "s-7f3a",
        answers={"q2.1.shape": "16x63x63", "q2.1.params": "1216", "q2.3.total": "۵۵٬۰۱۸", "q2.4.rf": "36", "q3.2.a": "16 | 256"},
        steps={"q2.4.rf": ["5", "6", "14"]},
        place={"q2.4.rf": "pool3"},
    )


def test_notebook(tmp_path):
    cells = [
        {"cell_type": "markdown", "source": ["# Homework\n", "ANSWER q2.4.rf = 36\n"]},
        {
            "cell_type": "code",
            "source": "# ANSWER q2.1.params = 1216\nraise SystemExit",
            "outputs": [{"text": "ANSWER q2.1.params = 5"}],
        },
        "nonsense",
        {"source": [1, None]},
    ]
    (found,) = read(tmp_path, "s9.ipynb", json.dumps({"cells": cells, "nbformat": 4}))
    assert found == Submission("s9", answers={"q2.4.rf": "36", "q2.1.params": "1216"})


REFUSED = [
    ("a.toml", "x = ", "not TOML"),
    ("a.toml", "answers = 5", "table of answers"),
    ("a.toml", "[answer]\nq1 = 1", "tables of a submission"),
    ("a.toml", 'format = "cnncalc.submission/2"', "format must be"),
    ("a.toml", 'student = "سارا"', "student is an id"),
    ("a.toml", 'student = "../../etc"', "student is an id"),
    ("a.toml", "student = 5", "student is an id"),
    ("a.toml", 'variant = "k1"', "variant is a text"),
    ("a.toml", "variant = 5", "variant is a text"),
    ("a.toml", "[answers]\nq1 = 1\nq1 = 2", "not TOML"),
    ("a.toml", "[answers]\n" + "a." * 9 + "b = 1", "dots"),
    ("a.toml", '[answers]\n"' + "a." * 9 + 'b" = 1', "dots"),
    ("a.toml", "a" + ".a" * 20000 + " = 1", "dots"),
    ("a.toml", "[" + "a . " * 9000 + "a]\n", "dots"),
    ("a.toml", '"a"' + ' . "a"' * 9000 + " = 1", "dots"),
    ("a.toml", "x = " + "[" * 5000 + "]" * 5000, "nested"),
    ("a.toml", "x = " + "{a=" * 5000 + "1" + "}" * 5000, "nested"),
    ("a.toml", "[answers]\n" + "\n".join(f"k{i} = 1" for i in range(201)), "200 answers"),
    ("a.toml", '[answers]\n"<script>" = 1', "id of an ask"),
    ("a.toml", '[answers]\n"' + "a" * 65 + '" = 1', "id of an ask"),
    ("a.toml", "x" * 65537, "65,536 bytes"),
    ("a.toml", b"\xff\xfe\x00", "not text"),
    ("a.toml", b"a = 1\0", "not text"),
    ("a.toml", "x = " + "9" * 5000, "not TOML"),
    ("a.json", "{", "not JSON"),
    ("a.json", "[]", "table with"),
    ("a.json", "[" * 60000, "nested"),
    ("a.json", '{"a":' * 10000 + "1" + "}" * 10000, "nested"),
    ("a.json", '{"answers": {"q1": 1, "q1": 2}}', "twice"),
    ("a.csv", "name,q1\nx,1\n", "first line"),
    ("a.csv", "", "first line"),
    ("a.csv", "student,q1,q1\nx,1,2\n", "name of its own"),
    ("a.csv", "student,=1+1\nx,1\n", "named after"),
    ("a.csv", "student," + ",".join(f"q{i}" for i in range(400)) + "\n", "400 columns"),
    ("a.csv", 'student,q1\ns,"' + "x" * 200000 + '"\n', "not CSV"),
    ("a.md", "# nothing\n", "no answer"),
    ("a.md", "ANSWER q1 = 1\nSTUDENT = a b\n", "STUDENT is an id"),
    ("a.ipynb", "{}", "no notebook"),
    ("a.ipynb", '{"cells": 5}', "no notebook"),
    ("a.zip", b"PK\x03\x04", "archives are not opened"),
    ("a.yaml", "a: &a [x, x]\nb: [*a, *a]", "ends in"),
    ("a.py", "import os", "ends in"),
    ("a.pickle", b"\x80\x04", "ends in"),
    ("a", "", "ends in"),
]


@pytest.mark.parametrize(("name", "content", "reason"), REFUSED)
def test_refused(tmp_path, name, content, reason):
    begin = time.process_time()
    assert reason in refused(tmp_path, name, content)
    assert time.process_time() - begin < 1


def test_strings_and_comments_hide_nothing(tmp_path):
    """Dots and brackets in strings and comments are text; in keys and values they count."""
    text = "# " + "a." * 40 + "[" * 40 + '\n[text]\n"q3.1.a" = """' + "a.b." * 40 + "[" * 40 + '\\" """ # [[['
    (found,) = read(tmp_path, "a.toml", text)
    assert not found.problem
    hidden = 'a = """x""" \n' + "b." * 20 + "c = 1"
    assert "dots" in refused(tmp_path, "a.toml", hidden)


def test_links_devices_pipes_and_huge_files(tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("answers = { q1 = 1 }")
    folder = tmp_path / "handed-in"
    folder.mkdir()
    (folder / "link.toml").symlink_to(secret)
    (folder / "folder.toml").symlink_to(tmp_path)
    (folder / "dangling.toml").symlink_to(tmp_path / "nothing")
    os.mkfifo(folder / "pipe.toml")
    with (folder / "sparse.toml").open("wb") as file:
        file.truncate(1 << 30)
    with (folder / "sparse.csv").open("wb") as file:
        file.truncate(1 << 30)
    found = {one.student + source.suffix: one.problem for source in find([str(folder)]) for one in load(source)}
    for name in ("link.toml", "folder.toml", "dangling.toml"):
        assert "is a link" in found[name]
    assert "no regular file" in found["pipe.toml"]
    assert "65,536 bytes" in found["sparse.toml"]
    assert "16,777,216 bytes" in found["sparse.csv"]


def test_names_of_files(tmp_path):
    """Ids come out of names, and nothing of a name is followed."""
    for name in ("..%2f..%2fetc.toml", "a b.toml", "نام.toml", "x" * 60 + ".toml", "=1+1.toml", "-.toml"):
        (tmp_path / name).write_text("answers = {q1 = 1}")
    (tmp_path / ".hidden.toml").write_text("")
    (tmp_path / "s001").mkdir()
    (tmp_path / "s001" / "deep.toml").write_text("")
    found = find([str(tmp_path)])
    assert all(safe_id(source.id) == source.id for source in found)
    assert sorted(source.id for source in found) == sorted(["___2f___2fetc", "a_b", "___", "x" * 32, "_1_1", "-", "deep"])
    with pytest.raises(SubmissionError):
        find([str(tmp_path / "missing")])
    with pytest.raises(SubmissionError):
        find(["a\0b"])


def test_variants():
    assert parse_variant("") == parse_variant("default") == {}
    assert parse_variant(" q2.image = 96 ; k1=-5") == {"q2.image": 96, "k1": -5}
    for text in ("a", "a=b", "a=1,a=2", "a=1,,b=2", "a=" + "9" * 30, ",".join(f"a{i}=1" for i in range(61))):
        with pytest.raises(SubmissionError):
            parse_variant(text)


BITS = st.sampled_from(
    [
        *"\"'[]{}=.,\n#\\a1:;\t\0\ufeff\u202eé",
        *('"""', "'''", "[[", "answers", "9" * 30, "true", "nan", "null", "1979-05-27", "q2.1.shape"),
        *("student", "ANSWER q1 = ", "cells", "source"),
    ]
)


@given(
    st.one_of(st.binary(max_size=400), st.lists(BITS, max_size=60).map(lambda bits: "".join(bits).encode())),
    st.sampled_from(["toml", "json", "csv", "md", "ipynb"]),
)
@example(b'"""' * 21000, "toml")
@example(b"'''" * 21000, "toml")
@example(b'a = "' * 13000, "toml")
@example(b"a=" + b"9" * 60000, "json")
@example(b'{"answers":{"a":' + b"9" * 60000 + b"}}", "json")
@example(b"ANSWER " * 9000, "md")
@example(b"ANSWER " + b"a." * 30000, "md")
@example(b"ANSWER a" + b" " * 60000 + b"b", "md")
@example(b"student" + b"," * 60000, "csv")
@example(b"student\n" + b'"' * 60001, "csv")
def test_any_file_is_read_or_refused(tmp_path_factory, content, suffix):
    """Whatever is in a file: submissions of plain texts, or a reason; in little time."""
    path = tmp_path_factory.getbasetemp() / f"fuzz.{suffix}"
    path.write_bytes(content)
    begin = time.process_time()
    for found in load(Source(str(path), "fuzz")):
        assert safe_id(found.student) == found.student
        # What the other process sends back can be sent at all.
        assert Submission(*json.loads(json.dumps(found))) == found
    assert time.process_time() - begin < 2


SEEDS = {
    "toml": TOML,
    "json": json.dumps(
        {"student": "s1", "answers": {"q2.1.shape": [1, 2], "q2": {"a": "5"}}, "steps": {"q2": [1]}, "variant": "a=1"}
    ),
    "csv": 'student,variant,q2.1.shape,q2.4.rf.steps\ns001,a=1,16x63x63,"5, 6"\n',
    "md": MARKDOWN,
    "ipynb": json.dumps({"cells": [{"source": ["ANSWER q2.4.rf = 36\n"]}, {"source": "ANSWER q1 = 5"}]}),
}
PIECES = [
    *(
        b"\0",
        b'"',
        b"'",
        b'"""',
        b"[",
        b"]",
        b"{",
        b"}",
        b"[[",
        b"=",
        b".",
        b",",
        b"\n",
        b"\r",
        b"#",
        b"\\",
        b"\\u",
        b"\xff",
        b"\xef\xbb\xbf",
    ),
    *(
        b"9" * 400,
        b"." * 30,
        b"[" * 30,
        b"\xe2\x80\xae",
        b"\xdb\xb1",
        b"1e999",
        b"-",
        b"inf",
        b"0x",
        b"1979-05-27T07:32:00Z",
        b"answers",
    ),
]


def mutated(draw, content):
    """A file with some bytes changed, cut out, doubled, or replaced by pieces that mean something in one format or other."""
    for _ in range(draw.randint(1, 6)):
        at, length = draw.randrange(len(content) + 1), draw.choice((0, 1, 1, 2, 8, 40))
        new = draw.choice((b"", bytes([draw.randrange(256)]), content[at : at + length] * 2, draw.choice(PIECES)))
        content = content[:at] + new + content[at + length :]
    return content


def test_a_great_many_broken_files(monkeypatch):
    """A million in the deep profile, each read or refused; none takes long. What is in them does not go over the disk."""
    content = b""
    monkeypatch.setattr(files, "read_bytes", lambda _source, _limit: content)
    draw = random.Random(7)  # noqa: S311 - no secret
    for number in range(200 * settings().max_examples):
        suffix = draw.choice(list(SEEDS))
        content = mutated(draw, SEEDS[suffix].encode())
        begin = time.process_time()
        for found in load(Source(f"fuzz.{suffix}", "fuzz")):
            assert safe_id(found.student) == found.student, number
            assert all(isinstance(text, str) for text in (*found.answers.values(), *found.place.values(), *found.text.values()))
        assert time.process_time() - begin < 1, number
