"""The working of a receptive field as text: the table forward, the check backward, what both give."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.render.table import GAP, Column, layout, lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

AXES = {1: ("width",), 2: ("height", "width"), 3: ("depth", "height", "width")}
FORWARD = "Forward: r ← r + (k − 1)·j, start ← start − p·j, j ← j·s"
BACKWARD = "Backward, from one cell of the output: r ← s·r + k − s, P ← s·P + p, S ← s·S"
WAYS = {"both": "", "left": ", to where the field begins", "right": ", to where the field ends"}


def as_text(data: dict[str, Any], width: int) -> str:
    """Each axis that differs under a heading. `data` is what `FieldWorking.to_dict` gives."""
    found: list[str] = []
    count = sum(len(working["axes"]) for working in data["axes"])
    first = min((axis for working in data["axes"] for axis in working["axes"]), default=0)
    for working in data["axes"]:
        if found:
            found.append("")
        if len(data["axes"]) > 1:
            names = AXES.get(count, ())
            found.append(", ".join(names[axis - first] if names else f"axis {axis}" for axis in working["axes"]))
        found += _axis(working, width)
    return "\n".join(found)


def _axis(working: dict[str, Any], width: int) -> Iterator[str]:
    """One axis: the table, the way back, the result."""
    yield FORWARD
    yield from _table(("Layer", "k", "s", "p", "n", "r", "start", "j"), map(_forward_cells, working["rows"]), width)
    if working["result"] is None:
        yield f"No check backward: {working['reason']}"
        return
    for way in working["backward"]:
        yield ""
        yield BACKWARD + WAYS[way["side"]]
        yield from _table(("Layer", "k", "s", "p", "r", "P", "S"), map(_backward_cells, way["steps"]), width)
    yield ""
    yield _result(working["result"])


def _result(result: dict[str, Any]) -> str:
    """What both directions give, in one line."""
    forward, backward = result["forward"], result["backward"]
    figures = f"r = {forward['r']}, S = {forward['S']}, P = {forward['P']}"
    if "R" in backward:
        figures += f" (r = P + R + 1 with R = {backward['R']})"
    if not result["agrees"]:
        other = f"r = {backward['r']}, S = {backward['S']}, P = {backward['P']}"
        return f"The directions disagree: forward {figures}; backward {other}"
    return f"Both directions: {figures}"


def _forward_cells(row: dict[str, Any]) -> tuple[str, ...]:
    """A row's texts; a join shows its branches in the column of the field."""
    name = f"{row['path']} {row['kind']}".strip()
    if row["branches"]:
        parts = []
        for branch in row["branches"]:
            sides = branch["decides"]
            mark = "" if not sides else " (decides)" if len(sides) > 1 else f" (decides {sides[0]})"
            parts.append(f"{_show(branch['r'])} by {branch['from']}{mark}")
        union = f"{' ∪ '.join(parts)} = {_show(row['r'])}"
        return (name, "", "", "", _lengths(row["n"]), union, _show(row["start"]), _show(row["j"]))
    if row["reason"]:
        return (name, "", "", "", _lengths(row["n"]), f"{_show(row['r'])} ({row['reason']})", "", "")
    return (name, *_window_cells(row["window"]), _lengths(row["n"]), *_worked(row, ("r", "start", "j")))


def _backward_cells(step: dict[str, Any]) -> tuple[str, ...]:
    """A step's texts."""
    name = f"{step['path']} {step['kind']}".strip()
    if step["along"] is not None:
        name += f", along {step['along']}"
    return (name, *_window_cells(step["window"]), *_worked(step, ("r", "P", "S")))


def _worked(row: dict[str, Any], keys: Sequence[str]) -> tuple[str, ...]:
    """Working and value of each figure: `5 + (2 − 1)·2 = 7`."""
    working = row.get("working") or {}
    return tuple(f"{working[key]} = {_show(row[key])}" if key in working else _show(row[key]) for key in keys)


def _window_cells(window: dict[str, Any] | None) -> tuple[str, str, str]:
    """Kernel, stride, padding: a dilated kernel's extent with what it is made of."""
    if window is None:
        return "", "", ""
    kernel = _show(window["k"])
    if window["dilation"] != 1:
        kernel = f"{_show(window['dilation'])}·({_show(window['kernel_size'])} − 1) + 1 = {kernel}"
    return kernel, _show(window["s"]), _show(window["p"])


def _lengths(lengths: list[int | str | None]) -> str:
    """The length of the axis; of several axes where they differ."""
    return "×".join(dict.fromkeys(map(_show, lengths)))


def _show(size: int | str | None) -> str:
    """A size with a true minus sign; a dash for none."""
    return "–" if size is None else str(size).replace("-", "−")


def _table(headings: Sequence[str], rows: Iterator[tuple[str, ...]], width: int) -> Iterator[str]:
    """The rows under their headings."""
    columns = [
        Column(heading, ">" if heading in {"k", "s", "p", "n"} else "<", is_name=heading == "Layer") for heading in headings
    ]
    cells = list(rows)
    widths = layout(columns, cells, width)
    if widths is None:
        # Too narrow even folded: as wide as it takes.
        widths = [max(len(row[index]) for row in [tuple(headings), *cells]) for index in range(len(headings))]
    yield from lines(columns, widths, headings)
    yield "─" * (sum(widths) + GAP * (len(widths) - 1))
    for row in cells:
        yield from lines(columns, widths, row)
