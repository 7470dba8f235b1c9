"""Two networks side by side: rows added, removed and changed, and the totals before and after."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.analyses.analyze import analyze
from cnncalc.errors import CnncalcError
from cnncalc.render import diff as rendering
from cnncalc.report import Report, Row, plain

if TYPE_CHECKING:
    from cnncalc.module import Module

#: What tells two rows of one name apart.
FIGURES = ("kind", "calls", "output_shape", "params", "trainable", "buffers", "macs", "output_elements", "receptive_field")


class Change(NamedTuple):
    """A row that both networks have, and the names of what differs."""

    path: str
    before: Row
    after: Row
    figures: tuple[str, ...]


class Total(NamedTuple):
    """A total before and after, and the difference; None where a figure is not known or no number."""

    before: Any
    after: Any
    change: Any


class Difference:
    """What changed from one network to another: `added` and `removed` rows, `changed` ones, and `totals` by name.

    Rows are matched by their qualified names. Every figure may be a formula in the symbols of the input.
    """

    def __init__(self, before: Report, after: Report) -> None:
        """Compare two reports for the same inputs."""
        self.before = before
        self.after = after
        self.added = [row for row in after if row.path not in before]
        self.removed = [row for row in before if row.path not in after]
        self.changed: list[Change] = []
        for row in before:
            if row.path in after:
                figures = _differing(row, after[row.path])
                if figures:
                    self.changed.append(Change(row.path, row, after[row.path], figures))
        self.totals = _totals(before, after)

    @property
    def is_empty(self) -> bool:
        """Whether nothing that is counted differs."""
        return not (self.added or self.removed or self.changed)

    def to_dict(self) -> dict[str, Any]:
        """The same as plain data for JSON."""
        totals = {name: {part: plain(value) for part, value in total._asdict().items()} for name, total in self.totals.items()}
        return {
            "format": "cnncalc.diff/1",
            "before": self.before.network,
            "after": self.after.network,
            "input_shapes": plain(self.before.input_shapes),
            "totals": totals,
            "added": [row.to_dict() for row in self.added],
            "removed": [row.to_dict() for row in self.removed],
            "changed": [
                {"path": path, "figures": list(figures), "before": before.to_dict(), "after": after.to_dict()}
                for path, before, after, figures in self.changed
            ],
        }

    def to_json(self) -> str:
        """The same as JSON text."""
        import json

        return json.dumps(self.to_dict(), ensure_ascii=False, indent=2)

    def __str__(self) -> str:
        """Totals, then a line for each row that differs."""
        return rendering.as_text(self.to_dict())

    def __repr__(self) -> str:
        """How many rows differ."""
        return f"<Difference: {len(self.added)} added, {len(self.removed)} removed, {len(self.changed)} changed>"


def diff(before: Module, after: Module, *shapes: Any) -> Difference:
    """What changes from one network to another, for inputs of the same shapes, symbols too.

    Raises the error of the first layer of either network that can't take its input.
    """
    return Difference(analyze(before, *shapes), analyze(after, *shapes))


def _differing(before: Row, after: Row) -> tuple[str, ...]:
    """The names of the figures that are not certainly equal."""
    return tuple(name for name in FIGURES if _figure(before, name) != _figure(after, name))


def _figure(row: Row, name: str) -> Any:
    """A figure as plain data, which compares whatever symbols are in it: equal formulas are written alike."""
    value = getattr(row, name)
    return plain(value.size) if name == "receptive_field" and value is not None else plain(value)


def _totals(before: Report, after: Report) -> dict[str, Total]:
    """The totals of both, by name; bytes at float32."""
    found = {name: _total(getattr(before, name).value, getattr(after, name).value) for name in ("params", "trainable", "macs")}
    found["output_shape"] = Total(before.output_shape, after.output_shape, None)
    first, last = (report.receptive_field and report.receptive_field.size for report in (before, after))
    found["receptive_field"] = Total(first, last, None)
    for name in ("outputs", "peak", "saved"):
        found[f"{name}_bytes"] = _total(*(_bytes(report, name) for report in (before, after)))
    return found


def _bytes(report: Report, name: str) -> Any:
    """A figure of the memory; None where it is not known."""
    try:
        return getattr(report.memory, name).value
    except CnncalcError:
        return None


def _total(before: Any, after: Any) -> Total:
    """A total with its change."""
    return Total(before, after, None if before is None or after is None else after - before)
