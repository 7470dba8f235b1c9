"""Attacks on grading, each row of the course's table and their kin: graded or refused, nothing run, no neighbour harmed."""

from __future__ import annotations

import csv
import io
import json
import os
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from cnncalc.grading.report_csv import safe_cell

sys.path.insert(0, str(Path(__file__).parent))

from handing_in import RIGHT, as_toml, command

NEIGHBOURS = ("s001", "s002", "s003")


@pytest.fixture
def folder(tmp_path):
    """A folder in which three honest students have handed in, and the path that an attack would write to."""
    made = tmp_path / "handed-in"
    made.mkdir()
    for name in NEIGHBOURS:
        (made / f"{name}.toml").write_text(as_toml(RIGHT, name), encoding="utf-8")
    return made


def graded(folder, *arguments, cwd=None):
    """The report of a folder. Neighbours have what they had before, whatever lies beside them, and nothing was run."""
    report = folder.parent / "report.json"
    done = command("hw3", folder, "--report", f"json:{report}", *arguments, cwd=cwd)
    assert "Traceback" not in done.stderr
    assert not list(folder.parent.rglob("PWNED"))
    found = {entry["student"]: entry for entry in json.loads(report.read_text(encoding="utf-8"))["submissions"]}
    for name in NEIGHBOURS:
        assert found[name]["total"] == 68
        assert "problem" not in found[name]
    return done, found


def touch(folder):
    """Python that leaves a mark if it is run."""
    return f"import pathlib; pathlib.Path({str(folder / 'PWNED')!r}).touch()\n"


@pytest.mark.parametrize(
    "name",
    ["conftest.py", "test_x.py", "cnncalc.py", "sitecustomize.py", "tomllib.py", "json.py", "cnncalc/__init__.py", "__main__.py"],
)
def test_python_files(folder, name):
    """Run from inside the folder, as a teacher may."""
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    path.write_text(touch(folder))
    _, found = graded(folder, cwd=folder)
    assert found[path.stem]["problem"]


@pytest.mark.parametrize("name", ["pytest.ini", "pyproject.toml", "setup.cfg", "tox.ini", "hw3.toml", "hw3"])
def test_settings_files(folder, name):
    (folder / "evil.py").write_text(touch(folder))
    (folder / name).write_text("[pytest]\naddopts = -p evil\npythonpath = .\n")
    _, found = graded(folder, cwd=folder)
    assert found[name.rpartition(".")[0] or name]["problem"]


CODE = [
    "__import__('os').system('touch PWNED')",
    "().__class__.__bases__[0].__subclasses__()",
    "eval('1')",
    "exec('import os')",
    "open('PWNED', 'w')",
    "lambda: 1",
    "f'{1}'",
    "!!python/object/apply:os.system ['touch PWNED']",
    "cos\nsystem\n(S'touch PWNED'\ntR.",
    "$(touch PWNED)",
    "`touch PWNED`",
    "{{ 7*7 }}",
    "{filters}",
    "%s%s%s%n",
    "9**9**9",
    "10**10**7",
    "factorial(10**8)",
    "9" * 190,
    "16²",
    "../../etc/passwd",
    "1;2",
]


def test_code_and_bombs_in_answers(folder):
    answers = dict.fromkeys(RIGHT, "1")
    for index, code in enumerate(CODE):
        content = {"answers": dict.fromkeys(answers, code), "student": f"x{index}"}
        (folder / f"x{index}.json").write_text(json.dumps(content))
    done, found = graded(folder, cwd=folder)
    assert done.returncode == 1
    for index in range(len(CODE)):
        asks = {ask["id"]: ask for ask in found[f"x{index}"]["asks"]}
        verdicts = {asks[name]["verdict"] for name in RIGHT}
        assert verdicts <= {"malformed", "unexplained"}, (CODE[index], verdicts)


BOMBS = {
    "dots.toml": "a" + ".a" * 20000 + " = 1",
    "nested.toml": "x = " + "[" * 5000 + "]" * 5000,
    "quotes.toml": 'x = "' + "\\\\" * 30000,
    "digits.toml": "answers = {a = " + "9" * 60000 + "}",
    "brackets.json": "[" * 60000,
    "number.json": '{"answers": {"q2.1.params": ' + "9" * 60000 + "}}",
    "alias.yaml": "a: &a [x,x]\nb: &b [*a,*a]\n",
    "bomb.zip": "PK\x05\x06" + "\0" * 18,
    "large.toml": "#" * 100_000,
    "wide.csv": "student," + "," * 100_000,
    "binary.toml": "\x00\x01\x02",
    "lines.md": "ANSWER q1 = 1\n" * 4000,
}


def test_bombs_in_files(folder):
    for name, content in BOMBS.items():
        (folder / name).write_text(content)
    done, found = graded(folder)
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    for name in BOMBS:
        stem = name.rpartition(".")[0]
        # The number is too large to be an answer, and the lines all say the same: both can be read.
        assert ("problem" in found[stem]) == (stem not in {"lines", "number"}), name


