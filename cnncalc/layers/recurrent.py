"""Recurrent layers: RNN, LSTM, GRU. Source: torch.nn.RNN, LSTM and GRU.

In the letters of this file: L steps, N samples, D directions (2 where it is bidirectional), H hidden_size, and R the size
of what a step hands on: H, or proj_size. Input (L, N, input_size), with batch_first (N, L, input_size), without a batch
(L, input_size). Output (L, N, D·R); h_n (D·num_layers, N, R); for LSTM c_n (D·num_layers, N, H).
"""

from __future__ import annotations

from typing import Any, ClassVar

from cnncalc.axes import AxisMaps, PerOutput, Route
from cnncalc.axis import EACH, EVERYTHING, Everything, Prefix
from cnncalc.errors import ArgumentError, ShapeError
from cnncalc.layers.arguments import flag, is_real, refuse_others, whole
from cnncalc.layers.layer import Layer, constructor
from cnncalc.layers.recurrent_axes import BothWays, FromState
from cnncalc.layers.shaping import axis_number
from cnncalc.sizes import Expr, Shape, Size, at_least, product, require

BATCHED = 3


class _Recurrent(Layer):
    """What RNN, LSTM and GRU share.

    MACs, for each step and sample, layer and direction: gates·H·(inputs + R), and H·R for a projection.
    """

    letters: ClassVar[dict[str, str]] = {"input_size": "I", "hidden_size": "H"}
    #: How many products of H rows a step takes.
    gates: ClassVar[int] = 1
    #: Beside the products, for each feature of a step: values that tanh and sigmoid give, and that sums and products give.
    activations: ClassVar[int] = 1
    elementwise: ClassVar[int] = 1

    input_size: Size
    hidden_size: Size
    num_layers: int
    bias: bool
    batch_first: bool
    dropout: float
    bidirectional: Any
    proj_size: Size

    def _take(
        self,
        input_size: Any,
        hidden_size: Any,
        num_layers: Any,
        bias: Any,
        batch_first: Any,
        dropout: Any,
        bidirectional: Any,
        proj_size: Any,
    ) -> None:
        """Keep what all of them take; raise `ArgumentError` where torch refuses it at construction."""
        if isinstance(dropout, bool) or not is_real(dropout) or not 0 <= dropout <= 1:
            raise ArgumentError("dropout must be a number from 0 to 1", got=f"dropout={dropout!r:.40}")
        self.dropout = float(dropout)
        self.bias = flag(bias, "bias")
        self.batch_first = flag(batch_first, "batch_first")
        refuse_others(input_size, "input_size")
        refuse_others(hidden_size, "hidden_size")
        self.input_size = whole(input_size, "input_size")
        self.hidden_size = whole(hidden_size, "hidden_size")
        self.num_layers = axis_number(num_layers, "num_layers")
        self.proj_size = whole(proj_size, "proj_size")
        self.bidirectional = bidirectional
        for name in ("input_size", "hidden_size", "num_layers"):
            size = getattr(self, name)
            if isinstance(size, int) and size <= 0:
                raise ArgumentError(f"{name} must be at least 1", got=f"{name}={size}")
        if (self.proj_size < 0) is True or (self.proj_size >= self.hidden_size) is True:
            raise ArgumentError("proj_size must be smaller than hidden_size, or 0", got=f"proj_size={proj_size}")

    @property
    def _directions(self) -> int:
        """D."""
        return 2 if self.bidirectional else 1

    @property
    def _handed_on(self) -> Size:
        """R."""
        return self.proj_size if self._projects else self.hidden_size

    @property
    def _projects(self) -> bool:
        """Whether what is handed on is projected; a formula for its size is at least 1."""
        return isinstance(self.proj_size, Expr) or self.proj_size > 0

    def _width(self, layer: int) -> Size:
        """How many features go into a layer."""
        return self.input_size if layer == 0 else self._handed_on * self._directions

    def tensors(self) -> dict[str, Shape]:
        """Weights and biases of each layer and direction, by torch's names: `weight_ih_l0`, `weight_hh_l0_reverse` and so on."""
        rows = self.gates * self.hidden_size
        found: dict[str, Shape] = {}
        for layer in range(self.num_layers):
            for end in ("", "_reverse")[: self._directions]:
                found[f"weight_ih_l{layer}{end}"] = (rows, self._width(layer))
                found[f"weight_hh_l{layer}{end}"] = (rows, self._handed_on)
                if self.bias:
                    found[f"bias_ih_l{layer}{end}"] = (rows,)
                    found[f"bias_hh_l{layer}{end}"] = (rows,)
                if self._projects:
                    found[f"weight_hr_l{layer}{end}"] = (self.proj_size, self.hidden_size)
        return found

    def _macs(self, input: Shape) -> Size:
        """Steps × samples × those of one step."""
        each: Size = 0
        for layer in range(self.num_layers):
            products = self.gates * self.hidden_size * (self._width(layer) + self._handed_on)
            each = each + products + self.proj_size * self.hidden_size
        return product(input[:-1]) * each * self._directions

    def arithmetic(self, input: Shape, hx: Any = None) -> dict[str, Size]:
        """Two biases for each product, and what the equations ask of every feature of a step."""
        steps = product(input[:-1]) * self._directions * self.num_layers * self.hidden_size
        found = {"activation": steps * self.activations, "elementwise": steps * self.elementwise}
        return found | {"bias": steps * 2 * self.gates} if self.bias else found

    def _shapes(self, input: Shape, *states: Shape | None) -> tuple[Shape, ...]:
        """The shapes of the output and of the last states. Raises ShapeError where input or states do not fit."""
        # torch keeps whatever it is given, and its kernels take nothing but True and False.
        flag(self.bidirectional, "bidirectional")
        batched = len(input) == BATCHED
        if not batched and len(input) != BATCHED - 1:
            raise ShapeError("the input must be (L, N, input_size), or (L, input_size) without a batch", got=f"{input}")
        for name in ("input_size", "hidden_size"):
            require(getattr(self, name) >= 1, f"{name} must be at least 1", "{}={}", name, getattr(self, name))
        if self._projects:
            is_none = self.proj_size == 0
            require(self.proj_size >= 1, "a projection has a size of at least 1", "{}", self.proj_size, otherwise=(is_none,))
            require(self.hidden_size > self.proj_size, "proj_size must be smaller than hidden_size", "{}", self.proj_size)
        require(
            input[-1] == self.input_size,
            "the last axis must equal input_size",
            "{} in {}, input_size={}",
            input[-1],
            input,
            self.input_size,
        )
        require(at_least(input[self._time(batched)] - 1), "there must be at least one step", "{}", input)
        samples = (input[0 if self.batch_first else 1],) if batched else ()
        widths = (self._handed_on, self.hidden_size)[: len(states)]
        expected = [(self._directions * self.num_layers, *samples, width) for width in widths]
        for name, state, fit in zip(("h_0", "c_0"), states, expected, strict=False):
            if state is None:
                continue
            if len(state) != len(fit):
                raise ShapeError(f"{name} must have {len(fit)} axes for an input of {len(input)}", got=f"{state}, not {fit}")
            for n, m in zip(state, fit, strict=True):
                require(n == m, f"{name} must have the shape {fit}", "{}", state)
        return (*input[:-1], self._directions * self._handed_on), *expected

    def _time(self, batched: bool) -> int:
        """The axis of the steps."""
        return 1 if batched and self.batch_first else 0

    def _axes(self, input: Shape, *states: Shape | None) -> PerOutput:
        """For the output and the last states: the axis maps of the input, and of those first states that are given."""
        shapes = self._shapes(input, *states)
        given = [number for number, state in enumerate(states) if state is not None]
        outputs = [(self._output_axes(input), *(self._from_state(number, None, input) for number in given))]
        outputs += [
            (self._last_axes(input), *(self._from_state(number, kind, input) for number in given))
            for kind in range(len(shapes) - 1)
        ]
        return PerOutput(outputs)

    def _output_axes(self, input: Shape) -> AxisMaps:
        """Each step reads those up to it, from the other end for the other direction, and from layer two on all."""
        time = self._time(len(input) == BATCHED)
        if self._directions == 1:
            along: Any = Prefix()
        elif self.num_layers == 1:
            return BothWays(len(input), time, self._handed_on)
        else:
            along = EVERYTHING
        maps = [along if axis == time else EACH for axis in range(len(input) - 1)]
        return AxisMaps(*maps, Everything(self._directions * self._handed_on))

    def _last_axes(self, input: Shape) -> AxisMaps:
        """The last states read every step of their sample."""
        time = self._time(len(input) == BATCHED)
        routes: list[Route] = [(None, EVERYTHING) if axis == time else (1, EACH) for axis in range(len(input) - 1)]
        return AxisMaps.routed(*routes, (None, EVERYTHING))

    def _from_state(self, number: int, kind: int | None, input: Shape) -> AxisMaps:
        """How the output (None), the last h (0) or c (1) follows from the first h (0) or c (1)."""
        batched = len(input) == BATCHED
        # A cell's memory goes on feature by feature in the first step, unless a projection mixes what is handed on.
        direct = number == 1 and (kind == 1 or not self._projects)
        time = self._time(batched)
        sample = None if not batched else 1 if kind is not None or time == 0 else 0
        return FromState(
            directions=self._directions,
            layers=self.num_layers,
            time=time if kind is None else None,
            sample=sample,
            half=self._handed_on,
            steps=input[time],
            direct=direct,
        )


