"""Activations as functions: relu … gumbel_softmax. Source: torch.nn.functional, torch, and the methods of tensors."""

from __future__ import annotations

from typing import Any

from cnncalc.axes import AxisMaps
from cnncalc.axis import EACH
from cnncalc.errors import ArgumentError, ShapeError
from cnncalc.layers import activation, gating
from cnncalc.layers.arguments import check_dtype, flag, real
from cnncalc.layers.functional import Applied, LayerFunction
from cnncalc.layers.reducing import refuse_empty
from cnncalc.layers.shaping import axis_index
from cnncalc.sizes import Shape

FUNCTIONAL = frozenset({"functional"})
BOTH = frozenset({"functional", "torch"})
ALL = frozenset({"functional", "torch", "Tensor"})
TENSOR_TOO = frozenset({"torch", "Tensor"})


class _Plain(LayerFunction):
    """An activation without arguments."""

    layer_class: Any

    def applied(self, input: Shape) -> Applied:
        """The layer."""
        return Applied(self.layer_class(), (input,))


class _InPlace(_Plain):
    """An activation without arguments that changes its input."""

    in_place = True


class _Optional(LayerFunction):
    """An activation whose one argument is `inplace`."""

    layer_class: Any

    def applied(self, input: Shape, inplace: bool = False) -> Applied:
        """The layer."""
        return Applied(self.layer_class(inplace), (input,))


class _Exponential(LayerFunction):
    """An exponential unit."""

    layer_class: Any

    def applied(self, input: Shape, alpha: float = 1.0, inplace: bool = False) -> Applied:
        """The layer."""
        return Applied(self.layer_class(alpha, inplace), (input,))


class _ExponentialInPlace(LayerFunction):
    """An exponential unit that changes its input."""

    in_place = True
    layer_class: Any

    def applied(self, input: Shape, alpha: float = 1.0) -> Applied:
        """The layer."""
        return Applied(self.layer_class(alpha), (input,))


class _LeakyReLUFunction(LayerFunction):
    """What LeakyReLU does."""

    def applied(self, input: Shape, negative_slope: float = 0.01, inplace: bool = False) -> Applied:
        """The layer."""
        return Applied(activation.LeakyReLU(negative_slope, inplace), (input,))


class _LeakyReLUInPlace(LayerFunction):
    """What LeakyReLU does, in place."""

    in_place = True

    def applied(self, input: Shape, negative_slope: float = 0.01) -> Applied:
        """The layer."""
        return Applied(activation.LeakyReLU(negative_slope), (input,))


class _GELUFunction(LayerFunction):
    """What GELU does."""

    def applied(self, input: Shape, *, approximate: str = "none") -> Applied:
        """The layer."""
        return Applied(activation.GELU(approximate), (input,))


class _HardtanhFunction(LayerFunction):
    """What Hardtanh does; unlike the layer, it takes two equal bounds."""

    def applied(self, input: Shape, min_val: float = -1.0, max_val: float = 1.0, inplace: bool = False) -> Applied:
        """Some layer: the bounds change no cell."""
        if real(min_val, "min_val") > real(max_val, "max_val"):
            raise ArgumentError("min_val must not be more than max_val", got=f"min_val={min_val}, max_val={max_val}")
        return Applied(activation.Hardtanh(inplace=inplace), (input,))


class _HardtanhInPlace(LayerFunction):
    """What Hardtanh does, in place; torch looks at no order of the bounds."""

    in_place = True

    def applied(self, input: Shape, min_val: float = -1.0, max_val: float = 1.0) -> Applied:
        """Some layer: the bounds change no cell."""
        real(min_val, "min_val")
        real(max_val, "max_val")
        return Applied(activation.Hardtanh(), (input,))


class _SoftplusFunction(LayerFunction):
    """What Softplus does."""

    def applied(self, input: Shape, beta: float = 1, threshold: float = 20) -> Applied:
        """The layer."""
        return Applied(activation.Softplus(beta, threshold), (input,))


class _Shrink(LayerFunction):
    """What a shrinkage does."""

    layer_class: Any

    def applied(self, input: Shape, lambd: float = 0.5) -> Applied:
        """The layer."""
        return Applied(self.layer_class(lambd), (input,))


class _ThresholdFunction(LayerFunction):
    """What Threshold does."""

    def applied(self, input: Shape, threshold: float, value: float, inplace: bool = False) -> Applied:
        """The layer."""
        return Applied(activation.Threshold(threshold, value, inplace), (input,))


class _ThresholdInPlace(LayerFunction):
    """What Threshold does, in place."""

    in_place = True

    def applied(self, input: Shape, threshold: float, value: float) -> Applied:
        """The layer."""
        return Applied(activation.Threshold(threshold, value), (input,))


def _sloped(input: Shape, lower: float, upper: float, *, training: bool, inplace: bool) -> Applied:
    """RReLU; with a random slope, torch asks for finite bounds in place too."""
    flag(training, "training")
    layer = activation.RReLU(lower, upper, inplace)
    layer.check_bounds(finite=training or not inplace)
    return Applied(layer, (input,))


class _RReLUFunction(LayerFunction):
    """What RReLU does; a random slope is none that a cell depends on."""

    def applied(
        self,
        input: Shape,
        lower: float = 1.0 / 8,
        upper: float = 1.0 / 3,
        training: bool = False,
        inplace: bool = False,
    ) -> Applied:
        """The layer."""
        return _sloped(input, lower, upper, training=training, inplace=inplace)


