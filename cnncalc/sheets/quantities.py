"""How a question asks for a quantity of a network: the value, its unit, and its working as lines of formulas."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from cnncalc.analyses.asking import value_named
from cnncalc.analyses.macs import macs
from cnncalc.analyses.parameters import Tensor, tensors
from cnncalc.errors import CnncalcError
from cnncalc.graph import trace
from cnncalc.sheets.field_quantities import FIELD_QUANTITIES
from cnncalc.sheets.files import SheetError
from cnncalc.sheets.result import Result, columns, common, plain
from cnncalc.sizes import Size, SizeSet, dot, product, symbol
from cnncalc.value import Node

__all__ = ["KNOWN", "QUANTITIES", "Result", "evaluate", "plain"]

if TYPE_CHECKING:
    from cnncalc.analyses.explain import Line
    from cnncalc.sheets.model import Asked
    from cnncalc.sheets.networks import Built, Networks
    from cnncalc.solve import ValidSizes


def evaluate(asked: Asked, networks: Networks) -> Result:
    """The quantity that is asked for. Raises SheetError for a quantity or a row that does not exist."""
    if asked.quantity == "multiples":
        return _multiples(asked.of)
    rule = QUANTITIES.get(asked.quantity)
    if rule is None:
        raise SheetError("there is no quantity of that name", got=asked.quantity[:40], remedy=f"known: {', '.join(KNOWN)}")
    return rule(networks.built(asked.net), asked.at or None)


# -- shapes -----------------------------------------------------------------------------------------------------


def _shape(built: Built, at: str | None) -> Result:
    graph = built.graph
    shape = value_named(graph, at).shape[1:]
    return Result(list(shape), "channels × height × width", lambda: _size_working(built, at))


def _channels(built: Built, at: str | None) -> Result:
    graph = built.graph
    value = value_named(graph, at)
    return Result(value.shape[1], "channels", lambda: _concatenation(value.node) or _size_working(built, at))


def _input_channels(built: Built, at: str | None) -> Result:
    graph = built.graph
    node = value_named(graph, at).node
    if not node.values:
        raise SheetError("this row receives nothing", got=at or "")
    source = node.values[0]
    return Result(source.shape[1], "channels", lambda: _concatenation(source.node))


def _concatenation(node: Node) -> tuple[str, ...]:
    """The channels of the parts of a concatenation, added up; nothing for another node."""
    if len(node.values) < 2:  # noqa: PLR2004 - a sum has two terms
        return ()
    parts = " + ".join(str(value.shape[1]) for value in node.values)
    return (f"C = {parts} = {node.output[1]}",)


def _pixels(built: Built, at: str | None) -> Result:
    graph = built.graph
    space = value_named(graph, at).shape[2:]
    return Result(product(space), "pixels", lambda: (*_size_working(built, at), f"{dot(space)} = {product(space)}"))


def _side(built: Built, at: str | None) -> Result:
    graph = built.graph
    space = value_named(graph, at).shape[2:]
    return Result(common(space, "side"), "pixels", lambda: _size_working(built, at))


def _values(built: Built, at: str | None) -> Result:
    shape = value_named(built.graph, at).shape[1:]
    return Result(product(shape), "values", lambda: (*_size_working(built, at), f"{dot(shape)} = {product(shape)}"))


def _size_working(built: Built, at: str | None) -> tuple[str, ...]:
    """The rule and the numbers of every layer that changes a length; a table of shapes where there are several."""
    graph, lines = built.graph, built.explanation.lines
    last = value_named(graph, at).node.index
    nodes = [node for node in graph.nodes[: last + 1] if node.operation is not None]
    rules: dict[str, list[Line]] = {}
    for line in lines:
        if line.quantity == "size":
            rules.setdefault(line.path, []).append(line)
    relevant = [node for node in nodes if node.path in rules or len(nodes) == 1]
    if len(relevant) == 1:
        return tuple(f"out = {line.text}" for line in rules.get(relevant[0].path, ()))
    return columns(
        [(node.path, _shape_text(node.output), "; ".join(line.text for line in rules.get(node.path, ()))) for node in relevant]
    )


def _shape_text(shape: Any) -> str:
    """A shape without the batch, as text."""
    if shape and isinstance(shape[0], tuple):
        shape = shape[0]
    return " × ".join(str(n) for n in shape[1:])


# -- parameters and MACs ----------------------------------------------------------------------------------------


def _params(built: Built, at: str | None) -> Result:
    return _counted(built, at, lambda _: True)


def _trainable(built: Built, at: str | None) -> Result:
    return _counted(built, at, lambda tensor: tensor.trainable)


def _frozen(built: Built, at: str | None) -> Result:
    return _counted(built, at, lambda tensor: not tensor.trainable)


def _buffers(built: Built, at: str | None) -> Result:
    sizes = [tensor.size for tensor in tensors(built.graph) if tensor.is_buffer and _inside(tensor.owner, at)]
    total: Size = 0
    for size in sizes:
        total = total + size
    return Result(total, "values", lambda: (f"{' + '.join(map(str, sizes))} = {total}",) if 1 < len(sizes) <= MANY else ())


def _params_no_bias(built: Built, at: str | None) -> Result:
    return _counted(built, at, lambda tensor: tensor.name != "bias")


def _counted(built: Built, at: str | None, wanted: Callable[[Tensor], bool]) -> Result:
    """The elements of the parameters that are wanted, layer by layer, then added up."""
    graph = built.graph
    owned = [tensor for tensor in tensors(graph) if not tensor.is_buffer and wanted(tensor) and _inside(tensor.owner, at)]
    total: Size = 0
    by_layer: dict[str, list[Tensor]] = {}
    for tensor in owned:
        total = total + tensor.size
        by_layer.setdefault(tensor.owner, []).append(tensor)
    return Result(total, "parameters", lambda: _parameter_working(built, by_layer, total))


def _inside(owner: str, at: str | None) -> bool:
    return at is None or owner == at or owner.startswith(f"{at}.")


#: Beyond this many layers the working gives sums of groups, not every layer.
MANY = 12


def _parameter_working(built: Built, by_layer: dict[str, list[Tensor]], total: Size) -> tuple[str, ...]:
    """Letters and numbers of each layer, then the sum."""
    if len(by_layer) > MANY:
        return _grouped_sums(by_layer, total)
    letters = {line.path: line.rule for line in built.explanation.lines if line.quantity == "parameters"}
    rows = []
    sums = []
    for path, owned in by_layer.items():
        terms = " + ".join(dot(tensor.shape) for tensor in owned)
        count: Size = 0
        for tensor in owned:
            count = count + tensor.size
        sums.append(str(count))
        rule = letters.get(path, "")
        parts = [rule if rule.count("+") + 1 == len(owned) else "", terms, str(count)]
        if len(owned) > 1:
            parts.insert(2, " + ".join(str(tensor.size) for tensor in owned))
        rows.append((path, " = ".join(part for part in parts if part)))
    if len(rows) == 1:
        return (rows[0][1],)
    return (*columns(rows), f"{' + '.join(sums)} = {total}")


def _grouped_sums(by_layer: dict[str, list[Tensor]], total: Size) -> tuple[str, ...]:
    """The sum of each top-level part of the network, then the sum of those."""
    groups: dict[str, Size] = {}
    for path, owned in by_layer.items():
        group = path.split(".")[0]
        for tensor in owned:
            groups[group] = groups.get(group, 0) + tensor.size
    rows = [(group, str(count)) for group, count in groups.items()]
    return (*columns(rows), f"{' + '.join(str(count) for count in groups.values())} = {total}")


def _macs(built: Built, at: str | None) -> Result:
    graph = built.graph
    total: Size = 0
    for node, cost in zip(graph.nodes, macs(graph), strict=True):
        if _inside(node.path, at):
            total = total + cost

    def work() -> tuple[str, ...]:
        lines = [line.text for line in built.explanation.lines if line.quantity == "MACs" and _inside(line.path, at)]
        return tuple(lines) if len(lines) <= MANY else ()

    return Result(total, "MAC", work)


# -- sizes of inputs, refusals, shares --------------------------------------------------------------------------


def _smallest_input(built: Built, at: str | None) -> Result:
    del at
    sizes = _sizes(built)
    if not sizes["n"]:
        raise SheetError("no size works", where=built.name, got=sizes.refusal)
    smallest = sizes["n"].smallest
    if smallest is None or sizes["n"] != SizeSet.progression(smallest, 1):
        raise SheetError("the sizes that work have gaps, so that the smallest says too little", where=built.name, got=str(sizes))
    return Result(smallest, "pixels", lambda: _demands(sizes))


def _valid_sizes(built: Built, at: str | None) -> Result:
    """All sides of square inputs that work, as a formula: first + step·k for k = 0, 1, 2 and so on."""
    del at
    sizes = _sizes(built)
    members = sizes["n"]
    if len(members.progressions) != 1 or members.exceptions:
        raise SheetError("the sizes that work are no single progression", where=built.name, got=str(sizes))
    ((first, step),) = members.progressions
    lines = (*_demands(sizes), f"{members}, so n = {first} + {step}·k with k = 0, 1, 2, …")
    return Result(first + step * symbol("k"), "pixels", lambda: lines)


def _sizes(built: Built) -> ValidSizes:
    """The sides n of the square inputs that the network accepts."""
    from cnncalc.solve import valid_sizes

    return valid_sizes(built.module, (*built.shape[:2], *(symbol("n") for _ in built.shape[2:])))


def _demands(sizes: ValidSizes) -> tuple[str, ...]:
    """What each layer asks of n."""
    return tuple(dict.fromkeys(f"{r.where}: {r.condition}" for r in sizes.conditions))


def _refusal(built: Built, at: str | None) -> Result:
    del at
    try:
        trace(built.module, built.shape)
    except CnncalcError as error:
        return Result(str(error), "")
    raise SheetError("the network accepts this input", where=built.name)


def _multiples(of: int) -> Result:
    if of < 1:
        raise SheetError('quantity = "multiples" needs of = the number of images')
    step = 100 / of
    return Result(step, "%", lambda: (f"100 / {of} = {step:g}",))


QUANTITIES: dict[str, Callable[[Built, str | None], Result]] = {
    "shape": _shape,
    "channels": _channels,
    "input_channels": _input_channels,
    "pixels": _pixels,
    "side": _side,
    "values": _values,
    "params": _params,
    "trainable": _trainable,
    "frozen": _frozen,
    "params_no_bias": _params_no_bias,
    "buffers": _buffers,
    "macs": _macs,
    **FIELD_QUANTITIES,
    "smallest_input": _smallest_input,
    "valid_sizes": _valid_sizes,
    "refusal": _refusal,
}
KNOWN = (*QUANTITIES, "multiples")
