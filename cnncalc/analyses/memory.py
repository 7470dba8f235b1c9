"""Memory: the sum of all outputs, the peak of an inference by liveness, and what is saved for training.

Tensors that share memory are one storage. A storage lives from the call that makes it to the last call that uses it; the
network's outputs live to the end. The conventions, and what they leave out, stand in docs/memory.md.
"""

from __future__ import annotations

from copy import copy
from itertools import accumulate
from operator import sub
from typing import TYPE_CHECKING

from cnncalc.analyses.parameters import Owned, tensors
from cnncalc.errors import CnncalcError, UnsupportedError
from cnncalc.layers.uncarried import Uncarried
from cnncalc.memory import Memory
from cnncalc.sizes import Size, greater, product
from cnncalc.value import Node, ParameterNode, Value, iterate_values

if TYPE_CHECKING:
    from cnncalc.graph import Graph
    from cnncalc.report import Row


def memory(graph: Graph, owning: dict[str, Owned], total: Row) -> Memory:
    """The memory of a traced network, at float32; `.at(dtype)` gives other dtypes.

    `owning` is what its modules own, and `total` the row of all of it.
    """
    storages = Storages(graph)
    peak, peak_at = _peak(graph, storages, is_partial=total.partial)
    saved, indices = _saved(graph, storages.in_training(), {path for path, found in owning.items() if found.trains})
    return Memory(
        params=total.params,
        trainable=total.trainable,
        buffers=total.buffers,
        outputs=total.output_elements,
        peak=peak,
        peak_at=peak_at,
        saved=saved,
        indices=indices,
    )


class Storages:
    """Which tensors share memory. The tensors of a graph are numbered: the outputs of its nodes in order.

    For each tensor, `root` gives the one whose memory it lies in, `sizes` the elements that it takes itself, and `made_by`
    the number of its node. For each node, `first` is the number of its first tensor, and `inputs` those that it takes.
    """

    def __init__(self, graph: Graph) -> None:
        """Follow views and changes in place through the graph, in eval mode: dropout gives its input."""
        self._nodes = graph.nodes
        self.root: list[int] = []
        self.sizes: list[Size] = []
        self.made_by: list[int] = []
        self.first: list[int] = []
        self.inputs: list[list[int]] = []
        #: Tensors whose axes were exchanged, or a part of one: a reshape of them is a copy.
        self._strided: set[int] = set()
        #: The number of the first node that drops values in training.
        self._dropping: int | None = None
        self._follow(0, training=False)

    def in_training(self) -> Storages:
        """The same in training mode: what dropout gives takes memory of its own."""
        begin = self._dropping
        if begin is None:
            return self
        made = copy(self)
        tensor = self.first[begin]
        made.root, made.sizes, made.made_by = self.root[:tensor], self.sizes[:tensor], self.made_by[:tensor]
        made.first, made.inputs = self.first[:begin], self.inputs[:begin]
        made._strided = {number for number in self._strided if number < tensor}
        made._follow(begin, training=True)
        return made

    def number(self, value: Value) -> int:
        """The number of a tensor."""
        return self.first[value.node.index] + value.index

    def _follow(self, begin: int, *, training: bool) -> None:
        """Add the tensors of the nodes from `begin` on."""
        root, sizes, made_by, first, strided = self.root, self.sizes, self.made_by, self.first, self._strided
        taken = self.inputs
        for index, node in enumerate(self._nodes[begin:], begin):
            facts = node.facts
            storing = facts.storing
            tensor = len(root)
            values = node.values
            if len(values) == 1:
                value = values[0]
                inputs = [first[value.node.index] + value.index]
            else:
                inputs = [first[value.node.index] + value.index for value in values]
            first.append(tensor)
            taken.append(inputs)
            if storing.drops and self._dropping is None:
                self._dropping = index
            if facts.is_new and not strided and inputs:
                # So it is mostly.
                root.append(tensor)
                sizes.append(facts.elements)
                made_by.append(index)
                continue
            made: int | None = None
            if inputs:
                source = inputs[0]
                if storing.in_place or storing.is_view:
                    copies = (training and storing.drops) or (storing.relaid and source in strided)
                    made = root[source] if storing.in_place or not copies else None
                # Where nothing is strided, only a view makes it so.
                if made is not None or strided:
                    for output in range(len(facts.sizes)):
                        if storing.strides(output, before=source in strided, shared=made is not None):
                            strided.add(tensor + output)
            owns = made is None and not isinstance(node, ParameterNode)
            for number, size in enumerate(facts.sizes, tensor):
                root.append(number if made is None else made)
                sizes.append(size if owns else 0)
                made_by.append(index)