def test_links_pipes_and_a_huge_file(folder):
    (folder / "link.toml").symlink_to("/etc/passwd")
    (folder / "up.toml").symlink_to(folder.parent)
    os.mkfifo(folder / "pipe.toml")
    with (folder / "huge.toml").open("wb") as file:
        file.truncate(1 << 30)
    (folder / "..%2f..%2fx.toml").write_text("answers = {q1 = 1}")
    done, found = graded(folder)
    assert done.returncode == 2
    assert all(found[name]["problem"] for name in ("link", "up", "pipe", "huge"))
    assert "root:" not in json.dumps(found)


def test_who_claims_a_neighbours_id_gets_neither_marks_nor_harm(folder):
    (folder / "a-thief.toml").write_text(as_toml({"q2.4.rf": "1"}, "s002"))
    (folder / "z-thief.csv").write_text("student,q2.4.rf\ns003,5\n")
    done, found = graded(folder)
    assert done.returncode == 2
    assert "another submission" in found["a-thief"]["problem"]
    assert "another submission" in found["z-thief"]["problem"]


def test_a_refused_file_does_not_stand_in_a_neighbours_place(folder):
    for name in ("s001.json", "s001.zip", "s001.py"):
        (folder / name).write_text("{")
    (folder / "sub").mkdir()
    (folder / "sub" / "s001.json").write_text("{")
    _, found = graded(folder)
    assert set(found) == {*NEIGHBOURS, "s001_json", "s001_zip", "s001_py", "s001_2"}


def test_formulas_in_csv(folder):
    (folder / "evil.csv").write_text("student,q2.4.rf\n\"=cmd|'/c calc'!A1\",36\n-2+3,36\n@SUM(1),36\n-ok-,36\n")
    (folder / "evil.toml").write_text(as_toml({"=1+1": "5"}))
    (folder / "x.toml").write_text(as_toml({"-evil": "5", "q2.4.rf": "=1+1"}))
    out = folder.parent / "grades.csv"
    graded(folder, "--report", f"csv:{out}")
    content = out.read_bytes()
    assert content.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(content.decode("utf-8-sig"), newline="")))
    assert len({len(row) for row in rows}) == 1
    assert rows[0][:4] == ["student", "total", "max", "pending"]
    for row in rows:
        assert not any(cell.startswith(("=", "+", "-", "@", "\t", "\r")) for cell in row)


def test_cells():
    for text in ("=1", "+1", "-1", "@x", "\t=1", "\r", " =1", "\u00a0=1", "＝1"):
        assert safe_cell(text) == "'" + text
    assert safe_cell("s-1") == "s-1"


HTML = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "\u202e36\u2066",
    "&amp;<b>",
    "'onmouseover='x",
    "\x07\x1b[31m36",
]


def test_html_and_bidi_in_answers(folder):
    for index, text in enumerate(HTML):
        answers = {"q2.4.rf": text, "q2.1.params": text, "q3.4.a": text}
        content = {
            "student": f"x{index}",
            "answers": answers,
            "text": {"q3.1.a": text, "extra.id": text},
            "place": {"q2.4.rf": text},
        }
        (folder / f"x{index}.json").write_text(json.dumps(content))
    outs = {form: folder.parent / f"grades.{form}" for form in ("html", "junit", "gradescope")}
    for language in ("en", "fa"):
        _, found = graded(
            folder, "--lang", language, *(part for form, path in outs.items() for part in ("--report", f"{form}:{path}"))
        )
        page = outs["html"].read_text(encoding="utf-8")
        assert not any(bad in page for bad in ("<script", "<img", "<b>", "onerror=alert(1)>", "\x07", "\x1b"))
        assert not set(page) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
        assert "&lt;script&gt;" in page
        tree = ET.fromstring(outs["junit"].read_bytes())  # noqa: S314 - our own document
        assert {suite.get("name") for suite in tree} == set(found)
        echoed = [ask["answer"] for entry in found.values() for ask in entry["asks"]]
        assert not set("".join(echoed)) & set("\u202e\u2066\u2069\x07\x1b\n")


def test_many_with_one_hostile_among_them(tmp_path):
    """A class in one table with a hostile row, and many files with a hostile one."""
    folder = tmp_path / "class"
    folder.mkdir()
    rows = [f"t{number:05},36,16x63x63" for number in range(1000)]
    rows[500] = '"' + "x" * 1000 + "<script>,=1+1"
    (folder / "class.csv").write_text(
        "student,q2.4.rf,q2.1.shape\n" + "\n".join(rows[:500] + rows[501:]) + "\n" + '<script>,"=1+1",5\n'
    )
    for number in range(40):
        (folder / f"f{number}.toml").write_text(as_toml({"q2.4.rf": "36"}) if number != 20 else "a = " + "[" * 60000)
    report = tmp_path / "report.json"
    done = command("hw3", folder, "--report", f"json:{report}")
    assert done.returncode == 2
    entries = json.loads(report.read_text(encoding="utf-8"))["submissions"]
    assert len(entries) == 999 + 1 + 40
    assert {entry["student"] for entry in entries if "problem" in entry} == {"_script_", "f20"}
    assert {entry["total"] for entry in entries if "problem" not in entry} == {9, 6}
