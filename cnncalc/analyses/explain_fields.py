"""The working of a receptive field in both directions, as it is done on paper.

Forward, a layer at a time: r ← r + (k − 1)·j, start ← start − p·j, j ← j·s, where k is the extent of the kernel, dilation
folded in. Backward, from one cell of the output to the input: r ← s·r + k − s, P ← s·P + p, S ← s·S. The two share
nothing but the layers' k, s and p, so that each checks the other. At a join the field begins where the branch that
reaches furthest to the left begins, and ends with the one that reaches furthest to the right: the way back follows them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from cnncalc.analyses.asking import spatial_axes, value_named
from cnncalc.analyses.closed_form import Fields, fields
from cnncalc.axes import Nothing, of_output
from cnncalc.axis import EACH, AxisMap
from cnncalc.errors import UnsupportedError
from cnncalc.field import AxisField
from cnncalc.graph import Graph, trace
from cnncalc.render.field_working import as_text
from cnncalc.sizes import Size
from cnncalc.stencil import IDENTITY, Stencil
from cnncalc.value import Node, Value

if TYPE_CHECKING:
    from cnncalc.module import Module

#: Which way a field is followed back: to where it begins, or to where it ends.
SIDES = ("left", "right")


class Branch(NamedTuple):
    """One way into a node: the value, its field on the axis, the window it is read through, and the field behind that."""

    value: Value
    before: AxisField
    axis_map: AxisMap
    step: Stencil | None
    after: Stencil | None
    length: Size

    @property
    def name(self) -> str:
        """The row that the branch comes from."""
        return self.value.node.path or self.value.node.kind


class FieldWorking:
    """The working of one row's field: a table forward and a check backward for each axis; equal axes share theirs.

    `axes` holds plain data, one dict for each axis that differs: "axes" (numbers of the axes), "rows", "backward" and
    "result", or a "reason" where there is no single field. Prints as text.
    """

    __slots__ = ("axes", "of")

    def __init__(self, of: str, axes: list[dict[str, Any]]) -> None:
        """Keep the parts."""
        self.of = of
        self.axes = axes

    def to_dict(self) -> dict[str, Any]:
        """The working as plain data for JSON."""
        return {"format": "cnncalc.field_working/1", "of": self.of, "axes": self.axes}

    def text(self, width: int) -> str:
        """The tables, no wider than `width` columns where the names allow it."""
        return as_text(self.to_dict(), width)

    def __str__(self) -> str:
        """The tables in 100 columns."""
        return self.text(100)

    __repr__ = __str__


def explain_field(network: Module, *shapes: Any, of: str | None = None, wrt: int = 0) -> FieldWorking:
    """The working of the receptive field of the output, or of the row named `of`: forward, and back again as a check.

    `wrt` numbers the input that is looked at, where there are several. Raises ArgumentError for a row that does not exist,
    UnsupportedError for an input without axes of space.
    """
    graph = trace(network, *shapes)
    target = value_named(graph, of)
    axes = spatial_axes(graph, wrt)
    if not axes:
        raise UnsupportedError("a field needs an input with axes after its channels", got=str(graph.inputs[wrt].shape))
    states = fields(graph, wrt)
    found: list[dict[str, Any]] = []
    for axis in axes:
        working = _working(graph, target, states, axis, wrt)
        same = next((known for known in found if _alike(known, working)), None)
        if same is None:
            found.append(working)
        else:
            same["axes"].append(axis)
            for known, row in zip(same["rows"], working["rows"], strict=True):
                known["n"] += row["n"]
    return FieldWorking(of or "", found)


def _alike(one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two axes have the same working, whatever their lengths."""
    if any(one[key] != other[key] for key in ("backward", "result", "reason")) or len(one["rows"]) != len(other["rows"]):
        return False
    return all(row | {"n": 0} == known | {"n": 0} for row, known in zip(one["rows"], other["rows"], strict=True))


