"""Norms as functions: batch_norm … normalize. Source: torch.nn.functional.

Weights and statistics are tensors of the call; whatever a training flag says is done, since it stands in the call.
"""

from __future__ import annotations

from typing import Any

from cnncalc.axes import AxisMaps, Nothing, Route
from cnncalc.axis import EACH, EVERYTHING
from cnncalc.errors import ArgumentError, ShapeError, UnsupportedError
from cnncalc.layers import layer_normalization, response_normalization
from cnncalc.layers.arguments import flag, is_empty, real, whole
from cnncalc.layers.broadcasting import broadcast
from cnncalc.layers.functional import Applied, LayerFunction
from cnncalc.layers.operation import Function
from cnncalc.layers.shaping import axis_index
from cnncalc.sizes import Shape, product, require

BOTH = frozenset({"functional", "torch"})
#: Torch has functions of the same names that take their arguments otherwise: only those of torch.nn.functional are meant.
FUNCTIONAL = frozenset({"functional"})


class _StatisticsNorm(Function):
    """What batch_norm and instance_norm share: the axis maps of a norm per channel, its weights and its statistics."""

    work = "norm"
    found_in = FUNCTIONAL

    def maps(self, input: Shape, statistics: tuple[Any, ...], weights: tuple[Any, ...], measured: int | None) -> Any:
        """The maps of the input and of the tensors that are given; `measured` is the first axis that is averaged over."""
        if is_empty(input):
            return tuple(Nothing(len(part)) for part in (input, *statistics, *weights) if part is not None)
        averaged = () if measured is None else [axis for axis in range(len(input)) if axis >= measured and axis != 1]
        rows = [AxisMaps(*(EVERYTHING if axis in averaged else EACH for axis in range(len(input))))]
        given = [part for part in statistics if part is not None]
        rows.extend(per_channel(part) if measured is None else Nothing(len(part)) for part in given)
        rows.extend(per_channel(part) for part in weights if part is not None)
        return tuple(rows)


def per_channel(part: Shape) -> AxisMaps:
    """A tensor of one value per channel: the axis that is longer than 1 goes with the channels."""
    long = [axis for axis, n in enumerate(part) if (n == 1) is not True]
    if len(long) > 1:
        raise UnsupportedError("a weight of several long axes can't be laid out over the channels", got=f"{part}")
    routes: list[Route] = [(1, EACH) if axis in long else (None, EVERYTHING) for axis in range(len(part))]
    return AxisMaps.routed(*routes)


def channels_of(part: Shape | None, name: str, input: Shape, *, one_axis: bool = False) -> None:
    """Refuse a tensor that does not hold one value per channel."""
    if part is None:
        return
    if one_axis and len(part) != 1:
        raise ShapeError(f"{name} must have one axis", got=f"{name} {part}")
    require(
        product(part) == input[1], f"{name} must have one value per channel", "{} for {} channels of {}", part, input[1], input
    )


class BatchNormFunction(_StatisticsNorm):
    """Normalisation per channel by given statistics, or by those of the batch. Source: torch.nn.functional.batch_norm."""

    torch_name = "batch_norm"

    def output_shape(
        self,
        input: Shape,
        running_mean: Shape | None,
        running_var: Shape | None,
        weight: Shape | None = None,
        bias: Shape | None = None,
        training: bool = False,
        momentum: float = 0.1,
        eps: float = 1e-5,
    ) -> Shape:
        """That of the input. Raises ShapeError where torch refuses the call; for an input of nothing it looks at less."""
        measured = flag(training, "training")
        real(momentum, "momentum")
        if real(eps, "eps") < 0 or (measured and eps <= 0):
            raise ShapeError("eps must not be negative, and more than 0 in training", got=f"eps={eps}")
        if len(input) < 2 and not is_empty(input):  # noqa: PLR2004 - batch and channels
            raise ShapeError("the input must be (N, C, …)", got=f"{len(input)} axes, {input}")
        if measured:
            require(
                product((input[0], *input[2:])) != 1,
                "in training there must be more than one value per channel",
                "{}",
                input,
            )
        if is_empty(input):
            output = input
            for part, name in ((weight, "weight"), (bias, "bias")):
                if part is not None:
                    if is_empty(part[:1] or (0,)):
                        raise ShapeError(f"{name} must hold a value", got=f"{name} {part} for {input}")
                    output = broadcast(output, part[1:])  # torch multiplies nothing by the first that it holds
            return output
        if (running_mean is None) != (running_var is None) or (running_mean is None and not measured):
            raise ShapeError(
                "running_mean and running_var must both be given, or in training neither",
                got=f"running_mean {running_mean}, running_var {running_var}",
            )
        channels_of(running_mean, "running_mean", input, one_axis=True)
        channels_of(running_var, "running_var", input, one_axis=True)
        channels_of(weight, "weight", input)
        channels_of(bias, "bias", input)
        return input

    def axes(
        self,
        input: Shape,
        running_mean: Shape | None,
        running_var: Shape | None,
        weight: Shape | None = None,
        bias: Shape | None = None,
        training: bool = False,
    ) -> tuple[AxisMaps, ...]:
        """By given statistics cell by cell; in training every value of the channel, over batch and space."""
        maps: tuple[AxisMaps, ...] = self.maps(input, (running_mean, running_var), (weight, bias), 0 if training else None)
        return maps


