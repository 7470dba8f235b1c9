"""The maps of a network on the way from its input to its output: the last one of each size."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnncalc.report import Report, Row
    from cnncalc.sizes import Size

#: Batch, channels, height, width; or channels last.
AXES_OF_A_MAP = 4
#: A part that makes maps smaller by this factor or more has stages inside.
SEVERAL_STAGES = 8


class Stage(NamedTuple):
    """The map of a row."""

    row: Row
    channels: Size
    height: Size
    width: Size


def stages(report: Report, *, channels_last: bool = False) -> list[Stage]:
    """For each size of the maps, in the order of execution, the last row that has it.

    Looked at are the parts of the network itself, and the parts of those that make maps eight times smaller or more, up to
    a global pool. Only maps of two spatial axes count. A network that works with `channels_last` is followed as far as it
    does.
    """
    found: list[Stage] = []
    for stage in _parts(report, "", report.input_shapes[0][-1], channels_last=channels_last):
        kind = stage.row.kind.lower()
        if channels_last and kind == "permute":
            break
        if kind.startswith("adaptive"):
            if (stage.width == 1) is True:
                break
        elif found and (found[-1].width == stage.width) is True:
            found[-1] = stage
        else:
            found.append(stage)
    return found


def _parts(report: Report, outer: str, side: Any, *, channels_last: bool) -> Iterator[Stage]:
    """The parts of a container that give maps, those with stages inside taken apart, and those that are never called."""
    inside = f"{outer}." if outer else ""
    depth = outer.count(".") + 2 if outer else 1
    for row in report.rows:
        if row.depth != depth or not row.path.startswith(inside):
            continue
        stage = _stage(row, channels_last=channels_last)
        if not row.own and (not row.calls or isinstance(row.output_shape, dict) or (stage and _shrinks(side, stage.width))):
            taken = list(_parts(report, row.path, side, channels_last=channels_last))
        else:
            taken = [stage] if stage else []
        yield from taken
        side = taken[-1].width if taken else side


def _stage(row: Row, *, channels_last: bool) -> Stage | None:
    """The map that a row gives; None where it gives none, or several."""
    shape = row.output_shape
    if not row.calls or not isinstance(shape, tuple) or len(shape) != AXES_OF_A_MAP or isinstance(shape[0], tuple):
        return None
    return Stage(row, shape[3], shape[1], shape[2]) if channels_last else Stage(row, *shape[1:])


def _shrinks(before: Any, after: Any) -> bool:
    """Whether maps get so much smaller that there are stages in between; sizes that are symbols do not tell."""
    return type(before) is int and type(after) is int and before >= SEVERAL_STAGES * after