class _RReLUInPlace(LayerFunction):
    """What RReLU does, in place."""

    in_place = True

    def applied(self, input: Shape, lower: float = 1.0 / 8, upper: float = 1.0 / 3, training: bool = False) -> Applied:
        """The layer."""
        return _sloped(input, lower, upper, training=training, inplace=True)


class _PReLUFunction(LayerFunction):
    """What PReLU does with a weight of one value, or of one per channel."""

    def applied(self, input: Shape, weight: Shape) -> Applied:
        """The layer with as many parameters; each channel reads its own."""
        if len(weight) > 1:
            raise ShapeError("weight must have one axis or none", got=f"weight {weight}")
        count = weight[0] if weight else 1
        per_channel = len(input) > 1 and (count == 1) is not True
        maps = AxisMaps.routed((1, EACH)) if per_channel else AxisMaps.everything(len(weight))
        return Applied(activation.PReLU(count), (input,), (maps,))


class _SoftmaxFunction(LayerFunction):
    """What a softmax does. As in torch.nn.functional, an axis that is not given is 0 for 0, 1 or 3 axes, else 1."""

    layer_class: Any

    def applied(self, input: Shape, dim: int | None = None, _stacklevel: Any = 3, dtype: Any = None) -> Applied:
        """The layer."""
        check_dtype(dtype)
        return Applied(self.layer_class(dim), (input,))

    def method(self, *inputs: Any, **call: Any) -> Any:
        """The method has `dtype` in the place where the function has something else."""
        if len(inputs) > 2:  # noqa: PLR2004 - the tensor and the axis
            call["dtype"] = inputs[2]
        return self(*inputs[:2], **call)


class _GLUFunction(LayerFunction):
    """What GLU does."""

    def applied(self, input: Shape, dim: int = -1) -> Applied:
        """The layer."""
        return Applied(gating.GLU(dim), (input,))


class _GumbelSoftmaxFunction(LayerFunction):
    """A softmax with noise: each cell reads the whole axis."""

    def applied(self, logits: Shape, tau: float = 1, hard: bool = False, eps: float = 1e-10, dim: int = -1) -> Applied:
        """A softmax along an axis that must be given."""
        real(tau, "tau")
        if dim is None:
            raise ArgumentError("dim must be a whole number", got="dim=None")
        if hard:
            # The largest cell is looked for, and of none there is none.
            along = axis_index(dim, logits)
            refuse_empty(logits, frozenset([along] if logits else []))
        return Applied(gating.Softmax(dim), (logits,))


relu = _Optional("relu", ALL, layer_class=activation.ReLU)
relu_ = _InPlace("relu_", ALL, layer_class=activation.ReLU)
relu6 = _Optional("relu6", layer_class=activation.ReLU6)
selu = _Optional("selu", BOTH, layer_class=activation.SELU)
selu_ = _InPlace("selu_", BOTH, layer_class=activation.SELU)
silu = _Optional("silu", layer_class=activation.SiLU)
mish = _Optional("mish", layer_class=activation.Mish)
hardswish = _Optional("hardswish", layer_class=activation.Hardswish)
hardsigmoid = _Optional("hardsigmoid", layer_class=activation.Hardsigmoid)
sigmoid = _Plain("sigmoid", ALL, layer_class=activation.Sigmoid)
sigmoid_ = _InPlace("sigmoid_", TENSOR_TOO, layer_class=activation.Sigmoid)
tanh = _Plain("tanh", ALL, layer_class=activation.Tanh)
tanh_ = _InPlace("tanh_", TENSOR_TOO, layer_class=activation.Tanh)
softsign = _Plain("softsign", layer_class=activation.Softsign)
tanhshrink = _Plain("tanhshrink", layer_class=activation.Tanhshrink)
logsigmoid = _Plain("logsigmoid", layer_class=activation.LogSigmoid)
elu = _Exponential("elu", layer_class=activation.ELU)
elu_ = _ExponentialInPlace("elu_", layer_class=activation.ELU)
celu = _Exponential("celu", BOTH, layer_class=activation.CELU)
celu_ = _ExponentialInPlace("celu_", BOTH, layer_class=activation.CELU)
leaky_relu = _LeakyReLUFunction("leaky_relu")
leaky_relu_ = _LeakyReLUInPlace("leaky_relu_")
gelu = _GELUFunction("gelu")
hardtanh = _HardtanhFunction("hardtanh")
hardtanh_ = _HardtanhInPlace("hardtanh_")
softplus = _SoftplusFunction("softplus")
hardshrink = _Shrink("hardshrink", ALL, layer_class=activation.Hardshrink)
softshrink = _Shrink("softshrink", layer_class=activation.Softshrink)
threshold = _ThresholdFunction("threshold", BOTH)
threshold_ = _ThresholdInPlace("threshold_", BOTH)
rrelu = _RReLUFunction("rrelu", BOTH)
rrelu_ = _RReLUInPlace("rrelu_", BOTH)
prelu = _PReLUFunction("prelu", ALL)
softmax = _SoftmaxFunction("softmax", ALL, layer_class=gating.Softmax)
log_softmax = _SoftmaxFunction("log_softmax", ALL, layer_class=gating.LogSoftmax)
softmin = _SoftmaxFunction("softmin", layer_class=gating.Softmin)
glu = _GLUFunction("glu")
gumbel_softmax = _GumbelSoftmaxFunction("gumbel_softmax")
