"""The maps of a network on the way from its input to its output: the last one of each size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnncalc.report import Report, Row

#: Batch, channels, height, width.
AXES_OF_A_MAP = 4
#: A part that makes maps smaller by this factor or more has stages inside.
SEVERAL_STAGES = 4


def stages(report: Report) -> list[Row]:
    """For each size of the maps, in the order of execution, the last row that has it.

    Looked at are the parts of the network itself, and the parts of those that make maps four times smaller or more, up to
    a global pool. Only maps of two spatial axes count.
    """
    found: list[Row] = []
    for row in _parts(report, "", report.input_shapes[0][-1]):
        if row.kind.lower().startswith("adaptive"):
            if (_side(row) == 1) is True:
                break
        elif found and (_side(found[-1]) == _side(row)) is True:
            found[-1] = row
        else:
            found.append(row)
    return found


def _parts(report: Report, outer: str, side: Any) -> Iterator[Row]:
    """The parts of a container that give maps, those with stages inside taken apart."""
    inside = f"{outer}." if outer else ""
    depth = outer.count(".") + 2 if outer else 1
    for row in report.rows:
        if row.depth != depth or not row.path.startswith(inside) or not row.calls:
            continue
        if isinstance(row.output_shape, dict) or (_is_map(row) and not row.own and _shrinks(side, _side(row))):
            taken = list(_parts(report, row.path, side))
        else:
            taken = [row] if _is_map(row) else []
        yield from taken
        side = _side(taken[-1]) if taken else side


def _is_map(row: Row) -> bool:
    """Whether a row gives one map."""
    shape = row.output_shape
    return isinstance(shape, tuple) and len(shape) == AXES_OF_A_MAP and not isinstance(shape[0], tuple)


def _side(row: Row) -> Any:
    """The width of a row's map."""
    return row.output_shape[-1]


def _shrinks(before: Any, after: Any) -> bool:
    """Whether maps get so much smaller that there are stages in between; sizes that are symbols do not tell."""
    return type(before) is int and type(after) is int and before >= SEVERAL_STAGES * after