def _working(graph: Graph, target: Value, states: Fields, axis: int, wrt: int) -> dict[str, Any]:
    """The working on one axis."""
    reaching = _reaching(target)
    rows = [_input_row(graph.inputs[wrt], axis)]
    for node in graph.nodes[: target.node.index + 1]:
        if node.index in reaching and node.operation is not None:
            rows += _forward(node, states, axis)
    working: dict[str, Any] = {"axes": [axis], "rows": rows, "backward": [], "result": None, "reason": ""}
    field = states.of(target).get(axis, (None, AxisField(reason="it does not depend on this input")))[1]
    if field.stencil is None or field.laid_out is not None:
        working["reason"] = field.reason or (
            "the whole input is read" if field.whole else "its cells lie among those of other axes"
        )
        return working
    ways = {side: _backward(target, states, axis, side) for side in SIDES}
    if any(way is None for way in ways.values()):
        working["reason"] = "parts of a tensor are followed apart, so that no single way leads back"
        return working
    left, right = (ways[side] or [] for side in SIDES)
    working["backward"] = [{"side": "both", "steps": left}]
    if left != right:
        working["backward"] = [{"side": side, "steps": way} for side, way in (("left", left), ("right", right))]
    working["result"] = _result(field.stencil, left, right)
    return working


def _reaching(target: Value) -> set[int]:
    """The numbers of the nodes that a value depends on, its own included."""
    found: set[int] = set()
    waiting = [target.node]
    while waiting:
        node = waiting.pop()
        if node.index not in found:
            found.add(node.index)
            waiting += [value.node for value in node.values]
    return found


def _branches(node: Node, states: Fields, axis: int) -> list[Branch]:
    """The ways into a node on one axis of the input."""
    found: list[Branch] = []
    if node.operation is None:
        return found
    for value, maps in zip(node.values, of_output(node.axes), strict=True):
        entry = states.of(value).get(axis)
        if entry is None or isinstance(maps, Nothing):
            continue
        place, before = entry
        axis_map = maps.routes[place][1] if place is not None and place < len(maps.routes) else EACH
        n = value.shape[place] if place is not None else 0
        step = IDENTITY if axis_map is EACH else axis_map.stencil(n)
        known = before.stencil is not None and before.laid_out is None and step is not None
        after = before.stencil.then(step) if known and before.stencil is not None and step is not None else None
        found.append(Branch(value, before, axis_map, step, after, n))
    return found


# -- forward ----------------------------------------------------------------------------------------------------


def _input_row(value: Value, axis: int) -> dict[str, Any]:
    """The row that the table begins with."""
    return _row(value.node, AxisField(IDENTITY), value.shape[axis]) | {"path": "input", "kind": ""}


def _row(node: Node, field: AxisField, n: Size | None) -> dict[str, Any]:
    """What every row has: the row's name, the length of the axis, and the field."""
    stencil = field.stencil if field.laid_out is None else None
    return {
        "path": node.path,
        "kind": node.kind,
        "n": [plain(n)],
        "window": None,
        "r": plain(field.size),
        "start": plain(stencil.start) if stencil else None,
        "j": plain(stencil.stride) if stencil else None,
        "working": None,
        "branches": [],
        "reason": field.reason if stencil is None else "",
    }


def _forward(node: Node, states: Fields, axis: int) -> list[dict[str, Any]]:
    """The row of a node, if the field changes there."""
    entry = states[node.index].get(axis)
    branches = _branches(node, states, axis)
    if entry is None or not branches:
        return []
    place, field = entry
    output = node.output
    n = output[place] if place is not None and output and not isinstance(output[0], tuple) else None
    row = _row(node, field, n)
    if len(branches) > 1:
        if all(branch.after is not None and branch.after == branches[0].after for branch in branches):
            return []
        row["branches"] = [_branch_row(branch, branches) for branch in branches]
        return [row]
    (branch,) = branches
    if branch.step == IDENTITY and branch.before.size == field.size:
        return []
    if branch.after is not None and branch.step is not None and field.stencil == branch.after and branch.before.stencil:
        row["window"] = _window(branch)
        r, j, start = branch.before.stencil.size, branch.before.stencil.stride, branch.before.stencil.start
        k, s = branch.step.size, branch.step.stride
        row["working"] = {
            "r": f"{text(r)} + ({text(k)} − 1)·{text(j)}",
            "start": f"{str(start).replace('-', '−')} − {text(-branch.step.start)}·{text(j)}",
            "j": f"{text(j)}·{text(s)}",
        }
    elif branch.before.stencil is None and branch.before.sizes == field.sizes and branch.before.whole == field.whole:
        return []
    return [row]


