"""A report's data as a table: for a terminal, and for a notebook."""

from __future__ import annotations

from textwrap import wrap
from typing import TYPE_CHECKING, Any

from cnncalc.layers.work import UNITS
from cnncalc.render.numbers import count_text, shape_text, share_text
from cnncalc.render.table import GAP, Column, fold, layout, lines

if TYPE_CHECKING:
    from collections.abc import Iterator

COLUMNS = (
    Column("Layer", "<", is_name=True),
    Column("Output shape", "<"),
    Column("Params", ">"),
    Column("%", ">"),
    Column("MACs", ">"),
    Column("%", ">"),
    Column("Field", ">"),
    Column("Bytes", ">"),
)
#: Columns that are left out where they say nothing.
OPTIONAL = {"%", "Bytes"}
BOLD, PLAIN = "\x1b[1m", "\x1b[0m"
#: The texts of the totals begin here.
MARGIN = 13


def as_text(data: dict[str, Any], *, width: int, color: bool = False, arithmetic: bool = False) -> str:
    """The rows and the totals, no wider than `width` columns. `data` is what `Report.to_dict` gives.

    `arithmetic` adds the arithmetic beside MACs to the totals; "counted_by" in the data adds what other tools count.

    Where a table is too wide even with its names and formulas folded, each row is a name with its figures below.
    """
    rows = [_cells(row, data) for row in data["rows"]]
    # Shares of a formula are not known, and memory not always asked for: an empty column only takes room.
    kept = [index for index, column in enumerate(COLUMNS) if column.heading not in OPTIONAL or any(row[index] for row in rows)]
    columns, rows = [COLUMNS[index] for index in kept], [tuple(row[index] for index in kept) for row in rows]
    widths = layout(columns, rows, width)
    found: list[str] = []
    if widths is not None:
        found += lines(columns, widths, [column.heading for column in columns])
        found.append("─" * (sum(widths) + GAP * (len(widths) - 1)))
    for row, cells in zip(data["rows"], rows, strict=True):
        shown = lines(columns, widths, cells) if widths is not None else list(_stacked(row, data, width))
        found += shown if row["leaf"] or not color else [f"{BOLD}{line}{PLAIN}" for line in shown]
    totals = _totals(data, arithmetic=arithmetic)
    found += [line for name, text in totals for line in _total(name, text, width)]
    return "\n".join(found)