class InstanceNormFunction(_StatisticsNorm):
    """Normalisation per channel of each sample, or by given statistics. Source: torch.nn.functional.instance_norm."""

    torch_name = "instance_norm"

    def output_shape(
        self,
        input: Shape,
        running_mean: Shape | None = None,
        running_var: Shape | None = None,
        weight: Shape | None = None,
        bias: Shape | None = None,
        use_input_stats: bool = True,
        momentum: float = 0.1,
        eps: float = 1e-5,
    ) -> Shape:
        """That of the input. Raises ShapeError where torch refuses the call."""
        measured = flag(use_input_stats, "use_input_stats")
        real(momentum, "momentum")
        real(eps, "eps")
        if measured:
            require(product(input[2:]) != 1, "there must be more than one cell of space", "{}", input)
        if len(input) < 2:  # noqa: PLR2004 - batch and channels
            raise ShapeError("the input must be (N, C, …)", got=f"{len(input)} axes, {input}")
        if not measured and (running_mean is None or running_var is None):
            raise ShapeError(
                "without statistics of the input, running_mean and running_var must be given",
                got=f"running_mean {running_mean}, running_var {running_var}",
            )
        named = (("running_mean", running_mean), ("running_var", running_var), ("weight", weight), ("bias", bias))
        for name, part in named:
            if part is not None and len(part) > 1:
                raise ShapeError(f"{name} must have one axis", got=f"{name} {part}")
        empty = is_empty(input)
        if not empty and (running_mean is None) != (running_var is None):
            raise ShapeError(
                "running_mean and running_var must both be given, or neither",
                got=f"running_mean {running_mean}, running_var {running_var}",
            )
        if empty and measured and () in (running_mean, running_var):
            raise ShapeError("running_mean and running_var must have one axis", got=f"{running_mean} and {running_var}")
        if empty and any(part is not None and is_empty((input[0], *part)) for part in (weight, bias)):
            raise ShapeError("without samples or features, torch finds no weight to apply", got=f"{input}")
        # For an input of nothing, torch looks only at the statistics that it would write to.
        for name, part in named if not empty else named[:2] if measured else ():
            written = measured and name.startswith("running")
            if not (written and is_empty(input[:1]) and (input[1] == 1) is True):
                channels_of(part, name, input, one_axis=written)
        return input

    def axes(
        self,
        input: Shape,
        running_mean: Shape | None = None,
        running_var: Shape | None = None,
        weight: Shape | None = None,
        bias: Shape | None = None,
        use_input_stats: bool = True,
    ) -> tuple[AxisMaps, ...]:
        """By given statistics cell by cell, else every value of the channel of the sample."""
        maps: tuple[AxisMaps, ...] = self.maps(input, (running_mean, running_var), (weight, bias), 2 if use_input_stats else None)
        return maps


class LayerNormFunction(LayerFunction):
    """What LayerNorm does. Source: torch.nn.functional.layer_norm."""

    torch_name = "layer_norm"
    found_in = BOTH

    def applied(
        self,
        input: Shape,
        normalized_shape: Any,
        weight: Shape | None = None,
        bias: Shape | None = None,
        eps: float = 1e-5,
    ) -> Applied:
        """The layer, without a weight of its own."""
        over = _normalized(normalized_shape, weight=weight, bias=bias)
        layer = layer_normalization.LayerNorm(over, eps, elementwise_affine=False)
        return Applied(layer, (input,), _last(input, weight, bias))


class RMSNormFunction(LayerFunction):
    """What RMSNorm does. Source: torch.nn.functional.rms_norm."""

    torch_name = "rms_norm"
    found_in = BOTH

    def applied(self, input: Shape, normalized_shape: Any, weight: Shape | None = None, eps: float | None = None) -> Applied:
        """The layer, without a weight of its own."""
        over = _normalized(normalized_shape, weight=weight)
        return Applied(layer_normalization.RMSNorm(over, eps, elementwise_affine=False), (input,), _last(input, weight))


