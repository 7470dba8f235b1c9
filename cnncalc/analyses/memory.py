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
    """Which tensors share memory. The tensors of a graph are numbered: the outputs of its nodes in order.

    For each tensor, `root` gives the one whose memory it lies in, `sizes` the elements that it takes itself, and `made_by`
    the number of its node. In training mode dropout makes a tensor; in eval mode it gives its input.
    """

    def __init__(self, graph: Graph, *, training: bool = False) -> None:
        """Follow views and changes in place through the graph."""
        self.root: list[int] = []
        self.sizes: list[Size] = []
        self.made_by: list[int] = []
        #: The number of the first tensor of each node.
        self._first: list[int] = []
        #: Tensors whose axes were exchanged, or a part of one: a reshape of them is a copy.
        strided: set[int] = set()
        for node in graph.nodes:
            storing = node.facts.storing
            self._first.append(len(self.root))
            source = self.number(node.values[0]) if node.values else None
            made: int | None = None
            if source is not None and (storing.in_place or storing.is_view):
                copies = (training and storing.drops) or (storing.relaid and source in strided)
                made = self.root[source] if storing.in_place or not copies else None
            for output, size in enumerate(node.facts.sizes):
                tensor = len(self.root)
                self.root.append(tensor if made is None else made)
                self.sizes.append(size if made is None and not isinstance(node, ParameterNode) else 0)
                self.made_by.append(node.index)
                # Where nothing is strided, only a view makes it so.
                if source is None or (made is None and not strided):
                    continue
                if storing.strides(output, before=source in strided, shared=made is not None):
                    strided.add(tensor)

    def number(self, value: Value) -> int:
        """The number of a tensor."""
        return self._first[value.node.index] + value.index


def _peak(graph: Graph, storages: Storages) -> tuple[Size | CnncalcError, str]:
    """The most elements that live at one time, and at which row."""
    for node in graph.nodes:
        if isinstance(node.operation, Uncarried):
            rule = "whether it shares memory with its input, and what it needs itself, is not known"
            return UnsupportedError(rule, where=node.path, got=node.kind), ""
    root, number = storages.root, storages.number
    #: The number of the last node that uses a storage.
    last = storages.made_by.copy()
    for node in graph.nodes:
        for value in node.values:
            last[root[number(value)]] = node.index
    for value in iterate_values(graph.outputs):
        last[root[number(value)]] = len(graph.nodes)
    #: The elements of the storages that begin, and that end, with a node; some end behind all of them.
    starting: list[Size] = [0] * len(graph.nodes)
    ending: list[Size] = [0] * (len(graph.nodes) + 1)
    for size, begin, end in zip(storages.sizes, storages.made_by, last, strict=True):
        starting[begin] += size
        ending[end] += size
    live: Size = 0
    peak: Size = 0
    peak_at = ""
    for node in graph.nodes:
        live = live + starting[node.index]
        larger = greater(peak, live)
        if larger is None:
            reason = "which of two moments takes the most memory depends on the symbols"
            return UnsupportedError(reason, got=f"{peak} and {live} elements", remedy="give numbers for the sizes"), ""
        if larger is not peak:
            peak, peak_at = larger, node.path
        live = live - ending[node.index]
    return peak, peak_at


def _saved(graph: Graph, storages: Storages, trained: set[str]) -> tuple[Size | CnncalcError, Size]:
    """The elements that autograd keeps in training mode, each storage once, and the int64 indices beside them.

    `trained` are the modules that own a parameter which is trained.
    """
    used_directly = any(isinstance(node, ParameterNode) for node in graph.nodes)
    frozen = {tensor.path for tensor in tensors(graph) if not tensor.trainable} if used_directly else set()
    root, number = storages.root, storages.number
    needs = [False] * len(root)
    kept: set[int] = set()
    others: Size = 0
    indices: Size = 0
    tensor = 0
    for node in graph.nodes:
        facts = node.facts
        first, tensor = tensor, tensor + len(facts.outputs)
        if node.operation is None:
            needs[first] = isinstance(node, ParameterNode) and node.path not in frozen
            continue
        wanting = [needs[number(value)] for value in node.values]
        if True not in wanting and node.path not in trained:
            continue
        needs[first:tensor] = [True] * (tensor - first)
        saves = facts.storing.saves
        if saves is None:
            return _not_known(node), 0
        for what in saves:
            if what == "indices":
                indices = indices + facts.sizes[0]
            elif what in {"mask", "copy"}:
                others = others + product(node.values[0].shape)
            elif what == "output":
                kept.add(root[first])
            elif what == "input":
                kept.add(root[number(node.values[0])])
            else:
                # Each input is kept for the others.
                kept.update(
                    root[number(value)] for place, value in enumerate(node.values) if any(wanting[:place] + wanting[place + 1 :])
                )
    return sum((storages.sizes[storage] for storage in sorted(kept)), start=others), indices


def _not_known(node: Node) -> UnsupportedError:
    """The error where it is not known what a call keeps."""
    return UnsupportedError(
        f"what torch keeps of {node.kind} for the backward pass is not known to cnncalc",
        where=node.path or node.kind,
        remedy="the peak of an inference is known",
    )
