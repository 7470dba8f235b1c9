"""Pools as functions: max_pool1d … max_unpool3d. Source: torch.nn.functional."""

from __future__ import annotations

from typing import Any

from cnncalc.errors import ArgumentError, UnsupportedError
from cnncalc.layers import adaptive_pooling, fractional_pooling, pooling, power_pooling, unpooling
from cnncalc.layers.functional import Applied, LayerFunction
from cnncalc.sizes import Expr, Shape

BOTH = frozenset({"torch", "functional"})


class _MaxPoolFunction(LayerFunction):
    """What a max pool does; with return_indices, the indices are a second output."""

    layer_class: type[pooling._MaxPool]

    def applied(
        self,
        input: Shape,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        dilation: Any = 1,
        ceil_mode: bool = False,
        return_indices: bool = False,
    ) -> Applied:
        """The pool with those arguments."""
        return Applied(self.layer_class(kernel_size, stride, padding, dilation, return_indices, ceil_mode), (input,))


class _AvgPool1dFunction(LayerFunction):
    """What AvgPool1d does."""

    def applied(
        self,
        input: Shape,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
    ) -> Applied:
        """The pool with those arguments."""
        return Applied(pooling.AvgPool1d(kernel_size, stride, padding, ceil_mode, count_include_pad), (input,))


class _AvgPoolFunction(LayerFunction):
    """What an average pool in two or three dimensions does."""

    layer_class: type[pooling._AvgPool]

    def applied(
        self,
        input: Shape,
        kernel_size: Any,
        stride: Any = None,
        padding: Any = 0,
        ceil_mode: bool = False,
        count_include_pad: bool = True,
        divisor_override: int | None = None,
    ) -> Applied:
        """The pool with those arguments."""
        pool = self.layer_class(kernel_size, stride, padding, ceil_mode, count_include_pad, divisor_override)
        return Applied(pool, (input,))


class _LPPoolFunction(LayerFunction):
    """What a power-mean pool does."""

    layer_class: type[power_pooling._LPPool]

    def applied(self, input: Shape, norm_type: float, kernel_size: Any, stride: Any = None, ceil_mode: bool = False) -> Applied:
        """The pool with those arguments."""
        return Applied(self.layer_class(norm_type, kernel_size, stride, ceil_mode), (input,))


class _AdaptiveAvgPoolFunction(LayerFunction):
    """What an adaptive average pool does."""

    layer_class: type[adaptive_pooling._AdaptiveAvgPool]

    def applied(self, input: Shape, output_size: Any) -> Applied:
        """The pool with that size."""
        return Applied(self.layer_class(output_size), (input,))


class _AdaptiveMaxPoolFunction(LayerFunction):
    """What an adaptive max pool does; with return_indices, the indices are a second output."""

    layer_class: type[adaptive_pooling._AdaptiveMaxPool]

    def applied(self, input: Shape, output_size: Any, return_indices: bool = False) -> Applied:
        """The pool with that size."""
        return Applied(self.layer_class(output_size, return_indices), (input,))


class _FractionalMaxPoolFunction(LayerFunction):
    """What a fractional max pool does. An output_size goes before an output_ratio, which may be any share here."""

    layer_class: type[fractional_pooling._FractionalMaxPool]

    def applied(
        self,
        input: Shape,
        kernel_size: Any,
        output_size: Any = None,
        output_ratio: Any = None,
        return_indices: bool = False,
        _random_samples: Any = None,
    ) -> Applied:
        """The pool with those arguments."""
        if output_size is None:
            output_size = self._share(input, output_ratio)
        pool = self.layer_class(kernel_size, output_size, None, return_indices, _random_samples)
        return Applied(pool, (input,))

    def _share(self, input: Shape, ratio: Any) -> tuple[int, ...]:
        """The output's lengths as a share of the input's, rounded as torch rounds."""
        axes = self.layer_class.dimensions
        # The function in two dimensions takes no single number.
        ratios = tuple(ratio) if isinstance(ratio, (tuple, list)) else (ratio,) * (axes if axes == 3 else 1)  # noqa: PLR2004
        if len(ratios) != axes or len(input) < axes or not all(isinstance(share, (int, float)) for share in ratios):
            raise ArgumentError(f"the function takes an output_ratio of {axes} numbers", got=f"output_ratio={ratio!r:.60}")
        if any(isinstance(n, Expr) for n in input[-axes:]):
            raise UnsupportedError(
                "a share of a symbol is rounded as floating-point numbers are, which has no formula",
                got=f"output_ratio={ratio} of {input}",
                remedy="give numbers, or output_size",
            )
        return tuple(int(int(n) * share) for n, share in zip(input[-axes:], ratios, strict=True))


