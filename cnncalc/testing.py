"""Assertions for the tests of whoever builds networks: shapes, fields, sizes and sameness, with messages that name the layer.

A model is a module of cnncalc or the written form of one, such as "Conv2d(3, 16, 5) -> ReLU()"; for counts and for
comparing layers it may be a module of torch too. Nothing is run: an assertion takes milliseconds.

    >>> from cnncalc.testing import assert_shape
    >>> assert_shape("Conv2d(3, 16, 5, stride=2, padding=1)", (1, 3, 128, 128), (1, 16, 64, 64))
    Traceback (most recent call last):
        ...
    AssertionError: the output is (1, 16, 63, 63), not (1, 16, 64, 64)
      Conv2d: (1, 3, 128, 128) → (1, 16, 63, 63)
"""

from __future__ import annotations

from itertools import zip_longest
from math import prod
from typing import TYPE_CHECKING, Any

from cnncalc.errors import ArgumentError, CnncalcError, UndecidedError
from cnncalc.module import Module

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from cnncalc.graph import Graph
    from cnncalc.value import Node

__all__ = ["assert_field", "assert_params", "assert_same_architecture", "assert_shape"]

#: So many layers are named in a message.
MOST_NAMED = 8


def assert_shape(model: Any, input_shape: Sequence[Any], output_shape: Sequence[Any], *, at: str | None = None) -> None:
    """The model, or its row `at`, gives this shape for that input; several inputs are a list of shapes.

    Shapes are torch's, batch first; a string in one is a symbol. Fails with the shapes on the way.
    """
    graph = _traced(_module(model), input_shape)
    from cnncalc.analyses.asking import value_named
    from cnncalc.sizes import as_shape

    value = value_named(graph, at)
    expected = as_shape(tuple(output_shape))
    if tuple(value.shape) == tuple(expected):
        return
    steps = [_step(node) for node in graph.nodes[: value.node.index + 1] if node.operation is not None and _changes(node)]
    raise AssertionError(f"{_place(at)} is {value.shape}, not {expected}\n" + "\n".join(steps[-MOST_NAMED:]))


def assert_field(
    model: Any, size: int | Sequence[int], *, input_shape: Sequence[Any] | None = None, at: str | None = None
) -> None:
    """The receptive field of the model, or behind its row `at`, has this size, far from every border.

    Without `at`, it is the field behind the last layer before cells are mixed globally (by a global pool, or by
    flattening for a fully connected layer). Without `input_shape` the channels are read off the first convolution, and
    height and width are symbols. Fails with the field behind each layer that widens it.
    """
    module = _module(model)
    graph = _traced(module, _any_input(module) if input_shape is None else input_shape)
    from cnncalc.analyses.asking import value_named

    sizes = _field_sizes(graph)
    last = value_named(graph, at).node.index if at is not None else max(sizes, default=-1)
    found = sizes.get(last)
    expected = (size,) * len(found or (0,)) if isinstance(size, int) else tuple(size)
    if found == expected:
        return
    node = graph.nodes[last]
    if found is None:
        raise AssertionError(f"the field behind {node.path or 'the input'} has no single size, so it is not {_joined(expected)}")
    widening, widest = [], (1,) * len(found)
    for index, field in sizes.items():
        if index <= last and any((side > most) is True for side, most in zip(field, widest, strict=True)):
            widening.append(f"  {_name(graph.nodes[index])}: {_joined(field)}")
            widest = field
    message = f"the field behind {node.path or 'the network'} is {_joined(found)}, not {_joined(expected)}"
    raise AssertionError("\n".join([message, *widening[-MOST_NAMED:]]))


