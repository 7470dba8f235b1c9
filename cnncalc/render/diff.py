"""The difference of two networks, as text for a terminal. `data` is what `Difference.to_dict` gives."""

from __future__ import annotations

from typing import Any

from cnncalc.render.numbers import count_text, shape_text

LABELS = {
    "output_shape": "output",
    "params": "parameters",
    "trainable": "trainable",
    "macs": "MACs",
    "receptive_field": "field",
    "outputs_bytes": "outputs, bytes",
    "peak_bytes": "peak, bytes",
    "saved_bytes": "saved, bytes",
    "kind": "kind",
    "calls": "calls",
    "buffers": "buffers",
    "output_elements": "output elements",
}
SHAPES = {"output_shape", "receptive_field"}


def as_text(data: dict[str, Any]) -> str:
    """The totals, then the rows that were removed, added and changed."""
    lines = [f"{data['before']} → {data['after']}, input {', '.join(map(shape_text, data['input_shapes']))}"]
    lines += [
        _total(name, total) for name, total in data["totals"].items() if total["before"] is not None or total["after"] is not None
    ]
    lines += [f"- {_row(row)}" for row in _outermost(data["removed"])]
    lines += [f"+ {_row(row)}" for row in _outermost(data["added"])]
    lines += [f"> {pair['before']} → {pair['after']} {pair['kind']}: renamed" for pair in _outermost_pairs(data["renamed"])]
    for change in data["changed"]:
        figures = ", ".join(_change(name, change["before"], change["after"]) for name in change["figures"])
        lines.append(f"~ {change['path'] or 'the network'} {change['after']['kind']}: {figures}")
    if not any(data[kind] for kind in ("added", "removed", "renamed", "changed")):
        lines.append("no row differs")
    return "\n".join(lines)


def _total(name: str, total: dict[str, Any]) -> str:
    """One total, before and after."""
    before, after = _figure(name, total["before"]), _figure(name, total["after"])
    if before == after:
        return f"{LABELS[name]:<16}{before}"
    change = total["change"]
    shown = f"  ({change:+,})" if isinstance(change, int) else f"  (by {change})" if change is not None else ""
    return f"{LABELS[name]:<16}{before} → {after}{shown}"


def _figure(name: str, value: Any) -> str:
    """A figure in words."""
    if value is None:
        return "–"
    if name in SHAPES:
        return shape_text(["–" if n is None else n for n in value])
    return count_text(value)


def _change(name: str, before: dict[str, Any], after: dict[str, Any]) -> str:
    """One figure of a row, before and after."""
    return f"{LABELS[name]} {_figure(name, before[name])} → {_figure(name, after[name])}"


def _row(row: dict[str, Any]) -> str:
    """A row with its main figures."""
    parts = [f"{row['path']} {row['kind']}", shape_text(row["output_shape"])]
    parts += [f"{count_text(row['params'])} parameters"] if row["params"] else []
    parts += [f"{count_text(row['macs'])} MACs"] if row["macs"] else []
    return ", ".join(parts)


def _outermost(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows that are not inside another one of them: a container speaks for what is in it."""
    paths = {row["path"] for row in rows}
    return [row for row in rows if not any(outer in paths for outer in _around(row["path"]))]


def _outermost_pairs(pairs: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The renamed rows that do not follow from the new name of a container around them."""
    names = {pair["before"]: pair["after"] for pair in pairs}

    def follows(pair: dict[str, Any]) -> bool:
        outer = [(name, pair["before"][len(name) :]) for name in _around(pair["before"]) if name in names]
        return any(names[name] + rest == pair["after"] for name, rest in outer)

    return [pair for pair in pairs if not follows(pair)]


def _around(path: str) -> list[str]:
    """The qualified names of the containers around a row."""
    parts = path.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts))]
