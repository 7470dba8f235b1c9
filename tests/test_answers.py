"""The answers of the homework against values typed from the homework's own table, in both languages."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

import pytest

from cnncalc import slips
from cnncalc.sheets.answering import answer, checkable
from cnncalc.sheets.files import SheetError, homework_folder
from cnncalc.sheets.loader import load, load_homework
from cnncalc.sheets.networks import Networks
from cnncalc.sheets.quantities import evaluate, plain
from cnncalc.sheets.record import Record

QUESTIONS = ("q1", "q2", "q3", "p1")
every_question = pytest.mark.parametrize("name", QUESTIONS)

#: The right values, worked out by hand and with torch when the homework was read, each with its unit.
RIGHT = {
    "q1.fc.params": (505, "parameters"),
    "q1.conv.params": (505, "parameters"),
    "q2.1.shape": ([16, 63, 63], "channels × height × width"),
    "q2.1.params": (1216, "parameters"),
    "q2.2.shape": ([16, 16, 16], "channels × height × width"),
    "q2.2.params": (14048, "parameters"),
    "q2.3.total": (55018, "parameters"),
    "q2.4.rf": ([36, 36], "pixels"),
    "q3.2.a": (256, "pixels"),
    "q3.2.b": (73856, "parameters"),
    "q3.4.a": ("N + 192", "channels"),
    "q3.4.b.block": (104, "channels"),
    "q3.4.b.layer": (24, "channels"),
    "q3.4.b.input": (80, "channels"),
    "p1.head.alexnet": (8194, "parameters"),
    "p1.head.vgg16": (8194, "parameters"),
    "p1.head.resnet18": (1026, "parameters"),
    "p1.head.resnet50": (4098, "parameters"),
}
CONCEPTUAL = ("q1.choice", "q3.1.a", "q3.1.b", "q3.1.c", "q3.3.a", "q3.3.b")
#: The scoreboard: what the handwritten solution claims, and whether that is right.
CLAIMS = {
    "q1.fc.params": (505, "right"),
    "q1.conv.params": (505, "right"),
    "q1.choice": (None, "unclear"),
    "q2.1.shape": ([16, 128, 128], "wrong"),
    "q2.1.params": (1216, "right"),
    "q2.2.shape": ([16, 16, 16], "right"),
    "q2.2.params": (14048, "right"),
    "q2.3.total": (55018, "right"),
    "q2.4.rf": ([64, 64], "wrong"),
    "q3.1.a": (None, "unclear"),
    "q3.1.b": (None, "unclear"),
    "q3.1.c": (None, "unclear"),
    "q3.2.a": (256, "right"),
    "q3.2.b": (73856, "right"),
    "q3.3.a": (None, "unclear"),
    "q3.3.b": (None, "unclear"),
    "q3.4.a": ("N + 192", "right"),
    "q3.4.b.block": (104, "right"),
}
#: The other readings that the homework's table names, with their values.
READINGS = {
    "q1.fc.params": [1505, 500],
    "q1.conv.params": [1505, 500],
    "q2.1.params": [1200],
    "q2.2.shape": [[16, 7, 7]],
    "q2.2.params": [19248, 20464, 14000],
    "q2.4.rf": [[32, 32], 1296, 3888],
    "q3.2.a": [1024],
    "q3.2.b": [36928, 221440, 73728, 36864],
    "q3.4.a": [192],
    "q3.4.b.block": [24],
    "q3.4.b.layer": [104],
}
#: Lines that the working must have, as they stand in the homework's table.
WORKING = {
    "q1.fc.params": "O·I + O = 5·100 + 5 = 500 + 5 = 505",
    "q1.conv.params": "F·C·k·k + F = 5·1·10·10 + 5 = 500 + 5 = 505",
    "q2.1.shape": "out = ⌊(n + 2p − k)/s⌋ + 1 = ⌊(128 + 2·1 − 5)/2⌋ + 1 = ⌊62.5⌋ + 1 = 63",
    "q2.1.params": "F·C·k·k + F = 16·3·5·5 + 16 = 1200 + 16 = 1216",
    "q2.2.params": "1216 + 6416 + 6416 = 14048",
    "q2.3.total": "1216 + 6416 + 6416 + 40970 = 55018",
    "q2.4.rf": "r      5       6       14      16      32      36",
    "q3.2.a": "16·16 = 256",
    "q3.2.b": "F·C·k·k + F = 128·64·3·3 + 128 = 73728 + 128 = 73856",
    "q3.4.a": "C = N + 64 + 128 = N + 192",
    "q3.4.b.block": "C = 32 + 24 + 24 + 24 = 104",
    "q3.4.b.input": "C = 32 + 24 + 24 = 80",
    "p1.head.alexnet": "O·I + O = 2·4096 + 2 = 8192 + 2 = 8194",
    "p1.head.resnet18": "O·I + O = 2·512 + 2 = 1024 + 2 = 1026",
    "p1.head.resnet50": "O·I + O = 2·2048 + 2 = 4096 + 2 = 4098",
}
FACTS = {
    "q1.conv.output": [5, 1, 1],
    "q1.conv.padded": [5, 3, 3],
    "q1.choice.conv_larger": [5, 3, 5],
    "q2.1.part2_settings": [16, 128, 128],
    "q2.3.flatten": 4096,
    "q2.3.head": 40970,
    "q2.4.reversed": [64, 64],
    "q2.4.uneven": [3, 5, 13, 17],
    "q3.2.unpadded_in": 144,
    "q3.2.unpadded_out": 64,
    "q3.2.tile_in": 32,
    "q3.2.tile_out": 28,
    "q3.2.second_level": 221440,
    "p1.head.original": 4097000,
    "p1.head.one_logit": 4097,
    # 61,100,840 − 4,097,000 + 8194 and so on: torchvision's published totals with the new head.
    "p1.a.alexnet.total": 57012034,
    "p1.a.alexnet.frozen": 57003840,
    "p1.a.vgg16.total": 134268738,
    "p1.a.vgg16.frozen": 134260544,
    "p1.a.resnet18.total": 11177538,
    "p1.a.resnet18.frozen": 11176512,
    "p1.a.resnet50.total": 23512130,
    "p1.a.resnet50.frozen": 23508032,
    "p1.a.alexnet.smallest": 63,
    "p1.b.step": 0.05,
}


@cache
def document(name, language="en"):
    """The answer to a question."""
    return answer(load_homework(), name, language=language)


@cache
def asks():
    """Every ask by id."""
    return {ask["id"]: ask for name in QUESTIONS for ask in document(name)["asks"]}


@cache
def facts():
    """Every fact by id."""
    return {fact["id"]: fact for name in QUESTIONS for fact in document(name)["facts"]}


@pytest.mark.parametrize("name", RIGHT)
def test_values_and_units_are_those_of_the_homework(name):
    assert (asks()[name]["value"], asks()[name]["unit"]) == RIGHT[name]


def test_there_is_nothing_else():
    assert set(asks()) == {*RIGHT, *CONCEPTUAL}


@pytest.mark.parametrize("name", CLAIMS)
def test_claims_and_verdicts_are_those_of_the_scoreboard(name):
    assert (asks()[name]["claimed"]["value"], asks()[name]["claimed"]["verdict"]) == CLAIMS[name]


def test_nothing_else_is_claimed():
    assert {name for name, ask in asks().items() if ask["claimed"] is not None} == set(CLAIMS)


@pytest.mark.parametrize("name", READINGS)
def test_other_readings_have_the_values_of_the_homework(name):
    found = [reading["value"] for reading in asks()[name]["readings"]]
    assert [value for value in READINGS[name] if value not in found] == []


@pytest.mark.parametrize("name", WORKING)
def test_the_working_is_shown(name):
    assert WORKING[name] in asks()[name]["working"]


@pytest.mark.parametrize("name", FACTS)
def test_further_figures(name):
    assert facts()[name]["value"] == FACTS[name]


def test_the_trace_of_the_field():
    assert asks()["q2.4.rf"]["trace"] == [5, 6, 14, 16, 32, 36]
    assert asks()["q2.4.rf"]["claimed"]["trace"] == [5, 10, 14, 28, 32, 64]


def test_128_is_explained_by_every_rule_that_gives_it_and_no_other():
    found = asks()["q2.1.shape"]["claimed"]["slips"]
    assert found == ["shape.swap_pad_stride", "shape.assume_same", "q2.part2_settings"]


def test_the_wrong_trace_has_one_explanation_and_its_last_number_has_more():
    claimed = asks()["q2.4.rf"]["claimed"]
    assert claimed["slips"] == ["rf.topdown_run_forward"]
    assert sorted(claimed["slips_of_the_last_number"]) == ["rf.padding_added", "rf.reversed_order"]


def test_every_slip_that_is_named_really_gives_the_claimed_number():
    networks = Networks(load_homework().question("q2"))
    for name, net in (("q2.1.shape", "part1"), ("q2.4.rf", "backbone")):
        claimed = asks()[name]["claimed"]
        quantity = "shape" if name == "q2.1.shape" else "rf"
        for slip in (*claimed["slips"], *claimed.get("slips_of_the_last_number", ())):
            if not slip.startswith("q2."):
                values = slips.named(slip).values(networks.built(net).graph, None, quantity)
                assert claimed["value"] in [[value, value] if isinstance(value, int) else plain(value) for value in values]


# -- the sheets themselves --------------------------------------------------------------------------------------


def golden_items():
    """Every quantity of the sheets that has a golden value beside it."""
    for question in load_homework().questions:
        for ask in question.asks:
            yield question, ask.id, ask.answer, ask.golden
            yield question, f"{ask.id} trace", ask.trace, list(ask.trace_golden)
            for reading in ask.readings:
                yield question, f"{ask.id}: {reading.note['en']}", reading.answer, reading.golden
        for fact in question.facts:
            yield question, fact.id, fact.answer, fact.golden


def test_every_quantity_of_the_sheets_has_a_golden_value_and_equals_it():
    networks = {question.id: Networks(question) for question in load_homework().questions}
    count = 0
    for question, name, asked, golden in golden_items():
        if asked is None or asked.quantity == "refusal":
            assert golden in (None, []), name
            continue
        assert golden not in (None, []), f"{name} has no golden value"
        assert plain(evaluate(asked, networks[question.id]).value) == golden, name
        count += 1
    assert count > len(RIGHT) + len(FACTS)


def test_sheets_hold_no_result_but_as_golden_or_claim():
    """A literal result in place of a quantity would be an answer that nothing computes."""
    for path in sorted(Path(homework_folder()).glob("*.toml")):
        for question in tomllib.loads(path.read_text(encoding="utf-8")).get("question", ()):
            for ask in question["ask"]:
                assert ("answer" in ask) == (ask["kind"] != "text")
                assert set(ask.get("answer", {"quantity": 0})) <= {"quantity", "net", "at", "of"}


# -- languages --------------------------------------------------------------------------------------------------


def texts(value, place=""):
    """Every text of the sheets that has languages, with where it stands."""
    if isinstance(value, dict) and set(value) & {"en", "fa"}:
        yield place, value
    elif isinstance(value, dict):
        for key, item in value.items():
            yield from texts(item, f"{place}.{key}")
    elif hasattr(value, "_fields"):
        for key in value._fields:
            yield from texts(getattr(value, key), f"{place}.{key}")
    elif isinstance(value, tuple):
        for index, item in enumerate(value):
            yield from texts(item, f"{place}[{getattr(item, 'id', index)}]")


def test_every_text_stands_in_both_languages():
    found = list(texts(load_homework()))
    assert len(found) > 200
    for place, value in found:
        assert set(value) == {"en", "fa"}, place
        assert re.search("[؀-ۿ]", value["fa"]), place
        assert not re.search("[؀-ۿ]", value["en"]), place
        assert sorted(re.findall(r"{\w+}", value["en"])) == sorted(re.findall(r"{\w+}", value["fa"])), place


@pytest.mark.parametrize("language", ["en", "fa"])
@every_question
def test_no_placeholder_is_left_in_an_answer(name, language):
    assert not re.search(r"{[a-z]\w*}", str(document(name, language)).replace("{'", ""))


@pytest.mark.parametrize("key", ["title", "text", "reading", "note", "model", "point"])
@pytest.mark.parametrize("language", ["en", "fa"])
def test_a_missing_translation_is_refused(tmp_path, key, language):
    for path in Path(homework_folder()).glob("*.toml"):
        (tmp_path / path.name).write_text(path.read_text(encoding="utf-8"), encoding="utf-8")
    assert load(tmp_path / "hw3.toml").questions
    path = tmp_path / "q3.toml"
    kept = re.sub(rf"(?m)^( *){key}\.{language} = ", rf"\1{key}.de = ", path.read_text(encoding="utf-8"), count=1)
    path.write_text(kept, encoding="utf-8")
    with pytest.raises(SheetError, match=rf"^q3\.toml: .*{key}\.{language} is missing"):
        load(tmp_path / "hw3.toml")


# -- without torch ----------------------------------------------------------------------------------------------


def recorded(**changes):
    """A record of question 2's values, some of them changed."""
    values = checkable(document("q2")["asks"]) | checkable(document("q2")["facts"])
    return Record("2.13.0", "2026-01-02", values | changes)


def test_without_torch_the_answer_says_when_it_was_last_checked():
    found = answer(load_homework(), "q2", record=recorded())["verification"]
    assert found == {"status": "recorded", "torch": "2.13.0", "date": "2026-01-02"}


@pytest.mark.parametrize(
    "change", [{"q2.1.params": 1217}, {"q2.4.rf.trace": [5, 6, 14, 16, 32, 64]}, {"q2.1.params.reading1": 0}]
)
def test_a_value_that_has_changed_since_is_not_called_checked(change):
    found = answer(load_homework(), "q2", record=recorded(**change))["verification"]
    assert found == {"status": "never", "torch": None, "date": None}


def test_no_record_is_no_check():
    assert answer(load_homework(), "q2", record=None)["verification"]["status"] == "never"


def test_a_part_needs_only_its_own_record():
    assert answer(load_homework(), "q2.4", record=recorded(**{"q2.1.params": 1217}))["verification"]["status"] == "recorded"