def assert_params(
    model: Any,
    exactly: int | None = None,
    *,
    max: int | None = None,  # noqa: A002 - the word that reads well in a test
    min: int | None = None,  # noqa: A002 - the same
    input_shape: Sequence[Any] | None = None,
) -> None:
    """The model has exactly so many parameters, or at most `max`, or at least `min`. Fails with the largest layers.

    A model with lazy layers needs `input_shape`.
    """
    if exactly is None and max is None and min is None:
        raise ArgumentError("assert_params needs a number, max or min")
    counts = _counts(model, input_shape)
    total = sum(counts.values())
    wrong = [
        text
        for is_wrong, text in (
            (exactly is not None and total != exactly, f"not {exactly:,}" if exactly is not None else ""),
            (max is not None and total > max, f"more than {max:,}" if max is not None else ""),
            (min is not None and total < min, f"less than {min:,}" if min is not None else ""),
        )
        if is_wrong
    ]
    if wrong:
        largest = sorted(counts.items(), key=lambda item: -item[1])[:MOST_NAMED]
        lines = [f"  {path or 'the network itself'}: {count:,}" for path, count in largest]
        raise AssertionError(
            "\n".join([f"the model has {total:,} parameters, {' and '.join(wrong)}; its largest layers:", *lines])
        )


def assert_same_architecture(a: Any, b: Any, *, input_shape: Sequence[Any] | None = None) -> None:
    """Two models have the same layers by name, kind and arguments; with `input_shape`, joined in the same way too.

    A module of torch beside one of cnncalc is compared by the names and shapes of its tensors. Fails with the first layer
    that differs.
    """
    first, second = _module_or_torch(a), _module_or_torch(b)
    if isinstance(first, Module) == isinstance(second, Module):
        _compare(_layers(first), _layers(second))
    else:
        _compare(_tensors(first), _tensors(second))
    if input_shape is not None:
        _compare(list(_flow(_traced(_module(a), input_shape))), list(_flow(_traced(_module(b), input_shape))))


# -- models -------------------------------------------------------------------------------------------------------


def _module(model: Any) -> Module:
    """A module of cnncalc. Raises ArgumentError for anything else."""
    found = _module_or_torch(model)
    if isinstance(found, Module):
        return found
    import cnncalc

    # Reading a module of torch is a feature of its own; where it is there, it is used.
    from_torch = getattr(cnncalc, "from_torch", None)
    if from_torch is None:
        raise ArgumentError(
            "this assertion needs a module of cnncalc or a written spec",
            got=type(model).__name__,
            remedy="write the model with cnncalc",
        )
    made: Module = from_torch(found)
    return made


def _module_or_torch(model: Any) -> Any:
    """A written spec parsed; modules as they are."""
    if isinstance(model, str):
        from cnncalc.spec import parse
        from cnncalc.zoo import ARCHITECTURES

        return ARCHITECTURES[model]() if model in ARCHITECTURES else parse(model, ARCHITECTURES)
    if isinstance(model, Module) or hasattr(model, "state_dict"):
        return model
    raise ArgumentError("a model is a module of cnncalc or of torch, or a written spec", got=type(model).__name__)


def _traced(module: Module, shape: Sequence[Any]) -> Graph:
    """The model recorded for a shape, or for several; what it refuses fails the test, and names the layer."""
    from cnncalc.graph import trace

    shapes = list(shape) if shape and isinstance(shape[0], (tuple, list)) else [tuple(shape)]
    try:
        return trace(module, *shapes)
    except (ArgumentError, UndecidedError):
        raise
    except CnncalcError as error:
        raise AssertionError(f"the model refuses {', '.join(map(str, shapes))}: {error}") from None


def _any_input(module: Module) -> tuple[Any, ...]:
    """A shape of the right number of axes for the first convolution, its lengths symbols."""
    for _, part in module.named_modules():
        channels = getattr(part, "in_channels", None)
        kernel = getattr(part, "kernel_size", None)
        if isinstance(channels, int) and isinstance(kernel, tuple):
            return (1, channels, *("H", "W", "D")[: len(kernel)])
    raise ArgumentError("the model has no convolution to read an input's shape off", remedy="pass input_shape=(1, 3, 224, 224)")


# -- parts of messages --------------------------------------------------------------------------------------------


def _place(at: str | None) -> str:
    return "the output" if at is None else f"the output of {at}"


