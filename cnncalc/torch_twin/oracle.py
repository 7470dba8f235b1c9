"""The quantities that sheets ask for, measured with torch: a second road to every answer.

Nothing here uses cnncalc's own numbers. Shapes come from running the twin, counts from its parameters, receptive fields
from gradients, the inputs that work from torch's refusals.
"""

from __future__ import annotations

import warnings
from fractions import Fraction
from itertools import pairwise
from math import prod
from typing import TYPE_CHECKING, Any

import torch

from cnncalc.errors import UnsupportedError
from cnncalc.sizes import symbol
from cnncalc.torch_twin.comparing import verify
from cnncalc.torch_twin.counting import CountingRun
from cnncalc.torch_twin.probe import Probe
from cnncalc.torch_twin.running import REFUSALS, Done, Run, leaves
from cnncalc.torch_twin.twin import Twins

if TYPE_CHECKING:
    from collections.abc import Callable

    from cnncalc.module import Module

__all__ = ["measure", "multiples", "refuses", "torch_version", "verify"]

#: An input of at most this many pixels along an axis is tried for the interior of a receptive field.
WIDEST = 2048
#: Inputs up to this length are searched for the smallest that a network accepts.
LONGEST = 512
#: So many lengths, in equal steps, are taken for a progression.
MEMBERS = 12


def torch_version() -> str:
    """The version of torch, without the name of its build."""
    return str(torch.__version__).partition("+")[0]


def measure(network: Module, shape: tuple[Any, ...], quantity: str, at: str | None) -> Any:
    """A quantity as torch has it, for an input of a shape; `at` names a row. Raises UnsupportedError for another name."""
    rule = _RULES.get(quantity)
    if rule is None:
        raise UnsupportedError("torch has no way to measure this quantity", got=quantity)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return rule(network, shape, at)


def refuses(network: Module, shape: tuple[Any, ...]) -> bool:
    """Whether torch refuses an input of that shape, run with real kernels."""
    return _refuses(_unfilled(network), shape)


def _unfilled(network: Module) -> Twins:
    """Twins with memory but without values: enough to learn whether torch accepts an input, and quick to make.

    Lazy layers have no memory before they run; twins with such are made whole.
    """
    twins = Twins(network, "meta")
    if _is_lazy(twins):
        return Twins(network)
    twins.root.to_empty(device="cpu")
    return twins


def _is_lazy(twins: Twins) -> bool:
    return any(isinstance(parameter, torch.nn.UninitializedParameter) for parameter in twins.root.parameters())


def _refuses(twins: Twins, shape: tuple[Any, ...], device: str = "cpu") -> bool:
    try:
        with torch.no_grad():
            Run(twins).start(torch.zeros(*shape, device=device))
    except REFUSALS:
        return True
    return False


def multiples(of: int) -> float:
    """The smallest step between two shares of a whole number of images, in percent."""
    shares = [Fraction(100 * count, of) for count in range(of + 1)]
    return float(min(b - a for a, b in pairwise(shares)))


class _Measured(Run):
    """A run on the meta device that keeps what each row received and gave."""

    def __init__(self, network: Module, shape: tuple[Any, ...]) -> None:
        super().__init__(Twins(network, "meta"))
        self._received: Any = ()
        self.inputs: dict[str, torch.Tensor] = {}
        self.outputs: dict[str, torch.Tensor] = {}
        with torch.no_grad():
            self.result = self.start(torch.zeros(*shape, device="meta"))

    def layer(self, twin: torch.nn.Module, inputs: tuple[Any, ...], call: dict[str, Any]) -> Any:
        self._received = inputs
        return super().layer(twin, inputs, call)

    def function(self, name: str, inputs: tuple[Any, ...], call: dict[str, Any]) -> Any:
        self._received = inputs
        return super().function(name, inputs, call)

    def finished(self, done: Done, output: Any) -> None:
        super().finished(done, output)
        self.inputs[done.path] = leaves(self._received, torch.Tensor)[0]
        self.outputs[done.path] = leaves(output, torch.Tensor)[0]

    def returned(self, path: str, result: Any) -> None:
        self.outputs[path] = leaves(self.unwrap(result), torch.Tensor)[0]

    def output(self, at: str | None) -> torch.Tensor:
        """What a row gave; the network's output for None."""
        found: torch.Tensor = leaves(self.result, torch.Tensor)[0] if at is None else self.outputs[at]
        return found


