"""Two networks side by side: rows added, removed and changed, and the totals before and after."""

from __future__ import annotations

from collections import Counter
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


class Renamed(NamedTuple):
    """A row that stands in both networks under different names; nothing that is counted of it differs."""

    before: Row
    after: Row


class Total(NamedTuple):
    """A total before and after, and the difference; None where a figure is not known or no number."""

    before: Any
    after: Any
    change: Any


class Difference:
    """What changed from one network to another: `added`, `removed`, `renamed` and `changed` rows, and `totals` by name.

    Rows are matched by their qualified names. Those left over between two rows that match are the same under another name
    (`renamed`) where nothing that is counted of them differs and no other one of them could be meant. Every figure may be a
    formula in the symbols of the input.
    """

    def __init__(self, before: Report, after: Report) -> None:
        """Compare two reports for the same inputs."""
        self.before = before
        self.after = after
        self.added = [row for row in after if row.path not in before]
        self.removed = [row for row in before if row.path not in after]
        self.renamed = _renamed(before, after)
        if self.renamed:
            known = {id(row) for pair in self.renamed for row in pair}
            self.added = [row for row in self.added if id(row) not in known]
            self.removed = [row for row in self.removed if id(row) not in known]
        self.changed: list[Change] = []
        for row in before:
            if row.path in after:
                figures = _differing(row, after[row.path])
                if figures:
                    self.changed.append(Change(row.path, row, after[row.path], figures))
        self.totals = _totals(before, after)

    @property
    def is_empty(self) -> bool:
        """Whether nothing that is counted differs, and no name."""
        return not (self.added or self.removed or self.renamed or self.changed)

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
            "renamed": [{"before": before.path, "after": after.path, "kind": after.kind} for before, after in self.renamed],
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
        counts = {
            "added": len(self.added),
            "removed": len(self.removed),
            "renamed": len(self.renamed),
            "changed": len(self.changed),
        }
        return f"<Difference: {', '.join(f'{count} {name}' for name, count in counts.items())}>"


def diff(before: Module, after: Module, *shapes: Any) -> Difference:
    """What changes from one network to another, for inputs of the same shapes, symbols too.

    Raises the error of the first layer of either network that can't take its input.
    """
    return Difference(analyze(before, *shapes), analyze(after, *shapes))


def _renamed(before: Report, after: Report) -> list[Renamed]:
    """The rows that stand in the same place of both networks and differ by their names alone."""
    found: list[Renamed] = []
    if [row.path for row in before if row.path in after] != [row.path for row in after if row.path in before]:
        # Places say nothing where rows have changed theirs.
        return found
    gaps = zip(_between(before, after), _between(after, before), strict=True)
    for removed, added in gaps:
        if not removed or not added:
            continue
        old, new = ([_signature(row) for row in rows] for rows in (removed, added))
        if old == new:
            found += map(Renamed, removed, added)
            continue
        # Of several that are alike, nobody can tell which one stayed.
        once = {key for key, count in Counter(old).items() if count == 1} & {
            key for key, count in Counter(new).items() if count == 1
        }
        meant = dict(zip(new, added, strict=True))
        found += [Renamed(row, meant[key]) for row, key in zip(removed, old, strict=True) if key in once]
    return found


def _between(report: Report, other: Report) -> list[list[Row]]:
    """The rows that another report does not have, in one list for each gap between rows that it has."""
    gaps: list[list[Row]] = [[]]
    for row in report:
        if row.path in other:
            gaps.append([])
        else:
            gaps[-1].append(row)
    return gaps


def _signature(row: Row) -> str:
    """All that a row says but its name."""
    return repr([(name, _figure(row, name)) for name in FIGURES])


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