def _normalized(shape: Any, **weights: Shape | None) -> Shape:
    """The normalized_shape, a tuple or list as the functions take it; weights must be of that shape."""
    if not isinstance(shape, (tuple, list)):
        raise ArgumentError("normalized_shape must be a tuple or a list", got=f"normalized_shape={shape!r:.60}")
    over = tuple(whole(n, "normalized_shape") for n in shape)
    for name, part in weights.items():
        if part is not None:
            if len(part) != len(over):
                raise ShapeError(f"{name} must have the shape normalized_shape", got=f"{name} {part}, normalized_shape={over}")
            for n, wanted in zip(part, over, strict=True):
                require(
                    n == wanted, f"{name} must have the shape normalized_shape", "{} {}, normalized_shape={}", name, part, over
                )
    return over


def _last(input: Shape, *weights: Shape | None) -> tuple[AxisMaps, ...]:
    """The maps of weights that lie over the last axes."""
    lead = len(input)
    given = [part for part in weights if part is not None]
    return tuple(AxisMaps.routed(*((lead - len(part) + axis, EACH) for axis in range(len(part)))) for part in given)


class GroupNormFunction(LayerFunction):
    """What GroupNorm does. Source: torch.nn.functional.group_norm."""

    torch_name = "group_norm"
    found_in = BOTH

    def applied(
        self,
        input: Shape,
        num_groups: int,
        weight: Shape | None = None,
        bias: Shape | None = None,
        eps: float = 1e-5,
    ) -> Applied:
        """The layer, without a weight of its own."""
        for name, part in (("weight", weight), ("bias", bias)):
            if part is not None and len(input) > 1:
                channels_of(part, name, input, one_axis=True)
        groups = whole(num_groups, "num_groups")
        layer = layer_normalization.GroupNorm(groups, groups, eps, affine=False)
        others = tuple(AxisMaps.routed((1, EACH)) for part in (weight, bias) if part is not None)
        return Applied(layer, (input,), others)


class LocalResponseNormFunction(LayerFunction):
    """What LocalResponseNorm does. Source: torch.nn.functional.local_response_norm."""

    torch_name = "local_response_norm"

    def applied(self, input: Shape, size: int, alpha: float = 1e-4, beta: float = 0.75, k: float = 1.0) -> Applied:
        """The layer; for an input of nothing, torch looks at no argument."""
        if is_empty(input):
            return Applied(response_normalization.LocalResponseNorm(1), (input,))
        return Applied(response_normalization.LocalResponseNorm(size, alpha, beta, k), (input,))


class Normalize(Function):
    """Division by the norm along an axis, or along several. Source: torch.nn.functional.normalize."""

    torch_name = "normalize"
    found_in = FUNCTIONAL
    work = "norm"

    def output_shape(self, input: Shape, p: Any = 2.0, dim: Any = 1, eps: float = 1e-12, out: None = None) -> Shape:
        """That of the input. Raises ShapeError for axes that it does not have, and for a norm of nothing that has no value."""
        over = self._over(input, dim)
        real(eps, "eps")
        if out is not None:
            raise UnsupportedError("an output that is handed in is not known to cnncalc", got="out")
        if p == "fro" and isinstance(dim, (tuple, list)) and len(dim) > 2:  # noqa: PLR2004 - a matrix
            raise ShapeError("the Frobenius norm takes at most two axes", got=f"dim={dim}")
        if p == "nuc" and (len(over) != 2 or dim in ((), [])):  # noqa: PLR2004 - the same
            raise ShapeError("the nuclear norm takes two axes", got=f"dim={dim} for {input}")
        if p not in (None, "fro", "nuc"):
            real(p, "p")
            if p < 0 or p == float("inf"):
                for n in input and [input[axis] for axis in over]:
                    require(n >= 1, f"the {p} norm of nothing has no value", "{}", input)
        return input

    def axes(self, input: Shape, *, dim: Any = 1) -> tuple[AxisMaps, ...]:
        """Everything along the axes, cell by cell elsewhere."""
        over = self._over(input, dim)
        return (AxisMaps(*(EVERYTHING if axis in over else EACH for axis in range(len(input)))),)

    def _over(self, input: Shape, dim: Any) -> tuple[int, ...]:
        """The axes: all of them for None and for none, and none of a single number, whatever is named."""
        if dim is None or dim in ((), []):
            return tuple(range(len(input)))
        over = tuple(axis_index(axis, input) for axis in (dim if isinstance(dim, (tuple, list)) else (dim,)))
        if len(set(over)) != len(over):
            raise ShapeError("an axis may be named once", got=f"dim={dim}")
        return over if input else ()


batch_norm = BatchNormFunction()
instance_norm = InstanceNormFunction()
layer_norm = LayerNormFunction()
rms_norm = RMSNormFunction()
group_norm = GroupNormFunction()
local_response_norm = LocalResponseNormFunction()
normalize = Normalize()
