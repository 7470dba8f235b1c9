"""Which tensors a recorded network copies before it changes them in place: a copy is no node of a graph.

Two values are one memory where one is a view of the other, or what the other has become in place. A copy is a memory of its
own, though its node is that of what was copied. It matters where one of them is changed and the other is used afterwards.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from cnncalc.errors import UnsupportedError
from cnncalc.layers.facts import is_shape
from cnncalc.layers.operation import Function
from cnncalc.value import Node, Value, iterate_values

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cnncalc.graph import Graph


class Copies(NamedTuple):
    """What must be copied: nodes of which only a copy is used, and nodes in place that change a copy of what they are given."""

    of: set[int]
    at: set[int]


def copies_in(graph: Graph) -> Copies:
    """What a graph's steps must copy, so that each changes what the network changed.

    Raises UnsupportedError where neither a copy of a whole result nor one at the change is what the network did.
    """
    found = Copies(set(), set())
    changing = [node for node in graph.nodes if isinstance(node.operation, Function) and node.operation.in_place]
    if not changing or not graph.copies:
        return found
    memories = _Memories(graph)
    for node in changing:
        changed = node.values[0]
        memory, root = memories.of(changed)
        if id(changed) not in graph.copies and memory == root.index and not memories.is_copied(root):
            continue
        others = [value for value in memories.used_after(node, root) if memories.differs(value, memory, node)]
        is_lent = root.operation is None and memory != root.index
        if not others and not is_lent:
            continue
        handles = [value for value in memories.used_after(node, root) if not memories.comes_from(value, node)]
        if all(memories.differs(value, memory, node) for value in handles):
            # Nothing but what the change gives is used of the memory: it may as well begin here.
            found.at.add(node.index)
        elif memory != root.index and memories.all_in(memory, root) and is_shape(root.output):
            found.of.add(root.index)
        else:
            raise UnsupportedError(
                "a tensor that is used beside a copy of it of which a part is changed in place has no written form",
                where=node.path or node.kind,
                remedy="write y = torch.cat(…) in place of y[i] += 1",
            )
    return found


class _Memories:
    """The memory of every value of a graph: the number of the node that made it, or the identity of the copy."""

    def __init__(self, graph: Graph) -> None:
        """Gather who uses what; what the network gives is used after all nodes."""
        self._copies = graph.copies
        self._uses = [(node.index, value) for node in graph.nodes for value in node.values]
        self._uses += [(len(graph.nodes), value) for value in iterate_values(graph.outputs)]

    def _way(self, value: Value) -> Iterator[Value]:
        """A value, and those that it was copied from, is a view of, or was before changes in place."""
        while True:
            yield value
            copied = self._copies.get(id(value))
            facts = value.node.facts
            if copied is not None:
                value = copied[1]
            elif value.node.values and (facts.is_view or facts.is_in_place):
                value = value.node.values[0]
            else:
                return

    def of(self, value: Value) -> tuple[int | str, Node]:
        """The memory of a value, and the node at the end of its way."""
        *_, root = self._way(value)
        return self._all(value)[0][0], root.node

    def _all(self, value: Value) -> list[tuple[int | str, int]]:
        """The memory of a value, that which it was copied from, and so on, and behind how many nodes each copy was made."""
        way = list(self._way(value))
        copied: list[tuple[int | str, int]] = [
            (f"copy {id(passed)}", self._copies[id(passed)][2]) for passed in way if id(passed) in self._copies
        ]
        return [*copied, (way[-1].node.index, -1)]

    def differs(self, value: Value, memory: int | str, node: Node) -> bool:
        """Whether a value does not see what a node changes in a memory: it is neither that, nor a copy of it made afterwards."""
        for known, made in self._all(value):
            if known == memory:
                return False
            if made <= node.index:
                return True
        return True

    def is_copied(self, root: Node) -> bool:
        """Whether there is a copy of a node, or of a view of it."""
        return any(self.of(value)[1] is root for value, *_ in self._copies.values())

    def all_in(self, memory: int | str, root: Node) -> bool:
        """Whether all that is used of a node lies in one copy of it, or was copied from that."""
        return all(any(known == memory for known, _ in self._all(value)) for _, value in self._uses if self.of(value)[1] is root)

    def used_after(self, node: Node, root: Node) -> list[Value]:
        """The values that lead to a root and are used behind a node."""
        return [value for index, value in self._uses if index > node.index and self.of(value)[1] is root]

    def comes_from(self, value: Value, node: Node) -> bool:
        """Whether a value is what a change in place gave, or a view of that."""
        return any(passed.node is node for passed in self._way(value))