def _stacked(row: dict[str, Any], data: dict[str, Any], width: int) -> Iterator[str]:
    """One row as its name and, indented below, what the columns would hold."""
    name, shape, params, params_share, macs, macs_share, field, memory = _cells(row, data)
    yield from fold(name, width, hang=2)
    parts = [shape]
    parts += [f"{params} parameters" + (f" ({params_share})" if params_share else "")] if params else []
    parts += [f"{macs} MACs" + (f" ({macs_share})" if macs_share else "")] if macs else []
    parts += [f"field {field}"] if field else []
    parts += [f"{memory} bytes"] if memory else []
    indent = " " * min(2 * row["depth"] + 4, width // 2)
    for part in parts:
        yield from (indent + line for line in fold(part, width - len(indent)))


def _total(name: str, text: str, width: int) -> Iterator[str]:
    """One line under the table, folded."""
    is_formula = name in {"input", "output", "parameters", "MACs"}
    folded = fold(text, width - MARGIN) if is_formula else wrap(text, width - MARGIN, subsequent_indent="  ")
    for index, line in enumerate(folded):
        yield f"{'' if index else name:<{MARGIN}}{line}"


def _cells(row: dict[str, Any], data: dict[str, Any]) -> tuple[str, ...]:
    """The texts of one row."""
    name = row["path"].rpartition(".")[2]
    label = f"{name} {row['kind']}" if name not in {"", row["kind"]} else row["kind"]
    if row["calls"] > 1:
        label += f" ({row['calls']} calls)"
    if row["calls"] == 0 and row["leaf"]:
        label += " (not run)"
    indent = "  " * row["depth"]
    field = row["receptive_field"]
    return (
        indent + label,
        shape_text(row["output_shape"]),
        count_text(row["params"]) if row["params"] else "",
        share_text(row["params"], data["params"]),
        _macs_text(row),
        share_text(row["macs"], data["macs"]) if not data["partial"] else "",
        _field_text(field, whole=row["whole_input"]),
        count_text(row["output_bytes"]) if row.get("output_bytes") else "",
    )


def _macs_text(row: dict[str, Any]) -> str:
    """Multiply-accumulates; a question mark where none are known, "≥" where some are not."""
    if row["partial"]:
        return f"≥ {count_text(row['macs'])}" if row["macs"] or not row["leaf"] else "?"
    return count_text(row["macs"]) if row["macs"] else ""


def _field_text(field: list[Any] | None, *, whole: bool) -> str:
    """A field's size, `all` for the whole input, a dash where there is no single size."""
    if not field:
        return ""
    if whole:
        return "all"
    return "×".join("–" if n is None else str(n) for n in field)


def _totals(data: dict[str, Any], *, arithmetic: bool = False) -> list[tuple[str, str]]:
    """The lines under the table: exact totals, what the columns mean, and what is asked of symbolic sizes."""
    frozen = ""
    if data["params"] != data["trainable"]:
        frozen = f" ({count_text(data['trainable'])} trainable)"
    found = [
        ("input", ", ".join(shape_text(shape) for shape in data["input_shapes"])),
        ("output", shape_text(data["output_shape"])),
        ("parameters", f"{count_text(data['params'])}{frozen}"),
    ]
    if data["buffers"]:
        found.append(("buffers", count_text(data["buffers"])))
    at_least, note = ("at least ", "; partial, see what is not carried") if data["partial"] else ("", "")
    found.append(("MACs", f"{at_least}{count_text(data['macs'])} (bias excluded{note})"))
    found += [
        ("not carried", f"{gap['operation']} in {gap['where'] or data['network']}: {gap['reason']}")
        for gap in data["not_carried"]
    ]
    if arithmetic:
        found += [(name, _other_text(name, amount)) for name, amount in data["arithmetic"].items()]
    for tool, counted in data.get("counted_by", {}).items():
        found.append((tool, counted.get("refused") or f"{count_text(counted['total'])} {counted['unit']}: {counted['why']}"))
    field = data["receptive_field"]
    if field and field["size"]:
        place = "the whole input, " if field["whole"] else ""
        size = shape_text(["–" if n is None else n for n in field["size"]])
        found.append(("field", f"{place}{size}" + (f": {field['reason']}" if field["reason"] else "")))
    found += _memory(data["memory"]) if "memory" in data else []
    found += [("condition", f"{c['condition']}  ({c['where']}: {c['reason']})") for c in data["conditions"] if not c["implied"]]
    return found


def _memory(memory: dict[str, Any]) -> list[tuple[str, str]]:
    """The lines about memory."""
    peak_at = f" at {memory['peak_at']}" if memory["peak_at"] else ""
    training = "; ".join(f"{_bytes(amount)} with {name}" for name, amount in memory["training"].items())
    return [
        ("memory", f"bytes at {memory['dtype']}: {_bytes(memory['parameters'])} parameters, {_bytes(memory['outputs'])} outputs"),
        ("peak", f"{_bytes(memory['peak'])}{peak_at}: tensors freed after their last use"),
        ("inference", f"{_bytes(memory['inference'])}: parameters, buffers and the peak"),
        ("training", f"{training}; {_bytes(memory['saved'])} of it saved activations"),
    ]


def _bytes(amount: Any) -> str:
    """An amount of bytes."""
    return "not known" if amount is None else count_text(amount)


def _other_text(name: str, amount: Any) -> str:
    """An amount of arithmetic beside MACs, with its unit."""
    return "not known" if amount is None else f"{count_text(amount)} {UNITS.get(name, 'values')}"


def as_html(data: dict[str, Any]) -> str:
    """The table for a notebook, everything escaped."""
    from html import escape

    head = "".join(f"<th>{escape(column.heading)}</th>" for column in COLUMNS)
    body = "".join(
        "<tr>" + "".join(f'<td style="white-space:pre">{escape(cell)}</td>' for cell in _cells(row, data)) + "</tr>"
        for row in data["rows"]
    )
    totals = "<br>".join(escape(f"{name:<{MARGIN}}{text}") for name, text in _totals(data))
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table><pre>{totals}</pre>"
