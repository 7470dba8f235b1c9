"""The card of a named architecture as text, and as a row of a page."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.render.table import Column, fold, layout, lines

if TYPE_CHECKING:
    from collections.abc import Sequence

COLUMNS = (
    Column("Map", "<", is_name=True),
    Column("Channels", ">"),
    Column("Size", ">"),
    Column("Field", ">"),
    Column("Stride", ">"),
)
FEW = 5_000_000
WHOLE = "* and the whole input besides, by global mixing"


def as_text(card: dict[str, Any], width: int) -> str:
    """The card for a terminal."""
    found = [card["name"], *fold(card["about"], width), ""]
    found += _labelled("paper", card["source"], width)
    found += _labelled("input", "×".join(map(str, card["input_shape"])), width)
    found += _labelled("output", shape_text(card["output_shape"]), width)
    told = card["published"]
    found += _labelled("parameters", f"{card['params']:,}{_beside(params_text(told['params']), told['by'])}", width)
    found += _labelled("MACs", f"{card['macs']:,}{_beside(macs_text(told['billion_macs']), told['by'])}", width)
    if card["note"]:
        found += _labelled("note", card["note"], width)
    found.append("")
    rows = [_cells(stage) for stage in card["stages"]]
    found += _table(rows, width)
    if any(stage["whole"] for stage in card["stages"]):
        found += fold(WHOLE, width)
    return "\n".join(found)


def as_row(card: dict[str, Any]) -> str:
    """The card as a row of a Markdown table: name, input, parameters, MACs, both beside what was published, maps and field."""
    told, stages = card["published"], card["stages"]
    last = stages[-1] if stages else None
    cells = (
        f"`{card['name']}`",
        "×".join(map(str, card["input_shape"][1:])),
        f"{card['params']:,}",
        params_text(told["params"]),
        billions(card["macs"]),
        macs_text(told["billion_macs"]),
        field_text(last) if last else "–",
        ", ".join(f"{stage['channels']}×{_size(stage)}" for stage in stages),
    )
    return "| " + " | ".join(cells) + " |\n"


def shape_text(shape: Any) -> str:
    """One shape, or several by name or in order."""
    if isinstance(shape, dict):
        return ", ".join(f"{name} {shape_text(part)}" for name, part in shape.items())
    if shape and isinstance(shape[0], list):
        return ", ".join(map(shape_text, shape))
    return "×".join(map(str, shape))


def params_text(params: int | str | None) -> str:
    """Published parameters as they were printed; a dash where there are none."""
    return "–" if params is None else params if isinstance(params, str) else f"{params:,}"


def macs_text(macs: float | str | None) -> str:
    """Published multiply-accumulates in 10⁹ as they were printed; a dash where there are none."""
    return "–" if macs is None else macs if isinstance(macs, str) else f"{macs:.3f}"


def billions(macs: int) -> str:
    """Multiply-accumulates in 10⁹, to three places, or to six where there are few."""
    return f"{macs / 1e9:.3f}" if macs >= FEW else f"{macs / 1e9:.6f}"


def field_text(stage: dict[str, Any]) -> str:
    """The field of a map: one size, or the smallest and the largest; all, or a dash, where there is no size."""
    sizes = stage["field"]
    if sizes is None:
        return "all" if stage["whole"] else "–"
    low, high = sizes
    return f"{low if low == high else f'{low}…{high}'}{'*' if stage['whole'] else ''}"


def _beside(text: str, by: str) -> str:
    """A published figure behind a calculated one."""
    return "" if text == "–" else f" (published by {by}: {text})"


def _size(stage: dict[str, Any]) -> str:
    """Height and width, or the side of a square."""
    height, width = stage["height"], stage["width"]
    return str(width) if height == width else f"{height}×{width}"


def _cells(stage: dict[str, Any]) -> tuple[str, ...]:
    """The texts of one map."""
    size = f"{stage['height']}×{stage['width']}"
    return (stage["row"], str(stage["channels"]), size, field_text(stage), stage["stride"] or "–")


def _labelled(label: str, text: str, width: int) -> list[str]:
    """A label and a text beside it, folded."""
    parts = fold(text, max(20, width - 12)) or [""]
    return [f"{label:<12}{parts[0]}", *(f"{'':12}{part}" for part in parts[1:])]


def _table(rows: Sequence[tuple[str, ...]], width: int) -> list[str]:
    """The maps, in columns where they fit."""
    widths = layout(COLUMNS, rows, width)
    if widths is None:
        return [line for row in rows for line in fold("  ".join(row), width, hang=2)]
    heading = lines(COLUMNS, widths, [column.heading for column in COLUMNS])
    return heading + [line for row in rows for line in lines(COLUMNS, widths, row)]
