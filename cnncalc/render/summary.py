"""A report's data as a table: for a terminal, and for a notebook."""

from __future__ import annotations

from html import escape
from io import StringIO
from typing import Any

from cnncalc.render.numbers import count_text, shape_text, share_text

HEADINGS = ("Layer", "Output shape", "Params", "%", "MACs", "%", "Field")


def as_text(data: dict[str, Any], *, width: int, color: bool = False) -> str:
    """A table no wider than `width` columns, then the totals. `data` is what `Report.to_dict` gives."""
    from rich.console import Console

    target = StringIO()
    console = Console(
        file=target, width=width, force_terminal=color, no_color=not color, highlight=False, emoji=False, markup=False
    )
    console.print(_table(data))
    for line in _totals(data):
        console.print(line, soft_wrap=True)
    return "\n".join(line.rstrip() for line in target.getvalue().splitlines())


def _table(data: dict[str, Any]) -> Any:
    """The rows as a rich table; names are cut before numbers are."""
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0), show_edge=False)
    for heading in HEADINGS:
        left = heading in {"Layer", "Output shape"}
        table.add_column(heading, justify="left" if left else "right", no_wrap=not left, overflow="fold")
    for row in data["rows"]:
        cells = _cells(row, data)
        style = "" if row["leaf"] else "bold"
        table.add_row(*(Text(cell, style=style) for cell in cells))
    return table


def _cells(row: dict[str, Any], data: dict[str, Any]) -> tuple[str, ...]:
    """The texts of one row."""
    name = row["path"].rpartition(".")[2]
    label = f"{name} {row['kind']}" if name else row["kind"]
    if row["calls"] > 1:
        label += f" ({row['calls']} calls)"
    if row["calls"] == 0:
        label += " (not run)"
    indent = "  " * row["depth"]
    field = row["receptive_field"]
    return (
        indent + label,
        shape_text(row["output_shape"]),
        count_text(row["params"]) if row["params"] else "",
        share_text(row["params"], data["params"]),
        count_text(row["macs"]) if row["macs"] else "",
        share_text(row["macs"], data["macs"]),
        _field_text(field, whole=row["whole_input"]),
    )


def _field_text(field: list[Any] | None, *, whole: bool) -> str:
    """A field's size, `all` for the whole input, a dash where there is no single size."""
    if not field:
        return ""
    if whole:
        return "all"
    return "×".join("–" if n is None else str(n) for n in field)


def _totals(data: dict[str, Any]) -> list[str]:
    """The lines under the table: exact totals, what the columns mean, and what is asked of symbolic sizes."""
    frozen = ""
    if data["params"] != data["trainable"]:
        frozen = f" ({count_text(data['trainable'])} trainable)"
    lines = [
        f"input        {', '.join(shape_text(shape) for shape in data['input_shapes'])}",
        f"output       {shape_text(data['output_shape'])}",
        f"parameters   {count_text(data['params'])}{frozen}",
    ]
    if data["buffers"]:
        lines.append(f"buffers      {count_text(data['buffers'])}")
    lines.append(f"MACs         {count_text(data['macs'])} (bias excluded)")
    field = data["receptive_field"]
    if field and field["size"]:
        place = "the whole input, " if field["whole"] else ""
        size = shape_text(["–" if n is None else n for n in field["size"]])
        lines.append(f"field        {place}{size}" + (f": {field['reason']}" if field["reason"] else ""))
    lines += [f"condition    {c['condition']}  ({c['where']}: {c['reason']})" for c in data["conditions"]]
    return lines


def as_html(data: dict[str, Any]) -> str:
    """The table for a notebook, everything escaped."""
    head = "".join(f"<th>{escape(heading)}</th>" for heading in HEADINGS)
    body = "".join(
        "<tr>" + "".join(f'<td style="white-space:pre">{escape(cell)}</td>' for cell in _cells(row, data)) + "</tr>"
        for row in data["rows"]
    )
    totals = "<br>".join(escape(line) for line in _totals(data))
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><pre>{totals}</pre>"