class _AnyKernel3d(fractional_pooling.FractionalMaxPool3d):
    """The layer that the function comes to, which does not look at kernel_size."""

    checks_kernel = False


class _MaxUnpoolFunction(LayerFunction):
    """What max unpooling does."""

    layer_class: type[unpooling._MaxUnpool]

    def applied(
        self, input: Shape, indices: Shape, kernel_size: Any, stride: Any = None, padding: Any = 0, output_size: Any = None
    ) -> Applied:
        """The layer with those arguments."""
        return Applied(self.layer_class(kernel_size, stride, padding), (input, indices, output_size))


max_pool1d = _MaxPoolFunction("max_pool1d", BOTH, layer_class=pooling.MaxPool1d)
max_pool2d = _MaxPoolFunction("max_pool2d", BOTH, layer_class=pooling.MaxPool2d)
max_pool3d = _MaxPoolFunction("max_pool3d", BOTH, layer_class=pooling.MaxPool3d)
avg_pool1d = _AvgPool1dFunction("avg_pool1d", BOTH)
avg_pool2d = _AvgPoolFunction("avg_pool2d", layer_class=pooling.AvgPool2d)
avg_pool3d = _AvgPoolFunction("avg_pool3d", layer_class=pooling.AvgPool3d)
lp_pool1d = _LPPoolFunction("lp_pool1d", layer_class=power_pooling.LPPool1d)
lp_pool2d = _LPPoolFunction("lp_pool2d", layer_class=power_pooling.LPPool2d)
lp_pool3d = _LPPoolFunction("lp_pool3d", layer_class=power_pooling.LPPool3d)
adaptive_avg_pool1d = _AdaptiveAvgPoolFunction("adaptive_avg_pool1d", BOTH, layer_class=adaptive_pooling.AdaptiveAvgPool1d)
adaptive_avg_pool2d = _AdaptiveAvgPoolFunction("adaptive_avg_pool2d", layer_class=adaptive_pooling.AdaptiveAvgPool2d)
adaptive_avg_pool3d = _AdaptiveAvgPoolFunction("adaptive_avg_pool3d", layer_class=adaptive_pooling.AdaptiveAvgPool3d)
# torch.adaptive_max_pool1d gives the indices whether asked or not: another function.
adaptive_max_pool1d = _AdaptiveMaxPoolFunction("adaptive_max_pool1d", layer_class=adaptive_pooling.AdaptiveMaxPool1d)
adaptive_max_pool2d = _AdaptiveMaxPoolFunction("adaptive_max_pool2d", layer_class=adaptive_pooling.AdaptiveMaxPool2d)
adaptive_max_pool3d = _AdaptiveMaxPoolFunction("adaptive_max_pool3d", layer_class=adaptive_pooling.AdaptiveMaxPool3d)
fractional_max_pool2d = _FractionalMaxPoolFunction("fractional_max_pool2d", layer_class=fractional_pooling.FractionalMaxPool2d)
fractional_max_pool3d = _FractionalMaxPoolFunction("fractional_max_pool3d", layer_class=_AnyKernel3d)
max_unpool1d = _MaxUnpoolFunction("max_unpool1d", layer_class=unpooling.MaxUnpool1d)
max_unpool2d = _MaxUnpoolFunction("max_unpool2d", layer_class=unpooling.MaxUnpool2d)
max_unpool3d = _MaxUnpoolFunction("max_unpool3d", layer_class=unpooling.MaxUnpool3d)
