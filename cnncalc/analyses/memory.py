"""Memory: the sum of all outputs, the peak of an inference by liveness, and what is saved for training.

Tensors that share memory are one storage. A storage lives from the call that makes it to the last call that uses it; the
network's outputs live to the end. The conventions, and what they leave out, stand in docs/memory.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.analyses.parameters import owned, tensors
from cnncalc.axes import AxisMaps, Merged, PerOutput, Regrouped
from cnncalc.axis import EACH, Everything, Select
from cnncalc.errors import CnncalcError, UnsupportedError
from cnncalc.layers.functional import LayerFunction
from cnncalc.layers.operation import Operation
from cnncalc.layers.uncarried import Uncarried
from cnncalc.memory import Memory
from cnncalc.sizes import Size, greater, product
from cnncalc.value import Node, ParameterNode, Value, iterate_values

if TYPE_CHECKING:
    from cnncalc.graph import Graph

#: A tensor of the graph: the number of its node, and of the output among those of the node.
Key = tuple[int, int]


def memory(graph: Graph) -> Memory:
    """The memory of a traced network, at float32; `.at(dtype)` gives other dtypes."""
    owning = dict(owned(graph))
    peak, peak_at = _peak(graph)
    saved, indices = _saved(graph, {path for path, found in owning.items() if found.trains})
    return Memory(
        params=sum((found.params for found in owning.values()), start=0),
        trainable=sum((found.trainable for found in owning.values()), start=0),
        buffers=sum((found.buffers for found in owning.values()), start=0),
        outputs=sum((size for node in graph.nodes if node.operation for size in node.facts.sizes), start=0),
        peak=peak,
        peak_at=peak_at,
        saved=saved,
        indices=indices,
    )


class Storages:
    """Which tensors share memory: `root` gives each tensor's storage, by the tensor that made it, `sizes` its elements.

    In training mode dropout makes a tensor; in eval mode it gives its input.
    """

    def __init__(self, graph: Graph, *, training: bool = False) -> None:
        """Follow views and changes in place through the graph."""
        self.root: dict[Key, Key] = {}
        self.sizes: dict[Key, Size] = {}
        #: Tensors whose axes were exchanged, or a part of one: a reshape of them is a copy.
        self._strided: set[Key] = set()
        for node in graph.nodes:
            made: Key | None = None
            if node.operation is not None and node.values and self._shares(node, training=training):
                made = self.root[_key(node.values[0])]
            for index, shape in enumerate(node.facts.outputs):
                key = (node.index, index)
                if made is not None:
                    self.root[key] = made
                else:
                    self.root[key] = key
                    self.sizes[key] = 0 if isinstance(node, ParameterNode) else product(shape)
                if node.values and self._keeps_strides(node, index, shared=made is not None):
                    self._strided.add(key)

    def _shares(self, node: Node, *, training: bool) -> bool:
        """Whether the outputs lie in the memory of the first input."""
        operation = node.operation
        if node.works_in_place:
            return True
        if operation is None or not operation.is_view or (training and _drops(node)):
            return False
        relaid = isinstance(_first_maps(node), (Merged, Regrouped))
        return not (relaid and _key(node.values[0]) in self._strided)

    def _keeps_strides(self, node: Node, index: int, *, shared: bool) -> bool:
        """Whether an output is strided: a view that exchanges axes or takes a part, or cell by cell behind such a tensor."""
        maps = _first_maps(node, index)
        before = _key(node.values[0]) in self._strided
        if maps.is_pointwise:
            return before
        if not shared or isinstance(maps, (Merged, Regrouped)):
            return False
        order = [output for output, _ in maps.routes if output is not None]
        parts = any(isinstance(axis_map, Select) or output is None for output, axis_map in maps.routes[1:])
        return before or order != sorted(order) or parts or any(axis_map is not EACH for _, axis_map in maps.routes[1:])


def _drops(node: Node) -> bool:
    """Whether a call drops values in training."""
    known = _known(node)
    return known is not None and known.work == "nothing" and bool(known.__dict__.get("p"))


def _known(node: Node) -> Operation | None:
    """The operation of a call: the layer that a function comes to."""
    operation = node.operation
    return operation.applied(*node.shapes, **node.call).layer if isinstance(operation, LayerFunction) else operation


def _first_maps(node: Node, output: int = 0) -> AxisMaps:
    """How an output follows from the first tensor."""
    axes = node.axes
    return axes[output if output < len(axes) else 0][0] if isinstance(axes, PerOutput) else axes[0]


def _key(value: Value) -> Key:
    return value.node.index, value.index


def _peak(graph: Graph) -> tuple[Size | CnncalcError, str]:
    """The most elements that live at one time, and at which row."""
    for node in graph.nodes:
        if isinstance(node.operation, Uncarried):
            rule = "whether it shares memory with its input, and what it needs itself, is not known"
            return UnsupportedError(rule, where=node.path, got=node.kind), ""
    storages = Storages(graph)
    last: dict[Key, int] = {}
    for node in graph.nodes:
        for value in node.values:
            last[storages.root[_key(value)]] = node.index
    for value in iterate_values(graph.outputs):
        last[storages.root[_key(value)]] = len(graph.nodes)
    ending: dict[int, list[Key]] = {}
    starting: dict[int, list[Key]] = {}
    for key in storages.sizes:
        starting.setdefault(key[0], []).append(key)
        ending.setdefault(max(last.get(key, key[0]), key[0]), []).append(key)
    live: Size = 0
    peak: Size = 0
    peak_at = ""
    for node in graph.nodes:
        for key in starting.get(node.index, ()):
            live = live + storages.sizes[key]
        larger = greater(peak, live)
        if larger is None:
            reason = "which of two moments takes the most memory depends on the symbols"
            return UnsupportedError(reason, got=f"{peak} and {live} elements", remedy="give numbers for the sizes"), ""
        if larger is not peak:
            peak, peak_at = larger, node.path
        for key in ending.get(node.index, ()):
            live = live - storages.sizes[key]
    return peak, peak_at


def _saved(graph: Graph, trained: set[str]) -> tuple[Size | CnncalcError, Size]:
    """The elements that autograd keeps in training mode, each storage once, and the int64 indices beside them.

    `trained` are the modules that own a parameter which is trained.
    """
    storages = Storages(graph, training=True)
    used_directly = any(isinstance(node, ParameterNode) for node in graph.nodes)
    frozen = {tensor.path for tensor in tensors(graph) if not tensor.trainable} if used_directly else set()
    needs: set[Key] = set()
    kept: dict[Key, Size] = {}
    others: Size = 0
    indices: Size = 0
    for node in graph.nodes:
        operation = node.operation
        if operation is None:
            if isinstance(node, ParameterNode) and node.path not in frozen:
                needs.add((node.index, 0))
            continue
        wanting = [_key(value) in needs for value in node.values]
        if not any(wanting) and node.path not in trained:
            continue
        needs.update((node.index, index) for index, _ in enumerate(node.facts.outputs))
        try:
            saves = _saves(node)
        except CnncalcError as error:
            return error, 0
        for what in saves:
            if what == "indices":
                indices = indices + node.facts.sizes[0]
            elif what in {"mask", "copy"}:
                others = others + product(node.values[0].shape)
            elif what == "output":
                root = storages.root[node.index, 0]
                kept[root] = storages.sizes[root]
            else:
                for place, value in enumerate(node.values if what == "inputs" else node.values[:1]):
                    if what == "inputs" and not any(wanting[:place] + wanting[place + 1 :]):
                        continue
                    root = storages.root[_key(value)]
                    kept[root] = storages.sizes[root]
    return sum(kept.values(), start=others), indices


def _saves(node: Node) -> tuple[str, ...]:
    """What a call keeps. Raises UnsupportedError where that is not known."""
    known = _known(node)
    saves = known.saves if known else None
    if saves is None and known and known.is_view and not _drops(node):
        saves = ()
    if known is None or saves is None:
        raise UnsupportedError(
            f"what torch keeps of {node.kind} for the backward pass is not known to cnncalc",
            where=node.path or node.kind,
            remedy="the peak of an inference is known",
        )
    if node.works_in_place and known.saves_in_place is not None:
        return known.saves_in_place
    if node.works_in_place and saves == ("input",):
        return ("copy",)
    if saves == ("windows",):
        windows = [axis_map for _, axis_map in _first_maps(node).routes if axis_map is not EACH]
        return () if all(isinstance(axis_map, Everything) for axis_map in windows) else ("input",)
    return saves
