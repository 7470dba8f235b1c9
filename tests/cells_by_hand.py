"""The exact receptive field by brute force: single cells followed back through a graph with plain Python sets.

Written from the definitions of the layers, cell by cell, and knowing nothing of cnncalc's axis maps: a cell is an index
tuple on channels and space, and each rule lists the input cells that one output cell reads.
"""

from __future__ import annotations

import re
from itertools import product
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

Cell = tuple[int, ...]


def field(graph: Any, start: set[Cell]) -> set[Cell]:
    """The cells of the input that the cells of the network's output depend on."""
    asked: dict[int, set[Cell]] = {graph.output.node.index: set(start)}
    for node in reversed(graph.nodes):
        cells = asked.get(node.index, set())
        if node.operation is None:
            return cells
        for number, value in enumerate(node.values):
            held = asked.setdefault(value.node.index, set())
            for cell in cells:
                held.update(reads(node, number, cell))
    raise AssertionError("a graph starts with its input")


def reads(node: Any, number: int, cell: Cell) -> Iterator[Cell]:
    """The cells of input `number` of a node that one cell of its output reads."""
    kind = re.sub("[123]d$", "", node.kind)
    layer, shape = node.operation, node.values[number].shape[1:]
    if kind == "Conv":
        yield from convolved(layer, cell, shape)
    elif kind in {"MaxPool", "AvgPool"}:
        yield from pooled(layer, cell, shape)
    elif kind == "AdaptiveAvgPool":
        ranges = [range(i * n // m, -((i + 1) * n // -m)) for i, n, m in zip(cell[1:], shape[1:], node.output[2:], strict=True)]
        yield from product((cell[0],), *ranges)
    elif kind == "Flatten":
        (rest,) = cell
        index = []
        for n in reversed(shape):
            rest, place = divmod(rest, n)
            index.append(place)
        yield tuple(reversed(index))
    elif kind == "Linear":
        yield from ((*cell[:-1], feature) for feature in range(shape[-1]))
    elif kind == "cat":
        axis = (node.call.get("dim") or node.inputs[1]) - 1
        before = sum(value.shape[axis + 1] for value in node.values[:number])
        if 0 <= cell[axis] - before < shape[axis]:
            yield (*cell[:axis], cell[axis] - before, *cell[axis + 1 :])
    else:
        assert kind in {"add", "ReLU", "Identity", "Dropout", "BatchNorm"}, kind
        yield cell


def numbers(value: Any, axes: int) -> Cell:
    """One number per axis."""
    return tuple(value) if isinstance(value, tuple) else (value,) * axes


def convolved(layer: Any, cell: Cell, shape: Cell) -> Iterator[Cell]:
    """The group's channels, and on each axis the cells under the kernel; copied padding reads the cells it copies."""
    per_group = layer.out_channels // layer.groups
    inside = layer.in_channels // layer.groups
    group = cell[0] // per_group
    axes = []
    for axis, n in enumerate(shape[1:]):
        k, s, d = layer.kernel_size[axis], layer.stride[axis], layer.dilation[axis]
        before = d * (k - 1) // 2 if layer.padding == "same" else layer.padding[axis]
        places = [s * cell[axis + 1] - before + d * t for t in range(k)]
        axes.append({source for place in places for source in copied(place, n, layer.padding_mode)})
    yield from product(range(group * inside, (group + 1) * inside), *axes)


def copied(place: int, n: int, mode: str) -> list[int]:
    """The cell that a place is, or is a copy of; none for a zero."""
    if 0 <= place < n:
        return [place]
    if mode == "reflect":
        return [-place if place < 0 else 2 * (n - 1) - place]
    if mode == "replicate":
        return [0 if place < 0 else n - 1]
    if mode == "circular":
        return [place % n]
    return []


def pooled(layer: Any, cell: Cell, shape: Cell) -> Iterator[Cell]:
    """The channel itself, and on each axis the cells of the window that lie inside."""
    count = len(shape) - 1
    axes = []
    values = (numbers(getattr(layer, name, 1), count) for name in ("kernel_size", "stride", "padding", "dilation"))
    for i, n, k, s, p, d in zip(cell[1:], shape[1:], *values, strict=True):
        axes.append([place for t in range(k) if 0 <= (place := s * i - p + d * t) < n])
    yield from product((cell[0],), *axes)