def _output_shape(network: Module, shape: tuple[Any, ...], at: str | None) -> tuple[int, ...]:
    return tuple(_Measured(network, shape).output(at).shape)


def _shape(network: Module, shape: tuple[Any, ...], at: str | None) -> list[int]:
    return list(_output_shape(network, shape, at)[1:])


def _channels(network: Module, shape: tuple[Any, ...], at: str | None) -> int:
    return _output_shape(network, shape, at)[1]


def _input_channels(network: Module, shape: tuple[Any, ...], at: str | None) -> int:
    run = _Measured(network, shape)
    received = run.inputs.get(run.done[-1].path if at is None else at)
    if received is None:
        raise UnsupportedError("torch can't tell what this row receives", got=at or "")
    return int(received.shape[1])


def _pixels(network: Module, shape: tuple[Any, ...], at: str | None) -> int:
    return prod(_output_shape(network, shape, at)[2:])


def _side(network: Module, shape: tuple[Any, ...], at: str | None) -> int:
    (side,) = set(_output_shape(network, shape, at)[2:])
    return side


def _values(network: Module, shape: tuple[Any, ...], at: str | None) -> int:
    return prod(_output_shape(network, shape, at)[1:])


def _buffers(network: Module, shape: tuple[Any, ...], at: str | None) -> int:
    root = _Measured(network, shape).twins.root
    return sum(buffer.numel() for buffer in (root.get_submodule(at) if at else root).buffers())


def _counter(wanted: Callable[[str, torch.nn.Parameter], bool]) -> Callable[..., int]:
    """A count of the elements of the parameters that are wanted, below a row."""

    def count(network: Module, shape: tuple[Any, ...], at: str | None) -> int:
        # Run once, so that lazy layers know their shapes.
        root = _Measured(network, shape).twins.root
        module = root.get_submodule(at) if at else root
        return sum(parameter.numel() for name, parameter in module.named_parameters() if wanted(name, parameter))

    return count


def _macs(network: Module, shape: tuple[Any, ...], at: str | None) -> int:
    if at is not None:
        raise UnsupportedError("torch counts the products of a whole network, not of a row", got=at)
    run = CountingRun(Twins(network, "meta"))
    run.start(torch.zeros(*shape, device="meta"))
    return sum(run.macs)


# -- receptive fields by gradients ------------------------------------------------------------------------------


def _field(network: Module, shape: tuple[Any, ...], at: str | None) -> list[int]:
    """The extent of an interior cell's field."""
    return [last - first + 1 for (first, last), *_ in _interior(network, shape, at)]


