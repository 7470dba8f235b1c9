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
        used = memories.used_after(node, root)
        is_lent = root.operation is None and memory != root.index
        if not is_lent and not any(memories.differs(value, memory, node) for value in used):
            continue
        made = memories.made_of(node)
        if all(memories.differs(value, memory, node) for value in used if value.node.index not in made):
            # Nothing but what the change gives is used of the memory: it may as well begin here.
            found.at.add(node.index)
            memories.begin(node)
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
        self._nodes = graph.nodes
        self._copies = graph.copies
        self._uses = [(node.index, value) for node in graph.nodes for value in node.values]
        self._uses += [(len(graph.nodes), value) for value in iterate_values(graph.outputs)]
        #: The nodes with which a memory begins although they change one in place.
        self._beginning: set[int] = set()
        #: For each node what is known of its output: see `_all`.
        self._known: dict[int, list[tuple[int | str, int]]] = {}

    def begin(self, node: Node) -> None:
        """Let a memory begin with a node in place: it changes a copy."""
        self._beginning.add(node.index)
        self._known.clear()

    def _before(self, node: Node) -> Value | None:
        """What a node's output shares the memory of; None where it has one of its own."""
        shares = node.values and (node.facts.is_view or node.facts.is_in_place) and node.index not in self._beginning
        return node.values[0] if shares else None

    def _all(self, value: Value) -> list[tuple[int | str, int]]:
        """The memory of a value, that which it was copied from, and so on, and behind how many nodes each copy was made."""
        told: list[tuple[int | str, int]] = []
        way: list[tuple[int, int]] = []
        before: Value | None = value
        while before is not None:
            copied = self._copies.get(id(before))
            if copied is not None:
                told.append((f"copy {id(before)}", copied[2]))
                before = copied[1]
                continue
            node = before.node
            known = self._known.get(node.index)
            if known is not None:
                told += known
                break
            way.append((node.index, len(told)))
            before = self._before(node)
            if before is None:
                told.append((node.index, -1))
        for index, count in way:
            self._known[index] = told[count:]
        return told

    def of(self, value: Value) -> tuple[int | str, Node]:
        """The memory of a value, and the node at the end of its way."""
        told = self._all(value)
        return told[0][0], self._nodes[int(told[-1][0])]

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

    def made_of(self, node: Node) -> set[int]:
        """The nodes that give what a change in place gave, a view of that, or what was copied from it."""
        found = {node.index}
        for other in self._nodes[node.index + 1 :]:
            before = self._before(other)
            if before is not None and before.node.index in found:
                found.add(other.index)
        return found
