"""Linear layers of two inputs, and the functions that take weights as they are. Source: torch.nn.Bilinear, functional.linear."""

from __future__ import annotations

from typing import Any

from cnncalc.axes import AxisMaps, Route
from cnncalc.axis import EACH, EVERYTHING, Everything
from cnncalc.errors import ArgumentError, ShapeError
from cnncalc.layers.arguments import natural
from cnncalc.layers.broadcasting import broadcast_axes
from cnncalc.layers.layer import Layer, constructor
from cnncalc.layers.operation import Function
from cnncalc.sizes import Shape, Size, at_least, product, require

VECTOR, MATRIX = 1, 2


class Bilinear(Layer):
    """Every product of a feature of one input and one of another, weighted: (*, in1), (*, in2) → (*, out).

    MACs: in1 × in2 × out for each position of the leading axes, bias excluded. Source: torch.nn.Bilinear.
    """

    work = "nothing"

    in1_features: Size
    in2_features: Size
    out_features: Size

    @constructor
    def __init__(
        self,
        in1_features: Any,
        in2_features: Any,
        out_features: Any,
        bias: Any = True,
        device: Any = None,
        dtype: Any = None,
    ) -> None:
        """Take torch's arguments; raise `ArgumentError` where torch refuses them at construction."""
        self.in1_features = natural(in1_features, "in1_features")
        self.in2_features = natural(in2_features, "in2_features")
        self.out_features = natural(out_features, "out_features")
        if type(self.in1_features) is int and self.in1_features == 0:
            raise ArgumentError("in1_features must be at least 1", got=f"in1_features={in1_features}")
        self._has_bias = bool(bias)
        if not self._has_bias:
            self.bias = None

    def tensors(self) -> dict[str, Shape]:
        """`weight` (out, in1, in2) and, with bias, `bias` (out,)."""
        weight = (self.out_features, self.in1_features, self.in2_features)
        return {"weight": weight, "bias": (self.out_features,)} if self._has_bias else {"weight": weight}

    def output_shape(self, input1: Shape, input2: Shape) -> Shape:
        """The leading axes, which must agree, and out_features."""
        return _bilinear_shape(input1, input2, (self.out_features, self.in1_features, self.in2_features))

    def macs(self, input1: Shape, input2: Shape) -> Size:
        """Leading positions × out × in1 × in2."""
        return product(self.output_shape(input1, input2)) * self.in1_features * self.in2_features

    def axes(self, input1: Shape, input2: Shape) -> tuple[AxisMaps, ...]:
        """Each output feature reads every feature of both; leading axes cell by cell."""
        return tuple(AxisMaps(*(EACH,) * (len(input1) - 1), Everything(self.out_features)) for _ in range(2))


class LinearFunction(Function):
    """A linear layer with the weight given: (*, in), (out, in) → (*, out). Source: torch.nn.functional.linear."""

    work = "nothing"
    torch_name = "linear"
    found_in = frozenset({"functional"})

    def output_shape(self, input: Shape, weight: Shape, bias: Shape | None = None) -> Shape:
        """(*, out); the last axis is dropped where the weight is a vector."""
        if not input or not weight:
            raise ShapeError("input and weight must have an axis", got=f"{input} and {weight}")
        if len(weight) > MATRIX:
            raise ShapeError("the weight must have two axes, or one", got=f"{len(weight)} axes, {weight}")
        require(
            input[-1] == weight[-1],
            "the last axis must be as long as that of the weight",
            "{} in {}, and {} in {}",
            input[-1],
            input,
            weight[-1],
            weight,
        )
        output = (*input[:-1], *weight[:-1])
        if bias is not None:
            self._check_bias(bias, output, weight)
        return output

    def macs(self, input: Shape, weight: Shape, bias: Shape | None = None) -> Size:
        """Leading positions × in × out."""
        return product(self.output_shape(input, weight)) * input[-1]

    def arithmetic(self, input: Shape, weight: Shape, bias: Shape | None = None) -> dict[str, Size]:
        """The bias, if there is one."""
        output = self.output_shape(input, weight, bias)
        return {} if bias is None else {"bias": product(output)}

    def axes(self, input: Shape, weight: Shape, bias: Shape | None = None) -> tuple[AxisMaps, ...]:
        """Each output feature reads every input feature, its row of the weight and its bias."""
        output = self.output_shape(input, weight, bias)
        last = len(output) - 1
        leading: list[Route] = [(place, EACH) for place in range(len(input) - 1)]
        rows: list[Route] = [(last, EACH)] if len(weight) == MATRIX else []
        maps = [AxisMaps.routed(*leading, (None, EVERYTHING)), AxisMaps.routed(*rows, (None, EVERYTHING))]
        if bias is not None:
            extra = max(len(bias) - len(output), 0)
            added = broadcast_axes(bias[extra:], output).routes
            maps.append(AxisMaps.routed(*((None, EVERYTHING),) * extra, *added))
        return tuple(maps)

    @staticmethod
    def _check_bias(bias: Shape, output: Shape, weight: Shape) -> None:
        """Refuse a bias that can't be stretched to the output.

        Torch adds a bias with one axis longer than 1 to the output as a matrix, where the input's layout lets it, and
        any other bias to the output as it is: what only one of the two takes is refused.
        """
        rule = "the bias must have the shape of the output, or broadcast to it"
        longer = [axis for axis, n in enumerate(bias) if (n == 1) is not True]
        as_matrix = len(bias) > 1 and len(longer) == 1
        stretched = (1, *output) if len(output) == VECTOR and as_matrix else output
        by_row = len(weight) == VECTOR and (len(bias) == 1 or as_matrix or len(output) == VECTOR or (bias and not output))
        if len(bias) > len(stretched) or by_row:
            raise ShapeError(rule, got=f"{bias} and {output}")
        for n, m in zip(reversed(bias), reversed(stretched), strict=False):
            if (n == 1) is not True:
                require(n == m, rule, "{} and {}", bias, output, otherwise=(n == 1,))
        if len(output) > MATRIX and as_matrix:
            rule = "a bias with one axis longer than 1 is added to a matrix, of which it must be a row or a column"
            if len(bias) > MATRIX:
                raise ShapeError(rule, got=f"{bias} and {output}", remedy=f"give it as ({bias[longer[0]]},)")
            if longer == [0]:
                require(bias[0] == product(output[:-1]), rule, "{} and {}", bias, output, otherwise=(bias[0] == 1,))


