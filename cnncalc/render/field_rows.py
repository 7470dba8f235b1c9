"""The fields of all rows as a table for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.render.numbers import shape_text
from cnncalc.render.table import GAP, Column, fold, layout, lines

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

COLUMNS = (
    Column("Layer", "<", is_name=True),
    Column("Output shape", "<"),
    Column("Field", ">"),
    Column("Stride", ">"),
    Column("Padding", ">"),
    Column("Centre", ">"),
)


def as_text(rows: Sequence[dict[str, Any]], width: int) -> str:
    """A row for each layer, function and container that runs, and below the table why a figure has no single value."""
    cells = [_cells(row) for row in rows]
    widths = layout(COLUMNS, cells, width)
    found: list[str] = []
    if widths is None:
        for row in cells:
            found += fold(row[0], width, hang=2)
            parts = zip(COLUMNS[1:], row[1:], strict=True)
            found += [f"    {line}" for column, text in parts for line in fold(f"{column.heading} {text}", width - 4)]
    else:
        found += lines(COLUMNS, widths, [column.heading for column in COLUMNS])
        found.append("─" * (sum(widths) + GAP * (len(widths) - 1)))
        for row in cells:
            found += lines(COLUMNS, widths, row)
    return "\n".join([*found, *_reasons(rows, width)])


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    """The texts of one row: layers are indented inside their container."""
    name = row["path"].rpartition(".")[2]
    label = f"{name} {row['kind']}" if name not in {"", row["kind"]} else row["kind"]
    field = row["receptive_field"]
    size = "all" if field["whole"] else _figures([_span(sizes) for sizes in field["sizes"]])
    figures = (_figures(field[key]) for key in ("stride", "padding", "center"))
    return ("  " * row["depth"] + label, shape_text(row["output_shape"]), size, *figures)


def _span(sizes: list[int | str] | None) -> str | None:
    """A size; the smallest and the largest where it depends on the position."""
    return None if sizes is None else "…".join(map(str, dict.fromkeys(sizes)))


def _figures(figures: Sequence[int | str | None]) -> str:
    """One figure where the axes agree; a dash where there is no single value."""
    texts = ["–" if figure is None else str(figure).replace("-", "−") for figure in figures]
    return texts[0] if len(set(texts)) == 1 else "×".join(texts)


def _reasons(rows: Sequence[dict[str, Any]], width: int) -> Iterator[str]:
    """Each reason once."""
    reasons = dict.fromkeys(row["receptive_field"]["reason"] for row in rows if row["receptive_field"]["reason"])
    for reason in reasons:
        yield from fold(f"– {reason}", width, hang=2)