def _interior(network: Module, shape: tuple[Any, ...], at: str | None) -> list[tuple[tuple[int, int], int, int]]:
    """First and last cell of an interior cell's field, the cell's index, and the first cell of its next neighbour's, per axis.

    The input grows until the fields of the middle cell and of its neighbour touch no border.
    """
    lengths = list(shape[2:])
    while max(lengths) <= WIDEST:
        probe = Probe(Twins(network), (*shape[:2], *lengths))
        output = leaves(probe.result if at is None else probe.by_path[at], torch.Tensor)[0]
        middle = tuple(n // 2 for n in output.shape[2:])
        sides = [cells.nonzero().flatten() for cells in _projections(probe.cells(output, middle, 0))]
        if all(middle) and all(side[-1] < n - 1 for side, n in zip(sides, lengths, strict=True)):
            before = tuple(cell - 1 for cell in middle)
            firsts = [int(cells.nonzero()[0]) for cells in _projections(probe.cells(output, before, 0))]
            if all(firsts):
                return [
                    ((int(side[0]), int(side[-1])), cell, first) for side, cell, first in zip(sides, middle, firsts, strict=True)
                ]
        lengths = [2 * n for n in lengths]
    raise UnsupportedError("no cell is far enough from every border to measure its field", got=f"at {at or 'the output'}")


def _projections(cells: torch.Tensor) -> list[torch.Tensor]:
    """The cells on each axis."""
    return [cells.movedim(axis, 0).flatten(1).any(1) if cells.dim() > 1 else cells for axis in range(cells.dim())]


def _field_side(network: Module, shape: tuple[Any, ...], at: str | None) -> int:
    (side,) = set(_field(network, shape, at))
    return side


def _field_area(network: Module, shape: tuple[Any, ...], at: str | None) -> int:
    return prod(_field(network, shape, at))


def _field_values(network: Module, shape: tuple[Any, ...], at: str | None) -> int:
    return _field_area(network, shape, at) * int(shape[1])


def _field_stride(network: Module, shape: tuple[Any, ...], at: str | None) -> int:
    """How far the field moves from a cell to its neighbour."""
    (stride,) = {first - before for (first, _), _, before in _interior(network, shape, at)}
    return stride


def _field_padding(network: Module, shape: tuple[Any, ...], at: str | None) -> int:
    """How far in front of the input the field of the first cell begins, padding counted."""
    (padding,) = {(first - before) * cell - first for (first, _), cell, before in _interior(network, shape, at)}
    return padding


def _field_trace(network: Module, shape: tuple[Any, ...], at: str | None) -> list[int]:
    """The field behind each convolution and pool, up to a row."""
    run = _Measured(network, shape)
    paths = [done.path for done in run.done if "Conv" in done.name or "Pool" in done.name]
    if at is not None:
        paths = paths[: paths.index(at) + 1]
    return [_field_side(network, shape, path) for path in paths]


# -- the smallest input -----------------------------------------------------------------------------------------


def _smallest_input(network: Module, shape: tuple[Any, ...], at: str | None) -> int:
    """The first length from which on torch accepts: doubled until it does, then bisected, its neighbours looked at."""
    del at
    known = _unfilled(network)
    # A lazy layer takes the first size it meets and refuses others: each length meets a new one.
    renew = _is_lazy(known)

    def accepted(n: int) -> bool:
        return not _refuses(_unfilled(network) if renew else known, (*shape[:2], *(n for _ in shape[2:])))

    high = 1
    while not accepted(high):
        high *= 2
        if high > LONGEST:
            raise UnsupportedError("torch accepts no length that was tried", got=f"up to {LONGEST}")
    low = high // 2
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (low, middle) if accepted(middle) else (middle, high)
    if not all(accepted(high + more) for more in range(4)) or any(accepted(low - less) for less in range(min(4, low))):
        raise UnsupportedError("torch accepts no unbroken range of lengths", got=f"around {high}")
    return high


def _valid_sizes(network: Module, shape: tuple[Any, ...], at: str | None) -> Any:
    """The lengths that torch accepts, each tried from 1 on until there are enough, as first + step·k."""
    del at
    twins = Twins(network, "meta")
    renew = _is_lazy(twins)
    found: list[int] = []
    for n in range(1, LONGEST + 1):
        if not _refuses(Twins(network, "meta") if renew else twins, (*shape[:2], *(n for _ in shape[2:])), "meta"):
            found.append(n)
        if len(found) == MEMBERS:
            break
    steps = {later - earlier for earlier, later in pairwise(found)}
    if len(found) < MEMBERS or len(steps) > 1:
        raise UnsupportedError("the lengths that torch accepts are no single progression", got=f"{found} up to {LONGEST}")
    return found[0] + steps.pop() * symbol("k")


_RULES: dict[str, Callable[..., Any]] = {
    "shape": _shape,
    "channels": _channels,
    "input_channels": _input_channels,
    "pixels": _pixels,
    "side": _side,
    "params": _counter(lambda *_: True),
    "trainable": _counter(lambda _, parameter: parameter.requires_grad),
    "frozen": _counter(lambda _, parameter: not parameter.requires_grad),
    "params_no_bias": _counter(lambda name, _: name.rpartition(".")[2] != "bias"),
    "values": _values,
    "buffers": _buffers,
    "macs": _macs,
    "rf": _field,
    "rf_side": _field_side,
    "rf_area": _field_area,
    "rf_values": _field_values,
    "rf_trace": _field_trace,
    "rf_stride": _field_stride,
    "rf_padding": _field_padding,
    "smallest_input": _smallest_input,
    "valid_sizes": _valid_sizes,
}
