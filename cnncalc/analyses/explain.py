"""The working: for each layer the rule, the numbers put in, and the value, step by step.

The rules are not written here: a length's rule comes from its axis map, a parameter count's from the layer's own tensors,
worked out once more with textbook letters in place of its arguments.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING, Any

from cnncalc.analyses.asking import spatial_axes
from cnncalc.analyses.closed_form import Fields, fields
from cnncalc.axes import AxisMaps, of_output
from cnncalc.axis import EACH, AxisMap
from cnncalc.errors import CnncalcError
from cnncalc.graph import Graph, trace
from cnncalc.layers.layer import Layer
from cnncalc.sizes import Shape, Size, dot, product, symbol
from cnncalc.stencil import Stencil
from cnncalc.value import Node

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnncalc.module import Module

QUANTITIES = ("size", "parameters", "MACs", "receptive field")


class Line:
    """One step of the working: which layer, which quantity, the rule in letters, numbers put in, and the value."""

    __slots__ = ("kind", "numbers", "path", "quantity", "rule", "value")

    def __init__(self, node: Node, quantity: str, rule: str, numbers: str, value: Any) -> None:
        """Keep the parts."""
        self.path = node.path
        self.kind = node.kind
        self.quantity = quantity
        self.rule = rule
        self.numbers = numbers
        self.value = value

    @property
    def text(self) -> str:
        """Rule, numbers and value as one equation."""
        parts = " = ".join(part for part in (self.rule, self.numbers, str(self.value)) if part).split(" = ")
        return " = ".join(part for part, before in zip(parts, ["", *parts], strict=False) if part != before)

    def to_dict(self) -> dict[str, Any]:
        """The line as plain data for JSON."""
        value = self.value if isinstance(self.value, int) else str(self.value)
        return {
            "path": self.path,
            "kind": self.kind,
            "quantity": self.quantity,
            "rule": self.rule,
            "numbers": self.numbers,
            "value": value,
        }

    def __repr__(self) -> str:
        """The line as it is printed."""
        return f"{self.path or self.kind}: {self.quantity}: {self.text}"


class Explanation:
    """The working of a network: its lines in order. Prints as text, layer by layer."""

    def __init__(self, lines: list[Line]) -> None:
        """Keep the lines."""
        self.lines = lines

    def of(self, quantity: str, path: str | None = None) -> list[Line]:
        """The lines about one quantity, of one row if a name is given."""
        return [line for line in self.lines if line.quantity == quantity and path in (None, line.path)]

    def to_dict(self) -> dict[str, Any]:
        """The working as plain data for JSON."""
        return {"format": "cnncalc.explain/1", "lines": [line.to_dict() for line in self.lines]}

    def __iter__(self) -> Iterator[Line]:
        """The lines in order."""
        return iter(self.lines)

    def __str__(self) -> str:
        """A heading for each layer, and its lines below."""
        texts: list[str] = []
        before = None
        width = max((len(quantity) for quantity in QUANTITIES), default=0)
        for line in self.lines:
            place = (line.path, line.kind)
            if place != before:
                texts.append(f"{line.path} {line.kind}".strip())
                before = place
            texts.append(f"  {line.quantity:<{width}}  {line.text}")
        return "\n".join(texts)

    __repr__ = __str__


def explain(network: Module, *shapes: Any) -> Explanation:
    """The working of every number of a network for an input of the given shape: sizes, parameters, MACs, fields."""
    return explanation_of(trace(network, *shapes))


def explanation_of(graph: Graph) -> Explanation:
    """The working of a traced network."""
    lines: list[Line] = []
    states = fields(graph)
    axes = spatial_axes(graph)
    known: set[int] = set()
    for node in graph.nodes:
        if node.operation is None:
            continue
        maps = of_output(node.axes)
        lines += _size_lines(node, maps)
        if isinstance(node.operation, Layer) and id(node.operation) not in known:
            known.add(id(node.operation))
            lines += _parameter_lines(node, node.operation)
        lines += _mac_lines(node)
        if axes:
            lines += _field_lines(node, maps, states, axes)
    return Explanation(lines)


# -- sizes ------------------------------------------------------------------------------------------------------


def _size_lines(node: Node, maps: tuple[AxisMaps, ...]) -> list[Line]:
    """The working of each axis whose length changes by a rule; equal axes share a line."""
    lines: list[Line] = []
    if len(maps) == 1 and maps[0].maps:
        shape: Shape = node.values[0].shape
        seen: set[tuple[str, str]] = set()
        for axis_map, n in zip(maps[0].maps, shape, strict=True):
            working = axis_map.working(n) if axis_map is not EACH else None
            if working is None or working in seen:
                continue
            seen.add(working)
            lines.append(Line(node, "size", *working, axis_map.length(n)))
        if lines:
            return lines
    merged = getattr(maps[0], "start", None) if maps else None
    if merged is not None:
        part = node.values[0].shape[merged : maps[0].stop]  # type: ignore[attr-defined]
        return [Line(node, "size", "", dot(part), product(part))]
    if len(node.values) > 1:
        return _joined_sizes(node)
    return []


def _joined_sizes(node: Node) -> list[Line]:
    """The working of an axis along which tensors are laid end to end."""
    shapes = [value.shape for value in node.values]
    if not all(len(shape) == len(node.output) for shape in shapes):
        return []
    lines = []
    for axis, total in enumerate(node.output):
        parts = [shape[axis] for shape in shapes]
        if all((a == total) is True for a in parts):
            continue
        lines.append(Line(node, "size", "", " + ".join(map(str, parts)), total))
    return lines


# -- parameters and MACs ----------------------------------------------------------------------------------------


def _parameter_lines(node: Node, layer: Layer) -> list[Line]:
    """Letters, numbers, partial sums: `F·C·k·k + F = 16·3·5·5 + 16 = 1200 + 16 = 1216`."""
    shapes = layer.own_parameters()
    if not shapes:
        return []
    numbers = " + ".join(dot(shape) or "1" for shape in shapes.values())
    sums = [product(shape) for shape in shapes.values()]
    if len(sums) > 1 and any(len(shape) > 1 for shape in shapes.values()):
        numbers += " = " + " + ".join(map(str, sums))
    total: Size = 0
    for size in sums:
        total = total + size
    return [Line(node, "parameters", _in_letters(layer), numbers, total)]


def _in_letters(layer: Layer) -> str:
    """The parameters' shapes with the layer's letters in place of its arguments, multiplied out."""
    if any("groups" in name and value not in (1, None) for name, value in layer.arguments.items()):
        return _grouped_letters(layer)
    arguments = dict(layer.arguments)
    for name, letter in layer.letters.items():
        if name in arguments and name != "groups":
            value = arguments[name]
            arguments[name] = symbol(letter)
            if isinstance(value, (tuple, list)) and len(set(value)) > 1:
                arguments[name] = tuple(symbol(f"{letter}{index + 1}") for index in range(len(value)))
    try:
        lettered = type(layer)(*layer.unnamed_arguments, **arguments)
        return " + ".join(dot(shape) for shape in lettered.own_parameters().values())
    except (CnncalcError, TypeError):
        # A subclass with a constructor of its own: the numbers are shown without letters.
        return ""


def _grouped_letters(layer: Layer) -> str:
    """As `_in_letters`, for grouped channels: the second axis of the weight spans one group, as in F·(C/g)·k·k."""
    plain = {name: value for name, value in layer.arguments.items() if name != "groups"}
    weight, *others = _in_letters(type(layer)(**plain)).split(" + ")
    first, second, *rest = weight.split("·")
    return " + ".join(["·".join([first, f"({second}/g)", *rest]), *others])


def _mac_lines(node: Node) -> list[Line]:
    """Output values times products for each: `(16·63·63) · (3·5·5)`."""
    if node.operation is None:  # pragma: no cover - inputs are left out by the caller
        return []
    macs = node.operation.macs(*node.shapes, **node.call)
    if type(macs) is int and macs == 0:
        return []
    layer = node.operation
    weight = layer.own_parameters().get("weight", ()) if isinstance(layer, Layer) else ()
    for what, shape in (("outputs", node.output), ("inputs", node.values[0].shape)) if weight else ():
        if (macs == product(shape) * product(weight[1:])) is True:
            return [Line(node, "MACs", f"{what} · products for each", f"({dot(shape)}) · ({dot(weight[1:])})", macs)]
    return [Line(node, "MACs", "", "", macs)]


# -- receptive fields -------------------------------------------------------------------------------------------


def _field_lines(node: Node, maps: tuple[AxisMaps, ...], states: Fields, axes: range) -> list[Line]:
    """The step of the recurrence r ← r + (k − 1)·j, j ← j·s on each axis; equal axes share a line."""
    lines: list[Line] = []
    seen: set[tuple[str, str]] = set()
    for axis in axes:
        entry = states[node.index].get(axis)
        if entry is None:
            continue
        field = entry[1]
        if field.stencil is None or len(maps) > 1:
            changed = field.whole and not any(states.of(value).get(axis, (None, field))[1].whole for value in node.values)
            known = field.reason if field.size is None else str(field.size)
            text = ("", "every cell that a window covers", known) if changed else None
        else:
            text = _recurrence(node, maps[0], states, axis)
        if text is None or (text[1], str(text[2])) in seen:
            continue
        seen.add((text[1], str(text[2])))
        lines.append(Line(node, "receptive field", *text))
    if len(maps) > 1 and not lines:
        lines += _join_line(node, states, axes)
    return lines


def _recurrence(node: Node, maps: AxisMaps, states: Fields, axis: int) -> tuple[str, str, str] | None:
    """Rule, numbers and result for one window behind what came before."""
    place, before = states.of(node.values[0]).get(axis, (None, None))
    if place is None or before is None or before.stencil is None or not maps.maps:
        return None
    axis_map: AxisMap = maps.maps[place]
    step = None if axis_map is EACH else axis_map.stencil(node.values[0].shape[place])
    if step is None:
        return None
    r, j = before.stencil.size, before.stencil.stride
    after: Stencil = before.stencil.then(step)
    rule = "r + (k − 1)·j, j·s" if getattr(axis_map, "dilation", 1) == 1 else "r + d·(k − 1)·j, j·s"
    return rule, f"{r} + {_minus_one(step.size)}·{j}, {j}·{step.stride}", f"r {after.size}, j {after.stride}"


def _minus_one(size: Size) -> str:
    """K − 1, with a number put in where it is one."""
    return str(size - 1) if isinstance(size, int) else f"({size} − 1)"


def _join_line(node: Node, states: Fields, axes: range) -> list[Line]:
    """Which branch decides at a join: the union of what the branches read."""
    sizes = []
    for value in node.values:
        state = states.of(value)
        sizes.append("×".join(str(state[axis][1].size) for axis in axes if axis in state))
    if all(a == b for a, b in pairwise(sizes)):
        return []
    union = "×".join(str(states[node.index][axis][1].size) for axis in axes if axis in states[node.index])
    return [Line(node, "receptive field", "union of the branches", " ∪ ".join(sizes), union)]
