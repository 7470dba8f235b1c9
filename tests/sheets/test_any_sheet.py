"""Anything at all as a sheet: it is read and answered, or refused with an error of ours."""

from __future__ import annotations

import re
from pathlib import Path

from drawing.sheets import SHEET, changed, written
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import cnncalc as cc
from cnncalc.sheets.answering import answer
from cnncalc.sheets.files import homework_folder
from cnncalc.sheets.loader import load

odd = settings(suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])


def survives(path):
    """A sheet is read and answered, or refused with an error of ours."""
    try:
        sheet = load(path)
        for question in sheet.questions:
            for language in sheet.languages:
                answer(sheet, question.id, language=language)
    except cc.CnncalcError as error:
        return str(error)
    return ""


@odd
@given(changed(SHEET))
def test_a_changed_sheet_is_read_or_refused(tmp_path, text):
    assert "\n" not in survives(written(tmp_path, text))


@odd
@given(st.sampled_from(("q1", "q2", "q3")), st.data())
def test_a_changed_homework_is_read_or_refused(tmp_path, name, data):
    head = (Path(homework_folder()) / "hw3.toml").read_text(encoding="utf-8")
    written(tmp_path, re.sub(r"include = .*", f'include = ["{name}.toml"]', head), "hw3.toml")
    text = (Path(homework_folder()) / f"{name}.toml").read_text(encoding="utf-8")
    written(tmp_path, data.draw(changed(text)), f"{name}.toml")
    assert "\n" not in survives(tmp_path / "hw3.toml")


@odd
@given(st.one_of(st.text(), st.binary().map(lambda data: data.decode("latin-1"))))
def test_any_text_is_refused(tmp_path, text):
    path = tmp_path / "any.toml"
    path.write_bytes(text.encode("utf-8", "surrogatepass"))
    assert survives(path)
