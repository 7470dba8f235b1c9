"""What other tools print for the same network: their totals, each by the tool's own rules.

A convention is a fold over the graph. Its rules, in `cnncalc.analyses.tools`, go by torch's names of layers and functions,
as the tools do; all else they read from the layers. What a tool does wrong is done the same way here: the point is to
tell where its total comes from. Where the tool fails, or where what it counts hangs on how torch is built inside, the
total is refused.

A user's subclass of a layer counts as the tool takes it: not at all where the tool goes by class. A sum or product that
is written `a + b` is told apart from `torch.add(a, b)`: ptflops and calflops see only the latter. Any other function is
taken to be called where the twin finds it, in torch.nn.functional first, and with tuples in place of lists.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from cnncalc.errors import ArgumentError, CnncalcError, UnsupportedError
from cnncalc.layers.functional import LayerFunction
from cnncalc.layers.layer import Layer
from cnncalc.layers.operation import Operation
from cnncalc.quantity import quantity
from cnncalc.report import Counted
from cnncalc.sizes import Shape, Size

if TYPE_CHECKING:
    from cnncalc.graph import Graph
    from cnncalc.module import Module
    from cnncalc.value import Node


class Call:
    """One call as a tool sees it: torch's name, the layer (that a function comes to, too), shapes, and MACs.

    `name` is the layer's class or the function's name; `is_subclass` tells a user's own kind of a layer, `is_function` a
    function such as `F.relu` from the layer whose facts it shares, `is_operator` an operator such as `a + b`. `places` is how
    often the tree holds the layer.
    """

    __slots__ = (
        "input",
        "is_function",
        "is_operator",
        "is_subclass",
        "layer",
        "name",
        "node",
        "operation",
        "output",
        "path",
        "places",
    )

    def __init__(self, node: Node, operation: Operation, places: int) -> None:
        """Look at a node."""
        self.node = node
        self.operation = operation
        self.path = node.path or operation.torch_name
        self.places = places
        self.is_function = not isinstance(operation, Layer)
        self.is_subclass = not self.is_function and not type(operation).__module__.startswith("cnncalc.layers.")
        self.is_operator = getattr(operation, "is_operator", False)
        self.layer: Any = operation if isinstance(operation, Layer) else None
        inputs = node.shapes
        if isinstance(operation, LayerFunction):
            applied = operation.applied(*node.shapes, **node.call)
            self.layer, inputs = applied.layer, applied.inputs
        self.name = self.layer.torch_name if self.layer is not None else operation.torch_name
        self.input: Shape = first_shape(inputs or tuple(node.call.values()))
        self.output: Shape = first_shape(node.output)

    @property
    def macs(self) -> Size:
        """Our own count."""
        macs: Size = self.operation.macs(*self.node.shapes, **self.node.call)
        return macs

    @property
    def shapes(self) -> list[Any]:
        """The arguments by position."""
        return list(self.node.shapes)

    def argument(self, name: str) -> Any:
        """An argument of a function's call by torch's name, or an attribute of the layer; None where it is not given."""
        if self.is_function:
            import inspect

            signature = inspect.signature(self.operation._first_fact())
            given = signature.bind(self.operation, *self.node.shapes, **self.node.call).arguments
            if name in given or self.layer is None:
                return given.get(name)
        return getattr(self.layer, name, None)

    def refuse(self, why: str) -> UnsupportedError:
        """The error for a call that has no count."""
        return UnsupportedError(why, where=self.path, got=self.name)


def first_shape(nested: Any) -> Shape:
    """The first shape among arguments or outputs; () where there is none."""
    if not isinstance(nested, (tuple, list)):
        return ()
    if nested and isinstance(nested[0], (tuple, list)):
        return first_shape(nested[0])
    if nested and nested[0] is None:
        return first_shape(nested[1:])
    return tuple(nested)


def calls(graph: Graph) -> list[Call]:
    """Every call of the network, in order."""
    places = _places(graph)
    concrete = {id(made): lazy for lazy, made in graph.concrete.items()}
    found = []
    for node in graph.nodes:
        if node.operation is None:
            continue
        if isinstance(node.operation, Layer):
            known = id(node.operation)
            if known in concrete:
                raise UnsupportedError(
                    "tools see a lazy layer only after it has run once",
                    where=node.path,
                    remedy="write the concrete layer",
                )
            if known not in places:
                raise UnsupportedError("tools see only layers that the network keeps as attributes", where=node.path)
            found.append(Call(node, node.operation, places[known]))
        else:
            found.append(Call(node, node.operation, 1))
    return found


def _places(graph: Graph) -> dict[int, int]:
    """How often a walk over children meets each module: more than once where two containers share it."""
    found: dict[int, int] = {}

    def walk(module: Module) -> None:
        found[id(module)] = found.get(id(module), 0) + 1
        children = {id(child): child for child in module._children.values() if child is not None}
        for child in children.values():
            walk(child)

    walk(graph.network)
    return found


def as_counted_by(graph: Graph, tool: str) -> Counted:
    """The total of a tool; see `Report.as_counted_by`."""
    from cnncalc.analyses.tools import TOOLS

    known = TOOLS.get(tool) if isinstance(tool, str) else None
    if known is None:
        from cnncalc.layers import did_you_mean

        raise ArgumentError(
            f"the tool must be one of {', '.join(TOOLS)}", got=f"{tool!r:.40}", remedy=did_you_mean(str(tool), TOOLS)
        )
    try:
        total = known.total(graph)
    except CnncalcError as error:
        raise error.at(f"as counted by {tool}") from None
    return Counted(tool, quantity(total, known.unit, f"as {tool} {known.version} counts", "conventions"), known.why)