class _OneState(_Recurrent):
    """RNN and GRU: one state is handed on."""

    def output_shape(self, input: Shape, hx: Shape | None = None) -> tuple[Shape, ...]:
        """The output of every step, and the last state of every layer."""
        return self._shapes(input, hx)

    def macs(self, input: Shape, hx: Shape | None = None) -> Size:
        """Steps × samples × those of one step."""
        return self._macs(input)

    def axes(self, input: Shape, hx: Shape | None = None) -> PerOutput:
        """Along the steps up to each, for two directions from both ends; samples apart; all features."""
        return self._axes(input, hx)


class RNN(_OneState):
    """h' = tanh(W_ih·x + b_ih + W_hh·h + b_hh), or relu. Source: torch.nn.RNN."""

    nonlinearity: str

    @constructor
    def __init__(
        self,
        input_size: Any,
        hidden_size: Any,
        num_layers: Any = 1,
        nonlinearity: Any = "tanh",
        bias: Any = True,
        batch_first: Any = False,
        dropout: Any = 0.0,
        bidirectional: Any = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        """Take torch's arguments; raise `ArgumentError` where torch refuses them at construction."""
        if nonlinearity not in ("tanh", "relu"):
            raise ArgumentError('nonlinearity must be "tanh" or "relu"', got=f"nonlinearity={nonlinearity!r:.40}")
        self.nonlinearity = nonlinearity
        self._take(input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, 0)


class GRU(_OneState):
    """A state that gates let through or renew. Source: torch.nn.GRU."""

    gates = 3
    # Three sums for the gates; r∘, 1 − z, (1 − z)∘n, z∘h and their sum.
    activations = 3
    elementwise = 8

    @constructor
    def __init__(
        self,
        input_size: Any,
        hidden_size: Any,
        num_layers: Any = 1,
        bias: Any = True,
        batch_first: Any = False,
        dropout: Any = 0.0,
        bidirectional: Any = False,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        """Take torch's arguments; raise `ArgumentError` where torch refuses them at construction."""
        self._take(input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, 0)


class LSTM(_Recurrent):
    """A state and a memory, with gates for what goes in, stays and comes out. Source: torch.nn.LSTM."""

    gates = 4
    # Four sums for the gates; f∘c, i∘g, their sum, and o∘tanh(c).
    activations = 5
    elementwise = 8

    @constructor
    def __init__(
        self,
        input_size: Any,
        hidden_size: Any,
        num_layers: Any = 1,
        bias: Any = True,
        batch_first: Any = False,
        dropout: Any = 0.0,
        bidirectional: Any = False,
        proj_size: Any = 0,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        """Take torch's arguments; raise `ArgumentError` where torch refuses them at construction."""
        self._take(input_size, hidden_size, num_layers, bias, batch_first, dropout, bidirectional, proj_size)

    def output_shape(self, input: Shape, hx: tuple[Shape, ...] | None = None) -> Any:
        """The output of every step, and the pair of last states and memories of every layer."""
        output, h, c = self._shapes(input, *pair(hx))
        return output, (h, c)

    def macs(self, input: Shape, hx: tuple[Shape, ...] | None = None) -> Size:
        """Steps × samples × those of one step."""
        return self._macs(input)

    def axes(self, input: Shape, hx: tuple[Shape, ...] | None = None) -> PerOutput:
        """Along the steps up to each, for two directions from both ends; samples apart; all features."""
        return self._axes(input, *pair(hx))


def pair(hx: Any) -> tuple[Shape | None, Shape | None]:
    """The first state and memory, or neither."""
    if hx is None:
        return None, None
    if not isinstance(hx, tuple) or len(hx) != 2 or not all(isinstance(part, tuple) for part in hx):  # noqa: PLR2004 - a pair
        raise ShapeError("hx must be a pair of state and memory", got=f"{hx!r:.60}")
    return hx
