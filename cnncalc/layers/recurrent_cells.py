"""One step of a recurrence: RNNCell, LSTMCell, GRUCell. Source: torch.nn.RNNCell and its kin.

Input (N, input_size), or (input_size,) without a batch; states (N, hidden_size), or (hidden_size,).
MACs: gates · hidden_size · (input_size + hidden_size) for each sample.
"""

from __future__ import annotations

from typing import Any, ClassVar

from cnncalc.axes import AxisMaps
from cnncalc.axis import EACH, Everything
from cnncalc.errors import ArgumentError, ShapeError
from cnncalc.layers.arguments import natural
from cnncalc.layers.layer import Layer, constructor
from cnncalc.layers.recurrent import GRU, LSTM, pair
from cnncalc.sizes import Shape, Size, product, require


class _Cell(Layer):
    """What the three cells share."""

    gates: ClassVar[int] = 1
    activations: ClassVar[int] = 1
    elementwise: ClassVar[int] = 1

    input_size: Size
    hidden_size: Size
    bias: Any

    def _take(self, input_size: Any, hidden_size: Any, bias: Any) -> None:
        """Keep what all of them take."""
        self.input_size = natural(input_size, "input_size")
        self.hidden_size = natural(hidden_size, "hidden_size", flags=True)
        self.bias = bias

    def tensors(self) -> dict[str, Shape]:
        """`weight_ih`, `weight_hh` and, with bias, `bias_ih` and `bias_hh`."""
        rows = self.gates * self.hidden_size
        found: dict[str, Shape] = {"weight_ih": (rows, self.input_size), "weight_hh": (rows, self.hidden_size)}
        return found | {"bias_ih": (rows,), "bias_hh": (rows,)} if self.bias else found

    def _state(self, input: Shape, *states: Shape | None) -> Shape:
        """The shape of the next state. Raises ShapeError where input or states do not fit."""
        if len(input) not in {1, 2}:
            raise ShapeError("the input must be (N, input_size), or (input_size,) without a batch", got=f"{input}")
        require(
            input[-1] == self.input_size,
            "the last axis must equal input_size",
            "{} in {}, input_size={}",
            input[-1],
            input,
            self.input_size,
        )
        expected = (*input[:-1], self.hidden_size)
        for state in states:
            if state is None:
                continue
            if len(state) != len(expected):
                raise ShapeError(f"a state must have the shape {expected}", got=f"{state}")
            for n, m in zip(state, expected, strict=True):
                require(n == m, f"a state must have the shape {expected}", "{}", state)
        return expected

    def _macs(self, input: Shape) -> Size:
        """Samples × those of one step."""
        return product(input[:-1]) * self.gates * self.hidden_size * (self.input_size + self.hidden_size)

    def arithmetic(self, input: Shape, hx: Any = None) -> dict[str, Size]:
        """Two biases for each product, and what the equations ask of every feature."""
        values = product(input[:-1]) * self.hidden_size
        found = {"activation": values * self.activations, "elementwise": values * self.elementwise}
        return found | {"bias": values * 2 * self.gates} if self.bias else found

    def _mixed(self, input: Shape) -> AxisMaps:
        """All features of the sample."""
        return AxisMaps(*(EACH,) * (len(input) - 1), Everything(self.hidden_size))


class _OneStateCell(_Cell):
    """RNNCell and GRUCell: one state is handed on."""

    def output_shape(self, input: Shape, hx: Shape | None = None) -> Shape:
        """The next state."""
        return self._state(input, hx)

    def macs(self, input: Shape, hx: Shape | None = None) -> Size:
        """Samples × those of one step."""
        return self._macs(input)

    def axes(self, input: Shape, hx: Shape | None = None) -> tuple[AxisMaps, ...]:
        """All features of the input and of the state."""
        return (self._mixed(input),) * (1 if hx is None else 2)


class RNNCell(_OneStateCell):
    """h' = tanh(W_ih·x + b_ih + W_hh·h + b_hh), or relu. Source: torch.nn.RNNCell."""

    @constructor
    def __init__(
        self,
        input_size: Any,
        hidden_size: Any,
        bias: Any = True,
        nonlinearity: Any = "tanh",
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        """Take torch's arguments; raise `ArgumentError` where torch refuses them at construction."""
        self._take(input_size, hidden_size, bias)
        self.nonlinearity = nonlinearity

    def output_shape(self, input: Shape, hx: Shape | None = None) -> Shape:
        """The next state."""
        if self.nonlinearity not in ("tanh", "relu"):
            raise ArgumentError('nonlinearity must be "tanh" or "relu"', got=f"nonlinearity={self.nonlinearity!r:.40}")
        return self._state(input, hx)


class GRUCell(_OneStateCell):
    """A state that gates let through or renew. Source: torch.nn.GRUCell."""

    gates = GRU.gates
    activations = GRU.activations
    elementwise = GRU.elementwise

    @constructor
    def __init__(self, input_size: Any, hidden_size: Any, bias: Any = True, device: Any = None, dtype: Any = None) -> None:
        """Take torch's arguments; raise `ArgumentError` where torch refuses them at construction."""
        self._take(input_size, hidden_size, bias)


class LSTMCell(_Cell):
    """A state and a memory, with gates for what goes in, stays and comes out. Source: torch.nn.LSTMCell."""

    gates = LSTM.gates
    activations = LSTM.activations
    elementwise = LSTM.elementwise

    @constructor
    def __init__(self, input_size: Any, hidden_size: Any, bias: Any = True, device: Any = None, dtype: Any = None) -> None:
        """Take torch's arguments; raise `ArgumentError` where torch refuses them at construction."""
        self._take(input_size, hidden_size, bias)

    def output_shape(self, input: Shape, hx: tuple[Shape, ...] | None = None) -> tuple[Shape, ...]:
        """The next state and the next memory."""
        state = self._state(input, *pair(hx))
        return state, state

    def macs(self, input: Shape, hx: tuple[Shape, ...] | None = None) -> Size:
        """Samples × those of one step."""
        return self._macs(input)

    def axes(self, input: Shape, hx: tuple[Shape, ...] | None = None) -> tuple[AxisMaps, ...]:
        """All features of the input and of the state; the memory goes on feature by feature."""
        mixed = self._mixed(input)
        return (mixed,) if hx is None else (mixed, mixed, AxisMaps.pointwise(len(input)))