def _window(branch: Branch) -> dict[str, Any]:
    """Kernel extent, stride and padding before, and the dilation where there is one."""
    step = branch.step or IDENTITY
    dilation = getattr(branch.axis_map, "dilation", 1)
    kernel = getattr(branch.axis_map, "kernel_size", step.size)
    return {
        "k": plain(step.size),
        "s": plain(step.stride),
        "p": plain(-step.start),
        "kernel_size": plain(kernel),
        "dilation": plain(dilation),
    }


def _branch_row(branch: Branch, branches: list[Branch]) -> dict[str, Any]:
    """One branch of a join: what it reads, and on which sides it decides."""
    after = branch.after
    decides = [side for side in SIDES if _decides(branch, branches, side)]
    return {
        "from": branch.name,
        "r": plain(after.size) if after else plain(branch.before.size),
        "start": plain(after.start) if after else None,
        "decides": decides,
    }


# -- backward ---------------------------------------------------------------------------------------------------


def _edge(stencil: Stencil, side: str) -> Size:
    """Minus where a field begins, or where it ends: the larger of two reaches further."""
    return -stencil.start if side == "left" else stencil.start + stencil.size


def _decides(branch: Branch, branches: list[Branch], side: str) -> bool:
    """Whether no other branch reaches further to a side."""
    after = branch.after
    if after is None:
        return False
    edges = [_edge(other.after, side) for other in branches if other.after is not None]
    return len(edges) == len(branches) and all((_edge(after, side) >= edge) is True for edge in edges)


def _backward(target: Value, states: Fields, axis: int, side: str) -> list[dict[str, Any]] | None:
    """The way from one cell of the output to the input, along the branch that reaches furthest to a side."""
    r: Size = 1
    stride: Size = 1
    padding: Size = 0
    steps: list[dict[str, Any]] = []
    node = target.node
    while node.operation is not None:
        branches = _branches(node, states, axis)
        deciding = [branch for branch in branches if _decides(branch, branches, side)]
        if not deciding:
            return None
        # Where a branch decides on both sides, one way back is enough.
        branch = next((b for b in deciding if all(_decides(b, branches, other) for other in SIDES)), deciding[0])
        step = branch.step or IDENTITY
        if len(branches) > 1 or step != IDENTITY:
            k, s, p = step.size, step.stride, -step.start
            made: dict[str, Any] = {"path": node.path, "kind": node.kind, "window": None}
            made["along"] = branch.name if len(branches) > 1 else None
            if step != IDENTITY:
                made["window"] = _window(branch)
                made["working"] = {
                    "r": f"{text(s)}·{text(r)} + {text(k)} − {text(s)}",
                    "P": f"{text(s)}·{text(padding)} + {text(p)}",
                    "S": f"{text(s)}·{text(stride)}",
                }
                r, padding, stride = s * r + k - s, s * padding + p, s * stride
            steps.append(made | {"r": plain(r), "P": plain(padding), "S": plain(stride)})
        node = branch.value.node
    end = {"path": "input", "kind": "", "window": None, "along": None, "r": plain(r), "P": plain(padding), "S": plain(stride)}
    return [*steps, end]


def _result(field: Stencil, left: list[dict[str, Any]], right: list[dict[str, Any]]) -> dict[str, Any]:
    """Both directions' figures, and whether they agree; the ends of two ways back put together."""
    begin, end = left[-1], right[-1]
    forward = {"r": plain(field.size), "S": plain(field.stride), "P": plain(-field.start)}
    backward = {"r": begin["r"], "S": begin["S"], "P": begin["P"]}
    if left != right and all(isinstance(part[key], int) for part in (begin, end) for key in ("r", "P")):
        # R, the cells to the right of where the field of cell 0 would begin without padding.
        backward["R"] = end["r"] - 1 - end["P"]
        backward["r"] = begin["P"] + backward["R"] + 1
    agrees = all(forward[key] == backward[key] for key in forward)
    return {"forward": forward, "backward": backward, "agrees": agrees}


def plain(size: Size | None) -> int | str | None:
    """A size for JSON: a number, or a formula as text."""
    return size if size is None or isinstance(size, int) else str(size)


def text(size: Size) -> str:
    """A size inside an equation: sums and negative numbers in brackets."""
    shown = str(size).replace("-", "−")
    return f"({shown})" if " " in shown or (shown.startswith("−")) else shown