class BilinearFunction(Function):
    """As `Bilinear`, with the weight given. Source: torch.nn.functional.bilinear."""

    work = "nothing"
    torch_name = "bilinear"
    found_in = frozenset({"torch", "functional"})

    def output_shape(self, input1: Shape, input2: Shape, weight: Shape, bias: Shape | None = None) -> Shape:
        """The leading axes, which must agree, and the weight's first."""
        output = _bilinear_shape(input1, input2, weight)
        if bias is not None:
            rule = "the bias must have one value for each output feature"
            if not bias:
                raise ShapeError(rule, got="a bias without axes")
            require(bias[0] == weight[0], rule, "{} for {}", bias, weight)
            for n, m in zip(reversed(bias), reversed(output), strict=False):
                if (n == 1) is not True:
                    require(n == m, rule, "{} for {}", bias, output, otherwise=(n == 1,))
            if len(bias) > len(output):
                raise ShapeError(rule, got=f"{bias} for {output}")
        return output

    def macs(self, input1: Shape, input2: Shape, weight: Shape, bias: Shape | None = None) -> Size:
        """Leading positions × out × in1 × in2."""
        return product(self.output_shape(input1, input2, weight)) * product(weight[1:])

    def arithmetic(self, input1: Shape, input2: Shape, weight: Shape, bias: Shape | None = None) -> dict[str, Size]:
        """The bias, if there is one."""
        output = self.output_shape(input1, input2, weight, bias)
        return {} if bias is None else {"bias": product(output)}

    def axes(self, input1: Shape, input2: Shape, weight: Shape, bias: Shape | None = None) -> tuple[AxisMaps, ...]:
        """Each output feature reads every feature of both, and its part of the weight."""
        output = self.output_shape(input1, input2, weight, bias)
        last = len(output) - 1
        inputs = AxisMaps(*(EACH,) * last, Everything(weight[0]))
        maps = [inputs, inputs, AxisMaps.routed((last, EACH), (None, EVERYTHING), (None, EVERYTHING))]
        return (*maps, broadcast_axes(bias, output)) if bias is not None else tuple(maps)


def _bilinear_shape(input1: Shape, input2: Shape, weight: Shape) -> Shape:
    """The shape of the output of a bilinear map. Raises ShapeError where the inputs or the weight do not fit."""
    if len(weight) != 3:  # noqa: PLR2004 - output and both inputs
        raise ShapeError("the weight must have three axes", got=f"{len(weight)} axes, {weight}")
    if not input1 or len(input1) != len(input2):
        raise ShapeError("both inputs must have equally many axes, at least one", got=f"{input1} and {input2}")
    for a, b in zip(input1[:-1], input2[:-1], strict=True):
        if a is not b:
            require(a == b, "the leading axes of both inputs must agree", "{} and {}", input1, input2)
    for number, (given, n) in enumerate(zip((input1, input2), weight[1:], strict=True), 1):
        rule = f"the last axis of input{number} must equal in{number}_features"
        require(given[-1] == n, rule, "{} in {}, in{}_features={}", given[-1], given, number, n)
        require(at_least(n - 1), f"in{number}_features must be at least 1", "{}", n)
    return (*input1[:-1], weight[0])


linear = LinearFunction()
bilinear = BilinearFunction()