def _peak(graph: Graph, storages: Storages, *, is_partial: bool) -> tuple[Size | CnncalcError, str]:
    """The most elements that live at one time, and at which row."""
    for node in graph.nodes if is_partial else ():
        if isinstance(node.operation, Uncarried):
            rule = "whether it shares memory with its input, and what it needs itself, is not known"
            return UnsupportedError(rule, where=node.path, got=node.kind), ""
    root = storages.root
    #: The number of the last node that uses a storage.
    last = storages.made_by.copy()
    for index, inputs in enumerate(storages.inputs):
        for number in inputs:
            last[root[number]] = index
    for value in iterate_values(graph.outputs):
        last[root[storages.number(value)]] = len(graph.nodes)
    #: The elements of the storages that begin, and that end, with a node; some end behind all of them.
    starting: list[Size] = [0] * len(graph.nodes)
    ending: list[Size] = [0] * (len(graph.nodes) + 1)
    for size, begin, end in zip(storages.sizes, storages.made_by, last, strict=True):
        starting[begin] += size
        ending[end] += size
    #: What lives while each node runs.
    living = list(accumulate(map(sub, starting, [0, *ending])))
    # Of numbers it is known at once which is the largest.
    moments = [living.index(max(living))] if set(map(type, living)) == {int} else range(len(living))
    peak: Size = 0
    peak_at = ""
    for index in moments:
        larger = greater(peak, living[index])
        if larger is None:
            reason = "which of two moments takes the most memory depends on the symbols"
            return UnsupportedError(reason, got=f"{peak} and {living[index]} elements", remedy="give numbers for the sizes"), ""
        if larger is not peak:
            peak, peak_at = larger, graph.nodes[index].path
    return peak, peak_at


def _saved(graph: Graph, storages: Storages, trained: set[str]) -> tuple[Size | CnncalcError, Size]:
    """The elements that autograd keeps in training mode, each storage once, and the int64 indices beside them.

    `trained` are the modules that own a parameter which is trained.
    """
    used_directly = any(isinstance(node, ParameterNode) for node in graph.nodes)
    frozen = {tensor.path for tensor in tensors(graph) if not tensor.trainable} if used_directly else set()
    root = storages.root
    needs = [False] * len(root)
    kept: set[int] = set()
    others: Size = 0
    indices: Size = 0
    for node, first, inputs in zip(graph.nodes, storages.first, storages.inputs, strict=True):
        if node.operation is None:
            needs[first] = isinstance(node, ParameterNode) and node.path not in frozen
            continue
        wanted = needs[inputs[0]] if len(inputs) == 1 else True in [needs[number] for number in inputs]
        if not wanted and node.path not in trained:
            continue
        facts = node.facts
        if facts.is_single:
            needs[first] = True
        else:
            needs[first : first + len(facts.outputs)] = [True] * len(facts.outputs)
        saves = facts.storing.saves
        if saves is None:
            return _not_known(node), 0
        for what in saves:
            if what == "input":
                kept.add(root[inputs[0]])
            elif what == "output":
                kept.add(root[first])
            elif what == "indices":
                indices = indices + facts.sizes[0]
            elif what in {"mask", "copy"}:
                others = others + product(node.values[0].shape)
            else:
                # Each input is kept for the others.
                wanting = [needs[number] for number in inputs]
                kept.update(root[number] for place, number in enumerate(inputs) if any(wanting[:place] + wanting[place + 1 :]))
    return sum((storages.sizes[storage] for storage in sorted(kept)), start=others), indices


def _not_known(node: Node) -> UnsupportedError:
    """The error where it is not known what a call keeps."""
    return UnsupportedError(
        f"what torch keeps of {node.kind} for the backward pass is not known to cnncalc",
        where=node.path or node.kind,
        remedy="the peak of an inference is known",
    )