def _name(node: Node) -> str:
    kind = node.operation.torch_name if node.operation is not None else "input"
    return f"{node.path} ({kind})" if node.path and node.path != kind else kind


def _changes(node: Node) -> bool:
    return not node.values or any(value.shape != node.output for value in node.values)


def _step(node: Node) -> str:
    return f"  {_name(node)}: {', '.join(str(value.shape) for value in node.values)} → {node.output}"


def _joined(sizes: tuple[Any, ...]) -> str:
    return "×".join(map(str, sizes))


def _field_sizes(graph: Graph) -> dict[int, tuple[Any, ...]]:
    """The field behind each node on each axis, where it has a single size and is not the whole input."""
    from cnncalc.analyses.asking import spatial_axes
    from cnncalc.analyses.closed_form import fields

    states, axes = fields(graph), spatial_axes(graph)
    found = {}
    for node in graph.nodes:
        try:
            sides = [states[node.index][axis][1] for axis in axes]
        except (CnncalcError, LookupError):
            continue
        if sides and all(side.is_single and not side.whole for side in sides):
            found[node.index] = tuple(side.size for side in sides)
    return found


def _counts(model: Any, input_shape: Sequence[Any] | None) -> dict[str, int]:
    """The parameters of each layer that owns some, a shared tensor once."""
    found = _module_or_torch(model)
    counts: dict[str, Any] = {}
    if isinstance(found, Module):
        if input_shape is not None:
            from cnncalc.analyses.parameters import tensors

            shapes = {tensor.path: tensor.shape for tensor in tensors(_traced(found, input_shape)) if not tensor.is_buffer}
        else:
            shapes = found.parameters()
    else:
        shapes = {name: tuple(parameter.shape) for name, parameter in found.named_parameters()}
    for name, shape in shapes.items():
        owner = name.rpartition(".")[0]
        counts[owner] = counts.get(owner, 0) + prod(shape)
    return counts


# -- sameness -----------------------------------------------------------------------------------------------------

Described = tuple[str, str]


def _layers(module: Any) -> list[Described]:
    """Each layer without children, by qualified name, written as it is constructed."""
    return [(name, _written(part)) for name, part in module.named_modules() if not any(True for _ in part.children())]


def _written(part: Any) -> str:
    if isinstance(part, Module):
        return repr(part)
    return f"{type(part).__name__}({part.extra_repr()})"


def _tensors(module: Any) -> list[Described]:
    """Each parameter and buffer by qualified name, with its shape."""
    if isinstance(module, Module):
        shapes = {**module.parameters(), **module.buffers()}
    else:
        shapes = {name: tuple(tensor.shape) for name, tensor in module.state_dict().items()}
    return sorted((name, f"a tensor of {shape}") for name, shape in shapes.items())


def _flow(graph: Graph) -> Iterator[Described]:
    """Each row with what it reads."""
    for node in graph.nodes:
        read = ", ".join(value.node.path or f"input {value.node.index}" for value in node.values)
        yield (
            node.path or f"input {node.index}",
            f"{node.operation!r} of ({read}) with {node.call!r}" if node.operation else "input",
        )


def _compare(first: list[Described], second: list[Described]) -> None:
    """Fail at the first difference, by name where one side lacks a layer."""
    names = ({name for name, _ in first}, {name for name, _ in second})
    for left, right in zip_longest(first, second):
        if left == right:
            continue
        if left is not None and left[0] not in names[1]:
            raise AssertionError(f"{left[0]}: {left[1]} is in the first model only")
        if right is not None and right[0] not in names[0]:
            raise AssertionError(f"{right[0]}: {right[1]} is in the second model only")
        if left is not None and right is not None and left[0] == right[0]:
            raise AssertionError(f"{left[0]}: {left[1]} in the first model, {right[1]} in the second")
        name = left[0] if left is not None else right[0] if right is not None else ""
        raise AssertionError(f"{name}: it stands at another place in the second model")
