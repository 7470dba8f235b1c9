"""The answers against torch, and the record of that against the truth."""

from __future__ import annotations

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from cnncalc import cli
from cnncalc.sheets import quantities
from cnncalc.sheets.answering import answer, checkable
from cnncalc.sheets.loader import load_homework
from cnncalc.sheets.record import Record, load_record, record_path, write_record
from cnncalc.sheets.verification import Verifier

QUESTIONS = ("q1", "q2", "q3", "p1")
#: The checkout's own sheets: what is installed may be a copy of them.
ANSWERS = Path(__file__).parents[1] / "answers"


@pytest.fixture(scope="module")
def verified():
    """Each question, answered with torch beside it."""
    sheet = load_homework()
    return {name: answer(sheet, name, verifier=Verifier()) for name in QUESTIONS}


@pytest.mark.parametrize("name", QUESTIONS)
def test_torch_agrees_with_every_number(verified, name):
    document = verified[name]
    assert document["verification"]["disagreements"] == []
    assert document["verification"]["status"] == "verified"
    for item in (*document["asks"], *document["facts"]):
        is_text = item.get("kind") == "text" or item["value"] is None
        assert item["verified"] is (None if is_text else True), item["id"]


@pytest.mark.parametrize("name", QUESTIONS)
def test_as_many_numbers_are_checked_as_are_shown(verified, name):
    document = verified[name]
    shown = checkable(document["asks"]) | checkable(document["facts"])
    assert document["verification"]["checked"] == len(shown)


def test_the_record_is_what_torch_agrees_with(verified, request):
    values = {
        key: value
        for document in verified.values()
        for key, value in (checkable(document["asks"]) | checkable(document["facts"])).items()
    }
    torch_version = verified["q1"]["verification"]["torch"]
    if request.config.getoption("--write-record"):
        write_record(Record(torch_version, datetime.now(UTC).date().isoformat(), values), ANSWERS)
    record = load_record(ANSWERS)
    remedy = "check the answers, then write the record anew: pytest tests/test_answers_verified.py --write-record"
    assert record is not None, f"{record_path()} is missing or broken; {remedy}"
    assert record.values == values, f"the answers are not those of {record_path()}; {remedy}"
    assert record.torch == torch_version, f"the record is of torch {record.torch}, this is torch {torch_version}; {remedy}"
    assert date.fromisoformat(record.date) <= datetime.now(UTC).date()


@pytest.mark.parametrize("name", QUESTIONS)
def test_the_answer_quotes_the_record(name):
    record = load_record()
    found = answer(load_homework(), name, record=record)["verification"]
    assert found == {"status": "recorded", "torch": record.torch, "date": record.date}


def test_a_record_that_was_written_is_read_back(tmp_path):
    assert load_record(tmp_path) is None
    record = Record("2.13.0", "2026-01-02", {"q1.fc.params": 505, "q2.1.shape": [16, 63, 63], "q3.4.a": "N + 192", "x": 0.05})
    write_record(record, tmp_path)
    assert load_record(tmp_path) == record


@pytest.mark.parametrize("content", ["", "{", "[]", '{"torch": "2"}', '{"torch": "2", "date": "x", "values": 3}', "\x00"])
def test_a_broken_record_is_no_record(tmp_path, content):
    (tmp_path / "verified.json").write_text(content, encoding="utf-8")
    assert load_record(tmp_path) is None


# -- a wrong value on purpose -----------------------------------------------------------------------------------


@pytest.fixture
def wrong_shapes(monkeypatch):
    """Every shape gets one channel too many."""
    right = quantities.QUANTITIES["shape"]

    def wrong(built, at):
        result = right(built, at)
        return result._replace(value=[result.value[0] + 1, *result.value[1:]])

    monkeypatch.setitem(quantities.QUANTITIES, "shape", wrong)


@pytest.mark.usefixtures("wrong_shapes")
def test_torch_disagrees_with_a_wrong_value():
    document = answer(load_homework(), "q2.1", verifier=Verifier())
    by_id = {ask["id"]: ask["verified"] for ask in document["asks"]}
    assert by_id == {"q2.1.shape": False, "q2.1.params": True}
    assert document["verification"]["status"] == "disagrees"
    assert document["verification"]["disagreements"] == [
        "shape of part1 for (1, 3, 128, 128): cnncalc [17, 63, 63], torch [16, 63, 63]"
    ]


@pytest.mark.usefixtures("wrong_shapes")
@pytest.mark.parametrize(
    ("form", "shown"), [("text", "DISAGREES: torch 2"), ("markdown", "DISAGREES: torch 2"), ("json", '"disagrees"')]
)
def test_the_command_shows_a_disagreement_and_exits_3(capsys, form, shown):
    with pytest.raises(SystemExit) as exited:
        cli.main(["answer", "q2.1", "--verify", "--format", form])
    captured = capsys.readouterr()
    assert exited.value.code == 3
    assert shown in captured.out
    assert captured.err == (
        "cnncalc: error: torch gives other numbers; got shape of part1 for (1, 3, 128, 128): cnncalc [17, 63, 63], "
        "torch [16, 63, 63]; please report this with the command you ran\n"
    )


@pytest.mark.usefixtures("wrong_shapes")
def test_one_question_that_disagrees_does_not_speak_for_another():
    assert answer(load_homework(), "q2.1", verifier=Verifier())["verification"]["status"] == "disagrees"
    assert answer(load_homework(), "q1.fc", verifier=Verifier())["verification"]["status"] == "verified"


def test_the_command_says_what_was_checked(capsys):
    with pytest.raises(SystemExit) as exited:
        cli.main(["answer", "q2.4", "--verify"])
    assert exited.value.code == 0
    assert "Verified: torch 2" in capsys.readouterr().out


def test_the_command_says_when_it_was_last_checked(capsys):
    record = load_record()
    with pytest.raises(SystemExit):
        cli.main(["answer", "q2"])
    assert f"Last recorded check: torch {record.torch}, {record.date}." in capsys.readouterr().out.replace("\n", " ")
