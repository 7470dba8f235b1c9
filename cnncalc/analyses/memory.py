"""Memory: the sum of all outputs, the peak of an inference by liveness, and what is saved for training.

Tensors that share memory are one storage. A storage lives from the call that makes it to the last call that uses it; the
network's outputs live to the end. The conventions, and what they leave out, stand in docs/memory.md.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from cnncalc.analyses.parameters import owned, tensors
from cnncalc.errors import CnncalcError, UnsupportedError
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
    storages = Storages(graph)
    drops = any(node.facts.storing.drops for node in graph.nodes)
    in_training = Storages(graph, training=True) if drops else storages
    peak, peak_at = _peak(graph, storages)
    saved, indices = _saved(graph, in_training, {path for path, found in owning.items() if found.trains})
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
        strided: set[Key] = set()
        for node in graph.nodes:
            sizes, storing = node.facts.sizes, node.facts.storing
            shares = storing.in_place or storing.is_view
            if len(sizes) == 1 and not shares and not strided:
                # Mostly a call makes one tensor, whose cells lie in order.
                key = (node.index, 0)
                self.root[key] = key
                self.sizes[key] = 0 if isinstance(node, ParameterNode) else sizes[0]
                continue
            source = _key(node.values[0]) if node.values else None
            made: Key | None = None
            if source is not None and shares:
                copies = (training and storing.drops) or (storing.relaid and source in strided)
                made = self.root[source] if storing.in_place or not copies else None
            for number, size in enumerate(sizes):
                key = (node.index, number)
                if made is None:
                    self.root[key] = key
                    self.sizes[key] = 0 if isinstance(node, ParameterNode) else size
                else:
                    self.root[key] = made
                # Where nothing is strided, only a view makes it so.
                if source is None or (made is None and not strided):
                    continue
                if storing.strides(number, before=source in strided, shared=made is not None):
                    strided.add(key)


def _key(value: Value) -> Key:
    return value.node.index, value.index


def _peak(graph: Graph, storages: Storages) -> tuple[Size | CnncalcError, str]:
    """The most elements that live at one time, and at which row."""
    for node in graph.nodes:
        if isinstance(node.operation, Uncarried):
            rule = "whether it shares memory with its input, and what it needs itself, is not known"
            return UnsupportedError(rule, where=node.path, got=node.kind), ""
    #: The number of the last node that uses a storage.
    last: dict[Key, int] = {}
    for node in graph.nodes:
        for value in node.values:
            last[storages.root[value.node.index, value.index]] = node.index
    for value in iterate_values(graph.outputs):
        last[storages.root[_key(value)]] = len(graph.nodes)
    #: The elements of the storages that begin, and that end, with a node.
    starting: dict[int, Size] = {}
    ending: dict[int, Size] = {}
    for key, size in storages.sizes.items():
        begin = key[0]
        end = last.get(key, begin)
        starting[begin] = starting.get(begin, 0) + size
        ending[end] = ending.get(end, 0) + size
    live: Size = 0
    peak: Size = 0
    peak_at = ""
    for node in graph.nodes:
        live = live + starting.get(node.index, 0)
        larger = greater(peak, live)
        if larger is None:
            reason = "which of two moments takes the most memory depends on the symbols"
            return UnsupportedError(reason, got=f"{peak} and {live} elements", remedy="give numbers for the sizes"), ""
        if larger is not peak:
            peak, peak_at = larger, node.path
        live = live - ending.get(node.index, 0)
    return peak, peak_at


def _saved(graph: Graph, storages: Storages, trained: set[str]) -> tuple[Size | CnncalcError, Size]:
    """The elements that autograd keeps in training mode, each storage once, and the int64 indices beside them.

    `trained` are the modules that own a parameter which is trained.
    """
    used_directly = any(isinstance(node, ParameterNode) for node in graph.nodes)
    frozen = {tensor.path for tensor in tensors(graph) if not tensor.trainable} if used_directly else set()
    needs: set[Key] = set()
    kept: dict[Key, Size] = {}
    others: Size = 0
    indices: Size = 0
    for node in graph.nodes:
        if node.operation is None:
            if isinstance(node, ParameterNode) and node.path not in frozen:
                needs.add((node.index, 0))
            continue
        wanting = [(value.node.index, value.index) in needs for value in node.values]
        if True not in wanting and node.path not in trained:
            continue
        facts = node.facts
        needs.update([(node.index, number) for number in range(len(facts.outputs))])
        saves = facts.storing.saves
        if saves is None:
            return _not_known(node), 0
        for what in saves:
            if what == "indices":
                indices = indices + facts.sizes[0]
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


def _not_known(node: Node) -> UnsupportedError:
    """The error where it is not known what a call keeps."""
    return UnsupportedError(
        f"what torch keeps of {node.kind} for the backward pass is not known to cnncalc",
        where=node.path or node.kind,
        remedy="the peak of an inference is known",
    )
